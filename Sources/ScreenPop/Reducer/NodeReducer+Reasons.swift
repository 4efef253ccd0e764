public import CallCenter

// Why an agent has its status: mod_callcenter knows only On Break.
extension NodeReducer {
    /// Call it before the status command is sent: it is shown with the next `agent-status-change` to that status and ends with the one after.
    /// - Parameter by: `nil`: the command failed, and nothing is to be awaited.
    public mutating func setReason(_ reason: String?, by: String?, agent: String, status: AgentStatus) {
        guard var awaited = self.agents[agent]?.awaited else { return }
        if let by {
            awaited.append(Agent.AwaitedReason(status: status, reason: reason, by: by))
        } else if let failed = awaited.lastIndex(where: { $0.status == status }) {
            awaited.remove(at: failed)
        }
        self.agents[agent]?.awaited = awaited.suffix(Self.maximumAwaited)
    }

    /// What nobody ever tells of must not pile up.
    private static var maximumAwaited: Int { 8 }

    /// A status begins, and with it the reason of the one before ends.
    mutating func beginStatus(_ status: AgentStatus, of agent: inout Agent, at: Timestamp?) {
        self.endReason(of: agent, at: at)
        // The first that is told of an agent is no change.
        let isFirst = agent.record.status == .other("")
        agent.record.status = status
        if let index = agent.awaited.firstIndex(where: { $0.status == status }) {
            let awaited = agent.awaited[index]
            agent.awaited.removeSubrange(...index)
            agent.record.reason = awaited.reason
            agent.record.reasonBy = awaited.by
            agent.record.reasonSource = .screenpop
        } else {
            agent.record.reason = nil
            agent.record.reasonBy = nil
            agent.record.reasonSource = isFirst ? nil : .external
        }
        agent.record.reasonSince = agent.record.reasonSource == nil ? nil : at
    }

    private mutating func endReason(of agent: Agent, at: Timestamp?) {
        let record = agent.record
        guard record.reason != nil || record.status == .onBreak, let since = record.reasonSince ?? record.statusChangedAt, let at else { return }
        let period = ReasonPeriod(
            status: record.status, reason: record.reason, by: record.reasonBy, source: record.reasonSource, since: since, until: max(at, since))
        self.touched.reasons.append((record.name, period))
    }

    /// Whether a list tells of another change of status than the one that is known. Lists have whole seconds, and an event comes a moment after
    /// the row was written.
    static func isLater(_ listed: Timestamp?, than known: Timestamp?) -> Bool {
        guard let listed, let known else { return false }
        return listed.seconds > known.seconds + 1
    }
}
