public import CallCenter

// After-call work. mod_callcenter offers an agent nothing while `last_bridge_end` plus `wrap_up_time` is not past, or `ready_time` is to come; no
// event tells of either.
extension NodeReducer {
    /// A talk is over.
    mutating func beginWrapUp(of agent: inout Agent, at: Timestamp) {
        agent.talkEndedAt = at
        guard agent.record.wrapUpTime > 0 else { return }
        var wrapUp = WrapUp(since: at, until: at.adding(seconds: agent.record.wrapUpTime))
        // `ready_time` stays when a call comes in spite of it.
        if let known = agent.record.wrapUp, known.isExtended, known.until > wrapUp.until {
            wrapUp.until = known.until
            wrapUp.isExtended = true
        }
        agent.record.wrapUp = wrapUp
        self.wakeForWrapUp(at: wrapUp.until)
    }

    /// What a list row says of it, whatever the status was meanwhile.
    mutating func takeWrapUp(_ row: AgentRow, of agent: inout Agent) {
        if let ended = agent.record.endedWrapUp, row.wrapUpTime == 0 || row.wrapUpTime == ended.wrapUpTime {
            // The 0 is ours, and the other was read before it was set.
        } else {
            agent.record.endedWrapUp = nil
            agent.isRestoreDue = false
            agent.record.wrapUpTime = row.wrapUpTime
        }
        let known = agent.record.wrapUp
        let ended = [agent.talkEndedAt, Timestamp(seconds: row.lastBridgeEnd)].compactMap { $0 }.max()
        var wrapUp = row.wrapUpTime > 0 ? ended.map { WrapUp(since: $0, until: $0.adding(seconds: row.wrapUpTime)) } : nil
        if let known, known.isExtended, row.readyTime >= known.until.seconds, known.until > wrapUp?.until ?? known.since { wrapUp = known }
        agent.record.wrapUp = wrapUp.flatMap { $0.until > self.now ? $0 : nil }
        if let until = agent.record.wrapUp?.until { self.wakeForWrapUp(at: until) }
        if let until = agent.record.endedWrapUp?.until { self.wakeForWrapUp(at: until) }
    }

    /// mod_callcenter offers nothing before.
    mutating func holdBack(_ agent: inout Agent, until time: Timestamp?) {
        agent.record.readyTime = time
        agent.isHeldBack = time.map { $0 > self.now } ?? false
        if let time, agent.isHeldBack { self.wakeForWrapUp(at: time) }
    }

    /// An offer failed: mod_callcenter makes the agent wait, and tells nobody.
    mutating func delayNextOffer(to name: String, cause: String, at: Timestamp) {
        guard var agent = self.agents[name] else { return }
        let delay =
            switch cause {
            // Another agent was faster, or the caller is gone.
            case "LOSE_RACE", "ORIGINATOR_CANCEL": 0
            case "CALL_REJECTED": agent.record.rejectDelayTime
            case "USER_BUSY", "NORMAL_CIRCUIT_CONGESTION": agent.record.busyDelayTime
            case "USER_NOT_REGISTERED": 5
            default: agent.record.noAnswerDelayTime
            }
        guard delay > 0, let second = Timestamp(seconds: at.seconds) else { return }
        self.noteWhileReading { $0.agents.insert(name) }
        self.holdBack(&agent, until: second.adding(seconds: delay))
        self.agents[name] = agent
        self.touched.agent(name)
    }

    /// What an extension by so many seconds comes to, in whole seconds because `ready_time` has no others; one begins where none is on.
    /// `nil` while the agent has a call of a queue.
    public func extendedWrapUp(agent name: String, by seconds: Int, at time: Timestamp) -> WrapUp? {
        guard let agent = self.agents[name], !self.isInCall(agent) else { return nil }
        let known = agent.record.wrapUp.flatMap { $0.until > time ? $0 : nil }
        let until = (known?.until ?? time).adding(seconds: seconds)
        return WrapUp(since: known?.since ?? time, until: until.roundedUpToSecond, isExtended: true)
    }

