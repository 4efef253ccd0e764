import CallCenter

// Calls that pass no queue.
//
// - A leg to an agent's phone that another leg had called is a direct call: it pops when the phone rings.
// - A leg from an agent's phone, or from somebody logged in as the agent's extension, is the agent's own call: `outbound`.
// - A leg to an agent's phone that nobody called from (an API `originate`) may become anything: a standing leg of an agent, an eavesdropper, a
//   click to dial. It pops nothing. When it has a call made itself, that was a click to dial: the agent's own call, `outbound`.
extension NodeReducer {
    mutating func classifyDirect(_ uuid: String, _ leg: DeviceMap.Leg, _ stamp: Stamp, isSnapshot: Bool = false) {
        guard let channel = self.channels[uuid] else { return }
        switch channel.direction {
        case .inbound:
            // A call in progress whose start was missed is the agent's own as well, but only a snapshot can tell that it is one.
            guard let agent = self.devices.agent(calling: leg, isLoggedIn: self.isLoggedIn), channel.answeredAt == nil || isSnapshot else { return }
            self.devices.learn(agent, leg)
            self.openOutbound(agent, own: uuid, party: nil, dialed: channel.dialed, caller: channel.caller, stamp)
        case .outbound:
            if let originator = channel.originator { self.followOriginator(originator, to: uuid, stamp) }
            guard let agent = self.devices.agent(ringing: leg, isLoggedIn: self.isLoggedIn) else { return }
            self.devices.learn(agent, leg)
            if let originator = channel.originator {
                self.openDirect(agent, leg: uuid, from: originator, stamp)
            } else {
                self.channels[uuid]?.agentWithoutCall = agent
            }
        case nil: break
        }
    }

    private func isLoggedIn(_ agent: String) -> Bool {
        self.agents[agent].map { $0.record.status != .loggedOut } ?? false
    }

    /// What an agent's own call, or click to dial, has called.
    private mutating func followOriginator(_ originator: String, to leg: String, _ stamp: Stamp) {
        if let agent = self.channels[originator]?.agentWithoutCall, (self.legPops[originator] ?? []).isEmpty,
            let channel = self.channels[leg]
        {
            self.openOutbound(agent, own: originator, party: leg, dialed: channel.dialed, caller: channel.caller, stamp)
            return
        }
        for id in self.legPops[originator] ?? [] {
            guard let live = self.pops[id], live.pop.kind == .outbound, live.pop.agentCallUUID == originator, live.pop.state == .offered else {
                continue
            }
            // A second attempt takes the place of the first.
            self.pops[id]?.party = leg
            self.pops[id]?.overdueAt = nil
            if self.legPops[leg]?.contains(id) != true { self.legPops[leg, default: []].append(id) }
        }
    }

    private mutating func openDirect(_ agent: String, leg: String, from originator: String, _ stamp: Stamp) {
        if let id = self.offer(to: agent, behind: originator, leg: leg) {
            self.attach(leg: leg, pop: id)
            self.channels[leg]?.call = self.pops[id]?.pop.callUUID
            return
        }
        guard !self.isGone(originator) else { return }
        // Several phones of one agent ring for one call.
        for id in self.calls[originator]?.livePops ?? [] {
            guard let pop = self.pops[id]?.pop, pop.kind == .direct, pop.agent == agent, pop.state == .offered else { continue }
            self.attach(leg: leg, pop: id)
            self.channels[leg]?.call = originator
            return
        }
        let id = PopID.make(self.coreUUID ?? "", "direct", originator, agent, leg)
        guard self.pops[id] == nil, !self.endedPops.contains(id) else { return }
        self.hold(call: originator, kind: .direct, caller: self.channels[leg]?.caller ?? Pop.Caller(), queue: nil, at: stamp.at)
        if self.calls[originator]?.record.dialed == nil { self.calls[originator]?.record.dialed = self.channels[leg]?.dialed }
        self.channels[leg]?.call = originator
        var pop = Pop(id: id, kind: .direct, agent: agent, node: self.node, offeredAt: stamp.at)
        pop.callUUID = originator
        pop.agentCallUUID = leg
        self.fill(&pop)
        var live = LivePop(pop: pop)
        live.ringing = [leg]
        self.begin(live)
        self.legPops[leg, default: []].append(id)
    }

