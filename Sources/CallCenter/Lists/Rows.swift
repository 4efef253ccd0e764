/// A row of `callcenter_config agent list`. Numbers that cannot be read are 0; times are whole seconds, 0 is "never".
public struct AgentRow: Sendable, Equatable {
    public var name = ""
    public var uuid: String?
    public var type = "Callback"
    public var contact = ""
    public var status = AgentStatus.loggedOut
    public var state = AgentState.waiting
    public var maxNoAnswer = 0
    public var wrapUpTime = 0
    public var rejectDelayTime = 0
    public var busyDelayTime = 0
    public var noAnswerDelayTime = 0
    public var lastBridgeStart: Int64 = 0
    public var lastBridgeEnd: Int64 = 0
    public var lastOfferedCall: Int64 = 0
    public var lastStatusChange: Int64 = 0
    public var noAnswerCount = 0
    public var callsAnswered = 0
    public var talkTime = 0
    public var readyTime: Int64 = 0
    public var externalCallsCount = 0

    public init() {}
}

/// A row of `callcenter_config tier list`.
public struct TierRow: Sendable, Equatable {
    public var queue: String
    public var agent: String
    /// `No Answer`, `Ready`, `Offering`, `Active Inbound`, `Standby`
    public var state: String
    public var level: Int
    public var position: Int

    public init(queue: String, agent: String, state: String = "Ready", level: Int = 1, position: Int = 1) {
        self.queue = queue
        self.agent = agent
        self.state = state
        self.level = level
        self.position = position
    }
}

/// A row of `callcenter_config queue list`: the name, and every other column by its name.
public struct QueueRow: Sendable, Equatable {
    public var name: String
    public var strategy: String
    public var callsAnswered: Int
    public var callsAbandoned: Int
    /// All columns as FreeSWITCH named them, `name` included.
    public var parameters: [String: String]

    public init(name: String, strategy: String = "", callsAnswered: Int = 0, callsAbandoned: Int = 0, parameters: [String: String] = [:]) {
        self.name = name
        self.strategy = strategy
        self.callsAnswered = callsAnswered
        self.callsAbandoned = callsAbandoned
        self.parameters = parameters
    }
}

/// A row of `callcenter_config queue list members QUEUE`. Times are whole seconds, 0 is "never".
public struct MemberRow: Sendable, Equatable {
    public var queue = ""
    public var uuid = ""
    public var sessionUUID = ""
    public var callerNumber: String?
    public var callerName: String?
    public var joinedEpoch: Int64 = 0
    public var rejoinedEpoch: Int64 = 0
    public var bridgeEpoch: Int64 = 0
    public var abandonedEpoch: Int64 = 0
    public var servingAgent: String?
    /// `Unknown`, `Waiting`, `Trying`, `Answered`, `Abandoned`
    public var state = ""
    public var score = 0

    public init() {}
}

/// A row of `show channels as json`.
public struct ChannelRow: Sendable, Equatable {
    public var uuid = ""
    /// `inbound` or `outbound`, as FreeSWITCH sees the leg.
    public var direction = ""
    public var createdEpoch: Int64 = 0
    /// `sofia/internal/1001@127.0.0.1:6001`
    public var name = ""
    /// `CS_EXECUTE`, ...
    public var state = ""
    /// `ACTIVE`, `RINGING`, `HELD`, ...
    public var callState = ""
    public var callerNumber: String?
    public var callerName: String?
    public var destination: String?
    public var calleeNumber: String?
    public var application: String?
    public var applicationData: String?
    public var presenceID: String?
    /// The uuid both legs of a bridge share (the first leg's).
    public var callUUID: String?

    public init() {}
}

/// Everything a resync asks a node for, between two canary events.
public struct SwitchSnapshot: Sendable, Equatable {
    public var coreUUID: String
    /// The time of the first canary: the snapshot is at least that new.
    public var takenAt: Timestamp
    public var agents: [AgentRow]
    public var tiers: [TierRow]
    public var queues: [QueueRow]
    public var members: [MemberRow]
    /// `nil` when the node does not tell its channels: `show channels` was refused. An idle node has an empty list.
    public var channels: [ChannelRow]?
    /// `uuid_dump UUID json` of each channel that belongs to a member or an agent's call: header name to value, `variable_` names included.
    public var dumps: [String: [String: String]]

    public init(
        coreUUID: String, takenAt: Timestamp, agents: [AgentRow] = [], tiers: [TierRow] = [], queues: [QueueRow] = [], members: [MemberRow] = [],
        channels: [ChannelRow]? = [], dumps: [String: [String: String]] = [:]
    ) {
        self.coreUUID = coreUUID
        self.takenAt = takenAt
        self.agents = agents
        self.tiers = tiers
        self.queues = queues
        self.members = members
        self.channels = channels
        self.dumps = dumps
    }
}
