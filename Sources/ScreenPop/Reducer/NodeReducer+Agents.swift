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
        self.agents[name] = agent
        self.devices.set(name, contact: "")
    }

    mutating func agentAdded(_ name: String, type: String?, to changes: inout [Change]) {
        let isNew = self.agents[name] == nil
        self.know(agent: name)
        self.touched.agent(name)
        if let type { self.agents[name]?.record.type = type }
        guard isNew else { return }
        // What mod_callcenter adds an agent with.
        self.agents[name]?.record.status = .loggedOut
        self.agents[name]?.record.state = .waiting
        changes.append(.configuration(Change.Configuration(what: .agentAdded, node: self.node, agent: name)))
    }

    mutating func contactChanged(_ name: String, _ contact: String) {
        self.know(agent: name)
        self.touched.agent(name)
        self.agents[name]?.record.contact = contact
        self.devices.set(name, contact: contact)
    }

    mutating func statusChanged(_ name: String, _ status: AgentStatus, _ stamp: Stamp) {
        self.know(agent: name)
        guard var agent = self.agents[name], agent.statusStamp.map({ $0 < stamp }) ?? true else { return }
        let isSame =
            agent.record.status == status && agent.statusStamp == nil && agent.awaited == nil
            && agent.record.statusChangedAt.map { (0...1).contains(stamp.at.seconds - $0.seconds) } ?? false
        agent.statusStamp = stamp
        self.touched.agent(name)
        defer {
            agent.record.statusChangedAt = stamp.at
            self.agents[name] = agent
        }
        // The change that the snapshot knew already, by whole seconds; the event comes a moment after the row was written.
        if isSame { return }
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

    mutating func missedTooMany(_ name: String, _ count: Int) {
        guard self.agents[name] != nil else { return }
        self.agents[name]?.record.noAnswerCount = count
        self.touched.agent(name)
    }

    /// mod_callcenter was loaded again: it has put every agent to Waiting and forgotten its members. Talks go on, as plain bridges.
    mutating func callCenterLoaded(_ stamp: Stamp) {
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

    mutating func change(_ local: LocalChange, to changes: inout [Change]) {
        switch local {
        case .agentRemoved(let name): self.remove(agent: name, to: &changes)
        case .agentSettings(let row):
            let isNew = self.agents[row.name] == nil
            self.know(agent: row.name)
            self.take(row)
            self.touched.agent(row.name)
            guard isNew || self.agents[row.name].map({ $0.record != $0.published }) ?? false else { return }
            changes.append(.configuration(Change.Configuration(what: isNew ? .agentAdded : .agentChanged, node: self.node, agent: row.name)))
        case .tierSet(let row):
            self.know(agent: row.agent)
            self.know(queue: row.queue)
            let tier = AgentRecord.Tier(queue: row.queue, level: row.level, position: row.position, state: row.state)
            let index = self.agents[row.agent]?.record.tiers.firstIndex { $0.queue == row.queue }
            if let index {
                self.agents[row.agent]?.record.tiers[index] = tier
            } else {
                self.agents[row.agent]?.record.tiers.append(tier)
                self.agents[row.agent]?.record.tiers.sort { $0.queue < $1.queue }
            }
            self.touched.agent(row.agent)
            self.touched.queue(row.queue)
            changes.append(
                .configuration(
                    Change.Configuration(what: index == nil ? .tierAdded : .tierChanged, node: self.node, agent: row.agent, queue: row.queue)))
        case .tierRemoved(let queue, let agent):
            guard let index = self.agents[agent]?.record.tiers.firstIndex(where: { $0.queue == queue }) else { return }
            self.agents[agent]?.record.tiers.remove(at: index)
            self.touched.agent(agent)
            self.touched.queue(queue)
            changes.append(.configuration(Change.Configuration(what: .tierRemoved, node: self.node, agent: agent, queue: queue)))
        }
    }

    /// Its live pops stay: whoever talks goes on talking.
    mutating func remove(agent name: String, to changes: inout [Change]) {
        guard let agent = self.agents.removeValue(forKey: name) else { return }
        self.devices.remove(name)
        agent.record.tiers.forEach { self.touched.queue($0.queue) }
        if agent.publishedCurrent != nil { changes.append(.currentPop(agent: name, nil)) }
        changes.append(.agentRemoved(name))
        changes.append(.configuration(Change.Configuration(what: .agentRemoved, node: self.node, agent: name)))
    }

    /// Everything a list row knows, except what live events tell better.
    mutating func take(_ row: AgentRow) {
        guard var agent = self.agents[row.name] else { return }
        agent.record.type = row.type
        agent.record.contact = row.contact
        let changedAt = Timestamp(seconds: row.lastStatusChange)
        if agent.record.status != row.status || Self.isLater(changedAt, than: agent.record.statusChangedAt) {
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
        agent.record.noAnswerCount = row.noAnswerCount
        agent.record.callsAnswered = row.callsAnswered
        agent.record.talkTime = row.talkTime
        self.agents[row.name] = agent
        self.devices.set(row.name, contact: row.contact)
    }
}
