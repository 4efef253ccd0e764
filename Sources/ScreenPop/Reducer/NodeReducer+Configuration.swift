public import CallCenter

// What administrators set: which agents, tiers and queues there are, and their settings. Most of it changes without an event of the switch.
extension NodeReducer {
    // MARK: our own commands

    /// A command of ours is about to change an agent. What its events tell is not announced as somebody else's doing, but once, as ours: by the
    /// local change that follows, or else by `release`.
    package mutating func claim(agent: String, by: String?) {
        self.claims[agent, default: []].append(by)
        self.noteWhileReading { $0.agents.insert(agent) }
    }

    /// The command is over, whatever came of it.
    package mutating func release(agent: String, to changes: inout [Change]) {
        guard var claims = self.claims[agent], let by = claims.popLast() else { return }
        self.claims[agent] = claims.isEmpty ? nil : claims
        guard claims.isEmpty, self.agents[agent]?.configured != nil || self.hasSnapshot else { return }
        self.announce(agent: agent, .screenpop(by: by), to: &changes)
    }

    mutating func change(_ local: LocalChange, _ origin: Change.Configuration.Origin, to changes: inout [Change]) {
        switch local {
        case .agentRemoved(let name):
            self.noteWhileReading { $0.agents.insert(name) }
            self.remove(agent: name, origin, to: &changes)
        case .agentSettings(let row):
            self.noteWhileReading { $0.agents.insert(row.name) }
            self.know(agent: row.name)
            // Of one whose status nobody told yet, the row knows everything best.
            if self.agents[row.name]?.record.status == .other("") { self.take(row) } else { self.take(row, keepingContact: false) }
            self.touched.agent(row.name)
            self.announce(agent: row.name, origin, to: &changes)
        case .tierSet(let row):
            self.noteWhileReading { $0.tiers.insert(TierKey(queue: row.queue, agent: row.agent)) }
            self.know(agent: row.agent)
            self.know(queue: row.queue)
            self.set(row, origin, to: &changes)
        case .tierRemoved(let queue, let agent):
            self.noteWhileReading { $0.tiers.insert(TierKey(queue: queue, agent: agent)) }
            self.removeTier(queue: queue, agent: agent, origin, to: &changes)
        }
    }

    // MARK: lists

    /// Lists are going to be read, one after the other, while events and commands go on.
    package mutating func beginReading() -> Int {
        self.lastReading += 1
        self.readings[self.lastReading] = Meanwhile()
        return self.lastReading
    }

    package mutating func abandonReading(_ reading: Int) { self.readings[reading] = nil }

    /// Takes from the lists what no event announces, and announces what differs. What an event or a command told while the lists were being read
    /// stays as it was told; a snapshot that came meanwhile knows better than all of them.
    package mutating func endReading(_ reading: Int, _ lists: SwitchLists, _ origin: Change.Configuration.Origin, to changes: inout [Change]) {
        guard let meanwhile = self.readings.removeValue(forKey: reading) else { return }
        self.take(lists.queues, origin, sparing: meanwhile.queues, to: &changes)
        let tiers = Dictionary(grouping: lists.tiers, by: \.agent)
        for row in lists.agents where !meanwhile.agents.contains(row.name) && !self.isClaimed(row.name, origin) {
            self.take(row, keepingContact: meanwhile.contacts.contains(row.name))
            self.announce(agent: row.name, origin, to: &changes)
        }
        let listed = Set(lists.agents.map(\.name))
        for name in self.agents.keys.sorted() {
            if listed.contains(name) {
                self.take(tiers[name] ?? [], of: name, origin, sparing: meanwhile.tiers, to: &changes)
            } else if !meanwhile.agents.contains(name), !meanwhile.added.contains(name), !self.isClaimed(name, origin) {
                self.remove(agent: name, origin, to: &changes)
            }
        }
        self.settle(at: self.now, to: &changes)
    }

