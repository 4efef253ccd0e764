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

    init(nodes: [String]) {
        self.state = Mutex(State(names: nodes))
    }

    var nodes: [(name: String, status: NodeStatus)] {
        self.state.withLock { state in state.names.map { ($0, state.statuses[$0] ?? .connecting(nil)) } }
    }

    var redisIsConnected: Bool { self.state.withLock { $0.redisIsConnected } }

    func set(_ status: NodeStatus, node: String) {
        self.state.withLock { $0.statuses[node] = status }
    }

    /// Other pipelines follow the nodes from now on.
    func forget() {
        self.state.withLock { $0.statuses = [:] }
    }

    func setRedis(connected: Bool) {
        self.state.withLock { $0.redisIsConnected = connected }
    }
}
