import CallCenter
import EventSocket

// Legs: what rings, who is joined with whom, who hung up.
extension NodeReducer {
    mutating func apply(_ event: ChannelEvent, _ facts: ChannelFacts, stamp: Stamp, raw: Event, to changes: inout [Change]) {
        guard !self.endedChannels.contains(facts.uuid) else { return }
        if self.channels[facts.uuid] == nil { self.open(event, facts, stamp) }
        guard self.channels[facts.uuid] != nil else { return }
        self.see(event, facts, stamp, to: &changes)
        switch event {
        case .create, .progress, .progressMedia, .answer, .bridge, .hold, .unhold:
            if self.channels[facts.uuid]?.call != nil || facts.direction == .inbound { self.learnAttributes(of: facts.uuid, from: raw) }
        case .unbridge, .hangup, .hangupComplete, .destroy: break
        }
        switch event {
        case .create, .progress, .progressMedia: self.classify(facts, stamp)
        case .answer:
            self.classify(facts, stamp)
            self.answered(facts, stamp)
        case .bridge: self.bridged(facts, stamp)
        case .unbridge: self.unbridged(facts, stamp)
        case .hold: self.setHeld(stamp.at, leg: facts.uuid)
        case .unhold: self.setHeld(nil, leg: facts.uuid)
        case .hangup: self.noteHangup(facts, stamp, isComplete: false)
        case .hangupComplete: self.noteHangup(facts, stamp, isComplete: true)
        case .destroy: self.destroyed(facts, stamp)
        }
    }

    private mutating func open(_ event: ChannelEvent, _ facts: ChannelFacts, _ stamp: Stamp) {
        switch event {
        case .create, .progress, .progressMedia, .answer, .bridge, .hold, .unhold: break
        case .unbridge, .hangup, .hangupComplete, .destroy:
            // The end of a leg whose life was missed matters only to a pop that hangs on it.
            guard self.legPops[facts.uuid] != nil || self.calls[facts.uuid] != nil else { return }
        }
        self.open(facts, at: stamp.at, isNew: event == .create)
    }

    /// Holds a leg.
    mutating func open(_ facts: ChannelFacts, at: Timestamp, isNew: Bool) {
        guard self.channels[facts.uuid] == nil, !self.endedChannels.contains(facts.uuid) else { return }
        var channel = Channel(uuid: facts.uuid, createdAt: facts.createdAt ?? at)
        channel.direction = facts.direction
        channel.name = facts.name
        channel.caller = Pop.Caller(number: facts.callerNumber, name: facts.callerName)
        // Later on the destination may be where a transfer took it.
        channel.dialed = isNew ? facts.destination : facts.sipToUser ?? facts.destination
        channel.originator = facts.originator ?? (facts.direction == .outbound ? facts.otherLeg : nil)
        if self.calls[facts.uuid] != nil { channel.call = facts.uuid }
        self.channels[facts.uuid] = channel
        if let call = self.calls[facts.uuid], call.record.dialed == nil { self.calls[facts.uuid]?.record.dialed = channel.dialed }
    }

    /// Whose leg it is.
    private mutating func classify(_ facts: ChannelFacts, _ stamp: Stamp) {
        let uuid = facts.uuid
        guard let channel = self.channels[uuid], channel.hangup == nil else { return }
        if let side = facts.agentSide {
            guard channel.offer == nil else { return }
            self.devices.learn(side.agent, DeviceMap.Leg(facts))
            self.channels[uuid]?.offer = Channel.Offer(agent: side.agent, member: side.member)
            self.channels[uuid]?.call = side.session
            guard let session = side.session, let queue = side.queue else { return }
            let member = CallCenterEvent.Member(uuid: side.member, session: session, queue: queue)
            if let live = self.livePop(agent: side.agent, member) { self.attach(leg: uuid, pop: live.pop.id) }
            return
        }
        guard !facts.isOfCallCenter, self.legPops[uuid] == nil, channel.agentWithoutCall == nil, channel.call == nil else { return }
        self.classifyDirect(uuid, DeviceMap.Leg(facts), stamp)
    }

