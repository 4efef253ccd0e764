public import CallCenter

// A snapshot has whole seconds and no history, events have both: what is held already stays where the snapshot does not deny it.
extension NodeReducer {
    /// Brings the state in line with a snapshot and says what differs; afterwards the events since the snapshot's first canary are applied
    /// again, which changes nothing that is already so. Another Core-UUID ends all live pops as `lost-track` first.
    ///
    /// A live pop that the snapshot denies has half a second of event time left: the event that ended it may stand among those that are applied
    /// again, and tells the reason. After that it ends as `lost-track`, or as `transferred` where its caller talks on without the agent.
    public mutating func load(_ snapshot: SwitchSnapshot, to changes: inout [Change]) {
        self.advance(to: snapshot.takenAt)
        self.wantsSnapshot = false
        self.readings = [:]
        if let known = self.coreUUID, known != snapshot.coreUUID, !snapshot.coreUUID.isEmpty {
            self.loseTrack(at: snapshot.takenAt)
            self.forgetSwitch()
            self.putClockBack(to: snapshot.takenAt)
            self.settle(at: snapshot.takenAt, to: &changes)
        }
        // Nobody could tell which FreeSWITCH this is; the next event will.
        if !snapshot.coreUUID.isEmpty { self.coreUUID = snapshot.coreUUID }
        self.loadQueues(snapshot, to: &changes)
        self.loadAgents(snapshot, to: &changes)
        self.loadChannels(snapshot)
        self.loadMembers(snapshot)
        var confirmed = self.loadOffers(snapshot)
        self.denyOffers(snapshot)
        confirmed.formUnion(self.loadDirectCalls(snapshot))
        for live in self.sortedPops() where !confirmed.contains(live.pop.id) && !snapshot.isSilent(about: live.pop) {
            if self.mayLack(live, snapshot) {
                self.wantsSnapshot = true
                continue
            }
            let due = snapshot.takenAt.adding(microseconds: 500_000)
            self.pops[live.pop.id]?.overdueAt = due
            self.pops[live.pop.id]?.ringing = []
            self.wake(at: due)
        }
        for uuid in self.calls.keys.sorted() where snapshot.knowsChannels && self.channels[uuid] == nil && !self.isWaiting(uuid) {
            self.close(call: uuid, at: snapshot.takenAt)
        }
        // Those of an earlier process may have been made with another template.
        for live in self.sortedPops() where live.pop.url != self.popURL?.url(for: live.pop) { self.touched.pop(live.pop.id) }
        self.agents.keys.sorted().forEach { self.touched.agent($0) }
        self.queues.keys.sorted().forEach { self.touched.queue($0) }
        self.hasSnapshot = true
        self.settle(at: snapshot.takenAt, to: &changes)
    }

    /// A live pop from the store.
    mutating func adoptStored(_ pop: Pop) {
        if let call = pop.callUUID {
            self.hold(call: call, kind: pop.kind, caller: pop.caller, queue: pop.queue, at: pop.joinedAt ?? pop.offeredAt)
            self.calls[call]?.record.dialed = pop.dialed
            self.calls[call]?.record.attributes = pop.attributes
            self.calls[call]?.record.answeredAt = pop.answeredAt
            if pop.state == .answered { self.calls[call]?.record.agent = pop.agent }
        }
        var live = LivePop(pop: pop)
        live.published = pop
        if let leg = pop.agentCallUUID {
            live.ringing = [leg]
            self.legPops[leg, default: []].append(pop.id)
        }
        self.begin(live)
    }

    // MARK: agents and queues

    private mutating func loadQueues(_ snapshot: SwitchSnapshot, to changes: inout [Change]) {
        self.take(snapshot.queues, self.hasSnapshot ? .external : nil, to: &changes)
    }

    private mutating func loadAgents(_ snapshot: SwitchSnapshot, to changes: inout [Change]) {
        let tiers = Dictionary(grouping: snapshot.tiers, by: \.agent)
        for row in snapshot.agents {
            self.know(agent: row.name)
            self.adoptKept(row.name)
            self.take(row)
            // What happened after the row was read is applied again.
            switch row.state {
            case .waiting, .idle: self.agents[row.name]?.isListedFree = true
            case .receiving, .inAQueueCall, .reserved, .other: self.agents[row.name]?.isListedFree = false
            }
            if !self.hasSnapshot, let record = self.agents[row.name]?.record {
                self.agents[row.name]?.configured = AgentConfiguration(record)
            } else if self.claims[row.name] == nil {
                self.announce(agent: row.name, .external, to: &changes)
            }
            self.take(tiers[row.name] ?? [], of: row.name, self.hasSnapshot ? .external : nil, to: &changes)
        }
        let listed = Set(snapshot.agents.map(\.name))
        for name in self.agents.keys.sorted() where !listed.contains(name) { self.remove(agent: name, .external, to: &changes) }
        self.kept = [:]
    }

