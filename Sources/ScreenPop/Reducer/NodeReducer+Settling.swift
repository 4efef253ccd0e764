import CallCenter

/// What an event touched, in order.
struct Touched: Sendable {
    var pops: [String] = []
    var agents: [String] = []
    var queues: [String] = []
    var members: [String] = []
    var calls: [String] = []
    /// Members that are out of the queue: no longer held, but still to be told.
    var left: [MemberRecord] = []
    /// Reasons that are over.
    var reasons: [(agent: String, period: ReasonPeriod)] = []
    /// Of what was kept for later, what is left after somebody set another status.
    var dropped: [(agent: String, pending: PendingChange?, failure: PendingFailure)] = []

    mutating func pop(_ id: String) { Self.add(id, &self.pops) }
    mutating func agent(_ name: String) { Self.add(name, &self.agents) }
    mutating func queue(_ name: String) { Self.add(name, &self.queues) }
    mutating func member(_ uuid: String) { Self.add(uuid, &self.members) }
    mutating func call(_ uuid: String) { Self.add(uuid, &self.calls) }

    private static func add(_ name: String, _ names: inout [String]) {
        if !names.contains(name) { names.append(name) }
    }
}

extension NodeReducer {
    /// Says what differs from what was last given out: members, pops, calls, agents, current pops, queues, in that order.
    mutating func settle(at: Timestamp, to changes: inout [Change]) {
        let touched = self.touched
        self.touched = Touched()
        // Who is back under the same uuid has left first: the views go by the uuid.
        for member in touched.left where self.members[member.uuid] != nil { changes.append(.memberLeft(member)) }
        for uuid in touched.members { self.settleMember(uuid, to: &changes) }
        var agents = touched.agents
        var queues = touched.queues
        for id in touched.pops {
            guard let live = self.pops[id] else { continue }
            if !agents.contains(live.pop.agent) { agents.append(live.pop.agent) }
            if let queue = live.pop.queue, !queues.contains(queue) { queues.append(queue) }
            self.settlePop(id, live, at: at, to: &changes)
        }
        for member in touched.left where self.members[member.uuid] == nil { changes.append(.memberLeft(member)) }
        for (agent, period) in touched.reasons { changes.append(.reasonEnded(agent: agent, period)) }
        for (agent, pending, failure) in touched.dropped { changes.append(.pending(agent: agent, pending, failure)) }
        // Ended pops let go of their calls.
        let released = self.touched.calls.filter { !touched.calls.contains($0) }
        self.touched = Touched()
        for uuid in touched.calls + released { self.settleCall(uuid, to: &changes) }
        for name in agents {
            for queue in self.settleAgent(name, to: &changes) where !queues.contains(queue) { queues.append(queue) }
        }
        for name in queues { self.settleQueue(name, to: &changes) }
    }

    private mutating func settleMember(_ uuid: String, to changes: inout [Change]) {
        guard var member = self.members[uuid], member.record != member.published else { return }
        changes.append(member.published == nil ? .memberJoined(member.record) : .memberUpdated(member.record))
        member.published = member.record
        self.members[uuid] = member
    }

    private mutating func settlePop(_ id: String, _ live: LivePop, at: Timestamp, to changes: inout [Change]) {
        var live = live
        live.pop.url = self.popURL?.url(for: live.pop)
        // Seen for the first time when it was answered, or over: it begins with its offer all the same.
        if live.published == nil, live.pop.state != .offered {
            live.published = live.pop.asOffered
            self.tell(.offered, live.pop.asOffered, at: at, to: &changes)
        }
        let transition: Change.PopTransition
        switch (live.published?.state, live.pop.state) {
        case (nil, .offered): transition = .offered
        case (.offered, .offered), (.answered, .answered), (.answered, .offered): transition = .updated
        case (nil, .answered), (.offered, .answered): transition = .answered
        case (_, .ended): transition = .ended
        case (.ended, _): return
        }
        if let published = live.published {
            guard live.pop != published else { return }
            live.pop.version = published.version
            live.pop.version.count()
        }
        live.published = live.pop
        self.tell(transition, live.pop, at: at, to: &changes)
        if live.pop.state == .ended {
            self.pops[id] = nil
            self.release(live)
        } else {
            self.pops[id] = live
        }
    }

    private func tell(_ transition: Change.PopTransition, _ pop: Pop, at: Timestamp, to changes: inout [Change]) {
        changes.append(.pop(transition, pop))
        guard let call = pop.callUUID else { return }
        let detail = transition == .ended ? pop.endReason?.rawValue : nil
        changes.append(
            .trace(
                call: call,
                TraceEntry(at: at, kind: .decided, what: transition.rawValue, agent: pop.agent, queue: pop.queue, detail: detail)))
    }