    /// FreeSWITCH has it as `ready_time`.
    public mutating func setWrapUp(_ wrapUp: WrapUp, agent name: String, to changes: inout [Change]) {
        self.noteWhileReading { $0.agents.insert(name) }
        self.agents[name]?.record.wrapUp = wrapUp
        self.wakeForWrapUp(at: wrapUp.until)
        self.touched.agent(name)
        self.settle(at: self.now, to: &changes)
    }

    /// To be called before `wrap_up_time` is set to 0, so that it is set again whatever happens.
    public mutating func rememberWrapUpTime(_ ended: EndedWrapUp, agent name: String, to changes: inout [Change]) {
        self.noteWhileReading { $0.agents.insert(name) }
        self.agents[name]?.record.endedWrapUp = ended
        self.wakeForWrapUp(at: ended.until)
        self.touched.agent(name)
        self.settle(at: self.now, to: &changes)
    }

    /// To be called before somebody else sets `wrap_up_time`: from then on it is what he says, and nothing is to be set again.
    /// - Returns: what was remembered, to be remembered again if he fails.
    public mutating func forgetEndedWrapUp(agent name: String, to changes: inout [Change]) -> EndedWrapUp? {
        guard let ended = self.agents[name]?.record.endedWrapUp else { return nil }
        self.noteWhileReading { $0.agents.insert(name) }
        self.agents[name]?.record.endedWrapUp = nil
        self.agents[name]?.isRestoreDue = false
        self.touched.agent(name)
        self.settle(at: self.now, to: &changes)
        return ended
    }

    /// It was ended in FreeSWITCH.
    public mutating func clearWrapUp(agent name: String, to changes: inout [Change]) {
        // An extension was the time before which no call comes.
        if self.agents[name]?.record.wrapUp?.isExtended == true {
            self.agents[name]?.record.readyTime = nil
            self.agents[name]?.isHeldBack = false
        }
        self.agents[name]?.record.wrapUp = nil
        self.touched.agent(name)
        self.settle(at: self.now, to: &changes)
    }

    /// The switch's time has come so far, whether or not an event said so. Nothing else falls due by it: what an event is to tell may be on its way.
    public mutating func endWrapUps(at time: Timestamp, to changes: inout [Change]) {
        self.endWrapUps(at: time)
        self.settle(at: self.now, to: &changes)
    }

    mutating func endWrapUps(at time: Timestamp) {
        guard let end = self.nextWrapUpEnd, end <= time else { return }
        self.nextWrapUpEnd = nil
        for name in self.agents.keys.sorted() {
            guard let record = self.agents[name]?.record else { continue }
            if let until = record.wrapUp?.until {
                if until <= time {
                    self.agents[name]?.record.wrapUp = nil
                    self.touched.agent(name)
                } else {
                    self.wakeForWrapUp(at: until)
                }
            }
            if self.agents[name]?.isHeldBack == true, let until = record.readyTime {
                if until <= time {
                    self.agents[name]?.isHeldBack = false
                    self.touched.agent(name)
                } else {
                    self.wakeForWrapUp(at: until)
                }
            }
            if let until = record.endedWrapUp?.until {
                if until <= time {
                    self.agents[name]?.isRestoreDue = true
                    self.touched.agent(name)
                } else {
                    self.wakeForWrapUp(at: until)
                }
            }
        }
    }

    /// Setting `wrap_up_time` again failed: once more at that time.
    public mutating func retryRestoring(agent name: String, at time: Timestamp) {
        guard self.agents[name]?.record.endedWrapUp != nil else { return }
        self.agents[name]?.isRestoreUnderWay = false
        self.wakeForWrapUp(at: time)
    }

    private mutating func wakeForWrapUp(at time: Timestamp) {
        self.nextWrapUpEnd = min(self.nextWrapUpEnd ?? time, time)
        self.wake(at: time)
    }
}

extension Timestamp {
    var roundedUpToSecond: Timestamp {
        let rest = self.microseconds % 1_000_000
        return rest == 0 ? self : self.adding(microseconds: 1_000_000 - rest)
    }
}
