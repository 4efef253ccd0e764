package import Hiredis
package import Logging
package import NIOCore
package import ScreenPop

/// A place in the log: a Redis stream id.
package struct Cursor: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var milliseconds: UInt64
    package var sequence: UInt64

    package init(milliseconds: UInt64, sequence: UInt64) {
        self.milliseconds = milliseconds
        self.sequence = sequence
    }

    /// `nil` unless it is exactly `DIGITS-DIGITS`.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let milliseconds = UInt64(parts[0]), let sequence = UInt64(parts[1])
        else { return nil }
        self.init(milliseconds: milliseconds, sequence: sequence)
    }

    package static let zero = Cursor(milliseconds: 0, sequence: 0)

    package var description: String { "\(self.milliseconds)-\(self.sequence)" }

    package static func < (a: Cursor, b: Cursor) -> Bool {
        (a.milliseconds, a.sequence) < (b.milliseconds, b.sequence)
    }
}

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

/// One batch for the append script.
package struct Batch: Sendable {
    package var node: String
    /// The writer's fencing token: a smaller one than the node's is refused.
    package var fence: Int64
    /// One more with each batch of this writer. A batch whose fate is unknown is repeated word for word under its number: one that the script has
    /// written already is confirmed and not written again; one that does not follow the last written number fails with `StoreError.outOfOrder`,
    /// so that nothing overtakes a batch that failed. The first number after a take-over, or of a node that Redis does not know, may be any.
    package var number: Int64
    package var coreUUID: String?
    package var sequence: Int64
    /// May be empty: then the batch only takes its number.
    package var changes: [Change]

    package init(node: String, fence: Int64, number: Int64 = 0, coreUUID: String?, sequence: Int64, changes: [Change]) {
        self.node = node
        self.fence = fence
        self.number = number
        self.coreUUID = coreUUID
        self.sequence = sequence
        self.changes = changes
    }
}

package enum StoreError: Error, Sendable, Equatable {
    /// Another instance has taken the node over.
    case fenced
    /// A batch before this one is missing.
    case outOfOrder
}

/// The stages a desktop acknowledges.
package enum AcknowledgementStage: String, Sendable, CaseIterable {
    case received, shown, dismissed
}

/// The Redis contract: keys, scripts, the log.
///
/// Everything that is read back for people is read as the JSON that was written: nothing is serialised twice.
package struct Store: Sendable {
    package let client: RedisClient
    package let site: String

    package init(client: RedisClient, site: String, logger: Logger) {
        self.client = client
        self.site = site
    }

    // MARK: writing

    /// Writes schema version; takes the node over and returns the fencing token, larger than any before.
    package func takeOver(node: String, owner: String) -> EventLoopFuture<Int64> { self.missing() }

    /// One script: log entries, views, streams, publish; all or nothing, one round trip. One cursor for each logged change, in order.
    /// Fails with `StoreError.fenced`, or with a `RedisError`.
    package func append(_ batch: Batch) -> EventLoopFuture<[Cursor]> { self.missing() }

    /// Writes the stage into the call's trace; `dismissed` also deletes the pop from the agent's view and logs `pop.dismissed`.
    /// False when that agent has no such pop.
    package func acknowledge(agent: String, pop: String, stage: AcknowledgementStage, by: String) -> EventLoopFuture<Bool> { self.missing() }

    // MARK: reading

    /// Live pops of a node, for `NodeReducer.restore`.
    package func livePops(node: String) -> EventLoopFuture<[Pop]> { self.missing() }

    /// JSON of each, sorted by name.
    package func agents() -> EventLoopFuture<[ByteBuffer]> { self.missing() }
    package func agent(_ name: String) -> EventLoopFuture<ByteBuffer?> { self.missing() }
    package func queues() -> EventLoopFuture<[ByteBuffer]> { self.missing() }
    package func queue(_ name: String) -> EventLoopFuture<ByteBuffer?> { self.missing() }
    /// Members in the queue now, oldest first.
    package func members(queue: String) -> EventLoopFuture<[ByteBuffer]> { self.missing() }
    /// The current pop.
    package func pop(agent: String) -> EventLoopFuture<ByteBuffer?> { self.missing() }
    /// Ended pops, newest first, and the cursor for the next page.
    package func pops(agent: String, limit: Int, before: Cursor?) -> EventLoopFuture<(items: [ByteBuffer], next: Cursor?)> { self.missing() }
    package func call(_ uuid: String) -> EventLoopFuture<ByteBuffer?> { self.missing() }
    package func trace(call: String) -> EventLoopFuture<[ByteBuffer]> { self.missing() }
    package func calls(caller: String) -> EventLoopFuture<[ByteBuffer]> { self.missing() }

    /// An agent with its live pops and the log's end, read at one moment (one script). `nil` when there is no such agent.
    package func agentSnapshot(_ name: String) -> EventLoopFuture<(cursor: Cursor, agent: ByteBuffer?, pops: [ByteBuffer])> { self.missing() }
    /// All agents with all live pops.
    package func agentsSnapshot() -> EventLoopFuture<(cursor: Cursor, agents: [ByteBuffer], pops: [ByteBuffer])> { self.missing() }
    /// One queue with its members, or (`nil`) all queues without.
    package func queueSnapshot(_ name: String?) -> EventLoopFuture<(cursor: Cursor, queues: [ByteBuffer], members: [ByteBuffer])> { self.missing() }

    // MARK: the log

    /// The id of the last entry (`0-0` for an empty log).
    package func end() -> EventLoopFuture<Cursor> { self.missing() }
    package func log(after: Cursor, limit: Int) -> EventLoopFuture<LogRange> { self.missing() }

    private func missing<T: Sendable>() -> EventLoopFuture<T> {
        self.client.eventLoop.makeFailedFuture(RedisError.unavailable("not built"))
    }
}

/// Follows the log on a connection of its own with a blocking XREAD.
package struct LogReader: Sendable {
    package init(client: RedisClient, site: String, logger: Logger) {}

    /// Delivers, in order and without gap or repetition, all entries after `start`, in batches, until cancelled. Survives the loss of Redis.
    /// `lost` is called when the log no longer holds what comes next (trimmed, flushed, or its ids went backwards); it goes on from its end.
    package func run(
        after start: Cursor, deliver: @escaping @Sendable ([LogEntry]) -> Void, lost: @escaping @Sendable (_ end: Cursor) -> Void
    ) async {}
}
