import CallCenter

/// What is to be done in the switch for something that was kept until now.
public enum DeskAction: Sendable, Equatable {
    /// The status of the change; its queues are another matter.
    case setStatus(agent: String, PendingChange)
    case leave(agent: String, PendingChange)
    /// A wrap-up that was ended early is over now.
    case restoreWrapUpTime(agent: String, seconds: Int)

    var agent: String {
        switch self {
        case .setStatus(let agent, _), .leave(let agent, _), .restoreWrapUpTime(let agent, _): agent
        }
    }
}

// What is kept until an offer or a call is over. mod_callcenter takes an offer back when the status changes meanwhile, and offers again at once.
extension NodeReducer {
    /// The agent as it is known.
    public func record(of agent: String) -> AgentRecord? { self.agents[agent]?.record }

    /// What only ScreenPop knows of the agents: for another reducer that takes this one's place.
    package var keptRecords: [AgentRecord] {
        self.agents.values.map(\.record).filter(\.isKept) + self.kept.values.filter { self.agents[$0.name] == nil }
    }

    /// What an earlier process kept. Called before the first `load`, which holds it against what the switch says.
    package mutating func restore(_ records: [AgentRecord]) {
        for record in records { self.kept[record.name] = record }
    }

    /// Keeps a change for as long as an offer (of a change that leaves queues: a call) is on. A newer one takes the place of an older one of its
    /// kind.
    /// - Parameter isForced: it is to be carried out now, whatever is on.
    /// - Returns: the agent with the change in it; `nil` when it is to be carried out now.
    public mutating func hold(_ change: PendingChange, agent name: String, isForced: Bool, to changes: inout [Change]) -> AgentRecord? {
        guard let agent = self.agents[name] else { return nil }
        let isOn = change.leave.isEmpty ? self.isOffered(agent) : self.isInCall(agent)
        guard isOn, !isForced else {
            self.setPending(change.leave.isEmpty ? agent.record.pending?.withoutStatus : agent.record.pending?.withoutLeave, of: name, to: &changes)
            return nil
        }
        self.setPending(agent.record.pending?.merging(change) ?? change, of: name, to: &changes)
        return self.agents[name]?.record
    }

    /// Keeps what is left of a change that came in the middle of a call, after its status was set: the state, which the switch sets when the call
    /// is over, is looked at then.
    /// - Returns: the agent with the change in it; `nil` when the agent is in no call as far as the events have told.
    public mutating func holdState(_ change: PendingChange, agent name: String, to changes: inout [Change]) -> AgentRecord? {
        guard let agent = self.agents[name], agent.isBusyByState else { return nil }
        self.setPending(agent.record.pending?.merging(change) ?? change, of: name, to: &changes)
        return self.agents[name]?.record
    }

    /// The agent is in state Receiving, and it is known of no offer that would explain it.
    public func isReceivingNothing(agent name: String) -> Bool {
        self.agents[name].map { $0.record.state == .receiving && $0.isListedFree } ?? false
    }

    /// Whether something is kept for the end of an offer that nobody has seen: only a snapshot can tell whether there is one.
    public var doubtsAnOffer: Bool { !self.doubted.isEmpty }

    /// Tells again what was postponed and still stands.
    public mutating func remindOfDue(to changes: inout [Change]) {
        for name in self.agents.keys.sorted() {
            guard let record = self.agents[name]?.record, record.pending != nil || record.endedWrapUp != nil else { continue }
            self.touched.agent(name)
        }
        self.settle(at: self.now, to: &changes)
    }

    /// Forgets what is kept.
    public mutating func cancelPending(agent name: String, to changes: inout [Change]) {
        self.setPending(nil, of: name, to: &changes)
    }

    /// What is to be done now; each is told once, and is to be answered by `finish` or `postpone`.
    public mutating func takeDue() -> [DeskAction] {
        defer { self.due = [] }
        return self.due
    }

