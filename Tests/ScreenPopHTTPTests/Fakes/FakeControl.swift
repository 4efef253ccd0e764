import CallCenter
import ScreenPop
import ScreenPopService
import Synchronization

/// Notes what it was asked, and answers as told.
final class FakeControl: AgentControl, ConfigurationControl, CallControl {
    private struct State {
        var asked: [String] = []
        var error: CommandError?
    }

    private let state = Mutex(State())

    var asked: [String] { self.state.withLock { $0.asked } }

    func fail(_ error: CommandError?) { self.state.withLock { $0.error = error } }

    func note(_ what: String, _ requested: [String: CommandValue] = [:]) throws(CommandError) -> CommandOutcome {
        let error = self.state.withLock { state in
            state.asked.append(what)
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
        try self.note("status \(agent) \(status) \(reason ?? "-")", ["status": .text(status)])
    }
    func setState(_ state: String, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("state \(agent) \(state)", ["state": .text(state)])
    }
    func logIn(agent: String, ready: Bool, queues: [String], by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("login \(agent) \(ready) \(queues.joined(separator: ","))")
    }
    func logOut(agent: String, by: Principal) async throws(CommandError) -> CommandOutcome { try self.note("logout \(agent)") }
    func ready(agent: String, by: Principal) async throws(CommandError) -> CommandOutcome { try self.note("ready \(agent)") }
    func takeBreak(agent: String, reason: String?, by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("break \(agent) \(reason ?? "-")")
    }
    func setTier(_ tier: TierSettings, queue: String, agent: String) async throws(CommandError) -> (outcome: CommandOutcome, created: Bool) {
        (try self.note("tier \(queue) \(agent) \(tier.level) \(tier.position)"), tier.level == 1)
    }
    func deleteTier(queue: String, agent: String) async throws(CommandError) { _ = try self.note("delete tier \(queue) \(agent)") }
}

extension FakeControl {
    func hangUp(agent: String, call: String?, by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("hangup \(agent) \(call ?? "-")")
    }
    func hold(agent: String, call: String?, by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("hold \(agent) \(call ?? "-")", ["held": true])
    }
    func resume(agent: String, call: String?, by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("resume \(agent) \(call ?? "-")", ["held": false])
    }
    func transfer(agent: String, call: String?, to: CallTarget, by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("transfer \(agent) \(call ?? "-") \(to.kind) \(to.text)")
    }
    func dial(agent: String, to: CallTarget, by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("dial \(agent) \(to.kind) \(to.text)")
    }
    func consult(agent: String, call: String?, to: CallTarget, by: Principal) async throws(CommandError) -> TransferRecord {
        _ = try self.note("consult \(agent) \(call ?? "-") \(to.kind) \(to.text)")
        return Self.transfer(agent, to)
    }
    func transfers(agent: String) async throws(CommandError) -> [TransferRecord] {
        _ = try self.note("transfers \(agent)")
        return [Self.transfer(agent, .extension("1002"))]
    }
    func transfer(agent: String, id: String) async throws(CommandError) -> TransferRecord {
        _ = try self.note("read transfer \(agent) \(id)")
        return Self.transfer(agent, .extension("1002"))
    }
    func complete(agent: String, id: String?, by: Principal) async throws(CommandError) -> TransferRecord {
        _ = try self.note("complete \(agent) \(id ?? "-")")
        return Self.transfer(agent, .extension("1002"))
    }
    func cancel(agent: String, id: String?, by: Principal) async throws(CommandError) -> TransferRecord {
        _ = try self.note("cancel \(agent) \(id ?? "-")")
        return Self.transfer(agent, .extension("1002"))
    }
    func calls() async -> [CallRecord] { [CallRecord(uuid: "c1", node: "fs1", kind: .queue, startedAt: Timestamp(microseconds: 0))] }
    func hangUp(call: String, by: Principal) async throws(CommandError) -> CommandOutcome { try self.note("end \(call)") }
    func supervise(call: String, mode: SupervisionMode, supervisor: String, by: Principal) async throws(CommandError) -> SupervisionRecord {
        _ = try self.note("supervise \(call) \(mode) \(supervisor)")
        return Self.supervision(call, mode, supervisor)
    }
    func changeSupervision(call: String, mode: SupervisionMode, supervisor: String, by: Principal) async throws(CommandError) -> SupervisionRecord {
        _ = try self.note("change \(call) \(mode) \(supervisor)")
        return Self.supervision(call, mode, supervisor)
    }
    func endSupervision(call: String, supervisor: String, by: Principal) async throws(CommandError) {
        _ = try self.note("unsupervise \(call) \(supervisor)")
    }

    private static func transfer(_ agent: String, _ target: CallTarget) -> TransferRecord {
        var pop = Pop(id: "p-1", kind: .queue, agent: agent, node: "fs1", offeredAt: Timestamp(microseconds: 0))
        pop.callUUID = "c1"
        return TransferRecord(
            id: "t1", node: "fs1", agent: agent, pop: pop, target: target, machine: AttendedTransferStateMachine(agentLeg: "a", callerLeg: "c1"),
            by: "admin", createdAt: Timestamp(microseconds: 0))
    }

    private static func supervision(_ call: String, _ mode: SupervisionMode, _ supervisor: String) -> SupervisionRecord {
        SupervisionRecord(
            id: "s1", node: "fs1", call: call, supervisor: supervisor, agent: "1001@default", mode: mode,
            machine: SupervisionStateMachine(heard: "a"), by: "admin", createdAt: Timestamp(microseconds: 0))
    }
}