    private mutating func answered(_ facts: ChannelFacts, _ stamp: Stamp) {
        let uuid = facts.uuid
        if self.channels[uuid]?.answeredAt == nil { self.channels[uuid]?.answeredAt = stamp.at }
        for id in self.legPops[uuid] ?? [] {
            guard let live = self.pops[id], live.pop.state == .offered else { continue }
            switch live.pop.kind {
            // Answering does not decide the race of a queue call: bridge-agent-start does.
            case .queue: break
            case .direct:
                guard live.ringing.contains(uuid) else { continue }
                self.attach(leg: uuid, pop: id, isTheAnswering: true)
                self.answer(id, at: stamp.at)
            case .outbound:
                // The agent's own leg is answered when the other side is, except where the agent was called first.
                if uuid == live.party || (uuid == live.pop.agentCallUUID && self.channels[uuid]?.direction == .inbound) {
                    self.answer(id, at: stamp.at)
                }
            }
        }
    }

    private mutating func bridged(_ facts: ChannelFacts, _ stamp: Stamp) {
        guard let legs = facts.bridge ?? facts.otherLeg.map({ (facts.uuid, $0) }) else { return }
        for (leg, peer) in [(legs.a, legs.b), (legs.b, legs.a)] {
            self.channels[leg]?.peer = peer
            self.beginNextCall(of: leg, with: peer, stamp)
            if leg == facts.uuid { self.channels[leg]?.transferAtBridge = facts.lastTransfer }
            for id in self.legPops[leg] ?? [] {
                guard let live = self.pops[id], live.pop.state != .ended else { continue }
                if live.party == leg { self.joined(id, live, party: leg, with: peer, facts, stamp) }
                if live.pop.kind == .outbound, live.party == nil, live.pop.agentCallUUID == leg { self.join(id, party: peer, facts, stamp) }
                if live.pop.agentCallUUID == leg, let party = live.party, party != peer, self.isGone(party) { self.takeOver(id, party: peer) }
            }
        }
        self.evaluate(legs.a, at: stamp.at)
        self.evaluate(legs.b, at: stamp.at)
    }

    /// The other side of a pop is joined with a leg: the agent's, or somebody else's.
    private mutating func joined(_ id: String, _ live: LivePop, party: String, with peer: String, _ facts: ChannelFacts, _ stamp: Stamp) {
        if peer == live.pop.agentCallUUID || live.ringing.contains(peer) || self.channels[peer]?.offer.map({ $0.agent == live.pop.agent }) == true {
            self.attach(leg: peer, pop: id, isTheAnswering: true)
            self.answer(id, at: stamp.at)
            self.arrive(party, facts, isFirst: live.pop.bridgedAt == nil)
            self.setBridged(id, stamp.at)
        } else if live.pop.state == .answered, live.pop.bridgedAt != nil {
            self.move(party, to: self.channels[peer]?.dialed)
        }
    }

    private mutating func join(_ id: String, party: String, _ facts: ChannelFacts, _ stamp: Stamp) {
        self.arrive(party, facts, isFirst: true)
        self.pops[id]?.party = party
        self.legPops[party, default: []].append(id)
        self.answer(id, at: stamp.at)
        self.setBridged(id, stamp.at)
    }

    /// What took the other side from an agent it had talked to before is over.
    private mutating func arrive(_ party: String, _ facts: ChannelFacts, isFirst: Bool) {
        self.channels[party]?.movedOn = false
        self.channels[party]?.announcedTarget = nil
        self.channels[party]?.transferTarget = nil
        // A bridge tells the transfers of one leg; of the other the last bridge may be long ago, and the transfer after it the one that led here.
        if isFirst, party != facts.uuid { self.channels[party]?.transferAtBridge = nil }
    }

    /// The one who had consulted the agent has handed the caller over, or the caller left while the agent consulted: the agent talks on, with somebody
    /// else.
    mutating func takeOver(_ id: String, party: String) {
        guard let live = self.pops[id], live.pop.state == .answered, live.pop.kind != .outbound else { return }
        if let left = live.party, let own = live.pop.agentCallUUID, self.channels[party]?.originator == own {
            self.pops[id]?.leftDuringConsultation = self.channels[left]?.hangup?.isBySwitch == true ? .switch : .caller
        }
        self.pops[id]?.party = party
        self.pops[id]?.overdueAt = nil
        if self.legPops[party]?.contains(id) != true { self.legPops[party, default: []].append(id) }
        guard let channel = self.channels[party], channel.direction == .inbound else { return }
        self.pops[id]?.pop.caller = self.calls[party]?.record.caller ?? channel.caller
        self.touched.pop(id)
    }

