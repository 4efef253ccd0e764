import Hiredis
package import NIOCore

/// Reading the log from a cursor, and knowing whether that is all.
///
/// Every cursor that is handed out is the id of an entry, or `0-0` of an empty log. Trimming removes the oldest entries only. So the entries
/// after a cursor are complete exactly when the cursor's own entry is still there. That one rule covers a cursor that is too old, one from the
/// future, a log that was flushed and begun anew, and one whose last second was lost in a crash. For `0-0` it is: nothing was ever trimmed.
extension Store {
    /// The id of the last entry (`0-0` for an empty log).
    package func end() -> EventLoopFuture<Cursor> {
        self.client.send(RedisCommand("XREVRANGE", self.keys.log, "+", "-", "COUNT", "1")).reading { reply throws(RedisError) in
            try StreamEntry.all(reply).first?.cursor ?? .zero
        }
    }

    package func log(after cursor: Cursor, limit: Int) -> EventLoopFuture<LogRange> {
        let limit = max(1, limit)
        let keys = self.keys
        let client = self.client
        // One more for the cursor's own entry, one to see that there are too many. Both commands go out in one write; what is not trimmed when
        // the second is carried out was not trimmed before.
        return client.eventLoop.flatSubmit {
            let range = client.send(RedisCommand("XRANGE", keys.log, cursor.description, "+", "COUNT", String(limit + 2)))
            let untrimmed = cursor == .zero ? client.isUntrimmed(log: keys.log) : client.eventLoop.makeSucceededFuture(false)
            return range.and(untrimmed).flatMapThrowing { reply, isUntrimmed in
                var entries = try StreamEntry.all(reply)[...]
                if cursor != .zero {
                    guard entries.popFirst()?.cursor == cursor else { return .gap }
                } else if !isUntrimmed {
                    return .gap
                }
                guard entries.count <= limit else { return .gap }
                return .entries(entries.compactMap(\.logEntry))
            }
        }
    }
}

extension RedisClient {
    /// Whether the log still has its first entry (or none yet). Before Redis 7.0, which counts additions, that shows only in its length.
    func isUntrimmed(log: String) -> EventLoopFuture<Bool> {
        self.send(RedisCommand("XINFO", "STREAM", log)).flatMapThrowing { reply in
            let parts = try reply.array()
            func number(_ name: String) -> Int64? {
                guard let index = parts.firstIndex(where: { $0.text == name }), parts.indices.contains(index + 1),
                    case .integer(let number) = parts[index + 1]
                else { return nil }
                return number
            }
            guard let length = number("length") else { throw RedisError.unexpectedReply }
            return number("entries-added").map { $0 == length } ?? (length < Lives.logEntries)
        }.flatMapErrorThrowing { error in
            guard case .server(let text)? = error as? RedisError, text.hasPrefix("ERR no such key") else { throw error }
            return true
        }
    }
}
