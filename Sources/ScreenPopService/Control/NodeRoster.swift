import CallCenter

/// Which node a command goes to.
struct NodeRoster: Sendable {
    let directory: NodeDirectory
    private let current: @Sendable () throws(CommandError) -> [(name: String, node: any CommandNode)]

    init(active: ActiveNodes, directory: NodeDirectory) {
        self.directory = directory
        self.current = { () throws(CommandError) in try active.current().map { ($0.settings.node, $0) } }
    }

    init(nodes: [(name: String, node: any CommandNode)], directory: NodeDirectory) {
        self.directory = directory
        self.current = { () throws(CommandError) in nodes }
    }

    /// In the order of the configuration.
    /// - Throws: `node-unavailable` while the instance stands by.
    func nodes() throws(CommandError) -> [(name: String, node: any CommandNode)] { try self.current() }

    func find(_ agent: String) throws(CommandError) -> (AgentName, any CommandNode) {
        let name = try Self.agentName(agent)
        let nodes = try self.nodes()
        let owners = self.directory.nodes(of: agent)
        guard owners.count < 2 else { throw .agentOnTwoNodes(agent, owners) }
        if let owner = owners.first { return (name, try self.node(named: owner)) }
        // The only node can say itself that it has no such agent.
        guard nodes.count == 1, let only = nodes.first?.node else { throw .unknownAgent(agent) }
        return (name, only)
    }

    /// Where the caller says which node's: the one way to put two nodes with the same agent right.
    func find(_ agent: String, on wanted: String?) throws(CommandError) -> (AgentName, any CommandNode) {
        guard let wanted else { return try self.find(agent) }
        return (try Self.agentName(agent), try self.node(named: wanted))
    }

    func node(for agent: AgentSettings) throws(CommandError) -> any CommandNode {
        _ = try self.nodes()
        if let owner = self.directory.node(of: agent.name) {
            throw CommandError(.agentExists, "\(owner) has an agent \(agent.name) already")
        }
        return try self.chosen(agent.node).node
    }

    /// The node that has the queue, or is to have it.
    func place(ofQueue queue: String, wanted: String?) throws(CommandError) -> (name: String, node: any CommandNode) {
        // Standing by, what the directory says is of the past.
        _ = try self.nodes()
        if wanted == nil {
            let owners = self.directory.nodes(ofQueue: queue)
            if owners.count > 1 {
                throw CommandError(.nodeUnknown, "say which node's queue \(queue): \(Self.list(owners))")
            }
            if let owner = owners.first { return (owner, try self.node(named: owner)) }
        }
        return try self.chosen(wanted)
    }

    private func chosen(_ wanted: String?) throws(CommandError) -> (name: String, node: any CommandNode) {
        if let wanted { return (wanted, try self.node(named: wanted)) }
        let nodes = try self.nodes()
        guard nodes.count == 1, let only = nodes.first else {
            throw CommandError(.nodeUnknown, "say on which node: \(Self.list(nodes.map(\.name)))")
        }
        return only
    }

    func node(named name: String) throws(CommandError) -> any CommandNode {
        let nodes = try self.nodes()
        guard let node = nodes.first(where: { $0.name == name })?.node else {
            throw CommandError(.nodeUnknown, "there is no node \(name); there are \(Self.list(nodes.map(\.name)))")
        }
        return node
    }

    /// For a queue that is not loaded, `tier add` has mod_callcenter load it while it holds the lock that everything else of it waits for.
    func requireLoaded(_ queue: QueueName, for agent: AgentName, on node: any CommandNode) async throws(CommandError) {
        let owners = self.directory.nodes(ofQueue: queue.text)
        if owners.contains(where: { $0 == self.directory.node(of: agent.text) }) { return }
        guard try await node.queue(queue) == nil else { return }
        let elsewhere = owners.isEmpty ? "load it first" : "it is on \(Self.list(owners)), and \(agent) is not"
        throw CommandError(.queueNotFound, "the queue \(queue) is not loaded on the agent's node: \(elsewhere)")
    }

    static func agentName(_ text: String) throws(CommandError) -> AgentName {
        do { return try AgentName(text) } catch { throw CommandError(.invalidName, "agent: \(error)") }
    }

    static func queueName(_ text: String) throws(CommandError) -> QueueName {
        do { return try QueueName(text) } catch { throw CommandError(.invalidName, "queue: \(error)") }
    }

    static func list(_ words: [String]) -> String { words.joined(separator: ", ") }
}

extension CommandError {
    static func agentOnTwoNodes(_ agent: String, _ nodes: [String]) -> CommandError {
        CommandError(
            .agentOnTwoNodes,
            "\(agent) is on \(nodes.joined(separator: " and on ")): give each node a database of its own, or delete the agent from one of them")
    }
}

extension CommandOutcome {
    static func milliseconds(since start: ContinuousClock.Instant) -> Int {
        let took = (ContinuousClock.now - start).components
        return Int(took.seconds) * 1000 + Int(took.attoseconds / 1_000_000_000_000_000)
    }
}