    /// A loopback contact has the dialplan ring the phone: the queue's offer, not a call of its own.
    private func offer(to agent: String, behind originator: String, leg: String) -> String? {
        let number = self.channels[leg]?.caller.number
        let isBehind = self.channels[originator]?.offer != nil || self.channels[originator]?.name?.hasPrefix("loopback/") == true
        return (self.agents[agent]?.pops ?? []).last { id in
            guard let pop = self.pops[id]?.pop, pop.kind == .queue, pop.state == .offered else { return false }
            return isBehind || (pop.caller.number != nil && pop.caller.number == number)
        }
    }

    /// The agent's own leg is joined again, after the call it was made for: with the next one that the dialplan or the phone has called.
    mutating func beginNextCall(of own: String, with peer: String, _ stamp: Stamp) {
        guard let agent = self.channels[own]?.owner, (self.legPops[own] ?? []).isEmpty, !self.isGone(own), !self.isGone(peer),
            let other = self.channels[peer], other.offer == nil, other.call.flatMap({ self.calls[$0] })?.record.kind != .queue
        else { return }
        self.openOutbound(agent, own: own, party: peer, dialed: other.dialed, caller: self.channels[own]?.caller ?? Pop.Caller(), stamp, next: peer)
    }

    /// - Parameter next: of a further call on the same leg, the other side.
    private mutating func openOutbound(
        _ agent: String, own: String, party: String?, dialed: String?, caller: Pop.Caller, _ stamp: Stamp, next: String? = nil
    ) {
        let id = next.map { PopID.make(self.coreUUID ?? "", "outbound", own, agent, $0) } ?? PopID.make(self.coreUUID ?? "", "outbound", own, agent)
        guard self.pops[id] == nil, !self.endedPops.contains(id), !self.isGone(own) else { return }
        self.hold(call: own, kind: .outbound, caller: caller, queue: nil, at: stamp.at)
        self.calls[own]?.record.dialed = dialed
        self.calls[own]?.record.caller = caller
        var pop = Pop(id: id, kind: .outbound, agent: agent, node: self.node, offeredAt: stamp.at)
        pop.callUUID = own
        pop.agentCallUUID = own
        self.fill(&pop)
        var live = LivePop(pop: pop)
        live.party = party
        self.begin(live)
        self.legPops[own, default: []].append(id)
        self.channels[own]?.owner = agent
        if let party, party != own { self.channels[party]?.call = own }
    }

    // MARK: the end of what nobody answered

    func verdict(ofDirect live: LivePop) -> Verdict? {
        let caller = live.pop.callUUID.flatMap { self.channels[$0]?.hangup }
        if let call = live.pop.callUUID, let caller, caller.isCancelled || caller.isByItself || live.lastFailure == nil {
            return self.abandoned(call)
        }
        guard let failure = live.lastFailure?.cause else { return nil }
        return self.verdict(failure: failure, of: live.pop)
    }

    func verdict(ofDialling live: LivePop) -> Verdict? {
        let far = live.party.flatMap { self.channels[$0]?.hangup }
        guard let leg = live.pop.agentCallUUID.flatMap({ self.channels[$0] }), let own = leg.hangup else {
            return far?.cause.map { Self.verdict(dialled: $0) }
        }
        if own.isCancelled || leg.endedFor == live.pop.agent { return Verdict(.callerAbandoned, .agent) }
        if own.isByItself {
            // What the dialplan played after a refusal is no call any more.
            if let far, let cause = far.cause, far.stamp < own.stamp { return Self.verdict(dialled: cause) }
            return Verdict(.callerAbandoned, .agent)
        }
        if own.isBySwitch { return Verdict(.failed, .switch) }
        return Self.verdict(dialled: far?.cause ?? own.cause ?? "")
    }

    /// Of a call that the agent makes: who was dialled is the other side.
    private static func verdict(dialled cause: String) -> Verdict {
        var verdict = Self.verdict(cause: cause)
        if verdict.by == .agent { verdict.by = .caller }
        return verdict
    }
}
