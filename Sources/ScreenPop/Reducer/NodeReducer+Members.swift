import CallCenter

// Queues and the callers who wait in them.
extension NodeReducer {
    mutating func know(queue name: String) {
        if self.queues[name] == nil { self.queues[name] = Queue(name: name, node: self.node) }
    }

    static func key(member: String, session: String) -> String { "\(member) \(session)" }

    mutating func memberJoined(_ member: CallCenterEvent.Member, _ stamp: Stamp) {
        let key = Self.key(member: member.uuid, session: member.session)
        guard self.endedMembers.join(key, stamp) else { return }
        if let known = self.members[member.uuid], known.record.callUUID == member.session, let before = known.joining, before < stamp {
            // Back in the queue, and the end of the stay before is missing: should it come late, it is not about this one.
            for live in self.sortedPops(ofCall: member.session) where live.pop.memberUUID == member.uuid { self.conclude(live.pop.id, at: stamp.at) }
            self.leave(member.uuid, .lostTrack, at: stamp.at, isCertain: false)
            self.endedMembers.insert(key, Stamp(at: stamp.at, sequence: stamp.sequence &- 1))
            _ = self.endedMembers.join(key, stamp)
        }
        self.hold(member, joinedAt: stamp.at, isJoinKnown: true)
        self.members[member.uuid]?.joining = stamp
        for live in self.sortedPops(ofCall: member.session) where live.pop.memberUUID != member.uuid && live.pop.state == .answered {
            // The caller is in a queue: the agent who had the call has handed it on.
            if live.party == member.session { self.move(member.session, to: nil) }
        }
        // Pops that were offered before this event came lack the time, and may have another caller's name.
        for id in self.calls[member.session]?.livePops ?? [] where self.pops[id]?.pop.memberUUID == member.uuid {
            guard let joined = self.members[member.uuid]?.record.joinedAt else { continue }
            self.setJoined(joined, pop: id)
            if self.pops[id]?.pop.state == .offered, let caller = self.calls[member.session]?.record.caller { self.pops[id]?.pop.caller = caller }
        }
    }

    /// Holds the member if it is not held, and its call.
    mutating func hold(_ member: CallCenterEvent.Member, joinedAt: Timestamp, isJoinKnown: Bool) {
        self.know(queue: member.queue)
        self.touched.queue(member.queue)
        if let known = self.members[member.uuid], known.record.callUUID != member.session {
            // A caller who came back, whose leaving was missed.
            self.leave(member.uuid, .lostTrack, at: joinedAt)
        }
        if self.members[member.uuid] == nil {
            var record = MemberRecord(uuid: member.uuid, queue: member.queue, node: self.node, joinedAt: joinedAt)
            record.callUUID = member.session
            self.members[member.uuid] = Member(record: record, published: nil, isJoinKnown: isJoinKnown, joining: nil, lastEnd: nil)
        } else if isJoinKnown, self.members[member.uuid]?.isJoinKnown == false {
            self.members[member.uuid]?.isJoinKnown = true
            self.members[member.uuid]?.record.joinedAt = joinedAt
        }
        self.learnCaller(of: member, isJoining: isJoinKnown)
        self.touched.member(member.uuid)
        let caller = self.members[member.uuid]?.record.caller ?? Pop.Caller()
        self.hold(call: member.session, kind: .queue, caller: caller, queue: member.queue, at: joinedAt)
        if let dnis = member.dnis, self.calls[member.session]?.record.dialed == nil { self.calls[member.session]?.record.dialed = dnis }
    }

    /// Who the caller is. The events of joining have it from the channel; all others, and the lists, from mod_callcenter's table, where the row of
    /// one who comes back is found by its number and keeps the name of the call before.
    private mutating func learnCaller(of member: CallCenterEvent.Member, isJoining: Bool) {
        guard let known = self.members[member.uuid] else { return }
        var caller = known.record.caller
        if known.isJoinKnown, !isJoining {
            caller.number = caller.number ?? member.callerNumber
            caller.name = caller.name ?? member.callerName
        } else {
            let own = self.channels[member.session]?.caller
            let isOwnName = !isJoining && own?.number != nil && own?.number == member.callerNumber
            caller.number = member.callerNumber ?? caller.number
            caller.name = (isOwnName ? own?.name : nil) ?? member.callerName ?? caller.name
        }
        self.members[member.uuid]?.record.caller = caller
    }

