package import CallCenter
package import ScreenPop

/// The calls themselves: the agent's own, and supervision. Every method throws `CommandError`.
///
/// `call` names one of the agent's calls by a pop's id or a channel's uuid; `nil` means the current one.
package protocol CallControl: Sendable {
    /// Of a call that is offered: refuses it.
    func hangUp(agent: String, call: String?, by: Principal) async throws(CommandError) -> CommandOutcome
    func hold(agent: String, call: String?, by: Principal) async throws(CommandError) -> CommandOutcome
    func resume(agent: String, call: String?, by: Principal) async throws(CommandError) -> CommandOutcome
    /// Blind.
    func transfer(agent: String, call: String?, to: CallTarget, by: Principal) async throws(CommandError) -> CommandOutcome
    /// Rings the agent's phone, then calls.
    func dial(agent: String, to: CallTarget, by: Principal) async throws(CommandError) -> CommandOutcome

    /// Begins an attended transfer.
    func consult(agent: String, call: String?, to: CallTarget, by: Principal) async throws(CommandError) -> TransferRecord
    /// Newest first, those that are over among them.
    func transfers(agent: String) async throws(CommandError) -> [TransferRecord]
    func transfer(agent: String, id: String) async throws(CommandError) -> TransferRecord
    /// `id` `nil`: the one under way.
    func complete(agent: String, id: String?, by: Principal) async throws(CommandError) -> TransferRecord
    func cancel(agent: String, id: String?, by: Principal) async throws(CommandError) -> TransferRecord

    /// Calls that are not over, of all nodes.
    func calls() async throws(CommandError) -> [CallRecord]
    /// Ends a call for everybody.
    func hangUp(call: String, by: Principal) async throws(CommandError) -> CommandOutcome
    /// Has the supervisor's phone hear the call.
    func supervise(call: String, mode: SupervisionMode, supervisor: String, by: Principal) async throws(CommandError) -> SupervisionRecord
    func changeSupervision(call: String, mode: SupervisionMode, supervisor: String, by: Principal) async throws(CommandError) -> SupervisionRecord
    func endSupervision(call: String, supervisor: String, by: Principal) async throws(CommandError)
}
