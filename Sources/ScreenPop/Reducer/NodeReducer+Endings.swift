import CallCenter

// How pops end, and why.
extension NodeReducer {
    /// How long an event that tells the end may be overdue before what is known has to do.
    static let graceSeconds = 1
    /// How long a leg that was hung up may lack its CHANNEL_DESTROY.
    static let sweepSeconds = 60

    struct Verdict {
        var reason: Pop.EndReason
        var by: Pop.Party?
        var transferredTo: String?

        init(_ reason: Pop.EndReason, _ by: Pop.Party?, transferredTo: String? = nil) {
            self.reason = reason
            self.by = by
            self.transferredTo = transferredTo
        }
    }

    // MARK: time

    /// The time of an event: what fell due before it is done now.
    mutating func advance(to time: Timestamp) {
        guard time > self.now else { return }
        self.now = time
        guard let due = self.nextDue, due <= time else { return }
        self.nextDue = nil
        let overdue = self.sortedPops().filter { ($0.overdueAt ?? time.adding(seconds: 1)) <= time }
        for live in overdue {
            // It ended when its leg did, not when we stopped waiting to be told.
            let hangup = live.pop.agentCallUUID.flatMap { self.channels[$0]?.hangup?.stamp.at } ?? live.lastFailure?.stamp.at
            self.conclude(live.pop.id, at: hangup ?? live.overdueAt ?? time, isByGrace: true)
        }
        self.endWrapUps(at: time)
        if let sweep = self.nextSweep, sweep <= time { self.sweepChannels(at: time) }
        for live in self.pops.values { if let due = live.overdueAt { self.wake(at: due) } }
        if let sweep = self.nextSweep { self.wake(at: sweep) }
    }

    mutating func wake(at time: Timestamp) {
        self.nextDue = min(self.nextDue ?? time, time)
    }

    mutating func sweep(after time: Timestamp) {
        guard self.nextSweep == nil else { return }
        let due = time.adding(seconds: Self.sweepSeconds)
        self.nextSweep = due
        self.wake(at: due)
    }

    private mutating func sweepChannels(at time: Timestamp) {
        self.nextSweep = nil
        let ended = self.channels.values.filter { $0.hangup != nil }.sorted { $0.uuid < $1.uuid }
        for channel in ended {
            guard let hangup = channel.hangup else { continue }
            if hangup.stamp.at.adding(seconds: Self.sweepSeconds) <= time {
                self.drop(channel: channel.uuid, at: time)
            } else {
                self.sweep(after: hangup.stamp.at)
            }
        }
    }

    // MARK: evidence

    /// A leg changed: does that end a pop?
    mutating func evaluate(_ leg: String, at: Timestamp) {
        for id in self.legPops[leg] ?? [] {
            // Joined with somebody else already when the other side left: the agent talks on.
            if let live = self.pops[id], live.party == leg, self.isGone(leg), let own = live.pop.agentCallUUID.flatMap({ self.channels[$0] }),
                own.hangup == nil, let peer = own.peer, peer != leg, self.channels[peer] != nil, !self.isGone(peer)
            {
                self.takeOver(id, party: peer)
                continue
            }
            guard let live = self.pops[id] else { continue }
            switch live.pop.state {
            case .offered: self.evaluateOffered(id, leg: leg, at: at)
            case .answered:
                if let verdict = self.verdict(of: live, isFinal: false) {
                    self.end(id, verdict, at: at)
                } else if self.channels[live.pop.agentCallUUID ?? ""]?.hangup?.isComplete == true {
                    self.setOverdue(id, from: at)
                }
            case .ended: break
            }
        }
    }

