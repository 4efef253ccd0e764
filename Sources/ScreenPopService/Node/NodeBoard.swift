import Metrics
import Synchronization

/// How the nodes and Redis are at this moment, for those who ask from any thread: `readyz`, metrics.
final class NodeBoard: Sendable {
    private struct State {
        /// In the order of the configuration.
        var names: [String]
        var statuses: [String: NodeStatus] = [:]
        var redisIsConnected = false
    }

    private let state: Mutex<State>
    private let redisConnected = Gauge(label: "screenpop_redis_connected")
    private let nodesLive: [String: Gauge]

    init(nodes: [String]) {
        self.state = Mutex(State(names: nodes))
        self.nodesLive = Dictionary(nodes.map { ($0, Gauge(label: "screenpop_node_live", dimensions: [("node", $0)])) }) { first, _ in first }
        // A line that says 0 from the start: what is missing cannot be alerted on.
        self.redisConnected.record(0)
        for gauge in self.nodesLive.values { gauge.record(0) }
    }

    var nodes: [(name: String, status: NodeStatus)] {
        self.state.withLock { state in state.names.map { ($0, state.statuses[$0] ?? .connecting(nil)) } }
    }

    var redisIsConnected: Bool { self.state.withLock { $0.redisIsConnected } }

    func set(_ status: NodeStatus, node: String) {
        self.state.withLock { $0.statuses[node] = status }
        let isLive = if case .live = status { true } else { false }
        self.nodesLive[node]?.record(isLive ? 1 : 0)
    }

    func setRedis(connected: Bool) {
        self.state.withLock { $0.redisIsConnected = connected }
        self.redisConnected.record(connected ? 1 : 0)
    }
}
