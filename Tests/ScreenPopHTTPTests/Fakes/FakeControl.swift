import CallCenter
import NIOCore
import ScreenPop
import ScreenPopService
import Synchronization

/// Notes what it was asked, and answers as told.
final class FakeControl: AgentControl, ConfigurationControl, CallControl {
    private struct State {
        var asked: [String] = []
        var by: [String] = []
        var error: CommandError?
        /// Whether it fails after something was sent.
        var hasSent = false
        var list = SettingsList()
        var plan = ImportPlan()
        var pending: PendingChange?
        var reasons = ReasonList.standard
        /// While set, an agent does not become ready until it is fulfilled.
        var hold: EventLoopFuture<Void>?
    }

    /// What was imported last, and what an export gives.
    var list: SettingsList {
        get { self.state.withLock { $0.list } }
        set { self.state.withLock { $0.list = newValue } }
    }
    func answer(_ plan: ImportPlan) { self.state.withLock { $0.plan = plan } }

    private let state = Mutex(State())

    var asked: [String] { self.state.withLock { $0.asked } }

    /// The names of those who asked.
    var by: [String] { self.state.withLock { $0.by } }

    func fail(_ error: CommandError?, sent: Bool = false) {
        self.state.withLock {
            $0.error = error
            $0.hasSent = sent
        }
    }

    /// From now on everything is kept for later.
    func keep(_ pending: PendingChange?) { self.state.withLock { $0.pending = pending } }
    func hold(_ future: EventLoopFuture<Void>) { self.state.withLock { $0.hold = future } }

    func note(_ what: String, _ requested: [String: CommandValue] = [:], by: Principal? = nil) throws(CommandError) -> CommandOutcome {
        let (error, pending, hasSent) = self.state.withLock { state in
            state.asked.append(what)
            if let by { state.by.append(by.name) }
            return (state.error, state.pending, state.hasSent)
        }
        if hasSent { Attempt.markSent() }
        if let error { throw error }
        return CommandOutcome(
            requested: requested, reply: pending == nil ? "+OK" : "", actual: requested, applied: pending == nil, tookMilliseconds: 3,
            pending: pending)
    }

    func add(_ agent: AgentSettings, by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("add \(agent.name) \(agent.contact?.dialString ?? "-") \(agent.wrapUpTime ?? -1)", ["name": .text(agent.name)])
    }
    func change(_ agent: String, _ changes: AgentChanges, by: Principal) async throws(CommandError) -> CommandOutcome {
        let parts: [(String, CommandValue?)] = [
            ("type", changes.type.map { .text($0) }), ("contact", (changes.contact?.dialString).map { .text($0) }),
            ("wrapUpTime", changes.wrapUpTime.map { .number($0) }), ("readyTime", changes.readyTime.map { .number(Int($0)) }),
        ]
        let requested = Dictionary(parts.compactMap { name, value in value.map { (name, $0) } }, uniquingKeysWith: { first, _ in first })
        return try self.note("change \(agent) \(requested.keys.sorted().joined(separator: ","))", requested)
    }
    func delete(agent: String, node: String?, by: Principal) async throws(CommandError) {
        _ = try self.note("delete \(agent)\(node.map { " on \($0)" } ?? "")")
    }
    func run(_ command: QueueCommand, queue: String, node: String?, by: Principal) async throws(CommandError) -> CommandOutcome {
        try self.note("\(command.rawValue) \(queue)\(node.map { " on \($0)" } ?? "")")
    }
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
        let outcome = try self.note("ready \(agent)\(force ? " force" : "")", by: by)
        if let hold = self.state.withLock({ $0.hold }) { try? await hold.get() }
        return outcome
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
    func export() async throws(CommandError) -> SettingsList {
        _ = try self.note("export")
        return self.state.withLock { $0.list }
    }
    func run(
        _ list: SettingsList, isPlan: Bool, deletes: Bool, allowsDialStrings: Bool, by: Principal
    ) async throws(CommandError) -> ImportPlan {
        _ = try self.note("import \(list.agents.count) \(list.tiers.count)\(isPlan ? " plan" : "")\(deletes ? " delete" : "")")
        return self.state.withLock { state in
            state.list = list
            return state.plan
        }
    }
    func setTier(
        _ tier: TierSettings, queue: String, agent: String, by: Principal
    ) async throws(CommandError) -> (outcome: CommandOutcome, created: Bool) {
        (try self.note("tier \(queue) \(agent) \(tier.level) \(tier.position)\(tier.state.map { " \($0)" } ?? "")"), tier.level == 1)
    }
    func deleteTier(queue: String, agent: String, by: Principal) async throws(CommandError) {
        _ = try self.note("delete tier \(queue) \(agent)")
    }
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
