package import CallCenter
package import ScreenPop

/// A tier to be set.
package struct TierSettings: Sendable, Equatable {
    package var level: Int
    package var position: Int
    /// One of mod_callcenter's five, in any case; `nil` leaves it as it is.
    package var state: String?

    package init(level: Int = 1, position: Int = 1, state: String? = nil) {
        self.level = level
        self.position = position
        self.state = state
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

/// What of an agent's settings is to be changed: `nil` stays as it is.
package struct AgentChanges: Sendable, Equatable {
    package var type: String?
    package var contact: Contact?
    package var maxNoAnswer: Int?
    package var wrapUpTime: Int?
    package var rejectDelayTime: Int?
    package var busyDelayTime: Int?
    package var noAnswerDelayTime: Int?
    /// No call before then: whole seconds since 1970, 0 for no such time.
    package var readyTime: Int64?

    package init() {}
}

/// What can be done with a whole queue.
package enum QueueCommand: String, Sendable, CaseIterable {
    /// From FreeSWITCH's configuration, with the agents and tiers that stand there beside it; or, where it asks us, as we define it.
    case load
    case reload
    /// Callers that wait in it are left alone; tiers stay.
    case unload
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
///
/// A change of status is kept while the agent is offered a call of a queue, unless it is forced: the outcome has `pending` then.
package protocol AgentControl: Sendable {
    func setStatus(_ status: String, reason: String?, force: Bool, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome
    func setState(_ state: String, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome
    /// Available and Waiting, or with `ready` false On Break; with queues also a tier in each.
    func logIn(ready: Bool, queues: [String], force: Bool, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome
    func logOut(force: Bool, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome
    func ready(force: Bool, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome
    func takeBreak(reason: String?, force: Bool, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome
    /// Takes the agent out of these queues, or of all, once the call is over.
    func leave(queues: [String]?, force: Bool, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome
    func cancelPending(agent: String, by: Principal) async throws(CommandError) -> CommandOutcome
    /// Longer by so many seconds; begins one where none is on.
    func extendWrapUp(seconds: Int, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome
    func endWrapUp(agent: String, by: Principal) async throws(CommandError) -> CommandOutcome

    /// The reasons that may be given.
    func reasons() async -> ReasonList
    func setReasons(_ list: ReasonList, by: Principal) async throws(CommandError)
}

extension AgentControl {
    package func setStatus(_ status: String, reason: String?, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        try await self.setStatus(status, reason: reason, force: false, agent: agent, by: by)
    }

    package func logIn(agent: String, ready: Bool, queues: [String], by: Principal) async throws(CommandError) -> CommandOutcome {
        try await self.logIn(ready: ready, queues: queues, force: false, agent: agent, by: by)
    }

    package func logOut(agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        try await self.logOut(force: false, agent: agent, by: by)
    }

    package func ready(agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        try await self.ready(force: false, agent: agent, by: by)
    }

    package func takeBreak(agent: String, reason: String?, by: Principal) async throws(CommandError) -> CommandOutcome {
        try await self.takeBreak(reason: reason, force: false, agent: agent, by: by)
    }
}

/// Which agents, tiers and queues there are, and their settings.
package protocol ConfigurationControl: QueueDefinitionControl {
    func add(_ agent: AgentSettings, by: Principal) async throws(CommandError) -> CommandOutcome
    func change(_ agent: String, _ changes: AgentChanges, by: Principal) async throws(CommandError) -> CommandOutcome
    /// - Parameter node: only needed where two nodes have the agent.
    func delete(agent: String, node: String?, by: Principal) async throws(CommandError)
    /// `created` tells 201 from 200.
    func setTier(_ tier: TierSettings, queue: String, agent: String, by: Principal) async throws(CommandError) -> (
        outcome: CommandOutcome, created: Bool
    )
    func deleteTier(queue: String, agent: String, by: Principal) async throws(CommandError)
    /// - Parameter node: only needed where it is not clear which one is meant.
    func run(_ command: QueueCommand, queue: String, node: String?, by: Principal) async throws(CommandError) -> CommandOutcome
    func export() async throws(CommandError) -> SettingsList
    /// Makes the agents and tiers of all nodes what the list says, or (`isPlan`) says what that would take. With a fault in the list nothing is done.
    /// - Parameter deletes: whether what is not in the list goes.
    func run(
        _ list: SettingsList, isPlan: Bool, deletes: Bool, allowsDialStrings: Bool, by: Principal
    ) async throws(CommandError) -> ImportPlan
}
