import CallCenter
import NIOCore
import ScreenPopService
import Synchronization

/// Notes what it was asked, and answers as told.
final class FakeControl: AgentControl, ConfigurationControl, CallControl {
    private struct State {
        var asked: [String] = []
        var by: [String] = []
        var error: CommandError?
        /// While set, an agent does not become ready until it is fulfilled.
        var hold: EventLoopFuture<Void>?
    }

    private let state = Mutex(State())

    var asked: [String] { self.state.withLock { $0.asked } }

    /// The names of those who asked.
    var by: [String] { self.state.withLock { $0.by } }

    func fail(_ error: CommandError?) { self.state.withLock { $0.error = error } }

    func hold(_ future: EventLoopFuture<Void>) { self.state.withLock { $0.hold = future } }

    private func note(_ what: String, _ requested: [String: CommandValue] = [:], by: Principal? = nil) throws(CommandError) -> CommandOutcome {
        let error = self.state.withLock { state in
            state.asked.append(what)
            if let by { state.by.append(by.name) }
            return state.error
        }
        if let error { throw error }
        return CommandOutcome(
            requested: requested, reply: "+OK", actual: requested, applied: true, tookMilliseconds: 3)
    }

    func add(_ agent: AgentSettings) async throws(CommandError) -> CommandOutcome {
        try self.note("add \(agent.name) \(agent.contact?.dialString ?? "-") \(agent.wrapUpTime ?? -1)", ["name": .text(agent.name)])
    }
    func delete(agent: String) async throws(CommandError) { _ = try self.note("delete \(agent)") }
    func setStatus(_ status: String, reason: String?, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("status \(agent) \(status) \(reason ?? "-")", ["status": .text(status)], by: by)
    }
    func setState(_ state: String, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("state \(agent) \(state)", ["state": .text(state)], by: by)
    }
    func logIn(agent: String, ready: Bool, queues: [String], by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("login \(agent) \(ready) \(queues.joined(separator: ","))", by: by)
    }
    func logOut(agent: String, by: Principal) async throws(CommandError) -> CommandOutcome { try self.note("logout \(agent)", by: by) }
    func ready(agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        let outcome = try self.note("ready \(agent)", by: by)
        if let hold = self.state.withLock({ $0.hold }) { try? await hold.get() }
        return outcome
    }
    func takeBreak(agent: String, reason: String?, by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("break \(agent) \(reason ?? "-")", by: by)
    }
    func setTier(_ tier: TierSettings, queue: String, agent: String) async throws(CommandError) -> (outcome: CommandOutcome, created: Bool) {
        (try self.note("tier \(queue) \(agent) \(tier.level) \(tier.position)"), tier.level == 1)
    }
    func deleteTier(queue: String, agent: String) async throws(CommandError) { _ = try self.note("delete tier \(queue) \(agent)") }
}
