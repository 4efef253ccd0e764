package import EventSocket
package import Hiredis
package import Logging
package import NIOCore
package import ScreenPop
package import ScreenPopStore
import ServiceLifecycle

/// What a running instance is made of: the Redis connections, a pipeline for each node, the log reader, the hub.
package struct CallCenterService: Service {
    package struct Configuration: Sendable {
        package var site: String
        package var nodes: [EventSocketEndpoint]
        package var redis: RedisEndpoint
        package var attributes: AttributeFilter
        /// `HOST:PID`
        package var owner: String

        package init(
            site: String = "default", nodes: [EventSocketEndpoint], redis: RedisEndpoint, attributes: AttributeFilter = .standard, owner: String
        ) {
            self.site = site
            self.nodes = nodes
            self.redis = redis
            self.attributes = attributes
            self.owner = owner
        }
    }

    package let store: Store
    package let hub: Hub
    /// Commands of administrators and desktops.
    package let control: any AgentControl
    private let board: NodeBoard

    package init(configuration: Configuration, eventLoopGroup: any EventLoopGroup, logger: Logger) {
        let client = RedisClient(endpoint: configuration.redis, on: eventLoopGroup.next(), logger: logger)
        self.store = Store(client: client, site: configuration.site, logger: logger)
        self.hub = Hub(store: self.store)
        self.control = CallCenterControl()
        self.board = NodeBoard(nodes: configuration.nodes.map(\.name))
    }

    /// Runs until graceful shutdown. Throws only for what can never mend itself.
    package func run() async throws {}

    /// How each node is, in the order of the configuration. From any thread.
    package var nodes: [(name: String, status: NodeStatus)] { self.board.nodes }
    /// From any thread.
    package var redisIsConnected: Bool { self.board.redisIsConnected }
}