    // MARK: legs and members

    private mutating func loadChannels(_ snapshot: SwitchSnapshot) {
        guard let rows = snapshot.channels else { return }
        let listed = Set(rows.map(\.uuid))
        for (uuid, channel) in self.channels where !listed.contains(uuid) {
            if snapshot.mayLack(channel.createdAt) { self.wantsSnapshot = true } else { self.channels[uuid] = nil }
        }
        for row in rows where !self.endedChannels.contains(row.uuid) {
            let dump = ChannelDumpFacts(headers: snapshot.dumps[row.uuid] ?? [:])
            var channel =
                self.channels[row.uuid]
                ?? Channel(uuid: row.uuid, createdAt: dump.createdAt ?? Timestamp(seconds: row.createdEpoch) ?? snapshot.takenAt)
            channel.direction = row.direction == "inbound" ? .inbound : row.direction == "outbound" ? .outbound : channel.direction
            if channel.name == nil { channel.name = row.name }
            if channel.caller.number == nil { channel.caller = Pop.Caller(number: row.callerNumber, name: row.callerName) }
            if channel.dialed == nil {
                channel.dialed = channel.direction == .inbound ? dump["variable_sip_to_user"] ?? row.destination : row.destination
            }
            channel.answeredAt = channel.answeredAt ?? dump.answeredAt
            channel.originator = channel.originator ?? dump["variable_originator"] ?? self.sharedCall(row)
            channel.peer = dump.peer
            channel.transferAtBridge = channel.transferAtBridge ?? dump.lastTransfer
            channel.offer = dump.offer ?? channel.offer
            channel.attributes.merge(self.filter.attributes(of: snapshot.dumps[row.uuid] ?? [:])) { $1 }
            if self.calls[row.uuid] != nil { channel.call = row.uuid }
            self.channels[row.uuid] = channel
        }
    }

    /// Both legs of a call name the first one's uuid.
    private func sharedCall(_ row: ChannelRow) -> String? {
        row.direction == "outbound" && row.callUUID != row.uuid ? row.callUUID : nil
    }

    private mutating func loadMembers(_ snapshot: SwitchSnapshot) {
        var seen: Set<String> = []
        for row in snapshot.members where snapshot.isLive(row) {
            var member = CallCenterEvent.Member(uuid: row.uuid, session: row.sessionUUID, queue: row.queue)
            member.callerNumber = row.callerNumber
            member.callerName = row.callerName
            let joined = Timestamp(seconds: row.rejoinedEpoch) ?? Timestamp(seconds: row.joinedEpoch) ?? snapshot.takenAt
            let key = Self.key(member: member.uuid, session: member.session)
            if self.endedMembers.contains(key, Stamp(at: snapshot.takenAt, sequence: 0)),
                !self.endedMembers.join(key, Stamp(at: joined, sequence: 0))
            {
                continue
            }
            if let known = self.members[row.uuid], known.isRestored, joined.seconds > known.record.joinedAt.seconds + 1 {
                // Left and came back while nobody looked; the list has whole seconds.
                self.leave(row.uuid, .lostTrack, at: joined, isCertain: false)
            }
            self.hold(member, joinedAt: joined, isJoinKnown: false)
            self.members[row.uuid]?.record.state = row.state == "Answered" ? .answered : row.state == "Trying" ? .trying : .waiting
            // Where all agents ring at once, the column holds the strategy.
            self.members[row.uuid]?.record.servingAgent = row.servingAgent == "ring-all" ? nil : row.servingAgent
            seen.insert(row.uuid)
            if snapshot.knowsChannels, !snapshot.hasChannel(row.sessionUUID) { self.wantsSnapshot = true }
        }
        for uuid in self.members.keys.sorted() where !seen.contains(uuid) {
            guard let joinedAt = self.members[uuid]?.record.joinedAt else { continue }
            if snapshot.mayLack(joinedAt) {
                self.wantsSnapshot = true
                continue
            }
            self.leave(uuid, .lostTrack, at: snapshot.takenAt, isCertain: false)
        }
    }

    // MARK: pops

    /// Whether the pop is too new to be denied.
    private func mayLack(_ live: LivePop, _ snapshot: SwitchSnapshot) -> Bool {
        if live.pop.state == .offered, snapshot.mayLack(live.pop.offeredAt) { return true }
        return live.pop.agentCallUUID.flatMap { self.channels[$0] }.map { $0.hangup == nil && snapshot.mayLack($0.createdAt) } ?? false
    }

