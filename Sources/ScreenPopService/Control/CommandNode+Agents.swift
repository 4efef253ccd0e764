import CallCenter
import ScreenPop

/// What commands and kept changes do to an agent, each read back.
extension CommandNode {
    func set(
        _ status: AgentStatus, reason: String?, by: String, _ name: AgentName
    ) async throws(CommandError) -> (reply: String, row: AgentRow) {
        let reply = try await self.send(status, reason: reason, by: by, name)
        return (reply, try await self.existing(name))
    }

    /// Status Available and state Waiting, verified. An agent in a call gets the status alone: the switch sets the state to Waiting when the call
    /// is over, and doing it now would bring a second call.
    func makeReady(_ name: AgentName, by: String) async throws(CommandError) -> (reply: String, row: AgentRow) {
        var reply = try await self.send(.available, reason: nil, by: by, name)
        var row = try await self.existing(name)
        switch row.state {
        case .idle, .other:
            reply = try await self.run(.setState(name, .waiting))
            row = try await self.existing(name)
        case .receiving:
            // mod_callcenter has forgotten it there and would never offer again.
            guard await self.isReceivingNothing(agent: name.text) else { break }
            reply = try await self.run(.setState(name, .waiting))
            row = try await self.existing(name)
        case .waiting, .inAQueueCall, .reserved: break
        }
        if await self.isHeldBack(row) {
            // A rejected call's delay, say: nothing would be offered before, and nobody who says that he is ready means that.
            reply = try await self.run(.setNumber(name, .readyTime, 0))
            row = try await self.existing(name)
            await self.apply(.agentSettings(row), .screenpop(by: by))
        }
        return (reply, row)
    }

    /// Whether `ready_time` keeps calls from the agent. A wrap-up that was made longer is another matter: that is ended, or waited for.
    func isHeldBack(_ row: AgentRow) async -> Bool {
        guard let time = Timestamp(seconds: row.readyTime), time > (await self.now()) else { return false }
        return await self.record(of: row.name)?.wrapUp?.isExtended != true
    }

    private func send(_ status: AgentStatus, reason: String?, by: String, _ name: AgentName) async throws(CommandError) -> String {
        // Before the command, whose event may be here before its reply.
        await self.setReason(reason, by: by, agent: name.text, status: status)
        do {
            return try await self.run(.setStatus(name, status))
        } catch {
            await self.setReason(nil, by: nil, agent: name.text, status: status)
            throw error
        }
    }

    /// Takes the agent's tiers out of queues, those that are still there.
    /// - Returns: the queues that the agent has afterwards.
    func leave(_ queues: [QueueName], by: String, _ name: AgentName) async throws(CommandError) -> (reply: String, remaining: [String]) {
        var reply = ""
        var there = Set(try await self.queues(of: name))
        for queue in queues where there.contains(queue.text) {
            reply = try await self.run(.deleteTier(queue, name))
            there = Set(try await self.queues(of: name))
            guard !there.contains(queue.text) else {
                throw CommandError(.notApplied, "FreeSWITCH said \(reply) and still lists the tier of \(name) in \(queue)")
            }
            await self.apply(.tierRemoved(queue: queue.text, agent: name.text), .screenpop(by: by))
        }
        return (reply, there.sorted())
    }

    /// The queues in which the agent has a tier.
    func queues(of agent: AgentName) async throws(CommandError) -> [String] {
        let text = try await self.run(.listTiers)
        do {
            return try TierRow.rows(in: text).filter { $0.agent == agent.text }.map(\.queue)
        } catch {
            throw CommandError(.refused, "FreeSWITCH's answer cannot be read: \(error)")
        }
    }
}

extension AgentRow {
    /// An offer or a talk is on, after which the switch sets the state by itself.
    var isBusy: Bool {
        switch self.state {
        case .receiving, .inAQueueCall: true
        case .waiting, .idle, .reserved, .other: false
        }
    }
}
