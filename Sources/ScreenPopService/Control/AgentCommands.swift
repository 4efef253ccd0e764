import CallCenter
import ScreenPop

/// Status and state, carried out on the node that has the agent, and read back; or kept while the agent is offered a call.
struct AgentCommands: AgentControl {
    let roster: NodeRoster
    let catalogue: ReasonCatalogue
    /// Of one log-in: each is a command.
    private static let maximumQueues = 64

    func setStatus(
        _ status: String, reason: String?, force: Bool, agent: String, by: Principal
    ) async throws(CommandError) -> CommandOutcome {
        guard let status = AgentStatus(lenient: status) else {
            throw CommandError(.invalidStatus, "the status must be one of \(NodeRoster.list(AgentStatus.legal.map(\.text)))")
        }
        return try await self.set(status, reason: reason, force: force, agent: agent, by: by)
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

    func logOut(force: Bool, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        try await self.set(.loggedOut, reason: nil, force: force, agent: agent, by: by)
    }

    func takeBreak(reason: String?, force: Bool, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        try await self.set(.onBreak, reason: reason, force: force, agent: agent, by: by)
    }

    func ready(force: Bool, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let (name, node) = try self.roster.find(agent)
        return try await Self.makeReady(name, on: node, requested: [:], force: force, by: by, since: start)
    }

    func logIn(ready: Bool, queues: [String], force: Bool, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let (name, node) = try self.roster.find(agent)
        var names: [QueueName] = []
        guard queues.count <= Self.maximumQueues else { throw CommandError(.invalidValue, "at most \(Self.maximumQueues) queues at once") }
        for queue in queues {
            let queue = try NodeRoster.queueName(queue)
            if !names.contains(queue) { names.append(queue) }
        }
        _ = try await node.existing(name)
        for queue in names { try await self.roster.requireLoaded(queue, for: name, on: node) }
        var joined: [String] = []
        for queue in names where try await Self.join(queue, name, on: node, by: by) { joined.append(queue.text) }
        let requested: [String: CommandValue] = queues.isEmpty ? [:] : ["queues": .texts(queues)]
        var outcome =
            ready
            ? try await Self.makeReady(name, on: node, requested: requested, force: force, by: by, since: start)
            : try await Self.set(.onBreak, reason: nil, name, on: node, requested: requested, force: force, by: by, since: start)
        if !names.isEmpty {
            outcome.actual["queues"] = .texts(joined)
            outcome.applied = outcome.applied && joined.count == names.count
        }
        return outcome
    }

    /// - Returns: whether the agent is in the queue, as FreeSWITCH tells it afterwards.
    private static func join(_ queue: QueueName, _ agent: AgentName, on node: any CommandNode, by: Principal) async throws(CommandError) -> Bool {
        do {
            _ = try await node.run(.addTier(queue, agent, level: 1, position: 1))
        } catch {
            guard error.code == .tierExists else { throw error }
        }
        guard let row = try await node.tier(queue: queue, agent: agent) else { return false }
        await node.apply(.tierSet(row), by: by)
        return true
    }

    func cancelPending(agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let (name, node) = try self.roster.find(agent)
        guard let record = await node.record(of: name.text) else { throw .unknownAgent(agent) }
        await node.cancelPending(agent: name.text)
        return CommandOutcome(
            requested: ["pending": .null], reply: "", actual: Self.actual(record), applied: true,
            tookMilliseconds: CommandOutcome.milliseconds(since: start))
    }

    // MARK: reasons

    func reasons() async -> ReasonList { await self.catalogue.current() }

    func setReasons(_ list: ReasonList, by: Principal) async throws(CommandError) { try await self.catalogue.set(list, by: by) }

    // MARK: status

    private func set(
        _ status: AgentStatus, reason: String?, force: Bool, agent: String, by: Principal
    ) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let (name, node) = try self.roster.find(agent)
        let reason = try await self.catalogue.checked(reason)
        return try await Self.set(status, reason: reason, name, on: node, requested: [:], force: force, by: by, since: start)
    }

    private static func set(
        _ status: AgentStatus, reason: String?, _ name: AgentName, on node: any CommandNode, requested: [String: CommandValue], force: Bool,
        by: Principal, since start: ContinuousClock.Instant
    ) async throws(CommandError) -> CommandOutcome {
        var requested = requested
        requested["status"] = .text(status.text)
        if let reason { requested["reason"] = .text(reason) }
        let change = PendingChange(status: status, reason: reason, by: by.name, since: await node.now())
        if let kept = try await node.hold(change, agent: name.text, isForced: force) { return self.pending(kept, requested, since: start) }
        let (reply, row) = try await node.set(status, reason: reason, by: by.name, name)
        return self.outcome(requested, reply, row, applied: row.status == status, since: start)
    }

    private static func makeReady(
        _ name: AgentName, on node: any CommandNode, requested: [String: CommandValue], force: Bool, by: Principal,
        since start: ContinuousClock.Instant
    ) async throws(CommandError) -> CommandOutcome {
        var requested = requested
        requested["status"] = .text(AgentStatus.available.text)
        requested["state"] = .text(AgentState.waiting.text)
        let change = PendingChange(status: .available, state: .waiting, by: by.name, since: await node.now())
        if let kept = try await node.hold(change, agent: name.text, isForced: force) { return self.pending(kept, requested, since: start) }
        var (reply, row) = try await node.makeReady(name, by: by.name)
        if row.status == .available, row.isBusy {
            // The switch will set the state itself: that is neither done nor refused.
            if let kept = await node.holdState(change, agent: name.text, as: row) {
                return self.pending(kept, requested, reply: reply, since: start)
            }
            row = try await node.existing(name)
        }
        let isReady = row.status == .available && row.state == .waiting ? !(await node.isHeldBack(row)) : false
        return self.outcome(requested, reply, row, applied: isReady, since: start)
    }

    // MARK: answers

    private static func outcome(
        _ requested: [String: CommandValue], _ reply: String, _ row: AgentRow, applied: Bool, since start: ContinuousClock.Instant
    ) -> CommandOutcome {
        CommandOutcome(
            requested: requested, reply: reply, actual: ["status": .text(row.status.text), "state": .text(row.state.text)], applied: applied,
            tookMilliseconds: CommandOutcome.milliseconds(since: start))
    }

    /// What is actual is what the node's events told.
    /// - Parameter reply: FreeSWITCH's, where a part was sent.
    static func pending(
        _ record: AgentRecord, _ requested: [String: CommandValue], reply: String = "", since start: ContinuousClock.Instant
    ) -> CommandOutcome {
        CommandOutcome(
            requested: requested, reply: reply, actual: self.actual(record), applied: false,
            tookMilliseconds: CommandOutcome.milliseconds(since: start), pending: record.pending)
    }

    private static func actual(_ record: AgentRecord) -> [String: CommandValue] {
        ["status": .text(record.status.text), "state": .text(record.state.text)]
    }
}