    private mutating func setBridged(_ id: String, _ at: Timestamp) {
        guard self.pops[id]?.pop.bridgedAt == nil else { return }
        self.pops[id]?.pop.bridgedAt = at
        self.touched.pop(id)
    }

    private mutating func unbridged(_ facts: ChannelFacts, _ stamp: Stamp) {
        let legs = facts.bridge
        for leg in [facts.uuid, legs?.a, legs?.b].compactMap({ $0 }) { self.channels[leg]?.peer = nil }
        self.noteTransfer(facts)
        self.evaluate(facts.uuid, at: stamp.at)
    }

    /// A transfer newer than the bridge took the call away from the agent.
    mutating func noteTransfer(_ facts: ChannelFacts) {
        guard let channel = self.channels[facts.uuid], let transfer = facts.lastTransfer, transfer.id != channel.transferAtBridge?.id else { return }
        let lives = (self.legPops[facts.uuid] ?? []).compactMap { self.pops[$0] }.filter { $0.party == facts.uuid && $0.pop.state == .answered }
        guard let live = lives.first else { return }
        if channel.transferAtBridge == nil {
            // The bridge was not seen: old transfers stand in the history too.
            guard let at = transfer.at, let answeredAt = live.pop.answeredAt, at.seconds > answeredAt.seconds else { return }
        }
        switch transfer.kind {
        case .blind, .attended:
            self.move(facts.uuid, to: transfer.target ?? facts.destination)
        case .bridge:
            guard let other = transfer.target, other != live.pop.agentCallUUID, !live.ringing.contains(other) else { return }
            self.move(facts.uuid, to: self.channels[other]?.dialed)
        case .other: break
        }
    }

    mutating func move(_ leg: String, to target: String?) {
        self.channels[leg]?.movedOn = true
        if let target = self.channels[leg]?.announcedTarget ?? target { self.channels[leg]?.transferTarget = target }
    }

    /// The agent's phone put the call on hold, or took it back.
    private mutating func setHeld(_ at: Timestamp?, leg: String) {
        for id in self.legPops[leg] ?? [] {
            guard let live = self.pops[id], live.pop.state == .answered, live.pop.agentCallUUID == leg else { continue }
            if at != nil, live.pop.heldAt != nil { continue }
            self.pops[id]?.pop.heldAt = at
            self.touched.pop(id)
        }
    }

    mutating func noteHangup(_ facts: ChannelFacts, _ stamp: Stamp, isComplete: Bool) {
        let uuid = facts.uuid
        guard self.channels[uuid] != nil else { return }
        var hangup = self.channels[uuid]?.hangup ?? Channel.Hangup(stamp: stamp)
        hangup.stamp = min(hangup.stamp, stamp)
        hangup.cause = facts.hangupCause ?? hangup.cause
        hangup.disposition = facts.hangupDisposition ?? hangup.disposition
        hangup.endpointDisposition = facts.endpointDisposition ?? hangup.endpointDisposition
        hangup.isComplete = hangup.isComplete || isComplete
        self.channels[uuid]?.hangup = hangup
        self.channels[uuid]?.peer = nil
        self.noteTransfer(facts)
        self.sweep(after: stamp.at)
        self.evaluate(uuid, at: stamp.at)
    }

    private mutating func destroyed(_ facts: ChannelFacts, _ stamp: Stamp) {
        if self.channels[facts.uuid]?.hangup?.isComplete != true { self.noteHangup(facts, stamp, isComplete: true) }
        self.drop(channel: facts.uuid, at: stamp.at)
    }

