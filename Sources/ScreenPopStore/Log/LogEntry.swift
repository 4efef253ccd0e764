import Hiredis
package import NIOCore

/// An entry of the log.
package struct LogEntry: Sendable, Equatable {
    package var cursor: Cursor
    package var type: String
    package var agent: String?
    package var queue: String?
    /// The message as pushed, without its cursor.
    package var json: ByteBuffer

    package init(cursor: Cursor, type: String, agent: String?, queue: String?, json: ByteBuffer) {
        self.cursor = cursor
        self.type = type
        self.agent = agent
        self.queue = queue
        self.json = json
    }
}

/// What the log has after a cursor.
package enum LogRange: Sendable, Equatable {
    case entries([LogEntry])
    /// The cursor is older than what the log keeps, or newer than its end, or there are more entries than asked for.
    case gap
}

/// An entry of any stream as Redis gives it: `[id, [field, value, ...]]`.
struct StreamEntry {
    var cursor: Cursor
    var fields: [(name: String, value: ByteBuffer)]

    init?(_ value: RedisValue) {
        guard case .array(let parts) = value, parts.count == 2, let id = parts[0].text, let cursor = Cursor(id),
            case .array(let flat) = parts[1], flat.count.isMultiple(of: 2)
        else { return nil }
        self.cursor = cursor
        self.fields = []
        for index in stride(from: 0, to: flat.count, by: 2) {
            guard let name = flat[index].text, case .bulk(let value) = flat[index + 1] else { return nil }
            self.fields.append((name, value))
        }
    }

    static func all(_ value: RedisValue) throws(RedisError) -> [StreamEntry] {
        switch value {
        case .null: return []
        case .array(let entries):
            var result: [StreamEntry] = []
            result.reserveCapacity(entries.count)
            for entry in entries {
                guard let entry = StreamEntry(entry) else { throw .unexpectedReply }
                result.append(entry)
            }
            return result
        case .status, .integer, .bulk, .error: throw .unexpectedReply
        }
    }

    func field(_ name: String) -> ByteBuffer? {
        self.fields.first { $0.name == name }?.value
    }

    /// `nil` for one that is not ours: nobody but ScreenPop writes to the log, but Redis does not enforce it.
    var logEntry: LogEntry? {
        guard let type = self.field("type"), let json = self.field("json") else { return nil }
        return LogEntry(
            cursor: self.cursor, type: String(buffer: type), agent: self.field("agent").map { String(buffer: $0) },
            queue: self.field("queue").map { String(buffer: $0) }, json: json)
    }
}
