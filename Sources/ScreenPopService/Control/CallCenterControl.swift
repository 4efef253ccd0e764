/// Carries commands out on the node that has the agent, and reads back what became of them.
package struct CallCenterControl: AgentControl {
    private func missing() -> CommandError { CommandError(.nodeUnavailable, "not built") }

    package func add(_ agent: AgentSettings) async throws(CommandError) -> CommandOutcome { throw self.missing() }
    package func delete(agent: String) async throws(CommandError) { throw self.missing() }
    package func setStatus(_ status: String, reason: String?, agent: String) async throws(CommandError) -> CommandOutcome { throw self.missing() }
    package func setState(_ state: String, agent: String) async throws(CommandError) -> CommandOutcome { throw self.missing() }
    package func logIn(agent: String, ready: Bool, queues: [String]) async throws(CommandError) -> CommandOutcome { throw self.missing() }
    package func logOut(agent: String) async throws(CommandError) -> CommandOutcome { throw self.missing() }
    package func ready(agent: String) async throws(CommandError) -> CommandOutcome { throw self.missing() }
    package func takeBreak(agent: String, reason: String?) async throws(CommandError) -> CommandOutcome { throw self.missing() }
    package func setTier(_ tier: TierSettings, queue: String, agent: String) async throws(CommandError) -> (outcome: CommandOutcome, created: Bool) {
        throw self.missing()
    }
    package func deleteTier(queue: String, agent: String) async throws(CommandError) { throw self.missing() }
}