    private mutating func evaluateOffered(_ id: String, leg: String, at: Timestamp) {
        guard let hangup = self.channels[leg]?.hangup, let live = self.pops[id] else { return }
        if live.pop.kind == .outbound {
            // A failed attempt of the dialplan is not the end: the agent's own leg is.
            guard leg == live.pop.agentCallUUID, hangup.isComplete else { return }
            self.conclude(id, at: at)
            return
        }
        guard live.ringing.contains(leg) else { return }
        self.pops[id]?.ringing.removeAll { $0 == leg }
        self.pops[id]?.lastFailure = hangup
        guard self.pops[id]?.ringing.isEmpty == true else { return }
        switch live.pop.kind {
        case .direct: self.conclude(id, at: at)
        // The contact may name another phone, or call this one again: while the agent is Receiving mod_callcenter has not given up, and
        // bridge-agent-fail or the change to Waiting follows.
        case .queue: if self.agents[live.pop.agent]?.record.state != .receiving { self.setOverdue(id, from: at) }
        case .outbound: self.setOverdue(id, from: at)
        }
    }

    mutating func setOverdue(_ id: String, from time: Timestamp) {
        guard self.pops[id]?.overdueAt == nil else { return }
        let due = time.adding(seconds: Self.graceSeconds)
        self.pops[id]?.overdueAt = due
        self.wake(at: due)
    }

    /// mod_callcenter has done with the agent. Some outcomes have no other event.
    mutating func endWhatTheStateDenies(_ name: String, _ stamp: Stamp) {
        for id in self.agents[name]?.pops ?? [] {
            guard let live = self.pops[id], live.pop.kind == .queue, live.offering.map({ $0 < stamp }) ?? (live.pop.offeredAt <= stamp.at) else {
                continue
            }
            // Whoever sets a state by hand does not end a call.
            let legs = live.pop.state == .answered ? [live.pop.agentCallUUID].compactMap { $0 } : live.ringing
            guard !legs.contains(where: { self.channels[$0] != nil && self.channels[$0]?.hangup == nil }) else { continue }
            self.setOverdue(id, from: stamp.at)
        }
    }

    /// Ends a pop with what is known.
    /// - Parameter isByGrace: no event told the end.
    mutating func conclude(_ id: String, at: Timestamp, isByGrace: Bool = false) {
        guard let live = self.pops[id], live.pop.state != .ended else { return }
        // What is told of such an offer afterwards is news.
        self.pops[id]?.isForgotten = isByGrace && live.pop.state == .offered
        self.end(id, self.verdict(of: live, isFinal: true) ?? Verdict(.lostTrack, nil), at: at)
    }

    private func verdict(of live: LivePop, isFinal: Bool) -> Verdict? {
        switch (live.pop.state, live.pop.kind) {
        case (.answered, _): self.verdict(ofAnswered: live, isFinal: isFinal)
        case (.offered, .queue): self.verdict(ofOffer: live)
        case (.offered, .direct): self.verdict(ofDirect: live)
        case (.offered, .outbound): self.verdict(ofDialling: live)
        case (.ended, _): nil
        }
    }

    private func verdict(ofAnswered live: LivePop, isFinal: Bool) -> Verdict? {
        let party = live.party.flatMap { self.channels[$0] }
        let agent = live.pop.agentCallUUID.flatMap { self.channels[$0] }
        if let hangup = agent?.hangup, hangup.isTransfer {
            // Where to stands in the next event of the other side's leg.
            if !isFinal, hangup.isBlindTransfer, let party, party.hangup == nil, party.transferTarget == nil { return nil }
            return Verdict(.transferred, .agent, transferredTo: party?.transferTarget)
        }
        if let party, party.movedOn, party.hangup == nil || (agent?.hangup.map { $0.stamp < party.hangup?.stamp ?? $0.stamp } ?? false) {
            // While the agent is still on the line it may be a consultation.
            guard isFinal || agent?.hangup != nil else { return nil }
            return Verdict(.transferred, nil, transferredTo: party.transferTarget)
        }
        let endedFor = [agent, party].compactMap { $0?.hangup == nil ? nil : $0?.endedFor }.first
        if let endedFor, isFinal || live.pop.kind != .queue {
            return endedFor == live.pop.agent ? Verdict(.completedAgent, .agent) : Verdict(.completedCaller, .caller)
        }
        if !isFinal, self.isHandedOver(live) { return nil }
        switch (party?.hangup, agent?.hangup) {
        case (let party?, let agent): return self.verdict(partyEnded: party, agent: agent, isFinal: isFinal)
        case (nil, let agent?):
            guard isFinal || (agent.isByItself && live.pop.kind != .queue) else { return nil }
            if agent.isByItself { return Verdict(.completedAgent, .agent) }
            // The switch took the agent out and the caller lives on: that is a transfer, whoever asked for it.
            if party != nil { return Verdict(.transferred, nil, transferredTo: party?.transferTarget) }
            // What answered the agent was no leg: the dialplan itself, which is done.
            let isByPlan = live.pop.kind == .outbound && live.party == nil
            return Verdict(.completedCaller, agent.isBySwitch || isByPlan ? .switch : nil)
        case (nil, nil):
            guard isFinal else { return nil }
            // An agent on a standing leg keeps it when the caller moves on.
            return party == nil ? nil : Verdict(.transferred, nil, transferredTo: party?.transferTarget)
        }
    }

