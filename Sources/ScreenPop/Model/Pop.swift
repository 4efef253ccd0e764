public import CallCenter

/// Caller data for one offer of one call to one agent: `offered -> answered -> ended`. Ids are stable, versions grow, states never go back.
public struct Pop: Sendable, Equatable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case queue, direct, outbound
    }

    public enum State: String, Sendable, Codable, CaseIterable {
        case offered, answered, ended
    }

    /// Why a pop ended. A closed list: readers may switch over it.
    public enum EndReason: String, Sendable, Codable, CaseIterable {
        case completedAgent = "completed-agent"
        case completedCaller = "completed-caller"
        case answeredElsewhere = "answered-elsewhere"
        case callerAbandoned = "caller-abandoned"
        case noAnswer = "no-answer"
        case rejected
        case busy
        case notRegistered = "not-registered"
        case offerCancelled = "offer-cancelled"
        case queueTimeout = "queue-timeout"
        case noAgentTimeout = "no-agent-timeout"
        case exitKey = "exit-key"
        case breakOut = "break-out"
        case transferred
        case failed
        case lostTrack = "lost-track"
    }

    /// Who ended it.
    public enum Party: String, Sendable, Codable, CaseIterable {
        case agent, caller, `switch`
    }

    public struct Caller: Sendable, Equatable {
        public var number: String?
        public var name: String?

        public init(number: String? = nil, name: String? = nil) {
            self.number = number
            self.name = name
        }
    }

    /// An earlier offer of the same call.
    public struct HistoryEntry: Sendable, Equatable {
        public var at: Timestamp
        public var agent: String
        public var queue: String?
        public var endReason: EndReason

        public init(at: Timestamp, agent: String, queue: String?, endReason: EndReason) {
            self.at = at
            self.agent = agent
            self.queue = queue
            self.endReason = endReason
        }
    }

    /// `p-` and 32 hexadecimal digits, derived from the node's Core-UUID, the call, the agent and the offer: the same on every instance.
    public var id: String
    public var version: Int
    public var kind: Kind
    public var state: State
    /// Shown before it was stored, because Redis is away.
    public var provisional: Bool
    public var agent: String
    public var node: String
    public var queue: String?
    public var caller: Caller
    /// What the caller dialled.
    public var dialed: String?
    /// The member's channel (`CC-Member-Session-UUID`), or the caller's leg of a direct call, or the agent's own leg of an outbound one.
    public var callUUID: String?
    /// `CC-Member-UUID`
    public var memberUUID: String?
    /// The agent's leg, once it exists.
    public var agentCallUUID: String?
    public var joinedAt: Timestamp?
    public var offeredAt: Timestamp
    public var answeredAt: Timestamp?
    public var bridgedAt: Timestamp?
    public var endedAt: Timestamp?
    /// Whole seconds from joining the queue to the offer.
    public var waitSeconds: Int?
    /// On hold since; `nil` when not on hold.
    public var heldAt: Timestamp?
    /// Where the call went, when it is known: an extension, a queue.
    public var transferredTo: String?
    public var endReason: EndReason?
    public var endedBy: Party?
    /// Channel variables of the allow-list.
    public var attributes: [String: String]
    public var history: [HistoryEntry]
    /// The page about the caller, where the site has one: `PopURLTemplate`.
    public var url: String?

    /// The number of whoever the agent talks to: of a call that the agent makes it is what was dialled, for there the agent is the caller.
    public var partyNumber: String? {
        switch self.kind {
        case .queue, .direct: self.caller.number
        case .outbound: self.dialed
        }
    }

    public init(id: String, kind: Kind, agent: String, node: String, offeredAt: Timestamp) {
        self.id = id
        self.version = 1
        self.kind = kind
        self.state = .offered
        self.provisional = false
        self.agent = agent
        self.node = node
        self.caller = Caller()
        self.offeredAt = offeredAt
        self.attributes = [:]
        self.history = []
    }
}
