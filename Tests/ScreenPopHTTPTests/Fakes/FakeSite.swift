import NIOCore
import NIOPosix
import ScreenPop
import ScreenPopStore
import Synchronization

@testable import ScreenPopHTTP

/// A store in memory: what the tests put in comes out.
final class FakeSite: SiteReading {
    struct Content {
        var cursor = Cursor(milliseconds: 100, sequence: 0)
        /// JSON by name.
        var agents: [String: String] = [:]
        var queues: [String: String] = [:]
        var members: [String: [String]] = [:]
        var pop: [String: String] = [:]
        var livePops: [String: [String]] = [:]
        var endedPops: [String: [String]] = [:]
        var reasons: [String: [String]] = [:]
        var calls: [String: String] = [:]
        var traces: [String: [String]] = [:]
        var isAway = false
        var acknowledged: [String] = []
        /// While set, snapshots wait until it is fulfilled.
        var gate: EventLoopFuture<Void>?
    }

    struct Away: Error {}

    let content: Mutex<Content>
    private let eventLoop = MultiThreadedEventLoopGroup.singleton.any()

    init(_ content: Content = Content()) {
        self.content = Mutex(content)
    }

    func change(_ body: (inout sending Content) -> Void) {
        self.content.withLock { body(&$0) }
    }

    private func give<T: Sendable>(_ read: (Content) -> T) -> EventLoopFuture<T> {
        let (value, isAway, gate) = self.content.withLock { (read($0), $0.isAway, $0.gate) }
        if isAway { return self.eventLoop.makeFailedFuture(Away()) }
        let future = self.eventLoop.makeSucceededFuture(value)
        return gate.map { gate in gate.hop(to: self.eventLoop).flatMap { future } } ?? future
    }

    private static func buffers(_ texts: some Sequence<String>) -> [ByteBuffer] { texts.map { ByteBuffer(string: $0) } }
    private static func sorted(_ texts: [String: String]) -> [ByteBuffer] { self.buffers(texts.sorted { $0.key < $1.key }.map(\.value)) }

    func agents() -> EventLoopFuture<[ByteBuffer]> { self.give { Self.sorted($0.agents) } }
    func agent(_ name: String) -> EventLoopFuture<ByteBuffer?> { self.give { $0.agents[name].map { ByteBuffer(string: $0) } } }
    func queues() -> EventLoopFuture<[ByteBuffer]> { self.give { Self.sorted($0.queues) } }
    func queue(_ name: String) -> EventLoopFuture<ByteBuffer?> { self.give { $0.queues[name].map { ByteBuffer(string: $0) } } }
    func members(queue: String) -> EventLoopFuture<[ByteBuffer]> { self.give { Self.buffers($0.members[queue] ?? []) } }
    func pop(agent: String) -> EventLoopFuture<ByteBuffer?> { self.give { $0.pop[agent].map { ByteBuffer(string: $0) } } }
    func pops(agent: String, limit: Int, before: Cursor?) -> EventLoopFuture<(items: [ByteBuffer], next: Cursor?)> {
        self.give { content in
            let all = content.endedPops[agent] ?? []
            let from = before.map { Int($0.milliseconds) } ?? 0
            let page = all.dropFirst(from).prefix(limit)
            return (Self.buffers(page), from + limit < all.count ? Cursor(milliseconds: UInt64(from + limit), sequence: 0) : nil)
        }
    }
    func reasons(agent: String, limit: Int, before: Cursor?) -> EventLoopFuture<(items: [ByteBuffer], next: Cursor?)> {
        self.give { (Self.buffers(($0.reasons[agent] ?? []).prefix(limit)), nil) }
    }
    func call(_ uuid: String) -> EventLoopFuture<ByteBuffer?> { self.give { $0.calls[uuid].map { ByteBuffer(string: $0) } } }
    func trace(call: String) -> EventLoopFuture<[ByteBuffer]> { self.give { Self.buffers($0.traces[call] ?? []) } }
    func calls(caller: String) -> EventLoopFuture<[ByteBuffer]> { self.give { _ in [ByteBuffer(string: "{\"caller\":\"\(caller)\"}")] } }
    func agentSnapshot(
        _ name: String
    ) -> EventLoopFuture<(cursor: Cursor, agent: ByteBuffer?, pops: [ByteBuffer], primary: DeskRoster.Primary?)> {
        self.give { ($0.cursor, $0.agents[name].map { ByteBuffer(string: $0) }, Self.buffers($0.livePops[name] ?? []), nil) }
    }
    func agentsSnapshot() -> EventLoopFuture<(cursor: Cursor, agents: [ByteBuffer], pops: [ByteBuffer])> {
        self.give { ($0.cursor, Self.sorted($0.agents), Self.buffers($0.livePops.sorted { $0.key < $1.key }.flatMap(\.value))) }
    }
    func queueSnapshot(_ name: String?) -> EventLoopFuture<(cursor: Cursor, queues: [ByteBuffer], members: [ByteBuffer])> {
        self.give { content in
            guard let name else { return (content.cursor, Self.sorted(content.queues), []) }
            return (content.cursor, Self.buffers([content.queues[name]].compactMap(\.self)), Self.buffers(content.members[name] ?? []))
        }
    }
    func end() -> EventLoopFuture<Cursor> { self.give(\.cursor) }
    func acknowledge(agent: String, pop: String, stage: AcknowledgementStage, by: String) -> EventLoopFuture<Bool> {
        let known = self.content.withLock { content in
            content.acknowledged.append("\(agent) \(pop) \(stage.rawValue) \(by)")
            return content.livePops[agent]?.contains { $0.contains(pop) } ?? false
        }
        return self.give { _ in known }
    }
}