    /// The other side left by an attended transfer while the agent is on the line: somebody else is about to be joined with the agent.
    func isHandedOver(_ live: LivePop) -> Bool {
        guard live.pop.state == .answered, let leg = live.pop.agentCallUUID.flatMap({ self.channels[$0] }), leg.hangup == nil,
            let party = live.party.flatMap({ self.channels[$0] }), let hangup = party.hangup
        else { return false }
        return hangup.isTransfer || party.handsOver
    }

    private func verdict(partyEnded party: Channel.Hangup, agent: Channel.Hangup?, isFinal: Bool) -> Verdict? {
        if party.isByItself, agent?.isByItself != true { return Verdict(.completedCaller, .caller) }
        if let agent, agent.isByItself, !party.isByItself { return Verdict(.completedAgent, .agent) }
        guard let agent else { return isFinal ? Verdict(.completedCaller, party.isBySwitch ? .switch : .caller) : nil }
        // Neither said BYE, or both did at once: the leg that was hung up first ended the call.
        guard isFinal || (party.isComplete && agent.isComplete) else { return nil }
        if agent.stamp < party.stamp { return Verdict(.completedAgent, agent.isBySwitch ? .switch : .agent) }
        return Verdict(.completedCaller, party.isBySwitch ? .switch : .caller)
    }

    private func verdict(ofOffer live: LivePop) -> Verdict? {
        if let failure = live.lastFailure?.cause { return self.verdict(failure: failure, of: live.pop) }
        if let member = live.pop.memberUUID.flatMap({ self.members[$0]?.record }), member.state == .answered, member.servingAgent != live.pop.agent {
            return Verdict(.answeredElsewhere, .switch)
        }
        if let call = live.pop.callUUID, self.isGone(call) { return self.abandoned(call) }
        return nil
    }

    func abandoned(_ call: String) -> Verdict {
        Verdict(.callerAbandoned, self.channels[call]?.hangup?.isBySwitch == true ? .switch : .caller)
    }

    /// Why an agent's leg failed, in the light of what became of the caller.
    func verdict(failure cause: String, of pop: Pop) -> Verdict {
        switch cause {
        case "ORIGINATOR_CANCEL", "MANAGER_REQUEST", "NORMAL_CLEARING", "SYSTEM_SHUTDOWN", "":
            if let call = pop.callUUID, self.isGone(call) { return self.abandoned(call) }
            if let member = pop.memberUUID.flatMap({ self.members[$0]?.record }), member.state == .answered, member.servingAgent != pop.agent {
                return Verdict(.answeredElsewhere, .switch)
            }
            if pop.kind == .direct { return cause == "ORIGINATOR_CANCEL" ? Verdict(.callerAbandoned, .caller) : Verdict(.offerCancelled, .switch) }
            // No phone answers like that: the leg was taken back.
            return cause == "" ? Verdict(.failed, .switch) : Verdict(.offerCancelled, .switch)
        default: return Self.verdict(cause: cause)
        }
    }

