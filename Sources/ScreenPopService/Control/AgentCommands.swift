import CallCenter
import ScreenPop

/// Status and state, carried out on the node that has the agent, and read back.
struct AgentCommands: AgentControl {
    let roster: NodeRoster

    func setStatus(_ status: String, reason: String?, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        guard let status = AgentStatus(lenient: status) else {
            throw CommandError(.invalidStatus, "the status must be one of \(NodeRoster.list(AgentStatus.legal.map(\.text)))")
        }
        return try await self.set(status, reason: reason, agent: agent, by: by)
    }

    func setState(_ state: String, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        guard let state = AgentState(lenient: state) else {
            throw CommandError(.invalidState, "the state must be one of \(NodeRoster.list(AgentState.legal.map(\.text)))")
        }
        let start = ContinuousClock.now
        let (name, node) = try self.roster.find(agent)
        let reply = try await node.run(.setState(name, state))
        let row = try await node.existing(name)
        return Self.outcome(["state": .text(state.text)], reply, row, applied: row.state == state, since: start)
    }

    func logOut(agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        try await self.set(.loggedOut, reason: nil, agent: agent, by: by)
    }

    func takeBreak(agent: String, reason: String?, by: Principal) async throws(CommandError) -> CommandOutcome {
        try await self.set(.onBreak, reason: reason, agent: agent, by: by)
    }

    func ready(agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let (name, node) = try self.roster.find(agent)
        return try await Self.makeReady(name, on: node, requested: [:], since: start)
    }

    func logIn(agent: String, ready: Bool, queues: [String], by: Principal) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let (name, node) = try self.roster.find(agent)
        var names: [QueueName] = []
        for queue in queues { names.append(try NodeRoster.queueName(queue)) }
        _ = try await node.existing(name)
        for queue in names {
            do {
                _ = try await node.run(.addTier(queue, name, level: 1, position: 1))
                await node.apply(.tierSet(TierRow(queue: queue.text, agent: name.text)), by: by)
            } catch {
                guard error.code == .tierExists else { throw error }
            }
        }
        let requested: [String: CommandValue] = queues.isEmpty ? [:] : ["queues": .texts(queues)]
        if ready { return try await Self.makeReady(name, on: node, requested: requested, since: start) }
        return try await Self.set(.onBreak, reason: nil, name, on: node, requested: requested, since: start)
    }

    private func set(_ status: AgentStatus, reason: String?, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let (name, node) = try self.roster.find(agent)
        return try await Self.set(status, reason: reason, name, on: node, requested: [:], since: start)
    }

    private static func set(
        _ status: AgentStatus, reason: String?, _ name: AgentName, on node: any CommandNode, requested: [String: CommandValue],
        since start: ContinuousClock.Instant
    ) async throws(CommandError) -> CommandOutcome {
        if let reason, reason.utf8.count > 256 { throw CommandError(.invalidValue, "a reason has at most 256 bytes") }
        var requested = requested
        requested["status"] = .text(status.text)
        if let reason { requested["reason"] = .text(reason) }
        let reply = try await self.send(status, reason: reason, name, on: node)
        let row = try await node.existing(name)
        return self.outcome(requested, reply, row, applied: row.status == status, since: start)
    }

    /// Status Available and state Waiting, verified. An agent who is offered a call or in one gets the status alone: the switch sets the state to
    /// Waiting when the call is over, and doing it now would bring a second call.
    private static func makeReady(
        _ name: AgentName, on node: any CommandNode, requested: [String: CommandValue], since start: ContinuousClock.Instant
    ) async throws(CommandError) -> CommandOutcome {
        var requested = requested
        requested["status"] = .text(AgentStatus.available.text)
        requested["state"] = .text(AgentState.waiting.text)
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
        _ requested: [String: CommandValue], _ reply: String, _ row: AgentRow, applied: Bool, since start: ContinuousClock.Instant
    ) -> CommandOutcome {
        CommandOutcome(
            requested: requested, reply: reply, actual: ["status": .text(row.status.text), "state": .text(row.state.text)], applied: applied,
            tookMilliseconds: CommandOutcome.milliseconds(since: start))
    }
}
