import Hummingbird
import HummingbirdCore
package import Logging
package import NIOCore
package import ScreenPopService
package import ScreenPopStore
import ServiceLifecycle

/// REST, WebSocket, SSE and the pages.
package struct HTTPService: Service {
    /// What HTTP needs of the running instance.
    package struct Backend: Sendable {
        package var store: Store
        package var hub: Hub
        package var controls: Controls
        package var nodes: @Sendable () -> [(name: String, status: NodeStatus)]
        package var redisIsConnected: @Sendable () -> Bool

        package init(
            store: Store, hub: Hub, controls: Controls, nodes: @escaping @Sendable () -> [(name: String, status: NodeStatus)],
            redisIsConnected: @escaping @Sendable () -> Bool
        ) {
            self.store = store
            self.hub = hub
            self.controls = controls
            self.nodes = nodes
            self.redisIsConnected = redisIsConnected
        }
    }

    /// The same, behind protocols.
    struct Instance: Sendable {
        var store: Store
        var site: any SiteReading
        var source: any MessageSource
        var controls: Controls
        var nodes: @Sendable () -> [(name: String, status: NodeStatus)]
        var redisIsConnected: @Sendable () -> Bool
        var records: any GateStoring
    }

    private let configuration: Configuration
    private let instance: Instance
    private let metrics: PrometheusMetrics?
    private let eventLoopGroup: any EventLoopGroup
    private let logger: Logger
    private let listening: @Sendable (_ url: String) -> Void
    /// Told once what there is; for those who check it.
    var registered: @Sendable (_ routes: [Routes.Known]) -> Void = { _ in }
    private let reloads = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// - Parameters:
    ///   - metrics: What `GET /metrics` shows; the one given to `MetricsSystem.bootstrap`.
    ///   - listening: Called once with the address that was chosen: `http://127.0.0.1:8080`.
    package init(
        configuration: Configuration, backend: Backend, metrics: PrometheusMetrics? = nil, eventLoopGroup: any EventLoopGroup, logger: Logger,
        listening: @escaping @Sendable (_ url: String) -> Void
    ) {
        self.init(
            configuration: configuration,
            instance: Instance(
                store: backend.store, site: backend.store, source: backend.hub, controls: backend.controls, nodes: backend.nodes,
                redisIsConnected: backend.redisIsConnected, records: backend.store),
            metrics: metrics, eventLoopGroup: eventLoopGroup, logger: logger, listening: listening)
    }

    init(
        configuration: Configuration, instance: Instance, metrics: PrometheusMetrics?, eventLoopGroup: any EventLoopGroup, logger: Logger,
        listening: @escaping @Sendable (_ url: String) -> Void
    ) {
        self.configuration = configuration
        self.instance = instance
        self.metrics = metrics
        self.eventLoopGroup = eventLoopGroup
        self.logger = logger
        self.listening = listening
    }

    /// Until graceful shutdown. Throws when the address cannot be bound, the TLS files cannot be read, or the keys for JWTs on this machine.
    package func run() async throws {
        let limits = self.configuration.limits
        let certificates = try self.configuration.tls.map { try TLSCertificates($0, logger: self.logger) }
        let gate = Gate(
            store: self.instance.records, limits: limits, proxies: self.configuration.trustedProxies, logger: self.logger)
        let access = try await AccessServices(
            self.configuration, store: self.instance.store, eventLoopGroup: self.eventLoopGroup, logger: self.logger)
        let jobs = JobQueue(limit: limits.pendingCommands + limits.sessions)
        let gauge = SessionGauge(limit: limits.sessions)
        let shards = try await PushShards(
            eventLoopGroup: self.eventLoopGroup, source: self.instance.source,
            reader: SnapshotReader(site: self.instance.site, source: self.instance.source, nodes: self.instance.nodes), jobs: jobs, gauge: gauge,
            authenticator: access.authenticator, desks: DeskBook(store: self.instance.store), limits: limits, heartbeat: self.configuration.heartbeat)
        let application = self.application(access: access, shards: shards, jobs: jobs, gauge: gauge, gate: gate, certificates: certificates)

        try await withThrowingDiscardingTaskGroup { records in
            records.addTask { await gate.auditor.run() }
            records.addTask { await gate.idempotency.run() }
            // After the last command, so that nothing is left to be recorded.
            defer {
                gate.auditor.finish()
                gate.idempotency.finish()
            }
            try await self.run(application, access: access, shards: shards, jobs: jobs, certificates: certificates)
        }
    }

    private func run(
        _ application: some ApplicationProtocol, access: AccessServices, shards: PushShards, jobs: JobQueue, certificates: TLSCertificates?
    ) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { await jobs.run() }
            group.addTask { await access.run() }
            group.addTask { await shards.desks.run() }
            if let certificates {
                group.addTask { await cancelWhenGracefulShutdown { await certificates.follow(self.reloads.stream) } }
            }
            let subscriptions = shards.subscribe()
            defer {
                shards.unsubscribe(subscriptions)
                jobs.finish()
                shards.desks.finish()
                access.finish()
            }
            let result: Result<Void, any Error>
            do {
                try await access.addSampleUsers(self.configuration.sampleUsers)
                // One handler for all sessions. Event streams hold their requests, and so the server, until they are told.
                try await withGracefulShutdownHandler {
                    try await application.run()
                } onGracefulShutdown: {
                    shards.startDraining()
                }
                await shards.drain()
                result = .success(())
            } catch {
                result = .failure(error)
            }
            await access.removeSampleUsers(self.configuration.sampleUsers)
            try result.get()
        }
        await access.stop()
    }

    /// Reads the TLS files now, rather than with the next regular look at them.
    package func reloadCertificates() {
        self.reloads.continuation.yield()
    }

    private func application(
        access: AccessServices, shards: PushShards, jobs: JobQueue, gauge: SessionGauge, gate: Gate, certificates: TLSCertificates?
    ) -> some ApplicationProtocol {
        let configuration = self.configuration
        let origins = OriginRule(allowed: configuration.allowedOrigins)
        let handshake = WebSocketHandshake(
            authenticator: access.authenticator, origins: origins, isFull: { gauge.isFull || gate.sessions.isFull(for: $0) }, gate: gate,
            topics: configuration.limits.topics)
        let api = API(
            configuration: configuration, site: self.instance.site, controls: self.instance.controls, store: self.instance.store,
            authenticator: access.authenticator, logIn: access.logIn, origins: origins, gate: gate, records: self.instance.records)
        let routes = self.routes(api, shards: shards, handshake: handshake)
        self.registered(routes.known)
        let router = Router(context: HTTPContext.self)
        router.add(middleware: ProblemMiddleware(isSecure: certificates != nil))
        routes.register(on: router)

        let environment = WebSocketSessionHandler.Environment(
            site: self.instance.site, controls: self.instance.controls, jobs: jobs, limits: configuration.limits, heartbeat: configuration.heartbeat,
            gate: gate, authenticator: access.authenticator)
        let server = HTTPServerBuilder { responder in
            DesktopChannel(responder: responder, handshake: handshake, shards: shards, environment: environment, certificates: certificates)
        }
        var quiet = self.logger
        quiet.logLevel = max(quiet.logLevel, .notice)
        return Application(
            router: router, server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), backlog: configuration.limits.backlog,
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.limits.connections, logger: self.logger)),
            onServerRunning: { channel in self.listening(Self.url(channel, configuration)) },
            eventLoopGroupProvider: .shared(self.eventLoopGroup), logger: quiet)
    }

    /// All there are.
    func routes(_ api: API, shards: PushShards, handshake: WebSocketHandshake) -> Routes {
        var routes = Routes()
        HealthRoutes(nodes: self.instance.nodes, redisIsConnected: self.instance.redisIsConnected, metrics: self.metrics).addRoutes(to: &routes)
        api.addRoutes(to: &routes)
        NodeRoutes(api: api, nodes: self.instance.nodes).addRoutes(to: &routes)
        PushRoutes(api: api, shards: shards, handshake: handshake).addRoutes(to: &routes)
        OpenAPIRoutes.addRoutes(to: &routes)
        PageRoutes(allowedOrigins: api.origins.allowed, logInURL: self.configuration.logInURL).addRoutes(to: &routes)
        return routes
    }

    private static func url(_ channel: any Channel, _ configuration: Configuration) -> String {
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        return "\(configuration.tls == nil ? "http" : "https")://\(host):\(channel.localAddress?.port ?? configuration.port)"
    }
}
