import Synchronization

/// Which node has which agent and which queue, for whoever asks from any thread. The pipelines keep it; nobody asks Redis.
final class NodeDirectory: Sendable {
    private struct Names {
        /// Nodes in the order of the configuration.
        var owners: [String: [String]] = [:]
        /// Those of more than one node.
        var shared: Set<String> = []
        /// Those that the first of their nodes is to give out once more: it became the first, or another one may have written over it.
        var inherited: Set<String> = []

        mutating func add(_ name: String, _ node: String, rank: (String) -> Int) -> [String] {
            var nodes = self.owners[name] ?? []
            guard !nodes.contains(node) else { return nodes }
            nodes.insert(node, at: nodes.firstIndex { rank($0) > rank(node) } ?? nodes.endIndex)
            self.owners[name] = nodes
            if nodes.count > 1 {
                self.shared.insert(name)
                // What the other one wrote while it was alone may come into Redis after this.
                self.inherited.insert(name)
            }
            return nodes
        }

        mutating func remove(_ name: String, _ node: String) -> [String] {
            guard var nodes = self.owners[name] else { return [] }
            let first = nodes.first
            nodes.removeAll { $0 == node }
            if nodes.isEmpty { self.inherited.remove(name) } else if nodes.first != first { self.inherited.insert(name) }
            self.owners[name] = nodes.isEmpty ? nil : nodes
            if nodes.count < 2 { self.shared.remove(name) }
            return nodes
        }

        mutating func takeInherited(_ node: String) -> [String] {
            let names = self.inherited.filter { self.owners[$0]?.first == node }
            self.inherited.subtract(names)
            return names.sorted()
        }
    }

    private struct State {
        var agents = Names()
        var queues = Names()
    }

    /// All that are configured, in that order.
    let nodes: [String]
    private let ranks: [String: Int]
    private let state: Mutex<State> = Mutex(State())

    /// - Parameter nodes: in the order of the configuration. Of an agent that two have, the first one's is shown.
    init(nodes: [String] = []) {
        self.nodes = nodes
        self.ranks = Dictionary(zip(nodes, nodes.indices), uniquingKeysWith: { first, _ in first })
    }

    /// The nodes are read anew.
    func removeAll() {
        self.state.withLock { $0 = State() }
    }

    private func rank(_ node: String) -> Int { self.ranks[node] ?? Int.max }

    // MARK: agents

    /// - Returns: all nodes that have the agent, the one whose is shown first. Two nodes with the same agent are a mistake of the set-up.
    @discardableResult
    func add(_ agent: String, node: String) -> [String] {
        self.state.withLock { $0.agents.add(agent, node, rank: self.rank) }
    }

    /// - Returns: the nodes that still have it.
    @discardableResult
    func remove(_ agent: String, node: String) -> [String] {
        self.state.withLock { $0.agents.remove(agent, node) }
    }

    func nodes(of agent: String) -> [String] { self.state.withLock { $0.agents.owners[agent] ?? [] } }
    func node(of agent: String) -> String? { self.nodes(of: agent).first }

    /// The node's agents that another node has as well, with that one.
    func shared(of node: String) -> [(agent: String, other: String)] {
        self.state.withLock { state in
            state.agents.shared.sorted().compactMap { agent in
                guard let nodes = state.agents.owners[agent], nodes.contains(node), let other = nodes.first(where: { $0 != node }) else { return nil }
                return (agent, other)
            }
        }
    }

    // MARK: queues

    /// Queues of one name on several nodes are a common set-up: each node serves its own callers. The first one's record is shown.
    @discardableResult
    func addQueue(_ queue: String, node: String) -> [String] {
        self.state.withLock { $0.queues.add(queue, node, rank: self.rank) }
    }

    @discardableResult
    func removeQueue(_ queue: String, node: String) -> [String] {
        self.state.withLock { $0.queues.remove(queue, node) }
    }

    /// Agents and queues that are this node's to show, and of which another one's may be shown; each is told once.
    func takeInherited(by node: String) -> (agents: [String], queues: [String]) {
        self.state.withLock { ($0.agents.takeInherited(node), $0.queues.takeInherited(node)) }
    }

    func nodes(ofQueue queue: String) -> [String] { self.state.withLock { $0.queues.owners[queue] ?? [] } }
}
