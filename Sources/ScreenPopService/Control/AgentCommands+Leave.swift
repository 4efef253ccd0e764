import CallCenter
import ScreenPop

/// Leaving queues: at once, or when the call is over.
extension AgentCommands {
    func leave(queues: [String]?, force: Bool, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let (name, node) = try self.roster.find(agent)
        _ = try await node.existing(name)
        let there = try await node.queues(of: name)
        var names: [QueueName] = []
        for queue in queues ?? there {
            let queue = try NodeRoster.queueName(queue)
            guard there.contains(queue.text) else { throw CommandError(.tierNotFound, "\(agent) has no tier in \(queue)") }
            if !names.contains(queue) { names.append(queue) }
        }
        let requested: [String: CommandValue] = ["leave": .texts(names.map(\.text))]
        let change = PendingChange(leave: names.map(\.text), by: by.name, since: await node.now())
        if !names.isEmpty, let kept = try await node.hold(change, agent: name.text, isForced: force) {
            return Self.pending(kept, requested, since: start)
        }
        let (reply, remaining) = try await node.leave(names, by: by.name, name)
        return CommandOutcome(
            requested: requested, reply: reply, actual: ["queues": .texts(remaining)], applied: true,
            tookMilliseconds: CommandOutcome.milliseconds(since: start))
    }
}
