import CallCenter
import ScreenPop

/// After-call work, longer or shorter than FreeSWITCH would have it.
extension AgentCommands {
    /// FreeSWITCH has no other word for it than `ready_time`: nothing is offered before.
    func extendWrapUp(seconds: Int, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let (name, node) = try self.roster.find(agent)
        guard (1...WrapUp.longestSeconds).contains(seconds) else {
            throw CommandError(.invalidValue, "seconds must be between 1 and \(WrapUp.longestSeconds)")
        }
        _ = try await node.existing(name)
        guard let wrapUp = await node.extendedWrapUp(agent: name.text, by: seconds) else {
            throw CommandError(.wrongState, "\(agent) has a call of a queue; wrap-up begins when it is over")
        }
        // The last second may be a rounded one.
        guard wrapUp.until.microseconds - wrapUp.since.microseconds <= Int64(WrapUp.longestSeconds + 1) * 1_000_000 else {
            throw CommandError(.invalidValue, "a wrap-up lasts at most \(WrapUp.longestSeconds) seconds in all")
        }
        let readyTime = wrapUp.until.microseconds / 1_000_000
        let reply = try await node.run(.setNumber(name, .readyTime, Int(readyTime)))
        let row = try await node.existing(name)
        let isApplied = row.readyTime == readyTime
        if isApplied { await node.setWrapUp(wrapUp, agent: name.text) }
        return CommandOutcome(
            requested: ["seconds": .number(seconds), "wrapUpUntil": .text(wrapUp.until.rfc3339)], reply: reply,
            actual: ["wrapUpUntil": Timestamp(seconds: row.readyTime).map { .text($0.rfc3339) } ?? .null], applied: isApplied,
            tookMilliseconds: CommandOutcome.milliseconds(since: start))
    }

    /// Takes back an extension, and where `wrap_up_time` is what holds the agent, sets that to 0 until it would have been over.
    func endWrapUp(agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let (name, node) = try self.roster.find(agent)
        var row = try await node.existing(name)
        let record = await node.record(of: name.text)
        var reply = ""
        if record?.wrapUp?.isExtended == true { reply = try await node.run(.setNumber(name, .readyTime, 0)) }
        if let end = row.wrapUpEnd, end >= (await node.now()) {
            await node.rememberWrapUpTime(EndedWrapUp(wrapUpTime: row.wrapUpTime, until: end), agent: name.text)
            reply = try await node.run(.setNumber(name, .wrapUpTime, 0))
        }
        if !reply.isEmpty { row = try await node.existing(name) }
        let now = await node.now()
        let end = [row.wrapUpEnd, record?.wrapUp?.isExtended == true ? Timestamp(seconds: row.readyTime) : nil].compactMap { $0 }.max()
        let isOver = end.map { $0 <= now } ?? true
        if isOver { await node.clearWrapUp(agent: name.text) }
        return CommandOutcome(
            requested: ["wrapUpUntil": .null], reply: reply, actual: ["wrapUpUntil": isOver ? .null : .text(end?.rfc3339 ?? "")], applied: isOver,
            tookMilliseconds: CommandOutcome.milliseconds(since: start))
    }
}

extension AgentRow {
    /// The first second in which mod_callcenter offers again: it compares `last_bridge_end` with what is less than `wrap_up_time` ago.
    /// `nil`: nothing holds the agent.
    var wrapUpEnd: Timestamp? {
        guard self.wrapUpTime > 0, self.lastBridgeEnd > 0 else { return nil }
        return Timestamp(seconds: self.lastBridgeEnd)?.adding(seconds: self.wrapUpTime).adding(seconds: 1)
    }
}