    private mutating func settleCall(_ uuid: String, to changes: inout [Change]) {
        guard var call = self.calls[uuid] else { return }
        if call.record != call.published {
            call.published = call.record
            changes.append(.call(call.record))
        }
        self.calls[uuid] = call.isOver && call.livePops.isEmpty && !self.isWaiting(uuid) ? nil : call
    }

    /// - Returns: the queues whose counts depend on the agent, when something changed.
    private mutating func settleAgent(_ name: String, to changes: inout [Change]) -> [String] {
        guard var agent = self.agents[name] else { return [] }
        let live = agent.pops.compactMap { self.pops[$0]?.pop }
        let ordered = Self.currentFirst(live)
        agent.record.pops = ordered.map(\.id)
        let talking = live.filter { $0.state == .answered }
        agent.record.normalized = NormalizedState(
            status: agent.record.status, state: agent.record.state, isTalking: !talking.isEmpty,
            isOnHold: !talking.isEmpty && talking.allSatisfy { $0.heldAt != nil }, isOffered: !live.isEmpty,
            isWrappingUp: agent.record.wrapUp != nil)
        for index in agent.record.tiers.indices {
            let queue = agent.record.tiers[index].queue
            if live.contains(where: { $0.queue == queue && $0.state == .answered }) {
                agent.record.tiers[index].state = "Active Inbound"
            } else if live.contains(where: { $0.queue == queue }) {
                agent.record.tiers[index].state = "Offering"
            } else if agent.record.tiers[index].state == "Active Inbound" || agent.record.tiers[index].state == "Offering" {
                agent.record.tiers[index].state = "Ready"
            }
        }
        self.noteDue(&agent, live)
        let isChanged = agent.record != agent.published
        let isCounted =
            agent.record.normalized != agent.published?.normalized || agent.record.status != agent.published?.status
            || agent.record.tiers.map(\.queue) != agent.published?.tiers.map(\.queue)
        if isChanged {
            agent.published = agent.record
            changes.append(.agent(agent.record))
        }
        let current = ordered.first.map { Agent.CurrentPop(id: $0.id, version: $0.version) }
        if current != agent.publishedCurrent {
            agent.publishedCurrent = current
            changes.append(.currentPop(agent: name, ordered.first))
        }
        self.agents[name] = agent
        return isCounted ? agent.record.tiers.map(\.queue) : []
    }

    /// The current pop first: answered beats offered, then the newest.
    static func currentFirst(_ pops: [Pop]) -> [Pop] {
        pops.sorted { a, b in
            if (a.state == .answered) != (b.state == .answered) { return a.state == .answered }
            return (a.answeredAt ?? a.offeredAt, a.id) > (b.answeredAt ?? b.offeredAt, b.id)
        }
    }

    private mutating func settleQueue(_ name: String, to changes: inout [Change]) {
        guard var queue = self.queues[name] else { return }
        let waiting = self.members.values.filter { $0.record.queue == name && ($0.record.state == .waiting || $0.record.state == .trying) }
        queue.record.waiting = waiting.count
        queue.record.longestWaitSince = waiting.map(\.record.joinedAt).min()
        var ready = 0
        var talking = 0
        var loggedIn = 0
        for agent in self.agents.values {
            let isOfQueue = agent.record.tiers.contains { $0.queue == name }
            // Where the tiers are not known yet, a talk about this queue tells of one.
            guard isOfQueue || agent.pops.contains(where: { self.pops[$0]?.pop.queue == name }) else { continue }
            if agent.record.status != .loggedOut { loggedIn += 1 }
            switch agent.record.normalized {
            case .ready: ready += 1
            case .talking, .hold: talking += 1
            case .loggedOut, .notReady, .reserved, .wrapUp: break
            }
        }
        queue.record.agentsReady = ready
        queue.record.agentsTalking = talking
        queue.record.agentsLoggedIn = loggedIn
        if queue.record != queue.published {
            queue.published = queue.record
            changes.append(.queue(queue.record))
        }
        self.queues[name] = queue
    }

    /// Whether the call has a member in a queue.
    func isWaiting(_ call: String) -> Bool {
        self.members.values.contains { $0.record.callUUID == call }
    }
}

extension Pop {
    /// As it was when it was offered, with what is known of it now.
    fileprivate var asOffered: Pop {
        var pop = self
        pop.state = .offered
        pop.answeredAt = nil
        pop.bridgedAt = nil
        pop.endedAt = nil
        pop.heldAt = nil
        pop.transferredTo = nil
        pop.endReason = nil
        pop.endedBy = nil
        return pop
    }
}
