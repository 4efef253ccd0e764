package import CallCenter

/// A tier to be set.
package struct TierSettings: Sendable, Equatable {
    package var level: Int
    package var position: Int

    package init(level: Int = 1, position: Int = 1) {
        self.level = level
        self.position = position
    }
}

/// An agent to be added.
package struct AgentSettings: Sendable, Equatable {
    package var name: String
    package var type: String
    package var contact: Contact?
    package var maxNoAnswer: Int?
    package var wrapUpTime: Int?
    package var rejectDelayTime: Int?
    package var busyDelayTime: Int?
    package var noAnswerDelayTime: Int?
    /// The node to add it on; `nil` is allowed while there is only one.
    package var node: String?

    package init(name: String, type: String = "Callback", contact: Contact? = nil) {
        self.name = name
        self.type = type
        self.contact = contact
    }
}

/// Everything that can be commanded. HTTP and WebSocket call the same ones. Every method throws `CommandError`.
package struct Controls: Sendable {
    package var agents: any AgentControl
    package var configuration: any ConfigurationControl
    package var calls: any CallControl

    package init(agents: any AgentControl, configuration: any ConfigurationControl, calls: any CallControl) {
        self.agents = agents
        self.configuration = configuration
        self.calls = calls
    }
}

/// What agents want and what the switch does with them, carried out on the right node and read back.
package protocol AgentControl: Sendable {
    func setStatus(_ status: String, reason: String?, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome
    func setState(_ state: String, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome
    /// Available and Waiting, or with `ready` false On Break; with queues also a tier in each.
    func logIn(agent: String, ready: Bool, queues: [String], by: Principal) async throws(CommandError) -> CommandOutcome
    func logOut(agent: String, by: Principal) async throws(CommandError) -> CommandOutcome
    func ready(agent: String, by: Principal) async throws(CommandError) -> CommandOutcome
    func takeBreak(agent: String, reason: String?, by: Principal) async throws(CommandError) -> CommandOutcome
}

/// Which agents, tiers and queues there are, and their settings.
package protocol ConfigurationControl: Sendable {
    func add(_ agent: AgentSettings) async throws(CommandError) -> CommandOutcome
    func delete(agent: String) async throws(CommandError)
    /// `created` tells 201 from 200.
    func setTier(_ tier: TierSettings, queue: String, agent: String) async throws(CommandError) -> (outcome: CommandOutcome, created: Bool)
    func deleteTier(queue: String, agent: String) async throws(CommandError)
}
