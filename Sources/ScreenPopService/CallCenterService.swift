package import EventSocket
package import Hiredis
package import Logging
package import NIOCore
package import ScreenPop
package import ScreenPopStore
import ServiceLifecycle

/// What a running instance is made of: the Redis connections, a pipeline for each node, the log reader, the hub.
///
/// It starts whether or not Redis and the nodes are there, and keeps trying.
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
        package var dialing = DialRules.standard

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
    private let pipelines: [NodePipeline]
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

        let directory = NodeDirectory(nodes: configuration.nodes.map(\.name))
        let instance = "\(configuration.owner)/\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"
        var pipelines: [NodePipeline] = []
        for endpoint in configuration.nodes {
            var settings = NodePipeline.Settings(
                node: endpoint.name, owner: configuration.owner, instance: instance, attributes: configuration.attributes)
            settings.popURL = configuration.popURL
            settings.ringSeconds = configuration.dialing.ringSeconds
            settings.reconcileRhythm = configuration.reconcileRhythm
            let connect: NodeConnector = { eventLoop, use, sink throws(EventSocketError) in
                try await EventSocketConnection.connect(
                    to: endpoint, on: eventLoop, configuration: configuration.connection(for: use), logger: logger, sink: sink)
            }
            pipelines.append(
                NodePipeline(
                    settings: settings, eventLoop: eventLoopGroup.next(), connect: connect, writer: self.store, hub: self.hub, board: self.board,
                    directory: directory, logger: logger))
        }
        self.directory = directory
        self.pipelines = pipelines
        let roster = NodeRoster(nodes: pipelines.map { ($0.settings.node, $0) }, directory: directory)
        self.controls = Controls(
            agents: AgentCommands(roster: roster, catalogue: ReasonCatalogue(store: self.store)),
            configuration: ConfigurationCommands(roster: roster),
            calls: CallCommands(roster: roster, nodes: pipelines, rules: configuration.dialing))
    }

    /// How each node is, in the order of the configuration. From any thread.
    package var nodes: [(name: String, status: NodeStatus)] {
        self.board.nodes.map { name, status in (name, status.sharing(self.directory.shared(of: name))) }
    }
    /// From any thread.
    package var redisIsConnected: Bool { self.board.redisIsConnected }

    /// Runs until graceful shutdown: then the connections to the nodes are closed and what waits is written.
    /// - Throws: `CallCenterServiceError.noNodeLeft` when no node can ever be reached: a wrong password, say.
    package func run() async throws {
        let started = self.commands.eventLoop.makePromise(of: Void.self)
        let presence = RedisPresence(store: self.store, hub: self.hub, board: self.board, pipelines: self.pipelines, started: started)
        let failures = await withDiscardingTaskGroup { connections in
            connections.addTask { await self.commands.run { presence.changed(isConnected: $0) } }
            connections.addTask { await self.reading.run() }
            connections.addTask { await self.follow(after: started.futureResult) }
            let failures = await self.runNodes()
            presence.end()
            connections.cancelAll()
            return failures
        }
        if !self.pipelines.isEmpty, failures.count == self.pipelines.count { throw CallCenterServiceError.noNodeLeft(failures) }
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
                for pipeline in self.pipelines { pipeline.rewrite() }
            })
    }

    /// - Returns: the lines of those that were given up.
    private func runNodes() async -> [String] {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: String?.self) { group in
                for pipeline in self.pipelines {
                    group.addTask { await pipeline.run().map { "\(pipeline.settings.node): \($0)" } }
                }
                if self.pipelines.isEmpty {
                    // Nothing to follow, but the log can still be read.
                    group.addTask {
                        try? await gracefulShutdown()
                        return nil
                    }
                }
                var failures: [String] = []
                for await failure in group { if let failure { failures.append(failure) } }
                return failures
            }
        } onGracefulShutdown: {
            for pipeline in self.pipelines { pipeline.beginShutdown() }
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