    /// - Returns: the pops that the snapshot confirms.
    private mutating func loadOffers(_ snapshot: SwitchSnapshot) -> Set<String> {
        var confirmed: Set<String> = []
        for row in snapshot.members where self.members[row.uuid]?.record.callUUID == row.sessionUUID {
            let legs = self.channels.values.filter { $0.offer?.member == row.uuid && $0.hangup == nil }
                .sorted { ($0.createdAt, $0.uuid) < ($1.createdAt, $1.uuid) }
            var agents: [String] = []
            for leg in legs {
                guard let agent = leg.offer?.agent, !agents.contains(agent) else { continue }
                agents.append(agent)
                if let id = self.loadOffer(of: row, to: agent, leg: leg, snapshot) { confirmed.insert(id) }
            }
            guard let agent = row.servingAgent, agent != "ring-all", !agents.contains(agent),
                let known = snapshot.agents.first(where: { $0.name == agent })
            else { continue }
            // No leg tells of it: one that was not made yet, or an agent's standing leg, or a node without a list of channels.
            guard row.state == "Answered" || known.state == .receiving else { continue }
            let leg = (self.channels[row.sessionUUID]?.peer ?? known.uuid).flatMap { self.channels[$0] }
            if let id = self.loadOffer(of: row, to: agent, leg: leg, snapshot) { confirmed.insert(id) }
        }
        return confirmed
    }

    /// mod_callcenter can leave an agent in Receiving though nothing is offered to it, and then does nothing more with it: whatever waits for the
    /// end of that offer waits for nothing.
    private mutating func denyOffers(_ snapshot: SwitchSnapshot) {
        // Where all ring at once, nothing but the legs tells of whom.
        if !snapshot.knowsChannels, snapshot.members.contains(where: { $0.servingAgent == "ring-all" && $0.state == "Trying" }) { return }
        for row in snapshot.agents where row.state == .receiving {
            guard let agent = self.agents[row.name], agent.record.state == .receiving,
                !agent.pops.contains(where: { self.pops[$0].map { $0.pop.kind == .queue && $0.pop.state != .ended } ?? false })
            else { continue }
            // The column is written together with the state.
            if let offered = Timestamp(seconds: row.lastOfferedCall), snapshot.mayLack(offered) {
                self.wantsSnapshot = true
            } else {
                self.agents[row.name]?.isListedFree = true
            }
        }
    }

    private mutating func loadOffer(of row: MemberRow, to agent: String, leg: Channel?, _ snapshot: SwitchSnapshot) -> String? {
        var member = CallCenterEvent.Member(uuid: row.uuid, session: row.sessionUUID, queue: row.queue)
        member.joinedAt = Timestamp(seconds: row.rejoinedEpoch) ?? Timestamp(seconds: row.joinedEpoch)
        let offered = snapshot.agents.first { $0.name == agent }.flatMap { Timestamp(seconds: $0.lastOfferedCall) }
        let isTalking = leg?.peer == row.sessionUUID || (row.state == "Answered" && row.servingAgent == agent)
        let id: String
        if let live = self.livePop(agent: agent, member), !self.isOlder(live, than: offered, isTalking: isTalking) {
            id = live.pop.id
        } else {
            id = PopID.make(self.coreUUID ?? "", row.sessionUUID, row.uuid, agent, leg?.uuid ?? String(offered?.seconds ?? 0))
            guard self.pops[id] == nil, !self.endedPops.contains(id) else { return nil }
            // A standing leg is older than the offer.
            let created = leg.flatMap { $0.offer == nil ? nil : $0.createdAt }
            let bridged = Timestamp(seconds: row.bridgeEpoch)
            self.open(id, agent: agent, member, at: min(created ?? offered ?? bridged ?? snapshot.takenAt, snapshot.takenAt))
        }
        if let leg { self.attach(leg: leg.uuid, pop: id, isTheAnswering: isTalking) }
        if let leg { self.channels[leg.uuid]?.call = row.sessionUUID }
        self.pops[id]?.overdueAt = nil
        guard isTalking else { return id }
        let dump = leg.map { ChannelDumpFacts(headers: snapshot.dumps[$0.uuid] ?? [:]) }
        self.answer(id, at: leg?.answeredAt ?? Timestamp(seconds: row.bridgeEpoch) ?? snapshot.takenAt, isNew: false)
        self.loadTalk(id, dump, leg: leg?.uuid, snapshot)
        return id
    }