    /// Gives out an agent and a queue once more, though nothing of them has changed.
    package mutating func giveOutAgain(agents: some Sequence<String>, queues: some Sequence<String>, to changes: inout [Change]) {
        for name in agents where self.agents[name] != nil {
            self.agents[name]?.published = nil
            self.touched.agent(name)
        }
        for name in queues where self.queues[name] != nil {
            self.queues[name]?.published = nil
            self.touched.queue(name)
        }
        self.settle(at: self.now, to: &changes)
    }

    mutating func noteWhileReading(_ note: (inout Meanwhile) -> Void) {
        for reading in self.readings.keys {
            guard var meanwhile = self.readings.removeValue(forKey: reading) else { continue }
            note(&meanwhile)
            self.readings[reading] = meanwhile
        }
    }

    /// Whether a command that is under way will tell of the agent better. A command that reads the lists itself knows what it did.
    private func isClaimed(_ name: String, _ origin: Change.Configuration.Origin) -> Bool {
        switch origin {
        case .external: self.claims[name] != nil
        case .screenpop: false
        }
    }

    // MARK: agents

    /// Says that an agent came or that its settings changed, unless that was said.
    mutating func announce(agent name: String, _ origin: Change.Configuration.Origin, to changes: inout [Change]) {
        guard let agent = self.agents[name] else { return }
        let configured = AgentConfiguration(agent.record)
        guard configured != agent.configured else { return }
        self.agents[name]?.configured = configured
        let what: Change.Configuration.What = agent.configured == nil ? .agentAdded : .agentChanged
        changes.append(.configuration(Change.Configuration(what: what, node: self.node, agent: name, origin: origin)))
    }

    /// Its live pops stay: whoever talks goes on talking.
    mutating func remove(agent name: String, _ origin: Change.Configuration.Origin, to changes: inout [Change]) {
        guard let agent = self.agents.removeValue(forKey: name) else { return }
        self.doubted.remove(name)
        self.devices.remove(name)
        agent.record.tiers.forEach { self.touched.queue($0.queue) }
        if agent.publishedCurrent != nil { changes.append(.currentPop(agent: name, nil)) }
        changes.append(.agentRemoved(name))
        changes.append(.configuration(Change.Configuration(what: .agentRemoved, node: self.node, agent: name, origin: origin)))
    }

    /// Status and state have events; a list that was read a moment ago does not undo them.
    private mutating func take(_ row: AgentRow, keepingContact: Bool) {
        var row = row
        let known = self.agents[row.name]?.record
        if let record = known {
            row.status = record.status
            row.state = record.state
            row.lastStatusChange = record.statusChangedAt?.seconds ?? 0
            row.noAnswerCount = record.noAnswerCount
            row.callsAnswered = record.callsAnswered
            row.talkTime = record.talkTime
            if keepingContact { row.contact = record.contact }
        } else {
            self.know(agent: row.name)
        }
        self.take(row)
        if self.agents[row.name]?.record != known { self.touched.agent(row.name) }
    }

    // MARK: tiers

    /// - Parameters:
    ///   - rows: all of the agent's.
    ///   - origin: `nil` says nothing.
    mutating func take(
        _ rows: [TierRow], of agent: String, _ origin: Change.Configuration.Origin?, sparing spared: Set<TierKey> = [], to changes: inout [Change]
    ) {
        for row in rows where !spared.contains(TierKey(queue: row.queue, agent: agent)) { self.set(row, origin, to: &changes) }
        let listed = Set(rows.map(\.queue))
        for tier in self.agents[agent]?.record.tiers ?? [] where !listed.contains(tier.queue) {
            guard !spared.contains(TierKey(queue: tier.queue, agent: agent)) else { continue }
            self.removeTier(queue: tier.queue, agent: agent, origin, to: &changes)
        }
    }

