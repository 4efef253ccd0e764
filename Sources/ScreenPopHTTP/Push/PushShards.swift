import CoreMetrics
import NIOCore
import ScreenPopService
import Synchronization

/// The shards of all event loops, reachable from any thread.
struct PushShards: Sendable {
    private let shards: [NIOLoopBound<PushShard>]
    private let byLoop: [ObjectIdentifier: NIOLoopBound<PushShard>]
    private let source: any MessageSource
    let desks: DeskBook

    init(
        eventLoopGroup: any EventLoopGroup, source: any MessageSource, reader: SnapshotReader, jobs: JobQueue, gauge: SessionGauge,
        authenticator: Authenticator, desks: DeskBook, limits: HTTPService.Configuration.Limits, heartbeat: TimeAmount
    ) async throws {
        var shards: [NIOLoopBound<PushShard>] = []
        for eventLoop in eventLoopGroup.makeIterator() {
            let shard = try await eventLoop.submit {
                NIOLoopBound(
                    PushShard(
                        eventLoop: eventLoop, source: source, reader: reader, jobs: jobs, gauge: gauge,
                        authenticator: authenticator, desks: desks, limits: limits, heartbeat: heartbeat),
                    eventLoop: eventLoop)
            }.get()
            shards.append(shard)
        }
        self.shards = shards
        self.byLoop = Dictionary(shards.map { (ObjectIdentifier($0.eventLoop), $0) }, uniquingKeysWith: { first, _ in first })
        self.source = source
        self.desks = desks
    }

    /// On that event loop only. `nil` for a loop that is not of the server's group.
    func shard(on eventLoop: any EventLoop) -> PushShard? {
        self.byLoop[ObjectIdentifier(eventLoop)]?.value
    }

    /// Starts to hear the hub.
    func subscribe() -> [HubSubscription] {
        self.shards.enumerated().map { index, shard in
            self.source.subscribe(on: shard.eventLoop) { delivery in
                if index == 0 {
                    HTTPMetrics.distributed(delivery)
                    self.desks.follow(delivery)
                }
                shard.value.receive(delivery)
            }
        }
    }

    func unsubscribe(_ subscriptions: [HubSubscription]) {
        for subscription in subscriptions { self.source.unsubscribe(subscription) }
    }

    /// Sends all desktops away; does not wait for them.
    func startDraining() {
        for shard in self.shards { shard.eventLoop.execute { _ = shard.value.drain() } }
    }

    /// Returns when all desktops are gone.
    func drain() async {
        for shard in self.shards { try? await shard.eventLoop.flatSubmit { shard.value.drain() }.get() }
    }
}

/// How many sessions there are on all event loops.
final class SessionGauge: Sendable {
    private let count = Atomic<Int>(0)
    let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    var isFull: Bool { self.count.load(ordering: .relaxed) >= self.limit }

    func opened() { HTTPMetrics.sessions.record(self.count.add(1, ordering: .relaxed).newValue) }
    func closed() { HTTPMetrics.sessions.record(self.count.subtract(1, ordering: .relaxed).newValue) }
}
