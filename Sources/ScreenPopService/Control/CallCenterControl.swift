import CallCenter
import ScreenPop

/// Carries commands out on the node that has the agent, and reads back what became of them.
struct CallCenterControl: AgentControl {
    /// In the order of the configuration.
    private let nodes: [(name: String, node: any CommandNode)]
    private let directory: AgentDirectory

    init(nodes: [(name: String, node: any CommandNode)], directory: AgentDirectory) {
        self.nodes = nodes
        self.directory = directory
    }

    // MARK: status and state

    func setStatus(_ status: String, reason: String?, agent: String) async throws(CommandError) -> CommandOutcome {
        guard let status = AgentStatus(lenient: status) else {
            throw CommandError(.invalidStatus, "the status must be one of \(Self.list(AgentStatus.legal.map(\.text)))")
        }
        return try await self.set(status, reason: reason, agent: agent)
    }

    func setState(_ state: String, agent: String) async throws(CommandError) -> CommandOutcome {
        guard let state = AgentState(lenient: state) else {
            throw CommandError(.invalidState, "the state must be one of \(Self.list(AgentState.legal.map(\.text)))")
        }
        let start = ContinuousClock.now
        let (name, node) = try self.find(agent)
        let reply = try await node.run(.setState(name, state))
        let row = try await node.existing(name)
        return Self.outcome(["state": state.text], reply, row, applied: row.state == state, since: start)
    }

    func logOut(agent: String) async throws(CommandError) -> CommandOutcome {
        try await self.set(.loggedOut, reason: nil, agent: agent)
    }

    func takeBreak(agent: String, reason: String?) async throws(CommandError) -> CommandOutcome {
        try await self.set(.onBreak, reason: reason, agent: agent)
    }

