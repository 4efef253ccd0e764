package import Hiredis
package import Logging
import NIOCore

/// Follows the log on a connection of its own with a blocking XREAD.
package struct LogReader: Sendable {
    /// How long Redis keeps an XREAD waiting. After that we look whether the log is still the one we read.
    private static let block = TimeAmount.seconds(5)
    private static let batch = 512

    private let client: RedisClient
    private let key: String
    private let logger: Logger

    /// `client` is used for nothing else, because a blocking command holds up all behind it, and is run by the caller.
    package init(client: RedisClient, site: String, logger: Logger) {
        self.client = client
        self.key = Keys(site: site).log
        self.logger = logger
    }

    /// Delivers, in order and without gap or repetition, all entries after `start`, in batches, until cancelled. Survives the loss of Redis.
    /// `lost` is called when the log no longer holds what comes next (trimmed, flushed, or its ids went backwards); it goes on from its end.
    package func run(
        after start: Cursor, deliver: @escaping @Sendable ([LogEntry]) -> Void, lost: @escaping @Sendable (_ end: Cursor) -> Void
    ) async {
        var position = start
        // The first read does not wait, nor does the first after a loss: the log may be another one.
        var block: TimeAmount?
        while !Task.isCancelled {
            do {
                let (entries, isContinuous) = try await self.value(of: self.read(after: position, block: block))
                block = Self.block
                if isContinuous {
                    guard let last = entries.last else { continue }
                    position = last.cursor
                    let log = entries.compactMap(\.logEntry)
                    if !log.isEmpty { deliver(log) }
                } else {
                    position = try await self.value(of: self.end())
                    self.logger.warning("the log does not reach back to where it was read last; going on from its end")
                    lost(position)
                }
            } catch is CancellationError {
                return
            } catch {
                block = nil
                self.logger.debug("cannot read the log now", metadata: ["error": "\(error)"])
                // The client reconnects by itself; until then commands fail at once.
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Entries after a position, and whether they are all: the position's own entry, looked for *after* the read, is still there. Entries go
    /// from the old end, so what comes after it was there too.
    private func read(after position: Cursor, block: TimeAmount?) -> EventLoopFuture<([StreamEntry], isContinuous: Bool)> {
        self.client.eventLoop.flatSubmit {
            var command = RedisCommand("XREAD", "COUNT", String(Self.batch))
            if let block {
                command.append("BLOCK")
                command.append(block.nanoseconds / 1_000_000)
            }
            for word in ["STREAMS", self.key, position.description] { command.append(word) }
            let read = self.client.send(command, timeout: block.map { $0 + .seconds(5) })
            let isThere: EventLoopFuture<Bool> =
                if position == .zero {
                    self.client.isUntrimmed(log: self.key)
                } else {
                    self.client.send(RedisCommand("XRANGE", self.key, position.description, position.description))
                        .flatMapThrowing { try !StreamEntry.all($0).isEmpty }
                }
            return read.and(isThere).flatMapThrowing { reply, isThere in (try Self.entries(reply), isThere) }
        }
    }

    /// `[[key, [entry, ...]]]`, or null when the time was up.
    private static func entries(_ reply: RedisValue) throws(RedisError) -> [StreamEntry] {
        if reply == .null { return [] }
        guard let stream = try reply.array().first, case .array(let parts) = stream, parts.count == 2 else { throw .unexpectedReply }
        return try StreamEntry.all(parts[1])
    }

    private func end() -> EventLoopFuture<Cursor> {
        self.client.send(RedisCommand("XREVRANGE", self.key, "+", "-", "COUNT", "1")).reading { reply throws(RedisError) in
            try StreamEntry.all(reply).first?.cursor ?? .zero
        }
    }

    /// `EventLoopFuture.get()` does not hear of cancellation; a blocking read may have seconds to go.
    private func value<Value: Sendable>(of future: EventLoopFuture<Value>) async throws -> Value {
        let promise = self.client.eventLoop.makePromise(of: Value.self)
        future.cascade(to: promise)
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            // Whichever comes second is ignored.
            promise.fail(CancellationError())
        }
    }
}
