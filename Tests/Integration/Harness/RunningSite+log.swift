import Hiredis
import NIOCore

extension RunningSite {
    struct LogEntry: Sendable {
        var cursor: String
        var type: String
        var agent: String?
        var json: JSON
    }

    /// `XRANGE screenpop:{default}:log - +`
    func logEntries() async throws -> [LogEntry] {
        guard case .array(let entries) = try await self.redis(RedisCommand("XRANGE", "screenpop:{default}:log", "-", "+")) else { return [] }
        return try entries.compactMap { entry in
            guard case .array(let parts) = entry, parts.count == 2, case .array(let fields) = parts[1] else { return nil }
            let texts = fields.map(Self.text)
            var values: [String: String] = [:]
            for index in stride(from: 0, to: texts.count - 1, by: 2) { values[texts[index]] = texts[index + 1] }
            return LogEntry(
                cursor: Self.text(parts[0]), type: values["type"] ?? "", agent: values["agent"], json: try JSON(values["json"] ?? "null"))
        }
    }

    /// Of the switch that the node's view was written from.
    func coreUUID() async throws -> String? {
        let value = try await self.redis(RedisCommand("HGET", "screenpop:{default}:node:fs1", "core_uuid"))
        return value == .null ? nil : Self.text(value)
    }

    static func text(_ value: RedisValue) -> String {
        if case .bulk(let buffer) = value { String(buffer: buffer) } else { "" }
    }
}