    static func verdict(cause: String) -> Verdict {
        switch cause {
        case "LOSE_RACE", "PICKED_OFF": Verdict(.answeredElsewhere, .switch)
        case "NO_ANSWER", "ALLOTTED_TIMEOUT", "NO_USER_RESPONSE", "PROGRESS_TIMEOUT", "RECOVERY_ON_TIMER_EXPIRE": Verdict(.noAnswer, .switch)
        case "USER_BUSY": Verdict(.busy, .agent)
        case "CALL_REJECTED": Verdict(.rejected, .agent)
        case "USER_NOT_REGISTERED", "SUBSCRIBER_ABSENT": Verdict(.notRegistered, .switch)
        default: Verdict(.failed, .switch)
        }
    }

    // MARK: the end

    mutating func end(_ id: String, _ verdict: Verdict, at: Timestamp) {
        self.end(id, verdict.reason, by: verdict.by, transferredTo: verdict.transferredTo, at: at)
    }

    mutating func end(_ id: String, _ reason: Pop.EndReason, by: Pop.Party?, transferredTo: String? = nil, at: Timestamp) {
        guard var live = self.pops[id], live.pop.state != .ended else { return }
        let wasAnswered = live.pop.state == .answered
        let pop = live.pop
        live.pop.state = .ended
        live.pop.endReason = reason
        live.pop.endedBy = by
        live.pop.endedAt = max(at, pop.answeredAt ?? pop.offeredAt)
        live.pop.heldAt = nil
        live.pop.transferredTo = transferredTo
        live.overdueAt = nil
        self.pops[id] = live
        self.touched.pop(id)
        self.endedPops.insert(id)
        if !live.isForgotten { self.remember(live.pop) }
        self.account(live, wasAnswered: wasAnswered)
        if let call = pop.callUUID { self.record(live.pop, call: call, wasAnswered: wasAnswered) }
    }

    /// What the end means for the agent and the member.
    private mutating func account(_ live: LivePop, wasAnswered: Bool) {
        let pop = live.pop
        guard pop.kind == .queue, let endedAt = pop.endedAt, var agent = self.agents[pop.agent] else { return }
        agent.isCallOver = true
        if wasAnswered {
            agent.record.talkTime.count(endedAt.wholeSeconds(since: pop.bridgedAt ?? pop.answeredAt ?? endedAt))
            self.beginWrapUp(of: &agent, at: endedAt)
        } else if Self.isMissed(live) {
            agent.record.noAnswerCount.count()
        }
        self.agents[pop.agent] = agent
        guard let member = pop.memberUUID, self.members[member] != nil else { return }
        if wasAnswered {
            self.members[member]?.lastEnd = pop.endReason
        } else if let state = self.members[member]?.record.state, state == .trying, !self.isOffered(member, besides: pop.id) {
            self.members[member]?.record.state = .waiting
            self.touched.member(member)
        }
    }

    /// Whether mod_callcenter counts the offer as not answered: whatever it has no other word for.
    private static func isMissed(_ live: LivePop) -> Bool {
        switch live.failure {
        case "LOSE_RACE", "ORIGINATOR_CANCEL", "NORMAL_CIRCUIT_CONGESTION", "USER_BUSY", "CALL_REJECTED", "USER_NOT_REGISTERED": false
        case "", nil: live.pop.endReason == .noAnswer
        default: true
        }
    }

    private func isOffered(_ member: String, besides id: String) -> Bool {
        self.pops.values.contains { $0.pop.memberUUID == member && $0.pop.state == .offered && $0.pop.id != id }
    }

    /// The call goes on with what it has been through: later offers show it.
    private mutating func record(_ pop: Pop, call uuid: String, wasAnswered: Bool) {
        guard let endedAt = pop.endedAt, let reason = pop.endReason else { return }
        let entry = Pop.HistoryEntry(at: endedAt, agent: pop.agent, queue: pop.queue, endReason: reason)
        self.calls[uuid]?.past.append(Call.Past(offeredAt: pop.offeredAt, entry: entry))
        if let count = self.calls[uuid]?.past.count, count > Call.mostPast { self.calls[uuid]?.past.removeFirst() }
        if wasAnswered || self.calls[uuid]?.record.answeredAt == nil {
            self.calls[uuid]?.record.endReason = reason
            self.calls[uuid]?.record.endedBy = pop.endedBy
        }
        self.touched.call(uuid)
        for id in self.calls[uuid]?.livePops ?? [] {
            guard let other = self.pops[id]?.pop, other.state != .ended, other.offeredAt > pop.offeredAt else { continue }
            self.pops[id]?.pop.history.append(entry)
            if other.history.count >= Call.mostPast { self.pops[id]?.pop.history.removeFirst() }
            self.touched.pop(id)
        }
    }

