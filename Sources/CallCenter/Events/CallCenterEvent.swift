import EventSocket

/// What mod_callcenter says: one case for each `CC-Action`.
public enum CallCenterEvent: Sendable, Hashable {
    /// A member as an event of its queue names it.
    public struct Member: Sendable, Hashable {
        public var uuid: String
        /// The member's channel. A caller who comes back keeps `uuid`, but has another channel.
        public var session: String
        public var queue: String
        public var callerNumber: String?
        public var callerName: String?
        /// What the caller dialled; usually missing.
        public var dnis: String?
        /// Whole seconds. Missing from `member-queue-start` and `agent-offering`.
        public var joinedAt: Timestamp?

        public init(uuid: String, session: String, queue: String) {
            self.uuid = uuid
            self.session = session
            self.queue = queue
        }
    }

    /// Why a member left without having been answered: `CC-Cancel-Reason`.
    public enum CancelReason: Sendable, Hashable {
        case none
        case timeout
        case noAgentTimeout
        /// The caller hung up, or a transfer or `uuid_break` took the call out of the queue.
        case breakOut
        case exitWithKey
        case other(String)

        public init(_ text: String?) {
            switch text {
            case nil, "NONE"?: self = .none
            case "TIMEOUT"?: self = .timeout
            case "NO_AGENT_TIMEOUT"?: self = .noAgentTimeout
            case "BREAK_OUT"?: self = .breakOut
            case "EXIT_WITH_KEY"?: self = .exitWithKey
            case let other?: self = .other(other)
            }
        }
    }

    public enum MemberEnd: Sendable, Hashable {
        /// `CC-Cause: Terminated`: was answered, and the call with the agent is over.
        case terminated
        /// `CC-Cause: Cancel`
        case cancelled(CancelReason)
    }

    case agentAdded(agent: String, type: String?)
    case agentContactChanged(agent: String, contact: String)
    case agentStatusChanged(agent: String, AgentStatus)
    case agentStateChanged(agent: String, AgentState)
    case agentOffering(agent: String, Member)
    /// The limit of missed calls was reached; the status change follows as an event of its own.
    case agentMaxNoAnswer(agent: String, count: Int, status: AgentStatus?)
    /// The agent answered. Comes about 40 ms before CHANNEL_BRIDGE.
    case bridgeStarted(agent: String, leg: String?, calledAt: Timestamp?, Member)
    /// The agent's part in the call is over. `CC-Hangup-Cause` is left out: it says SUCCESS whoever hung up.
    case bridgeEnded(agent: String, leg: String?, calledAt: Timestamp?, Member)
    /// `cause` is why the agent's leg failed: `NO_ANSWER`, `LOSE_RACE`, ...
    case bridgeFailed(agent: String, cause: String, calledAt: Timestamp?, Member)
    case memberStarted(Member)
    /// A caller who had left came back within the time the queue allows.
    case memberResumed(Member)
    case memberEnded(MemberEnd, agent: String?, Member)
    /// A cross-check only: it counts members waiting, trying and just answered.
    case membersCount(queue: String, Int)
    case unknown(action: String)

    /// `nil` for the echoes of `agent get` (`agent-status-get`, ...) and for events that lack what they are about.
    init?(_ matches: HeaderMatches) {
        guard let action = matches.string(.action), !(action.hasPrefix("agent-") && action.hasSuffix("-get")),
            let event = Self.event(action, matches)
        else { return nil }
        self = event
    }

    private static func event(_ action: String, _ matches: HeaderMatches) -> CallCenterEvent? {
        let agent = matches.string(.agent)
        switch action {
        case "agent-add": return agent.map { .agentAdded(agent: $0, type: matches.string(.agentType)) }
        case "agent-contact-change": return agent.map { .agentContactChanged(agent: $0, contact: matches.string(.agentContact) ?? "") }
        case "agent-status-change":
            guard let agent, let status = matches.string(.agentStatus) else { return nil }
            return .agentStatusChanged(agent: agent, AgentStatus(status))
        case "agent-state-change":
            guard let agent, let state = matches.string(.agentState) else { return nil }
            return .agentStateChanged(agent: agent, AgentState(state))
        case "agent-max-no-answer":
            guard let agent else { return nil }
            return .agentMaxNoAnswer(
                agent: agent, count: Int(clamping: matches.int(.noAnswerCount) ?? 0), status: matches.string(.noAnswerStatus).map { AgentStatus($0) })
        case "members-count":
            guard let queue = matches.string(.queue), let count = matches.int(.count) else { return nil }
            return .membersCount(queue: queue, Int(clamping: count))
        case "agent-offering", "bridge-agent-start", "bridge-agent-end", "bridge-agent-fail":
            guard let agent, let member = Member(matches) else { return nil }
            return Self.event(action, agent: agent, member, matches)
        case "member-queue-start": return Member(matches).map { .memberStarted($0) }
        case "member-queue-resume": return Member(matches).map { .memberResumed($0) }
        case "member-queue-end":
            guard let member = Member(matches) else { return nil }
            let end: MemberEnd = matches.equals(.cause, "Cancel") ? .cancelled(CancelReason(matches.string(.cancelReason))) : .terminated
            return .memberEnded(end, agent: agent, member)
        default: return .unknown(action: action)
        }
    }

    private static func event(_ action: String, agent: String, _ member: Member, _ matches: HeaderMatches) -> CallCenterEvent {
        let called = matches.seconds(.agentCalled)
        switch action {
        case "agent-offering": return .agentOffering(agent: agent, member)
        case "bridge-agent-start": return .bridgeStarted(agent: agent, leg: matches.string(.agentUUID), calledAt: called, member)
        case "bridge-agent-end": return .bridgeEnded(agent: agent, leg: matches.string(.agentUUID), calledAt: called, member)
        default:
            return .bridgeFailed(agent: agent, cause: matches.string(.hangupCauseOfCallCenter) ?? "", calledAt: called, member)
        }
    }
}

extension CallCenterEvent.Member {
    init?(_ matches: HeaderMatches) {
        guard let uuid = matches.string(.memberUUID), let session = matches.string(.memberSession), let queue = matches.string(.queue) else {
            return nil
        }
        self.init(uuid: uuid, session: session, queue: queue)
        self.callerNumber = matches.string(.memberNumber)
        self.callerName = matches.string(.memberName)
        self.dnis = matches.string(.memberDNIS)
        self.joinedAt = matches.seconds(.memberJoined)
    }
}
