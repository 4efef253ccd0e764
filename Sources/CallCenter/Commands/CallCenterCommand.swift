public import EventSocket

/// One `callcenter_config` command as a value. `call` is the only way from here to text.
public enum CallCenterCommand: Sendable, Hashable {
    public enum AgentType: String, Sendable, Hashable, CaseIterable {
        case callback = "Callback"
        case uuidStandby = "uuid-standby"
    }

    /// The whole numbers of an agent that can be set; counts of calls, or seconds.
    public enum AgentNumber: String, Sendable, Hashable, CaseIterable {
        case maxNoAnswer = "max_no_answer"
        case wrapUpTime = "wrap_up_time"
        case rejectDelayTime = "reject_delay_time"
        case busyDelayTime = "busy_delay_time"
        case noAnswerDelayTime = "no_answer_delay_time"
        /// The agent gets no call before that time, in seconds since 1970.
        case readyTime = "ready_time"
    }

    public enum AgentKey: String, Sendable, Hashable, CaseIterable {
        case status, state, uuid
    }

    public enum TierState: String, Sendable, Hashable, CaseIterable {
        case noAnswer = "No Answer"
        case ready = "Ready"
        case offering = "Offering"
        case activeInbound = "Active Inbound"
        case standby = "Standby"
    }

    case addAgent(AgentName, type: AgentType)
    /// Answers `+OK` for an agent that does not exist, too.
    case deleteAgent(AgentName)
    case setStatus(AgentName, AgentStatus)
    case setState(AgentName, AgentState)
    case setType(AgentName, AgentType)
    case setContact(AgentName, Contact)
    case setNumber(AgentName, AgentNumber, Int)
    /// Fires an `agent-*-get` event. `uuid` of an agent that has none answers `-ERR no reply`.
    case getAgent(AgentName, AgentKey)
    /// One agent, or all.
    case listAgents(AgentName? = nil)

    case addTier(QueueName, AgentName, level: Int, position: Int)
    case setTierLevel(QueueName, AgentName, Int)
    case setTierPosition(QueueName, AgentName, Int)
    case setTierState(QueueName, AgentName, TierState)
    /// Answers `+OK` for a tier that does not exist, too.
    case deleteTier(QueueName, AgentName)
    case listTiers

    case listQueues
    case listQueueAgents(QueueName)
    case listQueueTiers(QueueName)
    case listQueueMembers(QueueName)
    case loadQueue(QueueName)
    case reloadQueue(QueueName)
    case unloadQueue(QueueName)

    /// The command as an `api` call.
    /// - Throws: `illegalCommand` for a status or state that is not one of mod_callcenter's, a contact that `Contact.validate()` refuses, a negative number.
    public func call() throws(EventSocketError) -> APICall {
        try APICall("callcenter_config", self.arguments().text)
    }

    private func arguments() throws(EventSocketError) -> CommandText {
        switch self {
        case .addAgent(let agent, let type): try CommandText("agent add", agent.text, type.rawValue)
        case .deleteAgent(let agent): try CommandText("agent del", agent.text)
        case .setStatus(let agent, let status): try CommandText("agent set status", agent.text, Self.legal(status))
        case .setState(let agent, let state): try CommandText("agent set state", agent.text, Self.legal(state))
        case .setType(let agent, let type): try CommandText("agent set type", agent.text, type.rawValue)
        case .setContact(let agent, let contact): try CommandText("agent set contact", agent.text, Self.legal(contact))
        case .setNumber(let agent, let number, let value): try CommandText(Self.words(number), agent.text, Self.legal(value))
        case .getAgent(let agent, let key): try CommandText(Self.words(key), agent.text)
        case .listAgents(let agent?): try CommandText("agent list", agent.text)
        case .listAgents(nil): try CommandText("agent list")
        case .addTier(let queue, let agent, let level, let position):
            try CommandText("tier add", queue.text, agent.text, Self.legal(level), Self.legal(position))
        case .setTierLevel(let queue, let agent, let level): try CommandText("tier set level", queue.text, agent.text, Self.legal(level))
        case .setTierPosition(let queue, let agent, let position): try CommandText("tier set position", queue.text, agent.text, Self.legal(position))
        case .setTierState(let queue, let agent, let state): try CommandText("tier set state", queue.text, agent.text, state.rawValue)
        case .deleteTier(let queue, let agent): try CommandText("tier del", queue.text, agent.text)
        case .listTiers: try CommandText("tier list")
        case .listQueues: try CommandText("queue list")
        case .listQueueAgents(let queue): try CommandText("queue list agents", queue.text)
        case .listQueueTiers(let queue): try CommandText("queue list tiers", queue.text)
        case .listQueueMembers(let queue): try CommandText("queue list members", queue.text)
        case .loadQueue(let queue): try CommandText("queue load", queue.text)
        case .reloadQueue(let queue): try CommandText("queue reload", queue.text)
        case .unloadQueue(let queue): try CommandText("queue unload", queue.text)
        }
    }

    private static func words(_ number: AgentNumber) -> StaticString {
        switch number {
        case .maxNoAnswer: "agent set max_no_answer"
        case .wrapUpTime: "agent set wrap_up_time"
        case .rejectDelayTime: "agent set reject_delay_time"
        case .busyDelayTime: "agent set busy_delay_time"
        case .noAnswerDelayTime: "agent set no_answer_delay_time"
        case .readyTime: "agent set ready_time"
        }
    }

    private static func words(_ key: AgentKey) -> StaticString {
        switch key {
        case .status: "agent get status"
        case .state: "agent get state"
        case .uuid: "agent get uuid"
        }
    }

    private static func legal(_ status: AgentStatus) throws(EventSocketError) -> String {
        guard AgentStatus.legal.contains(status) else { throw .illegalCommand("a status that is not one of mod_callcenter's four") }
        return status.text
    }

    private static func legal(_ state: AgentState) throws(EventSocketError) -> String {
        guard AgentState.legal.contains(state) else { throw .illegalCommand("a state that is not one of mod_callcenter's five") }
        return state.text
    }

    private static func legal(_ number: Int) throws(EventSocketError) -> String {
        guard number >= 0 else { throw .illegalCommand("a negative number") }
        return String(number)
    }

    private static func legal(_ contact: Contact) throws(EventSocketError) -> String {
        do {
            try contact.validate()
        } catch {
            throw .illegalCommand("contact: \(error)")
        }
        return contact.dialString
    }
}
