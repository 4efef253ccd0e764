import CallCenter
import ScreenPop
import ScreenPopService
import Synchronization

/// Notes what it was asked, and answers as told.
final class FakeControl: AgentControl, ConfigurationControl, CallControl {
    private struct State {
        var asked: [String] = []
        var by: [String] = []
        var error: CommandError?
        var pending: PendingChange?
        var reasons = ReasonList.standard
    }

    private let state = Mutex(State())

    var asked: [String] { self.state.withLock { $0.asked } }

    /// The names of those who asked.
    var by: [String] { self.state.withLock { $0.by } }

    func fail(_ error: CommandError?) { self.state.withLock { $0.error = error } }

    /// From now on everything is kept for later.
    func keep(_ pending: PendingChange?) { self.state.withLock { $0.pending = pending } }

    private func note(_ what: String, _ requested: [String: CommandValue] = [:], by: Principal? = nil) throws(CommandError) -> CommandOutcome {
        let (error, pending) = self.state.withLock { state in
            state.asked.append(what)
            if let by { state.by.append(by.name) }
            return (state.error, state.pending)
        }
        if let error { throw error }
        return CommandOutcome(
            requested: requested, reply: pending == nil ? "+OK" : "", actual: requested, applied: pending == nil, tookMilliseconds: 3,
            pending: pending)
    }

    func add(_ agent: AgentSettings) async throws(CommandError) -> CommandOutcome {
        try self.note("add \(agent.name) \(agent.contact?.dialString ?? "-") \(agent.wrapUpTime ?? -1)", ["name": .text(agent.name)])
    }
    func delete(agent: String) async throws(CommandError) { _ = try self.note("delete \(agent)") }
    func setStatus(
        _ status: String, reason: String?, force: Bool, agent: String, by: Principal
    ) async throws(CommandError) -> CommandOutcome {
        try self.note("status \(agent) \(status) \(reason ?? "-")\(force ? " force" : "")", ["status": .text(status)], by: by)
    }
    func setState(_ state: String, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("state \(agent) \(state)", ["state": .text(state)], by: by)
    }
    func logIn(ready: Bool, queues: [String], force: Bool, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("login \(agent) \(ready) \(queues.joined(separator: ","))\(force ? " force" : "")", by: by)
    }
    func logOut(force: Bool, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("logout \(agent)\(force ? " force" : "")", by: by)
    }
    func ready(force: Bool, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("ready \(agent)\(force ? " force" : "")", by: by)
    }
    func takeBreak(reason: String?, force: Bool, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("break \(agent) \(reason ?? "-")\(force ? " force" : "")", by: by)
    }
    func leave(queues: [String]?, force: Bool, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("leave \(agent) \(queues?.joined(separator: ",") ?? "all")\(force ? " force" : "")", by: by)
    }
    func cancelPending(agent: String, by: Principal) async throws(CommandError) -> CommandOutcome { try self.note("cancel \(agent)", by: by) }
    func extendWrapUp(seconds: Int, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("wrap-up \(agent) \(seconds)", by: by)
    }
    func endWrapUp(agent: String, by: Principal) async throws(CommandError) -> CommandOutcome { try self.note("end wrap-up \(agent)", by: by) }
    func reasons() async -> ReasonList { self.state.withLock { $0.reasons } }
    func setReasons(_ list: ReasonList, by: Principal) async throws(CommandError) {
        _ = try self.note("reasons \(list.items.map(\.code).joined(separator: ",")) \(list.allowsFreeText)", by: by)
        self.state.withLock { $0.reasons = list }
    }
    func setTier(_ tier: TierSettings, queue: String, agent: String) async throws(CommandError) -> (outcome: CommandOutcome, created: Bool) {
        (try self.note("tier \(queue) \(agent) \(tier.level) \(tier.position)"), tier.level == 1)
    }
    func deleteTier(queue: String, agent: String) async throws(CommandError) { _ = try self.note("delete tier \(queue) \(agent)") }
}
