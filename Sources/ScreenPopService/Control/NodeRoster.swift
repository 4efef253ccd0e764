import CallCenter

/// Which node a command goes to.
struct NodeRoster: Sendable {
    /// In the order of the configuration.
    let nodes: [(name: String, node: any CommandNode)]
    let directory: AgentDirectory

    func find(_ agent: String) throws(CommandError) -> (AgentName, any CommandNode) {
        let name = try Self.agentName(agent)
        if let owner = self.directory.node(of: agent), let node = self.nodes.first(where: { $0.name == owner })?.node { return (name, node) }
        // The only node can say itself that it has no such agent.
        guard self.nodes.count == 1, let only = self.nodes.first?.node else { throw .unknownAgent(agent) }
        return (name, only)
    }

    func node(for agent: AgentSettings) throws(CommandError) -> any CommandNode {
        if let owner = self.directory.node(of: agent.name) {
            throw CommandError(.agentExists, "\(owner) has an agent \(agent.name) already")
        }
        if let wanted = agent.node {
            guard let node = self.nodes.first(where: { $0.name == wanted })?.node else {
                throw CommandError(.nodeUnknown, "there is no node \(wanted); there are \(Self.list(self.nodes.map(\.name)))")
            }
            return node
        }
        guard self.nodes.count == 1, let only = self.nodes.first?.node else {
            throw CommandError(.nodeUnknown, "say on which node: \(Self.list(self.nodes.map(\.name)))")
        }
        return only
    }

    static func agentName(_ text: String) throws(CommandError) -> AgentName {
        do { return try AgentName(text) } catch { throw CommandError(.invalidName, "agent: \(error)") }
    }

    static func queueName(_ text: String) throws(CommandError) -> QueueName {
        do { return try QueueName(text) } catch { throw CommandError(.invalidName, "queue: \(error)") }
    }

    static func list(_ words: [String]) -> String { words.joined(separator: ", ") }
}

extension CommandOutcome {
    static func milliseconds(since start: ContinuousClock.Instant) -> Int {
        let took = (ContinuousClock.now - start).components
        return Int(took.seconds) * 1000 + Int(took.attoseconds / 1_000_000_000_000_000)
    }
}
