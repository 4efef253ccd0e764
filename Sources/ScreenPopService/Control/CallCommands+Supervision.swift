import CallCenter
import ScreenPop

/// What supervisors do with calls of others.
extension CallCommands {
    func calls() async throws(CommandError) -> [CallRecord] {
        var records: [CallRecord] = []
        for node in try self.nodes() { records += await node.liveCalls }
        return records
    }

    func hangUp(call: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let node = try await self.node(of: call)
        let channel = try Self.channel(call)
        let reply = try await Self.run(.hangUp(channel, .managerRequest), on: node)
        let isGone = await node.settled(within: Self.patience) { !$0.reducer.isAlive(call) }
        if isGone { _ = await node.settled(within: Self.aftermath) { !$0.reducer.isLive(call: call) } }
        return Self.outcome(["call": .text(call)], reply, ["alive": .flag(!isGone)], applied: isGone, since: start)
    }

    func supervise(call: String, mode: SupervisionMode, supervisor: String, by: Principal) async throws(CommandError) -> SupervisionRecord {
        let node = try await self.node(of: call)
        let name = try NodeRoster.agentName(supervisor)
        guard let inHand = await node.callInHand(channel: call), inHand.pop.state == .answered else {
            throw CommandError(.wrongState, "nobody has answered the call")
        }
        guard inHand.pop.agent != name.text else { throw CommandError(.wrongState, "\(supervisor) is on the call himself") }
        let heard = try Self.channel(inHand.agentLeg)
        let phone = try await Self.phone(of: name.text, on: node)
        let id = Self.makeID()
        let record = SupervisionRecord(
            id: id.text, node: node.settings.node, call: call, supervisor: name.text, agent: inHand.pop.agent, mode: mode,
            machine: SupervisionStateMachine(heard: heard.text), by: by.name, createdAt: WallClock.now())
        try await node.begin(record, .supervise(name, phone, heard, mode, id: id, seconds: self.rules.ringSeconds))
        _ = await node.settled(within: Self.patience) { $0.actions.supervisions[id.text]?.machine.state != .requested }
        let begun = await node.supervision(id.text) ?? record
        if begun.outcome == .notAnswered { throw CommandError(.notApplied, "the phone of \(supervisor) was not reached") }
        return begun
    }

    func changeSupervision(call: String, mode: SupervisionMode, supervisor: String, by: Principal) async throws(CommandError) -> SupervisionRecord {
        let (node, record) = try await self.supervision(call: call, supervisor: supervisor)
        guard case .active(let leg) = record.machine.state else { throw CommandError(.wrongState, "\(supervisor) does not hear the call yet") }
        if mode != record.mode {
            _ = try await Self.run(
                .changeSupervision(of: try Self.channel(leg), hearing: try Self.channel(record.machine.heard), mode), on: node)
            await node.setMode(mode, of: record.id)
        }
        return await node.supervision(record.id) ?? record
    }

    func endSupervision(call: String, supervisor: String, by: Principal) async throws(CommandError) {
        let (node, record) = try await self.supervision(call: call, supervisor: supervisor)
        await node.endSupervision(record.id)
        guard await node.settled(within: Self.patience, { $0.actions.supervisions[record.id]?.isOver ?? true }) else {
            throw CommandError(.notApplied, "the phone of \(supervisor) was hung up, and still hears the call")
        }
    }

    private func supervision(call: String, supervisor: String) async throws(CommandError) -> (NodePipeline, SupervisionRecord) {
        for node in try self.nodes() {
            if let record = await node.liveSupervision(call: call, supervisor: supervisor) { return (node, record) }
        }
        throw CommandError(.supervisionNotFound, "\(supervisor) is not on that call")
    }

    private func node(of call: String) async throws(CommandError) -> NodePipeline {
        for node in try self.nodes() where await node.isLive(call: call) { return node }
        throw CommandError(.callNotFound, "there is no such call now")
    }
}
