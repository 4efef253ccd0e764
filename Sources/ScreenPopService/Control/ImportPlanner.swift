import CallCenter
import ScreenPop

/// Holds a list against what the nodes have, and says what is to be done to make them equal. Pure: the nodes were read before.
struct ImportPlanner {
    /// In the order of the configuration.
    let nodes: [(name: String, lists: SwitchLists)]
    let deletes: Bool
    /// Whether a free dial string may be written. One that is there already may stay.
    let allowsDialStrings: Bool

    private var plan = ImportPlan()
    /// Where each agent is, or will be.
    private var places: [String: String] = [:]
    private var known: [String: AgentRow] = [:]
    private var tiers: [String: [String: TierRow]] = [:]
    /// What is to be done to the agents, by step: the commands are checked while planning.
    private(set) var commands: [[CallCenterCommand]] = []

    init(nodes: [(name: String, lists: SwitchLists)], deletes: Bool, allowsDialStrings: Bool) {
        self.nodes = nodes
        self.deletes = deletes
        self.allowsDialStrings = allowsDialStrings
    }

    /// Deletions come first, then agents, then tiers. With a fault in it, a plan is not to be carried out.
    mutating func make(_ list: SettingsList) -> ImportPlan {
        self.plan = ImportPlan()
        self.commands = []
        let shared = self.readNodes()
        var wanted: [String: SettingsList.Agent] = [:]
        for agent in list.agents {
            if wanted.updateValue(agent, forKey: agent.name) != nil {
                self.fault(agent.place, .invalidValue, "the agent \(agent.name) stands in the list twice")
            }
            if let nodes = shared[agent.name] {
                let error = CommandError.agentOnTwoNodes(agent.name, nodes)
                self.fault(agent.place, error.code, error.message)
            }
        }
        if self.deletes { self.delete(list, wanted) }
        for agent in list.agents where shared[agent.name] == nil { self.plan(agent) }
        self.plan(list.tiers, wanted)
        return self.plan
    }

    /// - Returns: agents that are on several nodes, which takes no commands.
    private mutating func readNodes() -> [String: [String]] {
        self.places = [:]
        self.known = [:]
        self.tiers = [:]
        var shared: [String: [String]] = [:]
        for (node, lists) in self.nodes {
            for row in lists.agents {
                if let other = self.places[row.name] {
                    shared[row.name, default: [other]].append(node)
                } else {
                    self.places[row.name] = node
                    self.known[row.name] = row
                }
            }
            for row in lists.tiers where self.places[row.agent] == node { self.tiers[row.agent, default: [:]][row.queue] = row }
        }
        return shared
    }

    private mutating func fault(_ place: SettingsList.Place, _ code: CommandError.Code, _ message: String) {
        self.plan.faults.append(ImportPlan.Fault(place: place, code: code, message: message))
    }

    private mutating func step(_ step: ImportPlan.Step, _ commands: [CallCenterCommand]) {
        self.plan.steps.append(step)
        self.commands.append(commands)
    }

    // MARK: deletions

    private mutating func delete(_ list: SettingsList, _ wanted: [String: SettingsList.Agent]) {
        let tiers = Dictionary(grouping: list.tiers, by: \.agent).mapValues { Set($0.map(\.queue)) }
        for agent in self.known.keys.sorted() {
            guard let node = self.places[agent] else { continue }
            for queue in (self.tiers[agent] ?? [:]).keys.sorted() where tiers[agent]?.contains(queue) != true {
                do throws(CommandError) {
                    let command = CallCenterCommand.deleteTier(try NodeRoster.queueName(queue), try NodeRoster.agentName(agent))
                    self.step(.init(action: .delete, kind: .tier, node: node, agent: agent, queue: queue), [command])
                    self.tiers[agent]?[queue] = nil
                } catch {
                    self.fault(.none, error.code, "the tier of \(agent) in \(queue) cannot be deleted: \(error.message)")
                }
            }
            guard wanted[agent] == nil else { continue }
            do throws(CommandError) {
                self.step(.init(action: .delete, kind: .agent, node: node, agent: agent), [.deleteAgent(try NodeRoster.agentName(agent))])
                self.places[agent] = nil
            } catch {
                self.fault(.none, error.code, "the agent \(agent) cannot be deleted: \(error.message)")
            }
        }
    }

    // MARK: agents

    private mutating func plan(_ agent: SettingsList.Agent) {
        do throws(CommandError) {
            if let row = self.known[agent.name], let node = self.places[agent.name] {
                guard agent.node == nil || agent.node == node else {
                    throw CommandError(.agentExists, "the agent \(agent.name) is on \(node); delete it there before it is added elsewhere")
                }
                try self.planChange(agent, row, on: node)
            } else {
                try self.planAddition(agent)
            }
        } catch {
            self.fault(agent.place, error.code, error.message)
        }
    }

    private mutating func planAddition(_ agent: SettingsList.Agent) throws(CommandError) {
        let node = try self.node(for: agent)
        // Once in the list is enough for it to be there.
        self.places[agent.name] = node
        let name = try NodeRoster.agentName(agent.name)
        let type = try AgentSetup.type(agent.changes.type ?? CallCenterCommand.AgentType.callback.rawValue)
        var changes = agent.changes
        changes.type = nil
        try self.checkContact(changes.contact)
        let setup = try AgentSetup(changes, of: name)
        var fields = setup.requested
        fields["type"] = .text(type.rawValue)
        self.step(
            .init(
                action: .add, kind: .agent, node: node, agent: agent.name,
                fields: fields.sorted { $0.key < $1.key }.map { .init(name: $0.key, from: .null, to: $0.value) }),
            [.addAgent(name, type: type)] + setup.commands)
    }

