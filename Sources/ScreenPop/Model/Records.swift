public import CallCenter

/// The agent's one state for desktops, derived from status, state, calls and pending work.
public enum NormalizedState: String, Sendable, Codable, CaseIterable {
    case loggedOut, notReady, ready, reserved, talking, hold, wrapUp
}

/// One agent as known: both raw words of mod_callcenter, and the normalised one.
public struct AgentRecord: Sendable, Equatable {
    public struct Tier: Sendable, Equatable {
        public var queue: String
        public var level: Int
        public var position: Int
        public var state: String

        public init(queue: String, level: Int, position: Int, state: String) {
            self.queue = queue
            self.level = level
            self.position = position
            self.state = state
        }
    }

    public var name: String
    public var node: String
    /// `Callback` or `uuid-standby`
    public var type: String
    /// The dial string as FreeSWITCH holds it; empty when none is set.
    public var contact: String
    public var status: AgentStatus
    public var state: AgentState
    public var normalized: NormalizedState
    /// Why the status is what it is, when ScreenPop was told: a code of the list or free text. Ends with the next status change.
    public var reason: String?
    /// Who changed the status, when it came through ScreenPop.
    public var reasonBy: String?
    public var reasonSince: Timestamp?
    /// Where the status came from; `nil`: it was so before anybody looked.
    public var reasonSource: ReasonSource?
    /// Kept until the offer or the call is over.
    public var pending: PendingChange?
    public var statusChangedAt: Timestamp?
    public var stateChangedAt: Timestamp?
    /// After a queue call; `nil` when not wrapping up.
    public var wrapUp: WrapUp?
    public var wrapUpUntil: Timestamp? { self.wrapUp?.until }
    /// While a wrap-up that was ended early would still last.
    public var endedWrapUp: EndedWrapUp?
    /// Ids of the live pops, the current one first.
    public var pops: [String]
    public var tiers: [Tier]
    public var maxNoAnswer: Int
    /// As it was set, also while FreeSWITCH has 0 because of `endedWrapUp`.
    public var wrapUpTime: Int
    public var rejectDelayTime: Int
    public var busyDelayTime: Int
    public var noAnswerDelayTime: Int
    /// No call is offered before; `nil` when there is no such time.
    public var readyTime: Timestamp?
    public var noAnswerCount: Int
    public var callsAnswered: Int
    public var talkTime: Int

    public init(name: String, node: String) {
        self.name = name
        self.node = node
        self.type = "Callback"
        self.contact = ""
        self.status = .loggedOut
        self.state = .waiting
        self.normalized = .loggedOut
        self.pops = []
        self.tiers = []
        self.maxNoAnswer = 0
        self.wrapUpTime = 0
        self.rejectDelayTime = 0
        self.busyDelayTime = 0
        self.noAnswerDelayTime = 0
        self.noAnswerCount = 0
        self.callsAnswered = 0
        self.talkTime = 0
    }
}

/// One queue with its live counts.
public struct QueueRecord: Sendable, Equatable {
    public var name: String
    public var node: String
    public var strategy: String
    /// Its settings by name, as the switch lists them.
    public var parameters: [QueueParameter]
    /// Members in the queue and not yet answered.
    public var waiting: Int
    public var agentsReady: Int
    public var agentsTalking: Int
    /// Agents with a tier in this queue that are not logged out.
    public var agentsLoggedIn: Int
    public var longestWaitSince: Timestamp?
    /// Since the switch started, as the switch counts.
    public var answered: Int
    public var abandoned: Int

    public init(name: String, node: String) {
        self.name = name
        self.node = node
        self.strategy = ""
        self.parameters = []
        self.waiting = 0
        self.agentsReady = 0
        self.agentsTalking = 0
        self.agentsLoggedIn = 0
        self.answered = 0
        self.abandoned = 0
    }
}

/// A caller in a queue.
public struct MemberRecord: Sendable, Equatable {
    public enum State: String, Sendable, Codable, CaseIterable {
        case waiting, trying, answered, left
    }

    public var uuid: String
    public var callUUID: String?
    public var queue: String
    public var node: String
    public var caller: Pop.Caller
    public var state: State
    public var joinedAt: Timestamp
    public var servingAgent: String?
    public var leftAt: Timestamp?
    /// Why it left: one of the end reasons.
    public var leaveReason: Pop.EndReason?

    public init(uuid: String, queue: String, node: String, joinedAt: Timestamp) {
        self.uuid = uuid
        self.queue = queue
        self.node = node
        self.caller = Pop.Caller()
        self.state = .waiting
        self.joinedAt = joinedAt
    }
}

/// A call as known: the view behind `call:UUID`.
public struct CallRecord: Sendable, Equatable {
    public var uuid: String
    public var node: String
    public var kind: Pop.Kind
    public var caller: Pop.Caller
    public var dialed: String?
    public var queue: String?
    /// Who was connected last.
    public var agent: String?
    public var startedAt: Timestamp
    public var answeredAt: Timestamp?
    public var endedAt: Timestamp?
    public var endReason: Pop.EndReason?
    public var endedBy: Pop.Party?
    public var attributes: [String: String]
    /// Pops of this call, in order of offer.
    public var pops: [String]

    public init(uuid: String, node: String, kind: Pop.Kind, startedAt: Timestamp) {
        self.uuid = uuid
        self.node = node
        self.kind = kind
        self.caller = Pop.Caller()
        self.startedAt = startedAt
        self.attributes = [:]
        self.pops = []
    }
}

/// One line of `call:UUID:trace`: what was seen or decided.
public struct TraceEntry: Sendable, Equatable {
    public enum Kind: String, Sendable, Codable {
        /// An event of the switch, by name.
        case seen
        /// What the domain made of it.
        case decided
        /// What a desktop acknowledged.
        case acknowledged
    }

    public var at: Timestamp
    public var kind: Kind
    /// `member-queue-start`, `pop.offered`, ...
    public var what: String
    public var agent: String?
    public var queue: String?
    public var detail: String?

    public init(at: Timestamp, kind: Kind, what: String, agent: String? = nil, queue: String? = nil, detail: String? = nil) {
        self.at = at
        self.kind = kind
        self.what = what
        self.agent = agent
        self.queue = queue
        self.detail = detail
    }
}
