import CallCenter
import EventSocket
import ScreenPop

/// What commands need of a node.
protocol CommandNode: Sendable {
    /// The answer as it came, `-ERR` texts included.
    func send(_ call: APICall) async throws(CommandError) -> String
    /// For a command that FreeSWITCH may be long about, on a connection of its own; one at a time.
    func sendPatiently(_ call: APICall) async throws(CommandError) -> String
    func apply(_ local: LocalChange, _ origin: Change.Configuration.Origin) async
    /// What the command's events tell of the agent is announced as `by`'s doing; to be called before the command goes out, and then `release`.
    func claim(agent: String, by: String?) async
    func release(agent: String) async
    /// Reads all agents, tiers and queues, takes from them what no event announces, and announces what differs.
    func reconcile(_ origin: Change.Configuration.Origin) async throws(CommandError) -> SwitchLists
    /// The switch may be other than it is thought to be: look soon.
    func lookAgain() async
    /// Before the status command it belongs to; `by` `nil` when that failed.
    func setReason(_ reason: String?, by: String?, agent: String, status: AgentStatus) async
    /// Keeps a change and returns the agent with it; `nil`: nothing is in its way.
    func hold(_ change: PendingChange, agent: String, isForced: Bool) async throws(CommandError) -> AgentRecord?
    /// Keeps what is left of a change whose status was set while the agent is in a call, and returns the agent with it; `nil`: the call is over.
    func holdState(_ change: PendingChange, agent: String, as row: AgentRow) async -> AgentRecord?
    /// The agent is in Receiving for no reason.
    func isReceivingNothing(agent: String) async -> Bool
    func cancelPending(agent: String) async
    /// As the node's events told; `nil`: they told of no such agent.
    func record(of agent: String) async -> AgentRecord?
    /// The switch's time of day.
    func now() async -> Timestamp
    func extendedWrapUp(agent: String, by seconds: Int) async -> WrapUp?
    func setWrapUp(_ wrapUp: WrapUp, agent: String) async
    func rememberWrapUpTime(_ ended: EndedWrapUp, agent: String) async
    /// Before somebody sets the time; what was to be set again is returned.
    func forgetEndedWrapUp(agent: String) async -> EndedWrapUp?
    func clearWrapUp(agent: String) async
}

extension NodePipeline: CommandNode {}

extension CommandNode {
    func apply(_ local: LocalChange, by: Principal) async { await self.apply(local, .screenpop(by: by.name)) }

    /// Sends a command; FreeSWITCH's refusal is thrown with its code.
    func run(_ command: CallCenterCommand) async throws(CommandError) -> String {
        let call: APICall
        do {
            call = try command.call()
        } catch {
            throw CommandError(.invalidValue, "the command cannot be written: \(error)")
        }
        do {
            return try Self.reply(try await self.send(call))
        } catch {
            if error.code.meansSurprise { await self.lookAgain() }
            throw error
        }
    }

    /// Sends a setting that somebody asked for. The 0 that stands for a wrap-up that was ended early is undone later; not so once the time was set.
    func configure(_ command: CallCenterCommand) async throws(CommandError) -> String {
        guard case .setNumber(let agent, .wrapUpTime, _) = command else { return try await self.run(command) }
        let forgotten = await self.forgetEndedWrapUp(agent: agent.text)
        do {
            return try await self.run(command)
        } catch {
            if let forgotten { await self.rememberWrapUpTime(forgotten, agent: agent.text) }
            throw error
        }
    }

    static func reply(_ text: String) throws(CommandError) -> String {
        do {
            return try CallCenterReply(text).text
        } catch {
            throw CommandError(error)
        }
    }

    /// Runs `body` with the agent claimed.
    func claiming<Value: Sendable>(
        _ agent: AgentName, by: Principal, _ body: @Sendable () async throws(CommandError) -> Value
    ) async throws(CommandError) -> Value {
        await self.claim(agent: agent.text, by: by.name)
        do {
            let value = try await body()
            await self.release(agent: agent.text)
            return value
        } catch {
            await self.release(agent: agent.text)
            throw error
        }
    }

    /// Read with the list command: `agent get` fires an event for each look.
    func row(of agent: AgentName) async throws(CommandError) -> AgentRow? {
        let text = try await self.run(.listAgents(agent))
        do {
            return try AgentRow.rows(in: text).first { $0.name == agent.text }
        } catch {
            throw CommandError(.refused, "FreeSWITCH's answer cannot be read: \(error)")
        }
    }

    func existing(_ agent: AgentName) async throws(CommandError) -> AgentRow {
        guard let row = try await self.row(of: agent) else { throw .unknownAgent(agent.text) }
        return row
    }

    func tier(queue: QueueName, agent: AgentName) async throws(CommandError) -> TierRow? {
        let text = try await self.run(.listTiers)
        do {
            return try TierRow.rows(in: text).first { $0.queue == queue.text && $0.agent == agent.text }
        } catch {
            throw CommandError(.refused, "FreeSWITCH's answer cannot be read: \(error)")
        }
    }
}

extension CommandError.Code {
    /// Whether the switch is, or may be, other than it was thought to be.
    fileprivate var meansSurprise: Bool {
        switch self {
        case .agentNotFound, .queueNotFound, .tierNotFound, .agentExists, .timedOut, .refused, .notApplied, .nodeUnavailable: true
        case .tierExists, .queueExists, .agentOnTwoNodes, .wrongState, .noCall, .callNotFound, .transferNotFound, .supervisionNotFound,
            .targetNotAllowed, .invalidReason, .invalidStatus, .invalidState, .invalidType, .invalidContact, .invalidName, .invalidValue,
            .nodeUnknown, .storeUnavailable, .importInProgress:
            false
        }
    }
}

extension CommandError {
    static func unknownAgent(_ name: String) -> CommandError {
        CommandError(.agentNotFound, "there is no agent \(name)")
    }

    init(_ refusal: CallCenterRefusal) {
        switch refusal {
        case .agentNotFound: self.init(.agentNotFound, "FreeSWITCH knows no such agent")
        case .agentExists: self.init(.agentExists, "FreeSWITCH has an agent of that name already")
        case .queueNotFound: self.init(.queueNotFound, "FreeSWITCH knows no such queue; is it loaded?")
        case .tierNotFound: self.init(.tierNotFound, "the agent has no tier in that queue")
        case .tierExists: self.init(.tierExists, "the agent has a tier in that queue already")
        case .invalidStatus: self.init(.invalidStatus, "FreeSWITCH does not accept the status")
        case .invalidState: self.init(.invalidState, "FreeSWITCH does not accept the state")
        case .invalidType: self.init(.invalidType, "FreeSWITCH does not accept the type")
        case .invalidTierState, .invalidKey, .invalidArguments: self.init(.invalidValue, "FreeSWITCH does not accept the command's arguments")
        case .noReply: self.init(.refused, "FreeSWITCH answered nothing")
        case .commandNotFound: self.init(.nodeUnavailable, "mod_callcenter is not loaded")
        case .permissionDenied: self.init(.refused, "the event socket user may not run callcenter_config: see esl-allowed-api")
        case .other(let line): self.init(.refused, "FreeSWITCH answered \(line)")
        }
    }
}
