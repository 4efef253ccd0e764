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

/// The commands of administrators and desktops, carried out on the right node and read back. HTTP and WebSocket call the same ones.
/// Every method throws `CommandError`.
package protocol AgentControl: Sendable {
    func add(_ agent: AgentSettings) async throws(CommandError) -> CommandOutcome
    func delete(agent: String) async throws(CommandError)
    func setStatus(_ status: String, reason: String?, agent: String) async throws(CommandError) -> CommandOutcome
    func setState(_ state: String, agent: String) async throws(CommandError) -> CommandOutcome
    /// Available and Waiting, or with `ready` false On Break; with queues also a tier in each.
    func logIn(agent: String, ready: Bool, queues: [String]) async throws(CommandError) -> CommandOutcome
    func logOut(agent: String) async throws(CommandError) -> CommandOutcome
    func ready(agent: String) async throws(CommandError) -> CommandOutcome
    func takeBreak(agent: String, reason: String?) async throws(CommandError) -> CommandOutcome
    /// `created` tells 201 from 200.
    func setTier(_ tier: TierSettings, queue: String, agent: String) async throws(CommandError) -> (outcome: CommandOutcome, created: Bool)
    func deleteTier(queue: String, agent: String) async throws(CommandError)
}