    private func node(for agent: SettingsList.Agent) throws(CommandError) -> String {
        if let wanted = agent.node {
            guard self.nodes.contains(where: { $0.name == wanted }) else {
                throw CommandError(.nodeUnknown, "there is no node \(wanted); there are \(NodeRoster.list(self.nodes.map(\.name)))")
            }
            return wanted
        }
        guard self.nodes.count == 1, let only = self.nodes.first else {
            throw CommandError(.nodeUnknown, "say on which node: \(NodeRoster.list(self.nodes.map(\.name)))")
        }
        return only.name
    }

    private mutating func planChange(_ agent: SettingsList.Agent, _ row: AgentRow, on node: String) throws(CommandError) {
        let changes = agent.changes.without(row)
        // What differs in nothing is left alone, be its name as it may.
        guard changes != AgentChanges() else { return }
        let name = try NodeRoster.agentName(agent.name)
        try self.checkContact(changes.contact)
        let setup = try AgentSetup(changes, of: name)
        let actual = setup.actual(row)
        let fields = setup.requested.sorted { $0.key < $1.key }.map { key, value in
            ImportPlan.Field(name: key, from: actual[key].map { $0 == "" ? .null : $0 } ?? .null, to: value)
        }
        let type = setup.type.map { [CallCenterCommand.setType(name, $0)] } ?? []
        self.step(.init(action: .change, kind: .agent, node: node, agent: agent.name, fields: fields), type + setup.commands)
    }

    private func checkContact(_ contact: Contact?) throws(CommandError) {
        guard case .dialString = contact, !self.allowsDialStrings else { return }
        throw CommandError(.invalidContact, "the contact is none of user, sofia, loopback: dial strings are accepted only with --allow-dial-strings")
    }

    // MARK: tiers

    private mutating func plan(_ tiers: [SettingsList.Tier], _ wanted: [String: SettingsList.Agent]) {
        var seen: Set<[String]> = []
        let queues = Dictionary(self.nodes.map { ($0.name, Set($0.lists.queues.map(\.name))) }, uniquingKeysWith: { first, _ in first })
        for tier in tiers {
            guard seen.insert([tier.queue, tier.agent]).inserted else {
                self.fault(tier.place, .invalidValue, "the tier of \(tier.agent) in \(tier.queue) stands in the list twice")
                continue
            }
            do throws(CommandError) {
                guard let node = self.places[tier.agent] else {
                    throw CommandError(.agentNotFound, "there is no agent \(tier.agent), neither in the list nor on a node")
                }
                try self.plan(tier, on: node, isLoaded: queues[node]?.contains(tier.queue) ?? false)
            } catch {
                self.fault(tier.place, error.code, error.message)
            }
        }
    }

    private mutating func plan(_ tier: SettingsList.Tier, on node: String, isLoaded: Bool) throws(CommandError) {
        let row = self.tiers[tier.agent]?[tier.queue]
        let level = tier.level ?? row?.level ?? 1
        let position = tier.position ?? row?.position ?? 1
        guard row?.level != level || row?.position != position else { return }
        guard (0...AgentSetup.highest).contains(level), (0...AgentSetup.highest).contains(position) else {
            throw CommandError(.invalidValue, "level and position must be between 0 and \(AgentSetup.highest)")
        }
        let queue = try NodeRoster.queueName(tier.queue)
        let agent = try NodeRoster.agentName(tier.agent)
        guard isLoaded else { throw CommandError(.queueNotFound, "the queue \(tier.queue) is not loaded on \(node): load it first") }
        var fields: [ImportPlan.Field] = []
        var commands: [CallCenterCommand] = row == nil ? [.addTier(queue, agent, level: level, position: position)] : []
        if row?.level != level {
            fields.append(.init(name: "level", from: row.map { .number($0.level) } ?? .null, to: .number(level)))
            if row != nil { commands.append(.setTierLevel(queue, agent, level)) }
        }
        if row?.position != position {
            fields.append(.init(name: "position", from: row.map { .number($0.position) } ?? .null, to: .number(position)))
            if row != nil { commands.append(.setTierPosition(queue, agent, position)) }
        }
        self.step(
            .init(action: row == nil ? .add : .change, kind: .tier, node: node, agent: tier.agent, queue: tier.queue, fields: fields), commands)
    }
}

extension AgentChanges {
    /// What of it the agent does not have already.
    fileprivate func without(_ row: AgentRow) -> AgentChanges {
        var changes = self
        if changes.type?.lowercased() == row.type.lowercased() { changes.type = nil }
        // A contact that says the same in other words is the same.
        if let contact = changes.contact, contact == Contact(dialString: row.contact) || contact.dialString == row.contact { changes.contact = nil }
        if changes.maxNoAnswer == row.maxNoAnswer { changes.maxNoAnswer = nil }
        if changes.wrapUpTime == row.wrapUpTime { changes.wrapUpTime = nil }
        if changes.rejectDelayTime == row.rejectDelayTime { changes.rejectDelayTime = nil }
        if changes.busyDelayTime == row.busyDelayTime { changes.busyDelayTime = nil }
        if changes.noAnswerDelayTime == row.noAnswerDelayTime { changes.noAnswerDelayTime = nil }
        return changes
    }
}