    func ready(agent: String) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let (name, node) = try self.find(agent)
        return try await Self.makeReady(name, on: node, requested: [:], since: start)
    }

    func logIn(agent: String, ready: Bool, queues: [String]) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let (name, node) = try self.find(agent)
        var names: [QueueName] = []
        for queue in queues { names.append(try Self.queueName(queue)) }
        _ = try await node.existing(name)
        for queue in names {
            do {
                _ = try await node.run(.addTier(queue, name, level: 1, position: 1))
                await node.apply(.tierSet(TierRow(queue: queue.text, agent: name.text)))
            } catch {
                guard error.code == .tierExists else { throw error }
            }
        }
        let requested = queues.isEmpty ? [:] : ["queues": queues.joined(separator: ",")]
        if ready { return try await Self.makeReady(name, on: node, requested: requested, since: start) }
        return try await Self.set(.onBreak, reason: nil, name, on: node, requested: requested, since: start)
    }

    private func set(_ status: AgentStatus, reason: String?, agent: String) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let (name, node) = try self.find(agent)
        return try await Self.set(status, reason: reason, name, on: node, requested: [:], since: start)
    }

    private static func set(
        _ status: AgentStatus, reason: String?, _ name: AgentName, on node: any CommandNode, requested: [String: String],
        since start: ContinuousClock.Instant
    ) async throws(CommandError) -> CommandOutcome {
        if let reason, reason.utf8.count > 256 { throw CommandError(.invalidValue, "a reason has at most 256 bytes") }
        var requested = requested
        requested["status"] = status.text
        requested["reason"] = reason
        let reply = try await self.send(status, reason: reason, name, on: node)
        let row = try await node.existing(name)
        return self.outcome(requested, reply, row, applied: row.status == status, since: start)
    }

    /// Status Available and state Waiting, verified. An agent who is offered a call or in one gets the status alone: the switch sets the state to
    /// Waiting when the call is over, and doing it now would bring a second call.
    private static func makeReady(
        _ name: AgentName, on node: any CommandNode, requested: [String: String], since start: ContinuousClock.Instant
    ) async throws(CommandError) -> CommandOutcome {
        var requested = requested
        requested["status"] = AgentStatus.available.text
        requested["state"] = AgentState.waiting.text
        var reply = try await self.send(.available, reason: nil, name, on: node)
        var row = try await node.existing(name)
        switch row.state {
        case .idle, .other:
            reply = try await node.run(.setState(name, .waiting))
            row = try await node.existing(name)
        case .waiting, .receiving, .inAQueueCall, .reserved: break
        }
        return self.outcome(requested, reply, row, applied: row.status == .available && row.state == .waiting, since: start)
    }

    private static func send(_ status: AgentStatus, reason: String?, _ name: AgentName, on node: any CommandNode) async throws(CommandError) -> String
    {
        // Before the command, whose event may be here before its reply.
        await node.setReason(reason, agent: name.text, status: status)
        do {
            return try await node.run(.setStatus(name, status))
        } catch {
            await node.setReason(nil, agent: name.text, status: status)
            throw error
        }
    }

    private static func outcome(
        _ requested: [String: String], _ reply: String, _ row: AgentRow, applied: Bool, since start: ContinuousClock.Instant
    ) -> CommandOutcome {
        CommandOutcome(
            requested: requested, reply: reply, actual: ["status": row.status.text, "state": row.state.text], applied: applied,
            tookMilliseconds: self.milliseconds(since: start))
    }

    // MARK: agents

    func add(_ agent: AgentSettings) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let name = try Self.agentName(agent.name)
        let steps = try AgentSetup(agent, name: name)
        let node = try self.node(for: agent)
        let reply = try await node.run(.addAgent(name, type: steps.type))
        let row: AgentRow
        do {
            for step in steps.commands { _ = try await node.run(step) }
            row = try await node.existing(name)
        } catch {
            throw await Self.undo(name, on: node, after: error)
        }
        await node.apply(.agentSettings(row))
        let actual = steps.actual(row)
        return CommandOutcome(
            requested: steps.requested, reply: reply, actual: actual, applied: actual == steps.requested,
            tookMilliseconds: Self.milliseconds(since: start))
    }

    private static func undo(_ name: AgentName, on node: any CommandNode, after error: CommandError) async -> CommandError {
        do {
            _ = try await node.run(.deleteAgent(name))
            await node.apply(.agentRemoved(name.text))
            return CommandError(error.code, "\(error.message); the agent was not added")
        } catch let second {
            return CommandError(error.code, "\(error.message); the agent was added in part, and removing it failed: \(second.message)")
        }
    }

    func delete(agent: String) async throws(CommandError) {
        let (name, node) = try self.find(agent)
        // FreeSWITCH says +OK to the removal of what does not exist.
        _ = try await node.existing(name)
        _ = try await node.run(.deleteAgent(name))
        guard try await node.row(of: name) == nil else { throw CommandError(.notApplied, "FreeSWITCH said +OK and still has the agent \(agent)") }
        await node.apply(.agentRemoved(name.text))
    }

    // MARK: tiers

    func setTier(_ tier: TierSettings, queue: String, agent: String) async throws(CommandError) -> (outcome: CommandOutcome, created: Bool) {
        let start = ContinuousClock.now
        let queue = try Self.queueName(queue)
        let (name, node) = try self.find(agent)
        guard tier.level >= 0, tier.position >= 0 else { throw CommandError(.invalidValue, "level and position are 0 or more") }
        var created = true
        var reply: String
        do {
            reply = try await node.run(.addTier(queue, name, level: tier.level, position: tier.position))
        } catch {
            guard error.code == .tierExists else { throw error }
            created = false
            reply = try await node.run(.setTierLevel(queue, name, tier.level))
            reply = try await node.run(.setTierPosition(queue, name, tier.position))
        }
        guard let row = try await node.tier(queue: queue, agent: name) else {
            throw CommandError(.notApplied, "FreeSWITCH said \(reply) and lists no tier of \(name) in \(queue)")
        }
        await node.apply(.tierSet(row))
        let outcome = CommandOutcome(
            requested: ["level": String(tier.level), "position": String(tier.position)], reply: reply,
            actual: ["level": String(row.level), "position": String(row.position), "state": row.state],
            applied: row.level == tier.level && row.position == tier.position, tookMilliseconds: Self.milliseconds(since: start))
        return (outcome, created)
    }

    func deleteTier(queue: String, agent: String) async throws(CommandError) {
        let queue = try Self.queueName(queue)
        let (name, node) = try self.find(agent)
        // FreeSWITCH says +OK to the removal of what does not exist.
        guard try await node.tier(queue: queue, agent: name) != nil else {
            throw CommandError(.tierNotFound, "\(agent) has no tier in \(queue)")
        }
        _ = try await node.run(.deleteTier(queue, name))
        guard try await node.tier(queue: queue, agent: name) == nil else {
            throw CommandError(.notApplied, "FreeSWITCH said +OK and still lists the tier of \(agent) in \(queue)")
        }
        await node.apply(.tierRemoved(queue: queue.text, agent: name.text))
    }

    // MARK: who and where

    private func find(_ agent: String) throws(CommandError) -> (AgentName, any CommandNode) {
        let name = try Self.agentName(agent)
        if let owner = self.directory.node(of: agent), let node = self.nodes.first(where: { $0.name == owner })?.node { return (name, node) }
        // The only node can say itself that it has no such agent.
        guard self.nodes.count == 1, let only = self.nodes.first?.node else { throw .unknownAgent(agent) }
        return (name, only)
    }

    private func node(for agent: AgentSettings) throws(CommandError) -> any CommandNode {
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

    private static func agentName(_ text: String) throws(CommandError) -> AgentName {
        do { return try AgentName(text) } catch { throw CommandError(.invalidName, "agent: \(error)") }
    }

    private static func queueName(_ text: String) throws(CommandError) -> QueueName {
        do { return try QueueName(text) } catch { throw CommandError(.invalidName, "queue: \(error)") }
    }

    private static func list(_ words: [String]) -> String { words.joined(separator: ", ") }

    private static func milliseconds(since start: ContinuousClock.Instant) -> Int {
        let took = (ContinuousClock.now - start).components
        return Int(took.seconds) * 1000 + Int(took.attoseconds / 1_000_000_000_000_000)
    }
}