    /// Holds a call if it is not held, with what its channel knows.
    mutating func hold(call uuid: String, kind: Pop.Kind, caller: Pop.Caller, queue: String?, at: Timestamp) {
        self.touched.call(uuid)
        let channel = self.channels[uuid]
        if self.calls[uuid] == nil {
            var record = CallRecord(uuid: uuid, node: self.node, kind: kind, startedAt: channel?.createdAt ?? at)
            record.caller = channel?.caller ?? caller
            self.calls[uuid] = Call(record: record)
        }
        self.channels[uuid]?.call = uuid
        guard var call = self.calls[uuid] else { return }
        // A caller rung directly may come into a queue later on.
        if kind == .queue {
            call.record.kind = .queue
            // Its queue tells who the caller is by now; when the channel was made, the dialplan had not said yet. The pop shows that number, and
            // past calls are looked for by it.
            call.record.caller.number = caller.number ?? call.record.caller.number
            call.record.caller.name = caller.name ?? call.record.caller.name
        }
        if let queue { call.record.queue = queue }
        if call.record.caller.number == nil { call.record.caller.number = caller.number }
        if call.record.caller.name == nil { call.record.caller.name = caller.name }
        if call.record.dialed == nil { call.record.dialed = channel?.dialed }
        if let channel { call.record.attributes.merge(channel.attributes) { $1 } }
        self.calls[uuid] = call
    }

    mutating func memberEnded(
        _ end: CallCenterEvent.MemberEnd, _ member: CallCenterEvent.Member, _ facts: ChannelFacts?, _ stamp: Stamp, to changes: inout [Change]
    ) {
        let key = Self.key(member: member.uuid, session: member.session)
        guard !self.endedMembers.contains(key, stamp) else { return }
        let isGone = facts?.hangupCause != nil || self.isGone(member.session)
        let verdict: (reason: Pop.EndReason, by: Pop.Party?)
        switch end {
        case .terminated: verdict = (.lostTrack, nil)
        case .cancelled(let reason):
            verdict = self.verdict(reason, isGone: isGone, hangup: self.channels[member.session]?.hangup, cause: facts?.hangupCause)
            if self.members[member.uuid] != nil { self.queues[member.queue]?.record.abandoned.count() }
        }
        for live in self.sortedPops(ofCall: member.session) where live.pop.memberUUID == member.uuid {
            switch live.pop.state {
            case .offered:
                // Terminated means that another agent had the call.
                if end == .terminated {
                    self.end(live.pop.id, .answeredElsewhere, by: .switch, at: stamp.at)
                } else {
                    self.end(live.pop.id, verdict.reason, by: verdict.by, at: stamp.at)
                }
            case .answered: self.conclude(live.pop.id, at: stamp.at)
            case .ended: break
            }
        }
        let reason = end == .terminated ? self.members[member.uuid]?.lastEnd ?? .lostTrack : verdict.reason
        self.leave(member.uuid, reason, at: stamp.at)
        self.endedMembers.insert(key, stamp)
        // An offer that failed is not the end of a wait that went on.
        let nobodyAnswered = end != .terminated && self.calls[member.session]?.record.answeredAt == nil
        if nobodyAnswered || self.calls[member.session]?.record.endReason == nil {
            self.calls[member.session]?.record.endReason = reason
            self.calls[member.session]?.record.endedBy = verdict.by
        }
        // A call without channel events has no other end.
        if self.channels[member.session] == nil { self.close(call: member.session, at: stamp.at) }
        self.touched.call(member.session)
    }

    /// The member is out of its queue.
    /// - Parameter isCertain: an event told. A snapshot only lacks the member, and may have been taken too early.
    mutating func leave(_ uuid: String, _ reason: Pop.EndReason, at: Timestamp, isCertain: Bool = true) {
        guard var member = self.members.removeValue(forKey: uuid) else { return }
        if let call = member.record.callUUID {
            if isCertain { self.endedMembers.insert(Self.key(member: uuid, session: call), Stamp(at: at, sequence: .max)) }
            self.touched.call(call)
        }
        member.record.state = .left
        member.record.leftAt = at
        member.record.leaveReason = reason
        if member.published != nil { self.touched.left.append(member.record) }
        self.touched.queue(member.record.queue)
    }

    private func verdict(
        _ reason: CallCenterEvent.CancelReason, isGone: Bool, hangup: Channel.Hangup?, cause: String?
    ) -> (reason: Pop.EndReason, by: Pop.Party?) {
        switch reason {
        case .timeout: return (.queueTimeout, .switch)
        case .noAgentTimeout: return (.noAgentTimeout, .switch)
        case .exitWithKey: return (.exitKey, .caller)
        case .none, .breakOut, .other:
            guard isGone else { return (.breakOut, .switch) }
            let isBySwitch = hangup?.isBySwitch ?? (cause == "MANAGER_REQUEST")
            return (.callerAbandoned, isBySwitch ? .switch : .caller)
        }
    }

    /// Whether a channel is known to be hung up.
    func isGone(_ uuid: String) -> Bool {
        self.channels[uuid]?.hangup != nil || self.endedChannels.contains(uuid)
    }
}
