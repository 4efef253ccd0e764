import Hiredis
import Logging
import NIOCore
import NIOPosix
import ScreenPop
import ScreenPopStore
import Synchronization
import Testing

@testable import ScreenPopService

/// A pipeline between a fake switch and a fake store.
final class Bench: Sendable {
    let node: FakeSwitch
    let store: FakeStore
    let hub: Hub
    let board = NodeBoard(nodes: ["fs1"])
    let directory = NodeDirectory()
    let pipeline: NodePipeline
    private let catalogue: ReasonCatalogue
    private let redis: Store
    let queues: QueueDefinitionCatalogue
    let shown: Mutex<[String]> = Mutex([])

    init(_ node: FakeSwitch = FakeSwitch(), change: (inout NodePipeline.Settings) -> Void = { _ in }) {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        self.node = node
        self.store = FakeStore(on: eventLoop)
        let client = RedisClient(endpoint: RedisEndpoint(address: .unix(path: "/nonexistent")), on: eventLoop, logger: quiet)
        let redis = Store(client: client, site: "test", logger: quiet)
        self.hub = Hub(store: redis)
        self.catalogue = ReasonCatalogue(store: redis)
        self.redis = redis
        self.queues = QueueDefinitionCatalogue(store: redis)
        var settings = NodePipeline.Settings(node: "fs1", owner: "host:1", instance: "host:1/abc", attributes: .standard)
        change(&settings)
        self.pipeline = NodePipeline(
            settings: settings, eventLoop: eventLoop, connect: node.connector, writer: self.store, hub: self.hub, board: self.board,
            directory: self.directory, logger: quiet)
        _ = self.hub.subscribe(on: eventLoop) { delivery in
            guard case .messages(let messages) = delivery else { return }
            self.shown.withLock { $0 += messages.map { String(buffer: $0.payload) } }
        }
    }

    /// What administrators and desktops may ask for.
    var commands: AgentCommands {
        AgentCommands(roster: NodeRoster(nodes: [("fs1", self.pipeline)], directory: self.directory), catalogue: self.catalogue)
    }

    private let ended: Mutex<NodePipeline.Ending?> = Mutex(nil)
    /// How the pipeline has ended; `nil` while it runs.
    var ending: NodePipeline.Ending? { self.ended.withLock { $0 } }

    var configuration: ConfigurationCommands {
        ConfigurationCommands(
            roster: NodeRoster(nodes: [("fs1", self.pipeline)], directory: self.directory), imports: ImportTurn(claims: self.redis),
            catalogue: self.queues)
    }

    var status: NodeStatus { self.board.nodes[0].status }
    var shownMessages: [String] { self.shown.withLock { $0 } }

    /// Runs the pipeline, with Redis there from the start unless said otherwise, for as long as `body` runs.
    /// - Returns: the line with which it was given up, if it was.
    @discardableResult
    func run(redis: Bool = true, _ body: @escaping @Sendable (Bench) async throws -> Void) async throws -> String? {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let ending = await self.pipeline.run()
                self.ended.withLock { $0 = ending }
            }
            if redis { self.pipeline.redisChanged(isConnected: true) } else { self.store.state.withLock { $0.isThere = false } }
            try await body(self)
            self.pipeline.beginShutdown()
            try await group.waitForAll()
        }
        if case .gaveUp(let line) = self.ending { return line }
        return nil
    }

    func redisGoes() {
        self.store.state.withLock { $0.isThere = false }
        self.pipeline.redisChanged(isConnected: false)
    }

    func redisComes() {
        self.store.state.withLock { $0.isThere = true }
        self.pipeline.redisChanged(isConnected: true)
    }
}

struct NeverHappened: Error, CustomStringConvertible {
    var description: String
}

/// Waits until something is so; ten seconds at most.
func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(10)
    while try await !condition() {
        guard ContinuousClock.now < end else { throw NeverHappened(description: what) }
        try await Task.sleep(for: .milliseconds(2))
    }
}