    /// The leg is gone for good: nothing may hang on it.
    mutating func drop(channel uuid: String, at: Timestamp) {
        for id in self.legPops[uuid] ?? [] {
            guard let live = self.pops[id], live.pop.state != .ended else { continue }
            if live.party == uuid, self.isHandedOver(live) {
                self.setOverdue(id, from: at)
            } else if live.party == uuid, let own = self.dialling(live) {
                // The agent's own leg tells how it ends: the dialplan may try somebody else. A leg that was there before the call may outlive it.
                if own.agentWithoutCall != nil { self.setOverdue(id, from: at) }
            } else if live.party == uuid || self.isOfOwnLeg(live, uuid) {
                self.conclude(id, at: at)
            }
        }
        for member in self.members.values.filter({ $0.record.callUUID == uuid }).sorted(by: { $0.record.uuid < $1.record.uuid }) {
            let reason = member.lastEnd ?? .callerAbandoned
            self.leave(member.record.uuid, reason, at: at)
        }
        self.close(call: uuid, at: at)
        self.endedChannels.insert(uuid)
        // The hang-up of an agent's leg is looked at again when mod_callcenter tells of the end.
        if (self.legPops[uuid] ?? []).isEmpty { self.channels[uuid] = nil }
    }

    /// The agent's own leg, of a call that nobody has answered and that is not over as far as that leg has told.
    private func dialling(_ live: LivePop) -> Channel? {
        guard live.pop.kind == .outbound, live.pop.state == .offered else { return nil }
        guard let own = live.pop.agentCallUUID.flatMap({ self.channels[$0] }) else { return nil }
        return own.hangup?.isComplete == true ? nil : own
    }

    /// Whether the pop cannot outlive that leg of the agent's. An offer may ring at several, and mod_callcenter tells of its own.
    private func isOfOwnLeg(_ live: LivePop, _ leg: String) -> Bool {
        guard live.pop.agentCallUUID == leg else { return false }
        return switch live.pop.kind {
        case .queue: false
        case .direct: live.pop.state == .answered
        case .outbound: true
        }
    }

    // MARK: trace and attributes

    private mutating func see(_ event: ChannelEvent, _ facts: ChannelFacts, _ stamp: Stamp, to changes: inout [Change]) {
        let agent = self.channels[facts.uuid]?.offer?.agent ?? facts.agentSide?.agent
        let call = self.channels[facts.uuid]?.call ?? facts.agentSide?.session
        var entry = TraceEntry(at: stamp.at, kind: .seen, what: event.text.description, agent: agent)
        entry.detail = event == .hangup || event == .hangupComplete ? facts.hangupCause : facts.name
        if let call, self.calls[call] != nil {
            self.flushSeen(facts.uuid, call: call, to: &changes)
            changes.append(.trace(call: call, entry))
        } else if let count = self.channels[facts.uuid]?.seen.count, count < Channel.seenLimit {
            self.channels[facts.uuid]?.seen.append(entry)
        }
    }

    mutating func see(
        _ what: String, call: String, at: Timestamp, agent: String? = nil, queue: String? = nil, detail: String? = nil, to changes: inout [Change]
    ) {
        guard self.calls[call] != nil else { return }
        self.flushSeen(call, call: call, to: &changes)
        changes.append(.trace(call: call, TraceEntry(at: at, kind: .seen, what: what, agent: agent, queue: queue, detail: detail)))
    }

    private mutating func flushSeen(_ uuid: String, call: String, to changes: inout [Change]) {
        guard let seen = self.channels[uuid]?.seen, !seen.isEmpty else { return }
        self.channels[uuid]?.seen = []
        for entry in seen { changes.append(.trace(call: call, entry)) }
    }

    mutating func learnAttributes(of uuid: String, from event: Event) {
        let found = self.filter.attributes(of: event)
        guard !found.isEmpty else { return }
        // An agent's leg knows what was exported to it: good where the caller's own leg has not told.
        guard let call = self.channels[uuid]?.call ?? (self.calls[uuid] == nil ? nil : uuid), call != uuid else {
            self.channels[uuid]?.attributes.merge(found) { $1 }
            self.learn(found, call: uuid, isOwn: true)
            return
        }
        self.learn(found, call: call, isOwn: false)
    }

    private mutating func learn(_ found: [String: String], call uuid: String, isOwn: Bool) {
        guard var call = self.calls[uuid] else { return }
        call.record.attributes.merge(found) { isOwn ? $1 : $0 }
        guard call.record.attributes != self.calls[uuid]?.record.attributes else { return }
        self.calls[uuid] = call
        self.touched.call(uuid)
        for id in call.livePops where self.pops[id]?.pop.attributes != call.record.attributes {
            self.pops[id]?.pop.attributes = call.record.attributes
            self.touched.pop(id)
        }
    }
}