    /// The state of a tier goes with calls: it is shown, and not announced as a setting.
    private mutating func set(_ row: TierRow, _ origin: Change.Configuration.Origin?, to changes: inout [Change]) {
        guard self.agents[row.agent] != nil else { return }
        let tier = AgentRecord.Tier(queue: row.queue, level: row.level, position: row.position, state: row.state)
        let index = self.agents[row.agent]?.record.tiers.firstIndex { $0.queue == row.queue }
        let known = index.flatMap { self.agents[row.agent]?.record.tiers[$0] }
        guard known != tier else { return }
        self.touched.agent(row.agent)
        if let index {
            self.agents[row.agent]?.record.tiers[index] = tier
        } else {
            self.agents[row.agent]?.record.tiers.append(tier)
            self.agents[row.agent]?.record.tiers.sort { $0.queue < $1.queue }
            self.touched.queue(row.queue)
        }
        guard let origin, known?.level != tier.level || known?.position != tier.position else { return }
        let what: Change.Configuration.What = known == nil ? .tierAdded : .tierChanged
        changes.append(.configuration(Change.Configuration(what: what, node: self.node, agent: row.agent, queue: row.queue, origin: origin)))
    }

    private mutating func removeTier(
        queue: String, agent: String, _ origin: Change.Configuration.Origin?, to changes: inout [Change]
    ) {
        guard let index = self.agents[agent]?.record.tiers.firstIndex(where: { $0.queue == queue }) else { return }
        self.agents[agent]?.record.tiers.remove(at: index)
        self.touched.agent(agent)
        self.touched.queue(queue)
        guard let origin else { return }
        changes.append(.configuration(Change.Configuration(what: .tierRemoved, node: self.node, agent: agent, queue: queue, origin: origin)))
    }

    // MARK: queues

    /// - Parameter origin: `nil` says nothing of queues that come or change.
    mutating func take(
        _ rows: [QueueRow], _ origin: Change.Configuration.Origin?, sparing spared: Set<String> = [], to changes: inout [Change]
    ) {
        for row in rows where !spared.contains(row.name) {
            self.know(queue: row.name)
            guard var queue = self.queues[row.name] else { continue }
            let known = queue.record
            queue.record.strategy = row.strategy
            queue.record.parameters = QueueParameter.all(of: row)
            queue.record.answered = row.callsAnswered
            queue.record.abandoned = row.callsAbandoned
            let configured = queue.configured
            queue.configured = queue.record.parameters
            self.queues[row.name] = queue
            if queue.record != known || queue.published == nil { self.touched.queue(row.name) }
            guard let origin, configured != queue.configured else { continue }
            let what: Change.Configuration.What = configured == nil ? .queueAdded : .queueChanged
            changes.append(.configuration(Change.Configuration(what: what, node: self.node, queue: row.name, origin: origin)))
        }
        let listed = Set(rows.map(\.name))
        for name in self.queues.keys.sorted() where !listed.contains(name) && !spared.contains(name) {
            self.queues[name] = nil
            changes.append(.queueRemoved(name))
            changes.append(.configuration(Change.Configuration(what: .queueRemoved, node: self.node, queue: name, origin: origin ?? .external)))
        }
    }
}

/// What was told while lists were being read.
struct Meanwhile: Sendable {
    /// By commands of ours.
    var agents: Set<String> = []
    var tiers: Set<TierKey> = []
    /// By events.
    var added: Set<String> = []
    var contacts: Set<String> = []
    var queues: Set<String> = []
}

struct TierKey: Sendable, Hashable {
    var queue: String
    var agent: String
}

/// What administrators set of an agent. The time before which it gets no call is not among it: mod_callcenter sets that itself after each failed
/// offer.
struct AgentConfiguration: Sendable, Equatable {
    var type: String
    var contact: String
    var numbers: [Int]

    init(_ record: AgentRecord) {
        self.type = record.type
        self.contact = record.contact
        self.numbers = [record.maxNoAnswer, record.wrapUpTime, record.rejectDelayTime, record.busyDelayTime, record.noAnswerDelayTime]
    }
}

/// What a node lists of its settings, read on the way.
public struct SwitchLists: Sendable, Equatable {
    public var agents: [AgentRow]
    public var tiers: [TierRow]
    public var queues: [QueueRow]

    public init(agents: [AgentRow] = [], tiers: [TierRow] = [], queues: [QueueRow] = []) {
        self.agents = agents
        self.tiers = tiers
        self.queues = queues
    }
}
