import CallCenter

// Agents: what they want (status), what the switch does with them (state), wrap-up.
extension NodeReducer {
    /// Holds the agent if it was not known: the switch speaks of agents that no list named yet.
    mutating func know(agent name: String) {
        guard self.agents[name] == nil else { return }
        var agent = Agent(name: name, node: self.node)
        // Neither was told.
        agent.record.status = .other("")
        agent.record.state = .other("")
        // Of one that was deleted and added again during a call: the call is still his.
        agent.pops = self.sortedPops(ofAgent: name).map(\.pop.id)
        self.agents[name] = agent
        self.devices.set(name, contact: "")
    }

    mutating func agentAdded(_ name: String, type: String?, to changes: inout [Change]) {
        let isNew = self.agents[name] == nil
        self.know(agent: name)
        self.touched.agent(name)
        if let type { self.agents[name]?.record.type = type }
        self.noteWhileReading { $0.added.insert(name) }
        guard isNew else { return }
        // What mod_callcenter adds an agent with.
        self.agents[name]?.record.status = .loggedOut
        self.agents[name]?.record.state = .waiting
        if self.claims[name] == nil { self.announce(agent: name, .external, to: &changes) }
    }

    mutating func contactChanged(_ name: String, _ contact: String, to changes: inout [Change]) {
        self.know(agent: name)
        self.touched.agent(name)
        self.agents[name]?.record.contact = contact
        self.devices.set(name, contact: contact)
        self.noteWhileReading { $0.contacts.insert(name) }
        // Of an agent that no list named yet, nobody knows whether this is new.
        if self.claims[name] == nil, self.agents[name]?.configured != nil { self.announce(agent: name, .external, to: &changes) }
    }

    mutating func statusChanged(_ name: String, _ status: AgentStatus, _ stamp: Stamp) {
        self.know(agent: name)
        guard var agent = self.agents[name], agent.statusStamp.map({ $0 < stamp }) ?? true else { return }
        let isSame =
            agent.record.status == status && agent.statusStamp == nil && agent.awaited.isEmpty
            && agent.record.statusChangedAt.map { (0...1).contains(stamp.at.seconds - $0.seconds) } ?? false
        agent.statusStamp = stamp
        self.touched.agent(name)
        defer {
            agent.record.statusChangedAt = stamp.at
            self.agents[name] = agent
        }
        // The change that the snapshot knew already, by whole seconds; the event comes a moment after the row was written.
        if isSame { return }
        if agent.statusAfterMisses != status { self.dropPendingStatus(of: &agent, for: status, setAt: stamp.at) }
        agent.statusAfterMisses = nil
        // As mod_callcenter does: for that status alone, and not when it is told again.
        if status == .available, agent.record.status != .available {
            agent.record.talkTime = 0
            agent.record.callsAnswered = 0
            agent.record.noAnswerCount = 0
        }
        self.beginStatus(status, of: &agent, at: stamp.at)
        agent.record.tiers.forEach { self.touched.queue($0.queue) }
    }

    mutating func stateChanged(_ name: String, _ state: AgentState, _ stamp: Stamp) {
        self.know(agent: name)
        guard var agent = self.agents[name], agent.stateStamp.map({ $0 < stamp }) ?? true else { return }
        agent.stateStamp = stamp
        if agent.record.state != state || agent.record.stateChangedAt == nil { agent.record.stateChangedAt = stamp.at }
        agent.record.state = state
        agent.isCallOver = false
        agent.isListedFree = false
        self.agents[name] = agent
        self.touched.agent(name)
        switch state {
        case .waiting, .idle, .reserved, .other: self.endWhatTheStateDenies(name, stamp)
        case .receiving, .inAQueueCall: break
        }
    }

    /// - Parameter status: what mod_callcenter sets next.
    mutating func missedTooMany(_ name: String, _ count: Int, _ status: AgentStatus?) {
        guard self.agents[name] != nil else { return }
        self.agents[name]?.record.noAnswerCount = count
        self.agents[name]?.statusAfterMisses = status ?? .onBreak
        self.touched.agent(name)
    }

    /// mod_callcenter was loaded again: it has put every agent to Waiting and forgotten its members. Talks go on, as plain bridges.
    mutating func callCenterLoaded(_ stamp: Stamp) {
        self.readings = [:]
        for name in self.agents.keys.sorted() where self.agents[name]?.stateStamp.map({ $0 < stamp }) ?? true {
            self.agents[name]?.stateStamp = stamp
            if self.agents[name]?.record.state != .waiting {
                self.agents[name]?.record.state = .waiting
                self.agents[name]?.record.stateChangedAt = stamp.at
            }
            self.touched.agent(name)
        }
        for live in self.sortedPops() where live.pop.kind == .queue && live.pop.state == .offered {
            self.end(live.pop.id, .lostTrack, by: .switch, at: stamp.at)
        }
        for member in self.members.values.sorted(by: { $0.record.uuid < $1.record.uuid }) {
            self.leave(member.record.uuid, .lostTrack, at: stamp.at)
        }
    }

    /// Everything a list row knows, except what live events tell better.
    mutating func take(_ row: AgentRow) {
        guard var agent = self.agents[row.name] else { return }
        agent.record.type = row.type
        agent.record.contact = row.contact
        let changedAt = Timestamp(seconds: row.lastStatusChange)
        if agent.record.status != row.status || Self.isLater(changedAt, than: agent.record.statusChangedAt) {
            if !row.isAfterMisses {
                // Rows have whole seconds.
                self.dropPendingStatus(of: &agent, for: row.status, setAt: changedAt?.adding(microseconds: 999_999))
            }
            self.beginStatus(row.status, of: &agent, at: changedAt)
            agent.statusStamp = nil
            agent.record.statusChangedAt = changedAt
        } else if agent.record.statusChangedAt?.seconds != changedAt?.seconds {
            agent.statusStamp = nil
            agent.record.statusChangedAt = changedAt
        }
        if agent.record.state != row.state {
            agent.record.state = row.state
            agent.record.stateChangedAt = nil
            agent.stateStamp = nil
            agent.isCallOver = false
        }
        agent.record.maxNoAnswer = row.maxNoAnswer
        self.takeWrapUp(row, of: &agent)
        agent.record.rejectDelayTime = row.rejectDelayTime
        agent.record.busyDelayTime = row.busyDelayTime
        agent.record.noAnswerDelayTime = row.noAnswerDelayTime
        agent.record.readyTime = Timestamp(seconds: row.readyTime)
        agent.record.noAnswerCount = row.noAnswerCount
        agent.record.callsAnswered = row.callsAnswered
        agent.record.talkTime = row.talkTime
        self.agents[row.name] = agent
        self.devices.set(row.name, contact: row.contact)
    }
}

extension AgentRow {
    /// mod_callcenter set the status itself, because the agent missed too many calls: being available begins the count anew.
    fileprivate var isAfterMisses: Bool {
        switch self.status {
        case .onBreak, .loggedOut: self.maxNoAnswer > 0 && self.noAnswerCount >= self.maxNoAnswer
        case .available, .availableOnDemand, .other: false
        }
    }
}
