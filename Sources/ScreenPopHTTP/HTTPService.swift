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
        package var control: any AgentControl
        package var nodes: @Sendable () -> [(name: String, status: NodeStatus)]
        package var redisIsConnected: @Sendable () -> Bool

        package init(
            store: Store, hub: Hub, control: any AgentControl, nodes: @escaping @Sendable () -> [(name: String, status: NodeStatus)],
            redisIsConnected: @escaping @Sendable () -> Bool
        ) {
            self.store = store
            self.hub = hub
            self.control = control
            self.nodes = nodes
            self.redisIsConnected = redisIsConnected
        }
    }

    let configuration: Configuration
    let backend: Backend
    let eventLoopGroup: any EventLoopGroup
    let logger: Logger
    let listening: @Sendable (_ url: String) -> Void

    /// - Parameters:
    ///   - metrics: What `GET /metrics` shows; the one given to `MetricsSystem.bootstrap`.
    ///   - listening: Called once with the address that was chosen: `http://127.0.0.1:8080`.
    package init(
        configuration: Configuration, backend: Backend, metrics: PrometheusMetrics? = nil, eventLoopGroup: any EventLoopGroup, logger: Logger,
        listening: @escaping @Sendable (_ url: String) -> Void
    ) {
        self.configuration = configuration
        self.backend = backend
        self.eventLoopGroup = eventLoopGroup
        self.logger = logger
        self.listening = listening
    }

    /// Until graceful shutdown. Throws when the address cannot be bound or the TLS files cannot be read.
    package func run() async throws {}
}
