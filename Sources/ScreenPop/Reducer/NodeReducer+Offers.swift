import CallCenter

// Offers of queued calls, as mod_callcenter tells of them.
extension NodeReducer {
    mutating func offering(_ name: String, _ member: CallCenterEvent.Member, _ stamp: Stamp) {
        // The caller is gone already: the offer is old news.
        guard !self.endedMembers.contains(Self.key(member: member.uuid, session: member.session), stamp) else { return }
        let id = PopID.make(
            self.coreUUID ?? "", member.session, member.uuid, name, String(stamp.at.microseconds), String(stamp.sequence))
        guard self.pops[id] == nil, !self.endedPops.contains(id) else { return }
        self.know(agent: name)
        if let live = self.livePop(agent: name, member), !self.isSuperseded(live, by: stamp) {
            self.adopt(live.pop.id, member, stamp)
            return
        }
        if let live = self.livePop(agent: name, member) { self.conclude(live.pop.id, at: stamp.at) }
        self.hold(member, joinedAt: stamp.at, isJoinKnown: false)
        self.open(id, agent: name, member, at: stamp.at)
        self.pops[id]?.offering = stamp
        if self.members[member.uuid]?.record.state == .waiting { self.members[member.uuid]?.record.state = .trying }
        // Its leg may have come first.
        let offer = Channel.Offer(agent: name, member: member.uuid)
        let early = self.channels.values.filter { $0.offer == offer && $0.call == member.session && $0.hangup == nil }
        for leg in early.map(\.uuid).sorted() { self.attach(leg: leg, pop: id) }
    }

    mutating func bridgeStarted(_ name: String, leg: String?, calledAt: Timestamp?, _ member: CallCenterEvent.Member, _ stamp: Stamp) {
        if self.livePop(agent: name, member) == nil {
            guard !self.isPast(agent: name, member, calledAt: calledAt, at: stamp.at),
                !self.endedMembers.contains(Self.key(member: member.uuid, session: member.session), stamp)
            else { return }
            // The offer itself was missed.
            self.know(agent: name)
            self.hold(member, joinedAt: member.joinedAt ?? stamp.at, isJoinKnown: false)
            let id = PopID.make(self.coreUUID ?? "", member.session, member.uuid, name, leg ?? String(stamp.at.microseconds))
            guard !self.endedPops.contains(id) else { return }
            self.open(id, agent: name, member, at: min(calledAt ?? stamp.at, stamp.at))
        }
        guard let live = self.livePop(agent: name, member) else { return }
        if let leg { self.attach(leg: leg, pop: live.pop.id, isTheAnswering: true) }
        self.answer(live.pop.id, at: stamp.at)
    }

    mutating func bridgeEnded(
        _ name: String, leg: String?, calledAt: Timestamp?, _ member: CallCenterEvent.Member, _ facts: ChannelFacts?, _ stamp: Stamp
    ) {
        guard let live = self.livePop(agent: name, member), self.isAbout(live, calledAt: calledAt) else { return }
        // A loopback contact's leg is gone when the phone behind it took its place.
        let isReplaced = live.pop.agentCallUUID.map { $0 != leg && self.channels[$0] != nil } ?? false
        if let leg, !isReplaced || !self.isGone(leg) { self.attach(leg: leg, pop: live.pop.id, isTheAnswering: true) }
        // It carries the agent's leg, which may tell what its own events did not.
        if let facts, facts.uuid == leg, facts.hangupCause != nil { self.noteHangup(facts, stamp, isComplete: true) }
        self.conclude(live.pop.id, at: stamp.at)
    }

    mutating func bridgeFailed(_ name: String, cause: String, calledAt: Timestamp?, _ member: CallCenterEvent.Member, _ stamp: Stamp) {
        guard let live = self.livePop(agent: name, member), live.pop.state == .offered, self.isAbout(live, calledAt: calledAt) else { return }
        self.pops[live.pop.id]?.failure = cause
        let verdict = self.verdict(failure: cause, of: live.pop)
        self.end(live.pop.id, verdict.reason, by: verdict.by, at: stamp.at)
    }

    /// A new queue pop, with all that is known of the member.
    mutating func open(_ id: String, agent: String, _ member: CallCenterEvent.Member, at: Timestamp) {
        var pop = Pop(id: id, kind: .queue, agent: agent, node: self.node, offeredAt: at)
        pop.queue = member.queue
        pop.callUUID = member.session
        pop.memberUUID = member.uuid
        self.fill(&pop)
        self.begin(LivePop(pop: pop))
        if let known = self.members[member.uuid], known.isJoinKnown {
            self.setJoined(known.record.joinedAt, pop: id)
        } else if let joined = member.joinedAt {
            self.setJoined(joined, pop: id)
        }
    }

    /// What the call knows of caller, dialled number, attributes and earlier offers.
    func fill(_ pop: inout Pop) {
        guard let uuid = pop.callUUID, let call = self.calls[uuid] else { return }
        let member = pop.memberUUID.flatMap { self.members[$0]?.record.caller }
        pop.caller = Pop.Caller(number: member?.number ?? call.record.caller.number, name: member?.name ?? call.record.caller.name)
        pop.dialed = call.record.dialed
        pop.attributes = call.record.attributes
        let offeredAt = pop.offeredAt
        pop.history = call.past.filter { $0.offeredAt < offeredAt }.map(\.entry)
    }

