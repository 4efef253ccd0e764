import Synchronization

/// Which node has which agent, for commands from any thread. The pipelines keep it; nobody asks Redis.
final class AgentDirectory: Sendable {
    private let nodes: Mutex<[String: String]> = Mutex([:])

    /// - Returns: the node that has the agent already, when it is another one: two nodes with the same agents are a mistake of the set-up.
    func add(_ agent: String, node: String) -> String? {
        self.nodes.withLock { nodes in
            if let other = nodes[agent], other != node { return other }
            nodes[agent] = node
            return nil
        }
    }

    func remove(_ agent: String, node: String) {
        self.nodes.withLock { nodes in
            if nodes[agent] == node { nodes[agent] = nil }
        }
    }

    func node(of agent: String) -> String? {
        self.nodes.withLock { $0[agent] }
    }
}
