import CallCenter

/// An agent with what was last given out of it.
struct Agent: Sendable {
    var record: AgentRecord
    var published: AgentRecord?
    /// Id and version of the pop that was last said to be current.
    var publishedCurrent: CurrentPop?
    var statusStamp: Stamp?
    var stateStamp: Stamp?
    /// Reasons told before the status commands they belong to, oldest first.
    var awaited: [AwaitedReason] = []
    static let mostAwaited = 8
    /// mod_callcenter is about to set this status by itself, after too many missed calls.
    var statusAfterMisses: AgentStatus?
    /// The last offer or talk of a queue is over, though the state still says otherwise: mod_callcenter changes it a moment later.
    var isCallOver = false
    /// A list said that mod_callcenter does nothing with the agent, whatever pops are still believed to be live.
    var isListedFree = false
    /// What is kept for later is being carried out.
    var isStatusUnderWay = false
    var isLeaveUnderWay = false
    /// When the last talk ended, by its event.
    var talkEndedAt: Timestamp?
    /// `wrap_up_time` is to be set again, and is being set.
    var isRestoreDue = false
    var isRestoreUnderWay = false
    /// Live pops, oldest offer first.
    var pops: [String] = []
    /// Its settings as they were last announced or first listed.
    var configured: AgentConfiguration?

    /// Whether mod_callcenter offers it a call or has it in one, as far as its events and lists have told.
    var isBusyByState: Bool {
        switch self.record.state {
        case .receiving, .inAQueueCall: !self.isListedFree
        case .waiting, .idle, .reserved, .other: false
        }
    }

    struct CurrentPop: Sendable, Equatable {
        var id: String
        var version: Int
    }

    struct AwaitedReason: Sendable {
        var status: AgentStatus
        var reason: String?
        var by: String
    }

    init(name: String, node: String) {
        self.record = AgentRecord(name: name, node: node)
    }
}

struct Queue: Sendable {
    var record: QueueRecord
    var published: QueueRecord?
    /// Its settings as they were last announced or first listed.
    var configured: [QueueParameter]?

    init(name: String, node: String) {
        self.record = QueueRecord(name: name, node: node)
    }
}

struct Member: Sendable {
    var record: MemberRecord
    var published: MemberRecord?
    /// Whether `joinedAt` is from its own event.
    var isJoinKnown: Bool
    /// Of the joining, where its event was seen.
    var joining: Stamp?
    /// How its talk with an agent ended.
    var lastEnd: Pop.EndReason?

    /// From the store, and no event has told of its joining since.
    var isRestored: Bool { self.isJoinKnown && self.joining == nil }
}

/// A call that is of interest: a member's, a direct or an outbound one.
struct Call: Sendable {
    struct Past: Sendable {
        var offeredAt: Timestamp
        var entry: Pop.HistoryEntry
    }

    var record: CallRecord
    var published: CallRecord?
    var past: [Past] = []
    var livePops: [String] = []
    /// The newest are kept.
    static let mostPops = 100
    static let mostPast = 20
    /// Its own channel is gone.
    var isOver = false
}
