package import EventSocket
package import Hiredis
package import Logging
package import NIOCore
package import ScreenPop
package import ScreenPopStore
import ServiceLifecycle

/// What a running instance is made of: the Redis connections, a pipeline for each node, the log reader, the hub.
///
/// It starts whether or not Redis and the nodes are there, and keeps trying. Of instances that are started alike one is active; the others stand by:
/// they have no pipelines, and give out what Redis and the log say.
package struct CallCenterService: Service {
    package struct Configuration: Sendable {
        package var site: String
        package var nodes: [EventSocketEndpoint]
        package var redis: RedisEndpoint
        package var attributes: AttributeFilter
        /// Of the page about a caller; `nil`: pops have no link.
        package var popURL: PopURLTemplate?
        /// `HOST:PID`
        package var owner: String
        /// How often to look on each node for what no event announces; `nil` never looks by itself.
        package var reconcileRhythm: TimeAmount? = .seconds(60)
        /// How long a node may take to answer a command, and one that loads a queue.
        package var commandDeadline = TimeAmount.seconds(10)
        package var queueDeadline = TimeAmount.seconds(60)
        /// How long until a queue that a node has lost and that could not be loaded is tried again.
        package var queueRetry = TimeAmount.seconds(30)
        package var dialing = DialRules.standard
        /// How long the nodes of an instance that was killed are nobody's.
        package var leaseLife = TimeAmount.seconds(5)
        /// Nobody else can use this Redis: a lease that is found in it is not waited for.
        package var isRedisOurs = false

        package init(
            site: String = "default", nodes: [EventSocketEndpoint], redis: RedisEndpoint, attributes: AttributeFilter = .standard, owner: String,
            dialing: DialRules = .standard
        ) {
            self.site = site
            self.nodes = nodes
            self.redis = redis
            self.attributes = attributes
            self.owner = owner
            self.dialing = dialing
        }
    }

    package let store: Store
    package let hub: Hub
    /// Commands of administrators and desktops.
    package let controls: Controls

    private let board: NodeBoard
    private let directory: NodeDirectory
    private let commands: RedisClient
    private let reading: RedisClient
    private let reader: LogReader
    private let active: ActiveNodes
    private let configuration: Configuration
    private let eventLoopGroup: any EventLoopGroup
    private let queueKeeper: QueueKeeper
    private let logger: Logger

    package init(configuration: Configuration, eventLoopGroup: any EventLoopGroup, logger: Logger) {
        self.commands = RedisClient(endpoint: configuration.redis, on: eventLoopGroup.next(), logger: logger)
        // A blocking read must not stand in the way of commands.
        self.reading = RedisClient(endpoint: configuration.redis, on: eventLoopGroup.next(), logger: logger)
        self.store = Store(client: self.commands, site: configuration.site, logger: logger)
        self.reader = LogReader(client: self.reading, site: configuration.site, logger: logger)
        self.hub = Hub(store: self.store)
        self.board = NodeBoard(nodes: configuration.nodes.map(\.name))
        self.logger = logger
        self.configuration = configuration
        self.eventLoopGroup = eventLoopGroup
        self.directory = NodeDirectory(nodes: configuration.nodes.map(\.name))
        self.active = ActiveNodes(standby: "this instance has just been started; it asks Redis whether another one has its nodes")
        let roster = NodeRoster(active: self.active, directory: self.directory)
        let configurationCommands = ConfigurationCommands(
            roster: roster, imports: ImportTurn(claims: self.store), catalogue: QueueDefinitionCatalogue(store: self.store))
        self.queueKeeper = QueueKeeper(commands: configurationCommands, nodes: configuration.nodes.count, logger: logger) {
            try await Task.sleep(for: .nanoseconds(configuration.queueRetry.nanoseconds))
        }
        self.controls = Controls(
            agents: AgentCommands(roster: roster, catalogue: ReasonCatalogue(store: self.store)),
            configuration: configurationCommands,
            calls: CallCommands(roster: roster, active: self.active, rules: configuration.dialing))
    }

    /// How each node is, in the order of the configuration. From any thread.
    package var nodes: [(name: String, status: NodeStatus)] {
        if let line = self.active.standby { return self.configuration.nodes.map { ($0.name, .standby(line)) } }
        let problem = self.active.problem
        return self.board.nodes.map { name, status in
            // Followed, but nobody can read of it: not ready.
            if let problem, case .live = status { return (name, .connecting(problem)) }
            return (name, status.sharing(self.directory.shared(of: name)))
        }
    }
    /// From any thread.
    package var redisIsConnected: Bool { self.board.redisIsConnected }

    /// Runs until graceful shutdown: then the connections to the nodes are closed and what waits is written.
    /// What it held is given back then. Cancelled, it ends at once, as if it were killed.
    /// - Throws: `CallCenterServiceError.noNodeLeft` when no node can ever be reached: a wrong password, say.
    package func run() async throws {
        let started = self.commands.eventLoop.makePromise(of: Void.self)
        let keeper = self.makeKeeper()
        await keeper.start()
        let presence = RedisPresence(store: self.store, hub: self.hub, board: self.board, keeper: keeper, started: started)
        let failures = await withDiscardingTaskGroup { connections in
            connections.addTask {
                await self.commands.run { isConnected in
                    presence.changed(isConnected: isConnected)
                    // What the queues are is known only now, to a node that was live before Redis was.
                    if isConnected { for node in self.configuration.nodes { self.queueKeeper.look(at: node.name) } }
                }
            }
            connections.addTask { await self.reading.run() }
            connections.addTask { await self.follow(after: started.futureResult) }
            connections.addTask { await self.queueKeeper.run() }
            let failures = await self.runTerms(keeper)
            await keeper.end(releases: !Task.isCancelled)
            presence.end()
            connections.cancelAll()
            return failures
        }
        if !failures.isEmpty { throw CallCenterServiceError.noNodeLeft(failures) }
    }

    private func follow(after started: EventLoopFuture<Void>) async {
        // Fails only when the service ends before Redis was ever there.
        guard (try? await started.get()) != nil else { return }
        await self.reader.run(
            after: self.hub.end,
            deliver: { self.hub.distribute($0) },
            lost: { end in
                self.logger.warning("the log in Redis was lost; everything is written anew", metadata: ["end": "\(end)"])
                self.hub.reset(to: end)
                self.active.rewrite()
            })
    }

    // MARK: terms

    private func makeKeeper() -> LeaseKeeper {
        var settings = LeaseKeeper.Settings(nodes: self.configuration.nodes.map(\.name), owner: self.configuration.owner)
        settings.isRedisOurs = self.configuration.isRedisOurs
        settings.machine.life = self.configuration.leaseLife
        return LeaseKeeper(settings: settings, store: self.store, hub: self.hub, active: self.active, logger: self.logger) {
            self.makePipelines(isLeased: $0)
        }
    }

    /// Fresh ones, which begin like those of a new process.
    private func makePipelines(isLeased: Bool) -> [NodePipeline] {
        self.board.forget()
        self.directory.removeAll()
        let configuration = self.configuration
        // No canary of earlier pipelines is taken for one of these.
        let instance = "\(configuration.owner)/\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"
        return configuration.nodes.map { endpoint in
            var settings = NodePipeline.Settings(
                node: endpoint.name, owner: configuration.owner, instance: instance, attributes: configuration.attributes)
            settings.popURL = configuration.popURL
            settings.ringSeconds = configuration.dialing.ringSeconds
            settings.reconcileRhythm = configuration.reconcileRhythm
            settings.wentLive = { [queueKeeper] in queueKeeper.look(at: $0) }
            // Redis has been waited for already.
            if !isLeased { settings.storePatience = .zero }
            let connect: NodeConnector = { [logger] eventLoop, use, sink throws(EventSocketError) in
                try await EventSocketConnection.connect(
                    to: endpoint, on: eventLoop, configuration: configuration.connection(for: use), logger: logger, sink: sink)
            }
            return NodePipeline(
                settings: settings, eventLoop: self.eventLoopGroup.next(), connect: connect, writer: self.store, hub: self.hub, board: self.board,
                directory: self.directory, logger: self.logger)
        }
    }

    /// One set of pipelines after the other, for as long as the instance is active, until it is to end.
    /// - Returns: a line for each node when every one of them was given up.
    private func runTerms(_ keeper: LeaseKeeper) async -> [String] {
        await withGracefulShutdownHandler {
            for await pipelines in keeper.terms {
                let failures = await self.run(pipelines, keeper)
                if !pipelines.isEmpty, failures.count == pipelines.count { return failures }
                // Nobody here is in step with the nodes any more, and the metrics must not say so.
                self.board.forget()
                keeper.termEnded()
            }
            return []
        } onGracefulShutdown: {
            keeper.beginShutdown()
        }
    }

    /// - Returns: the lines of those that were given up.
    private func run(_ pipelines: [NodePipeline], _ keeper: LeaseKeeper) async -> [String] {
        await withTaskGroup(of: String?.self) { group in
            for pipeline in pipelines {
                group.addTask {
                    switch await pipeline.run() {
                    case .stopped: return nil
                    case .gaveUp(let line): return "\(pipeline.settings.node): \(line)"
                    case .fenced:
                        keeper.fenced()
                        return nil
                    }
                }
            }
            var failures: [String] = []
            for await failure in group { if let failure { failures.append(failure) } }
            return failures
        }
    }
}

extension CallCenterService.Configuration {
    fileprivate func connection(for use: ConnectionUse) -> EventSocketConnection.Configuration {
        var connection = EventSocketConnection.Configuration()
        switch use {
        case .following: break
        case .commands: connection.commandTimeout = self.commandDeadline
        case .slowCommand: connection.commandTimeout = self.queueDeadline
        }
        return connection
    }
}

extension NodeStatus {
    /// Says so where another node has the same agents.
    fileprivate func sharing(_ agents: [(agent: String, other: String)]) -> NodeStatus {
        guard case .live(let coreUUID, let detail) = self, let first = agents.first else { return self }
        let others = agents.count == 1 ? "" : " (and \(agents.count - 1) more)"
        let line =
            "agents of this node are on another node too and take no commands: \(first.agent) on \(first.other)\(others); give each node a database of its own"
        return .live(coreUUID: coreUUID, detail: [detail, line].compactMap { $0 }.joined(separator: "; "))
    }
}

/// What can never mend itself.
package enum CallCenterServiceError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Every node was given up; a line for each.
    case noNodeLeft([String])

    package var description: String {
        switch self {
        case .noNodeLeft(let lines): lines.joined(separator: "\n")
        }
    }
}