    /// Whether it is still to be done: a queue may have offered again meanwhile, or somebody thought better of it. Told again where it is not.
    public mutating func begin(_ action: DeskAction, to changes: inout [Change]) -> Bool {
        if self.isDone(action) {
            self.finish(action, nil, to: &changes)
            return false
        }
        if self.stands(action) { return true }
        self.postpone(action)
        self.touched.agent(action.agent)
        self.settle(at: self.now, to: &changes)
        return false
    }

    private func stands(_ action: DeskAction) -> Bool {
        guard let agent = self.agents[action.agent] else { return false }
        switch action {
        case .setStatus(_, let change): return agent.record.pending?.hasStatus(of: change) == true && !self.isOffered(agent)
        case .leave(_, let change): return agent.record.pending?.leave == change.leave && !self.isInCall(agent)
        case .restoreWrapUpTime(_, let seconds): return agent.record.endedWrapUp?.wrapUpTime == seconds
        }
    }

    /// The switch did by itself what was waited for.
    private func isDone(_ action: DeskAction) -> Bool {
        switch action {
        case .setStatus(let name, let change):
            guard change.state == .waiting, self.stands(action), let record = self.agents[name]?.record else { return false }
            return record.status == change.status && record.state == .waiting && record.reason == change.reason
        case .leave, .restoreWrapUpTime: return false
        }
    }

    /// It was done, or failed for good.
    public mutating func finish(_ action: DeskAction, _ failure: PendingFailure?, to changes: inout [Change]) {
        self.postpone(action)
        switch action {
        case .setStatus(let name, let change):
            guard let pending = self.agents[name]?.record.pending, pending.hasStatus(of: change) else { return }
            self.setPending(pending.withoutStatus, of: name, failure, to: &changes)
        case .leave(let name, let change):
            guard let pending = self.agents[name]?.record.pending, pending.leave == change.leave else { return }
            self.setPending(pending.withoutLeave, of: name, failure, to: &changes)
        case .restoreWrapUpTime(let name, _):
            self.noteWhileReading { $0.agents.insert(name) }
            self.agents[name]?.record.endedWrapUp = nil
            self.agents[name]?.isRestoreDue = false
            self.touched.agent(name)
            self.settle(at: self.now, to: &changes)
        }
    }

    /// It could not be done now, and is told again with the next that is heard of the agent.
    public mutating func postpone(_ action: DeskAction) {
        switch action {
        case .setStatus(let name, _): self.agents[name]?.isStatusUnderWay = false
        case .leave(let name, _): self.agents[name]?.isLeaveUnderWay = false
        case .restoreWrapUpTime(let name, _): self.agents[name]?.isRestoreUnderWay = false
        }
    }

    private mutating func setPending(_ pending: PendingChange?, of name: String, _ failure: PendingFailure? = nil, to changes: inout [Change]) {
        guard let agent = self.agents[name], agent.record.pending != pending else { return }
        self.agents[name]?.record.pending = pending
        changes.append(.pending(agent: name, pending, failure))
        self.touched.agent(name)
        self.settle(at: self.now, to: &changes)
    }

    /// Somebody set another status, and not by ScreenPop: what was asked for before that does not undo it.
    /// - Parameter time: when; `nil`: nobody knows.
    mutating func dropPendingStatus(of agent: inout Agent, for status: AgentStatus, setAt time: Timestamp?) {
        guard let pending = agent.record.pending, let kept = pending.status, kept != status, agent.record.status != .other(""),
            !agent.awaited.contains(where: { $0.status == status })
        else { return }
        // Set before that was asked for, and told late. What was asked for long after now was so by a clock that was set since.
        if let time, time < pending.since, pending.since <= self.now.adding(seconds: Self.silenceSeconds) { return }
        agent.record.pending = pending.withoutStatus
        let failure = PendingFailure(code: "superseded", message: "somebody set the status to \(status.text) meanwhile, and not by ScreenPop")
        self.touched.dropped.append((agent.record.name, agent.record.pending, failure))
    }

