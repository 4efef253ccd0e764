import CallCenter

/// mod_callcenter's agent, as its table holds it. Times are microseconds since 1970, 0 is "never".
package struct SimulatedAgent: Sendable, Equatable {
    package var name: String
    package var type = "Callback"
    package var contact = ""
    /// As it was written: FreeSWITCH keeps `available` and then finds nobody.
    package var status = "Logged Out"
    package var state = "Waiting"
    package var uuid = ""
    package var maxNoAnswer = 0
    package var wrapUpTime = 0
    package var rejectDelayTime = 0
    package var busyDelayTime = 0
    package var noAnswerDelayTime = 0
    package var lastBridgeStart: Int64 = 0
    package var lastBridgeEnd: Int64 = 0
    package var lastOfferedCall: Int64 = 0
    package var lastStatusChange: Int64 = 0
    package var noAnswerCount = 0
    package var callsAnswered = 0
    /// Seconds.
    package var talkTime = 0
    /// Seconds since 1970.
    package var readyTime: Int64 = 0
    /// Calls that `callcenter_track` counts.
    package var externalCalls = 0

    package init(name: String) { self.name = name }
}

package struct SimulatedTier: Sendable, Equatable {
    package var queue: String
    package var agent: String
    package var state = "Ready"
    package var level = 1
    package var position = 1

    package init(queue: String, agent: String, level: Int = 1, position: Int = 1) {
        self.queue = queue
        self.agent = agent
        self.level = level
        self.position = position
    }
}

package struct SimulatedQueue: Sendable, Equatable {
    package enum Strategy: String, Sendable, CaseIterable {
        case longestIdleAgent = "longest-idle-agent"
        case ringAll = "ring-all"
        case roundRobin = "round-robin"
        case topDown = "top-down"
        case agentWithLeastTalkTime = "agent-with-least-talk-time"
        case agentWithFewestCalls = "agent-with-fewest-calls"
    }

    package var name: String
    package var strategy: Strategy
    package var timeBaseScore = "system"
    package var abandonedResumeAllowed = false
    /// Seconds; 0 is "for ever".
    package var maxWaitTime = 0
    package var maxWaitTimeWithNoAgent = 0
    package var discardAbandonedAfter = 60
    package var agentNoAnswerStatus = "On Break"
    /// Parameters by their names in `callcenter.conf`, which lists show and no call here obeys.
    package var others: [String: String] = [:]
    package var callsAnswered = 0
    package var callsAbandoned = 0

    package init(name: String, strategy: Strategy) {
        self.name = name
        self.strategy = strategy
    }

    /// `moh_sound` of those that say nothing else.
    static let music = "tone_stream://%(400,4600,440);loops=-1"

    /// What lists show of a parameter that no call here obeys.
    func shown(_ name: String) -> String {
        self.others[name] ?? (name == "moh-sound" ? Self.music : QueueSetting.named(name)?.standard ?? "")
    }

    /// The two queues of the recordings.
    package static let recorded: [SimulatedQueue] = {
        var sales = SimulatedQueue(name: "sales@default", strategy: .ringAll)
        sales.timeBaseScore = "queue"
        sales.maxWaitTime = 20
        sales.maxWaitTimeWithNoAgent = 5
        var support = SimulatedQueue(name: "support@default", strategy: .longestIdleAgent)
        support.abandonedResumeAllowed = true
        return [sales, support]
    }()
}

/// A caller in a queue.
struct SimulatedMember: Sendable {
    enum State: String, Sendable {
        case waiting = "Waiting"
        case trying = "Trying"
        case answered = "Answered"
        case abandoned = "Abandoned"
    }

    var uuid: String
    /// The caller's channel.
    var channel: String
    var queue: String
    var number: String
    var name: String
    var dnis: String
    var joined: Int64
    var bridged: Int64 = 0
    var abandoned: Int64 = 0
    var servingAgent = ""
    var state = State.waiting
    /// The leg that answered, until the call is over.
    var agentLeg: String?
    /// When that leg was called; 0 for an agent who stood by.
    var called: Int64 = 0
    /// Whether that agent was Available (On Demand) when called.
    var isOnDemand = false
    /// Whether caller and agent have been parted by a transfer, while mod_callcenter still waits for the agent's leg to end.
    var isParted = false
}

/// One ringing phone for one member.
struct SimulatedOffer: Sendable {
    var agent: String
    var leg: String
    var member: String
    var called: Int64
    /// Whether the agent was Available (On Demand) when called.
    var isOnDemand: Bool
}