    private mutating func remember(_ pop: Pop) {
        guard let member = pop.memberUUID, let session = pop.callUUID, let endedAt = pop.endedAt else { return }
        if self.pastOffers.count >= Self.pastOfferLimit { self.pastOffers.removeFirst(Self.pastOfferLimit / 4) }
        self.pastOffers.append(
            PastOffer(agent: pop.agent, member: member, session: session, offeredAt: pop.offeredAt, endedAt: endedAt))
    }

    /// A pop that is ended and told: nothing hangs on it any more.
    mutating func release(_ live: LivePop) {
        let id = live.pop.id
        self.agents[live.pop.agent]?.pops.removeAll { $0 == id }
        if let call = live.pop.callUUID {
            self.calls[call]?.livePops.removeAll { $0 == id }
            self.touched.call(call)
        }
        for leg in self.legPops.keys.filter({ self.legPops[$0]?.contains(id) == true }) {
            self.legPops[leg]?.removeAll { $0 == id }
            guard self.legPops[leg]?.isEmpty == true else { continue }
            self.legPops[leg] = nil
            if self.endedChannels.contains(leg) { self.channels[leg] = nil }
        }
    }

    /// The call's own channel is gone.
    mutating func close(call uuid: String, at: Timestamp) {
        guard self.calls[uuid] != nil, self.calls[uuid]?.isOver == false else { return }
        self.calls[uuid]?.isOver = true
        self.calls[uuid]?.record.endedAt = self.channels[uuid]?.hangup?.stamp.at ?? at
        self.touched.call(uuid)
    }

    // MARK: the switch is gone

    /// All calls are over, and nobody saw how.
    mutating func loseTrack(at: Timestamp) {
        for live in self.sortedPops() { self.end(live.pop.id, .lostTrack, by: .switch, at: at) }
        for uuid in self.members.keys.sorted() { self.leave(uuid, .lostTrack, at: at) }
        for uuid in self.calls.keys.sorted() { self.close(call: uuid, at: at) }
        for uuid in self.channels.keys.sorted() { self.endedChannels.insert(uuid) }
        self.channels = self.channels.filter { self.legPops[$0.key] != nil }
    }

    /// Another FreeSWITCH speaks: its events are counted anew, and nothing of the old one's comes late.
    mutating func forgetSwitch() {
        self.sequence = 0
        self.newest = nil
        for name in self.agents.keys {
            self.agents[name]?.statusStamp = nil
            self.agents[name]?.stateStamp = nil
            self.agents[name]?.talkEndedAt = nil
        }
    }

    // MARK: order

    /// Live pops in order of offer: a dictionary's order differs from run to run.
    func sortedPops() -> [LivePop] {
        self.pops.values.filter { $0.pop.state != .ended }.sorted { ($0.pop.offeredAt, $0.pop.id) < ($1.pop.offeredAt, $1.pop.id) }
    }

    func sortedPops(ofAgent name: String) -> [LivePop] {
        self.pops.values.filter { $0.pop.agent == name && $0.pop.state != .ended }
            .sorted { ($0.pop.offeredAt, $0.pop.id) < ($1.pop.offeredAt, $1.pop.id) }
    }

    func sortedPops(ofCall uuid: String) -> [LivePop] {
        (self.calls[uuid]?.livePops ?? []).compactMap { self.pops[$0] }.filter { $0.pop.state != .ended }
            .sorted { ($0.pop.offeredAt, $0.pop.id) < ($1.pop.offeredAt, $1.pop.id) }
    }
}