    /// The agent was heard of: is what is kept to be done now?
    mutating func noteDue(_ agent: inout Agent, _ live: [Pop]) {
        let name = agent.record.name
        self.doubted.remove(name)
        if let pending = agent.record.pending {
            let isSettled = Self.isSettled(agent, for: pending)
            if agent.record.state == .receiving, !agent.isCallOver, !agent.isListedFree, !live.contains(where: { $0.kind == .queue }) {
                self.doubted.insert(name)
            }
            if pending.status != nil, !agent.isStatusUnderWay, isSettled, !Self.isOffered(agent, live) {
                agent.isStatusUnderWay = true
                self.due.append(.setStatus(agent: name, pending))
            }
            if !pending.leave.isEmpty, !agent.isLeaveUnderWay, !Self.isInCall(agent, live) {
                agent.isLeaveUnderWay = true
                self.due.append(.leave(agent: name, pending))
            }
        }
        if let ended = agent.record.endedWrapUp, !agent.isRestoreUnderWay,
            agent.isRestoreDue || ended.until <= self.now || live.contains(where: { $0.kind == .queue && $0.state == .answered })
        {
            agent.isRestoreUnderWay = true
            self.due.append(.restoreWrapUpTime(agent: name, seconds: ended.wrapUpTime))
        }
    }

    /// mod_callcenter sets the state when the offer or the talk is over: what is to come out as Waiting waits for that.
    private static func isSettled(_ agent: Agent, for pending: PendingChange) -> Bool {
        if pending.state == nil || agent.isListedFree { return true }
        switch agent.record.state {
        case .receiving: return false
        // The status alone may be set in a talk.
        case .inAQueueCall: return agent.record.status != pending.status
        case .waiting, .idle, .reserved, .other: return true
        }
    }

    private func live(_ agent: Agent) -> [Pop] { agent.pops.compactMap { self.pops[$0]?.pop } }
    private func isOffered(_ agent: Agent) -> Bool { Self.isOffered(agent, self.live(agent)) }
    func isInCall(_ agent: Agent) -> Bool { Self.isInCall(agent, self.live(agent)) }

    /// Whether a queue's call is offered: mod_callcenter has nothing to do with others.
    private static func isOffered(_ agent: Agent, _ live: [Pop]) -> Bool {
        if agent.isListedFree { return false }
        return live.contains { $0.kind == .queue && $0.state == .offered } || (agent.record.state == .receiving && !agent.isCallOver)
    }

    private static func isInCall(_ agent: Agent, _ live: [Pop]) -> Bool {
        if agent.isListedFree { return false }
        if live.contains(where: { $0.kind == .queue && $0.state != .ended }) { return true }
        switch agent.record.state {
        case .receiving, .inAQueueCall: return !agent.isCallOver
        case .waiting, .idle, .reserved, .other: return false
        }
    }

    /// The first row of an agent of which an earlier process knew something.
    mutating func adoptKept(_ name: String) {
        guard let kept = self.kept.removeValue(forKey: name), var agent = self.agents[name] else { return }
        // Unless an event told of a status already.
        if agent.record.status == .other("") {
            agent.record.status = kept.status
            agent.record.statusChangedAt = kept.statusChangedAt
            agent.record.reason = kept.reason
            agent.record.reasonBy = kept.reasonBy
            agent.record.reasonSince = kept.reasonSince
            agent.record.reasonSource = kept.reasonSource
        }
        if agent.record.pending == nil {
            agent.record.pending = kept.pending
            // The event that told of it.
            if agent.record.status != kept.status || Self.isLater(agent.record.statusChangedAt, than: kept.statusChangedAt) {
                self.dropPendingStatus(of: &agent, for: agent.record.status, setAt: agent.record.statusChangedAt)
            }
        }
        if agent.record.wrapUp == nil { agent.record.wrapUp = kept.wrapUp }
        if agent.record.endedWrapUp == nil, let ended = kept.endedWrapUp {
            agent.record.endedWrapUp = ended
            agent.record.wrapUpTime = ended.wrapUpTime
        }
        self.agents[name] = agent
    }
}
