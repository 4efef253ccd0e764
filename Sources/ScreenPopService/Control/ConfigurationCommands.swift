import CallCenter
import ScreenPop

/// Agents and tiers, carried out on the node that has them, and read back.
struct ConfigurationCommands: ConfigurationControl {
    let roster: NodeRoster

    func add(_ agent: AgentSettings) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let name = try NodeRoster.agentName(agent.name)
        let steps = try AgentSetup(agent, name: name)
        let node = try self.roster.node(for: agent)
        let reply = try await node.run(.addAgent(name, type: steps.type))
        let row: AgentRow
        do {
            for step in steps.commands { _ = try await node.run(step) }
            row = try await node.existing(name)
        } catch {
            throw await Self.undo(name, on: node, after: error)
        }
        await node.apply(.agentSettings(row))
        let actual = steps.actual(row)
        return CommandOutcome(
            requested: steps.requested, reply: reply, actual: actual, applied: actual == steps.requested,
            tookMilliseconds: CommandOutcome.milliseconds(since: start))
    }

    private static func undo(_ name: AgentName, on node: any CommandNode, after error: CommandError) async -> CommandError {
        do {
            _ = try await node.run(.deleteAgent(name))
            await node.apply(.agentRemoved(name.text))
            return CommandError(error.code, "\(error.message); the agent was not added")
        } catch let second {
            return CommandError(error.code, "\(error.message); the agent was added in part, and removing it failed: \(second.message)")
        }
    }

    func delete(agent: String) async throws(CommandError) {
        let (name, node) = try self.roster.find(agent)
        // FreeSWITCH says +OK to the removal of what does not exist.
        _ = try await node.existing(name)
        _ = try await node.run(.deleteAgent(name))
        guard try await node.row(of: name) == nil else { throw CommandError(.notApplied, "FreeSWITCH said +OK and still has the agent \(agent)") }
        await node.apply(.agentRemoved(name.text))
    }

    // MARK: tiers

    func setTier(_ tier: TierSettings, queue: String, agent: String) async throws(CommandError) -> (outcome: CommandOutcome, created: Bool) {
        let start = ContinuousClock.now
        let queue = try NodeRoster.queueName(queue)
        let (name, node) = try self.roster.find(agent)
        guard tier.level >= 0, tier.position >= 0 else { throw CommandError(.invalidValue, "level and position are 0 or more") }
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
        guard let row = try await node.tier(queue: queue, agent: name) else {
            throw CommandError(.notApplied, "FreeSWITCH said \(reply) and lists no tier of \(name) in \(queue)")
        }
        await node.apply(.tierSet(row))
        let outcome = CommandOutcome(
            requested: ["level": .number(tier.level), "position": .number(tier.position)], reply: reply,
            actual: ["level": .number(row.level), "position": .number(row.position), "state": .text(row.state)],
            applied: row.level == tier.level && row.position == tier.position, tookMilliseconds: CommandOutcome.milliseconds(since: start))
        return (outcome, created)
    }

    func deleteTier(queue: String, agent: String) async throws(CommandError) {
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
        await node.apply(.tierRemoved(queue: queue.text, agent: name.text))
    }
}
