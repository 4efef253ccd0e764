import CallCenter
import ScreenPop

/// Agents and tiers, carried out on the node that has them, and read back.
struct ConfigurationCommands: ConfigurationControl {
    let roster: NodeRoster
    let imports: ImportTurn
    let catalogue: QueueDefinitionCatalogue

    // MARK: agents

    func add(_ agent: AgentSettings, by: Principal) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let name = try NodeRoster.agentName(agent.name)
        let type = try AgentSetup.type(agent.type)
        let setup = try AgentSetup(AgentChanges(agent), of: name)
        let node = try self.roster.node(for: agent)
        let (reply, row) = try await node.claiming(name, by: by) { () async throws(CommandError) -> (String, AgentRow) in
            let reply = try await node.run(.addAgent(name, type: type))
            do throws(CommandError) {
                for command in setup.commands { _ = try await node.run(command) }
                let row = try await node.existing(name)
                await node.apply(.agentSettings(row), by: by)
                return (reply, row)
            } catch {
                throw await Self.undo(name, on: node, after: error, by: by)
            }
        }
        var requested = setup.requested
        var actual = setup.actual(row)
        requested["name"] = .text(name.text)
        requested["type"] = .text(type.rawValue)
        actual["name"] = .text(row.name)
        actual["type"] = .text(row.type)
        return CommandOutcome(
            requested: requested, reply: reply, actual: actual, applied: actual == requested,
            tookMilliseconds: CommandOutcome.milliseconds(since: start))
    }

    private static func undo(
        _ name: AgentName, on node: any CommandNode, after error: CommandError, by: Principal
    ) async -> CommandError {
        do {
            _ = try await node.run(.deleteAgent(name))
            await node.apply(.agentRemoved(name.text), by: by)
            return CommandError(error.code, "\(error.message); the agent was not added")
        } catch let second {
            return CommandError(error.code, "\(error.message); the agent was added in part, and removing it failed: \(second.message)")
        }
    }

    func change(_ agent: String, _ changes: AgentChanges, by: Principal) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let (name, node) = try self.roster.find(agent)
        let setup = try AgentSetup(changes, of: name)
        var commands = setup.commands
        if let type = setup.type { commands.insert(.setType(name, type), at: 0) }
        guard !commands.isEmpty else { throw CommandError(.invalidValue, "there is nothing to change") }
        _ = try await node.existing(name)
        let asked = commands
        let (reply, row) = try await node.claiming(name, by: by) { () async throws(CommandError) -> (String, AgentRow) in
            var reply = ""
            var done = 0
            do throws(CommandError) {
                for command in asked {
                    reply = try await node.configure(command)
                    done += 1
                }
            } catch {
                // What was done before is true all the same.
                if done > 0, let row = try? await node.row(of: name) { await node.apply(.agentSettings(row), by: by) }
                throw done == 0 ? error : CommandError(error.code, "\(error.message); \(done) of \(asked.count) settings were changed before that")
            }
            let row = try await node.existing(name)
            await node.apply(.agentSettings(row), by: by)
            return (reply, row)
        }
        let actual = setup.actual(row)
        return CommandOutcome(
            requested: setup.requested, reply: reply, actual: actual, applied: actual == setup.requested,
            tookMilliseconds: CommandOutcome.milliseconds(since: start))
    }

    func delete(agent: String, node wanted: String?, by: Principal) async throws(CommandError) {
        let (name, node) = try self.roster.find(agent, on: wanted)
        // FreeSWITCH says +OK to the removal of what does not exist.
        _ = try await node.existing(name)
        _ = try await node.run(.deleteAgent(name))
        guard try await node.row(of: name) == nil else { throw CommandError(.notApplied, "FreeSWITCH said +OK and still has the agent \(agent)") }
        await node.apply(.agentRemoved(name.text), by: by)
    }

    // MARK: tiers

    func setTier(
        _ tier: TierSettings, queue: String, agent: String, by: Principal
    ) async throws(CommandError) -> (outcome: CommandOutcome, created: Bool) {
        let start = ContinuousClock.now
        let queue = try NodeRoster.queueName(queue)
        let (name, node) = try self.roster.find(agent)
        guard tier.level >= 0, tier.position >= 0 else { throw CommandError(.invalidValue, "level and position are 0 or more") }
        let state = try Self.state(tier.state)
        try await self.roster.requireLoaded(queue, for: name, on: node)
        var created = true
        var reply: String
        do {
            reply = try await node.run(.addTier(queue, name, level: tier.level, position: tier.position))
        } catch {
            guard error.code == .tierExists else { throw error }
            created = false
            reply = try await node.run(.setTierLevel(queue, name, tier.level))
            reply = try await node.run(.setTierPosition(queue, name, tier.position))
        }
        if let state { reply = try await node.run(.setTierState(queue, name, state)) }
        guard let row = try await node.tier(queue: queue, agent: name) else {
            throw CommandError(.notApplied, "FreeSWITCH said \(reply) and lists no tier of \(name) in \(queue)")
        }
        await node.apply(.tierSet(row), by: by)
        var requested: [String: CommandValue] = ["level": .number(tier.level), "position": .number(tier.position)]
        if let state { requested["state"] = .text(state.rawValue) }
        let actual: [String: CommandValue] = ["level": .number(row.level), "position": .number(row.position), "state": .text(row.state)]
        let outcome = CommandOutcome(
            requested: requested, reply: reply, actual: actual, applied: requested.allSatisfy { actual[$0.key] == $0.value },
            tookMilliseconds: CommandOutcome.milliseconds(since: start))
        return (outcome, created)
    }

    private static func state(_ text: String?) throws(CommandError) -> CallCenterCommand.TierState? {
        guard let text else { return nil }
        guard let state = CallCenterCommand.TierState.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) else {
            throw CommandError(.invalidState, "the state must be one of \(NodeRoster.list(CallCenterCommand.TierState.allCases.map(\.rawValue)))")
        }
        return state
    }

    func deleteTier(queue: String, agent: String, by: Principal) async throws(CommandError) {
        let queue = try NodeRoster.queueName(queue)
        let (name, node) = try self.roster.find(agent)
        // FreeSWITCH says +OK to the removal of what does not exist.
        guard try await node.tier(queue: queue, agent: name) != nil else {
            throw CommandError(.tierNotFound, "\(agent) has no tier in \(queue)")
        }
        _ = try await node.run(.deleteTier(queue, name))
        guard try await node.tier(queue: queue, agent: name) == nil else {
            throw CommandError(.notApplied, "FreeSWITCH said +OK and still lists the tier of \(agent) in \(queue)")
        }
        await node.apply(.tierRemoved(queue: queue.text, agent: name.text), by: by)
    }
}