    /// Whether the snapshot speaks of another, newer offer than the live pop's.
    private func isOlder(_ live: LivePop, than offered: Timestamp?, isTalking: Bool) -> Bool {
        guard live.pop.state == .offered, !isTalking, let offered else { return false }
        return offered.seconds > live.pop.offeredAt.seconds + 1
    }

    private mutating func loadTalk(_ id: String, _ dump: ChannelDumpFacts?, leg: String?, _ snapshot: SwitchSnapshot) {
        if self.pops[id]?.pop.bridgedAt == nil, let bridged = dump?.bridgedAt { self.pops[id]?.pop.bridgedAt = bridged }
        let isHeld = leg.flatMap { leg in snapshot.channels?.first { $0.uuid == leg } }?.callState == "HELD"
        if !isHeld {
            self.pops[id]?.pop.heldAt = nil
        } else if self.pops[id]?.pop.heldAt == nil {
            self.pops[id]?.pop.heldAt = snapshot.takenAt
        }
        self.touched.pop(id)
    }

    private mutating func loadDirectCalls(_ snapshot: SwitchSnapshot) -> Set<String> {
        var confirmed: Set<String> = []
        // In order of their making, so that a caller's leg comes before those it called.
        let rows = (snapshot.channels ?? []).sorted { a, b in
            let first = (self.channels[a.uuid]?.createdAt ?? snapshot.takenAt, a.direction == "inbound" ? 0 : 1, a.uuid)
            return first < (self.channels[b.uuid]?.createdAt ?? snapshot.takenAt, b.direction == "inbound" ? 0 : 1, b.uuid)
        }
        for row in rows {
            let dump = ChannelDumpFacts(headers: snapshot.dumps[row.uuid] ?? [:])
            guard let channel = self.channels[row.uuid], channel.hangup == nil, channel.offer == nil, !dump.isOfCallCenter else { continue }
            if self.legPops[row.uuid] == nil {
                self.classifyDirect(row.uuid, dump.leg(row), Stamp(at: channel.createdAt, sequence: 0), isSnapshot: true)
            }
            for id in self.legPops[row.uuid] ?? [] {
                guard let live = self.pops[id], live.pop.kind != .queue, live.pop.agentCallUUID == row.uuid || live.ringing.contains(row.uuid) else {
                    continue
                }
                confirmed.insert(id)
            }
        }
        for id in confirmed.sorted() {
            self.pops[id]?.overdueAt = nil
            guard let live = self.pops[id], let leg = live.pop.agentCallUUID else { continue }
            let other = live.party ?? self.channels[leg]?.peer
            if live.pop.kind == .outbound, live.party == nil, let other {
                self.pops[id]?.party = other
                self.legPops[other, default: []].append(id)
            }
            let dump = ChannelDumpFacts(headers: snapshot.dumps[leg] ?? [:])
            let decisive = live.pop.kind == .outbound ? other ?? leg : leg
            guard dump.bridgedAt != nil || self.channels[leg]?.peer != nil, let answeredAt = self.channels[decisive]?.answeredAt ?? dump.bridgedAt
            else {
                continue
            }
            self.answer(id, at: answeredAt, isNew: false)
            self.loadTalk(id, dump, leg: leg, snapshot)
        }
        return confirmed
    }
}

extension SwitchSnapshot {
    /// A node may keep no list of its channels; then its members are all there is.
    var knowsChannels: Bool { self.channels != nil }

    /// Whether the snapshot cannot know the pop: direct calls have nothing but channels.
    func isSilent(about pop: Pop) -> Bool { pop.kind != .queue && !self.knowsChannels }

    /// The lists are read one after the other, and FreeSWITCH writes its list of channels with a delay: what is newer than this may stand in none.
    package static let lagSeconds = 2

    /// Whether a thing of that age can be missing and exist. One that is yet to come is from before the clock was put back.
    func mayLack(_ since: Timestamp) -> Bool {
        since.adding(seconds: Self.lagSeconds) > self.takenAt && since <= self.takenAt.adding(seconds: Self.lagSeconds)
    }

    func hasChannel(_ uuid: String) -> Bool { self.channels?.contains { $0.uuid == uuid } ?? false }

    /// Rows stay behind: abandoned ones by design, answered ones after a crash of the thread that served them.
    func isLive(_ row: MemberRow) -> Bool {
        switch row.state {
        case "Waiting", "Trying", "Answered":
            !self.knowsChannels || self.hasChannel(row.sessionUUID)
                || self.mayLack(Timestamp(seconds: max(row.joinedEpoch, row.rejoinedEpoch)) ?? Timestamp(microseconds: 0))
        default: false
        }
    }
}