    mutating func begin(_ live: LivePop) {
        let pop = live.pop
        // Before the pop is there: an agent who is new takes up those that are.
        self.know(agent: pop.agent)
        self.pops[pop.id] = live
        self.agents[pop.agent]?.pops.append(pop.id)
        if pop.kind == .queue {
            self.agents[pop.agent]?.isCallOver = false
            self.agents[pop.agent]?.isListedFree = false
        }
        self.touched.pop(pop.id)
        self.touched.agent(pop.agent)
        if let party = live.party { self.legPops[party, default: []].append(pop.id) }
        if let call = pop.callUUID {
            self.calls[call]?.livePops.append(pop.id)
            self.calls[call]?.record.pops.append(pop.id)
            // An agent whose phone is off may be offered a call every few seconds for as long as the caller waits.
            if let count = self.calls[call]?.record.pops.count, count > Call.mostPops { self.calls[call]?.record.pops.removeFirst() }
            self.touched.call(call)
        }
    }

    mutating func setJoined(_ joined: Timestamp, pop id: String) {
        guard let offeredAt = self.pops[id]?.pop.offeredAt else { return }
        self.pops[id]?.pop.joinedAt = joined
        self.pops[id]?.pop.waitSeconds = offeredAt.wholeSeconds(since: joined)
        self.touched.pop(id)
    }

    /// - Parameter isNew: it happens now, and the switch's own counts do not have it yet.
    mutating func answer(_ id: String, at: Timestamp, isNew: Bool = true) {
        guard var live = self.pops[id], live.pop.state == .offered else { return }
        live.pop.state = .answered
        live.pop.answeredAt = max(at, live.pop.offeredAt)
        live.overdueAt = nil
        self.pops[id] = live
        self.touched.pop(id)
        if let uuid = live.pop.callUUID {
            self.calls[uuid]?.record.agent = live.pop.agent
            if self.calls[uuid]?.record.answeredAt == nil { self.calls[uuid]?.record.answeredAt = live.pop.answeredAt }
            self.touched.call(uuid)
        }
        guard live.pop.kind == .queue else { return }
        if isNew {
            self.agents[live.pop.agent]?.record.callsAnswered.count()
            self.agents[live.pop.agent]?.record.noAnswerCount = 0
            if let queue = live.pop.queue { self.queues[queue]?.record.answered.count() }
        }
        guard let member = live.pop.memberUUID, self.members[member] != nil else { return }
        self.members[member]?.record.state = .answered
        self.members[member]?.record.servingAgent = live.pop.agent
        self.touched.member(member)
        self.touched.queue(live.pop.queue ?? "")
    }

    /// The agent's leg of an offer.
    mutating func attach(leg: String, pop id: String, isTheAnswering: Bool = false) {
        guard var live = self.pops[id] else { return }
        if !live.ringing.contains(leg), !self.isGone(leg) { live.ringing.append(leg) }
        if isTheAnswering || live.pop.state == .offered { live.pop.agentCallUUID = leg }
        live.overdueAt = nil
        self.pops[id] = live
        if self.legPops[leg]?.contains(id) != true { self.legPops[leg, default: []].append(id) }
        self.touched.pop(id)
    }

    // MARK: which pop

    func livePop(agent: String, _ member: CallCenterEvent.Member) -> LivePop? {
        for id in self.agents[agent]?.pops ?? self.calls[member.session]?.livePops ?? [] {
            if let live = self.pops[id], live.pop.state != .ended, live.pop.agent == agent, live.pop.memberUUID == member.uuid,
                live.pop.callUUID == member.session
            {
                return live
            }
        }
        return nil
    }

    /// Whether an offering is another one than the live pop's, whose end was missed then.
    private func isSuperseded(_ live: LivePop, by stamp: Stamp) -> Bool {
        if let offering = live.offering { return offering < stamp }
        // Concluded from a snapshot, in whole seconds, or from the answer that came before the offering.
        if live.pop.state == .answered { return false }
        return stamp.at.seconds > live.pop.offeredAt.seconds + 1
    }

    private mutating func adopt(_ id: String, _ member: CallCenterEvent.Member, _ stamp: Stamp) {
        guard var live = self.pops[id], live.offering == nil else { return }
        live.offering = stamp
        if live.pop.state == .offered || stamp.at < (live.pop.answeredAt ?? stamp.at) { live.pop.offeredAt = stamp.at }
        self.pops[id] = live
        if let joined = live.pop.joinedAt { self.setJoined(joined, pop: id) }
        self.touched.pop(id)
    }

    /// mod_callcenter names the second in which it called the agent: an event of another offer is late.
    private func isAbout(_ live: LivePop, calledAt: Timestamp?) -> Bool {
        guard let calledAt else { return true }
        return calledAt.seconds >= live.pop.offeredAt.seconds - 1
    }

    private func isPast(agent: String, _ member: CallCenterEvent.Member, calledAt: Timestamp?, at: Timestamp) -> Bool {
        self.pastOffers.contains { past in
            past.agent == agent && past.member == member.uuid && past.session == member.session
                && (at <= past.endedAt || calledAt.map { abs($0.seconds - past.offeredAt.seconds) <= 1 } ?? false)
        }
    }
}
