import CallCenter
import ScreenPop

extension ConfigurationCommands {
    /// Read from the nodes, not from what is known of them: an export is kept, and imported again.
    func export() async throws(CommandError) -> SettingsList {
        var list = SettingsList()
        for (node, lists) in try await self.readNodes(.external) {
            for row in lists.agents.sorted(by: { $0.name < $1.name }) {
                var agent = SettingsList.Agent(name: row.name)
                agent.node = node
                agent.changes = AgentChanges(row)
                list.agents.append(agent)
            }
            for row in lists.tiers.sorted(by: { ($0.agent, $0.queue) < ($1.agent, $1.queue) }) {
                var tier = SettingsList.Tier(queue: row.queue, agent: row.agent)
                tier.level = row.level
                tier.position = row.position
                list.tiers.append(tier)
            }
        }
        return list
    }

    func run(
        _ list: SettingsList, isPlan: Bool, deletes: Bool, allowsDialStrings: Bool, by: Principal
    ) async throws(CommandError) -> ImportPlan {
        if isPlan {
            var planner = ImportPlanner(nodes: try await self.readNodes(.external), deletes: deletes, allowsDialStrings: allowsDialStrings)
            return planner.make(list)
        }
        return try await self.imports.take { claim async throws(CommandError) -> ImportPlan in
            try await self.carryOut(list, claim, deletes: deletes, allowsDialStrings: allowsDialStrings, by: by)
        }
    }

    private func carryOut(
        _ list: SettingsList, _ claim: ImportTurn.Claim, deletes: Bool, allowsDialStrings: Bool, by: Principal
    ) async throws(CommandError) -> ImportPlan {
        var planner = ImportPlanner(nodes: try await self.readNodes(.external), deletes: deletes, allowsDialStrings: allowsDialStrings)
        var plan = planner.make(list)
        guard plan.faults.isEmpty, !plan.steps.isEmpty else { return plan }
        try await self.carryOut(plan, planner.commands, claim, by: by)
        // What is still to be done was not done, whatever FreeSWITCH said.
        let touched = Set(plan.steps.map(\.node))
        var after = ImportPlanner(
            nodes: try await self.readNodes(.screenpop(by: by.name), announcing: touched), deletes: deletes, allowsDialStrings: allowsDialStrings)
        let rest = after.make(list).steps
        plan.applied = max(0, plan.steps.count - rest.count)
        plan.faults = rest.map { step in
            let what = step.queue.map { "the tier of \(step.agent) in \($0)" } ?? "the agent \(step.agent)"
            return ImportPlan.Fault(
                place: .none, code: .notApplied, message: "FreeSWITCH accepted the commands, and \(what) is still to \(step.action.rawValue)")
        }
        return plan
    }

    private func carryOut(_ plan: ImportPlan, _ commands: [[CallCenterCommand]], _ claim: ImportTurn.Claim, by: Principal) async throws(CommandError)
    {
        var claimed: [(node: any CommandNode, agent: String)] = []
        var done = 0
        var failure: CommandError?
        do throws(CommandError) {
            for (step, commands) in zip(plan.steps, commands) {
                try claim.check()
                let node = try self.roster.node(named: step.node)
                if step.kind == .agent, step.action != .delete {
                    await node.claim(agent: step.agent, by: by.name)
                    claimed.append((node, step.agent))
                }
                for command in commands { _ = try await node.configure(command) }
                done += 1
            }
        } catch {
            failure = CommandError(
                error.code, "\(error.message); \(done) of \(plan.steps.count) changes were made before that: import again to go on")
        }
        // Even of one that failed: what was done is announced as ours, and before the agents are let go.
        for node in Set(plan.steps.prefix(done + 1).map(\.node)).sorted() {
            _ = try? await self.roster.node(named: node).reconcile(.screenpop(by: by.name))
        }
        for (node, agent) in claimed { await node.release(agent: agent) }
        if let failure { throw failure }
    }

    /// All of them: an agent must not come to be on two.
    /// - Parameter announcing: nodes whose differences are told with that origin; those of the others are somebody else's doing.
    private func readNodes(
        _ origin: Change.Configuration.Origin, announcing: Set<String> = []
    ) async throws(CommandError) -> [(name: String, lists: SwitchLists)] {
        var read: [(name: String, lists: SwitchLists)] = []
        for (name, node) in try self.roster.nodes() {
            read.append((name, try await node.reconcile(announcing.contains(name) ? origin : .external)))
        }
        return read
    }
}

extension AgentChanges {
    /// All of an agent that a list carries over. When it may get its next call is of the moment.
    fileprivate init(_ row: AgentRow) {
        self.init()
        self.type = row.type
        self.contact = row.contact.isEmpty ? nil : Contact(dialString: row.contact)
        self.maxNoAnswer = row.maxNoAnswer
        self.wrapUpTime = row.wrapUpTime
        self.rejectDelayTime = row.rejectDelayTime
        self.busyDelayTime = row.busyDelayTime
        self.noAnswerDelayTime = row.noAnswerDelayTime
    }
}
