/// An agent consults somebody by `att_xfer`, while the other side of the agent's bridge hears music.
struct Consultation: Sendable {
    /// What comes next, by time alone.
    enum Step: Sendable, Equatable {
        /// Who was called has answered.
        case connect
        case noAnswer
        /// Who was consulted has hung up: the agent and the other side leave music, and are joined.
        case comeBack
        case rejoin
        /// The agent has hung up: the bridge of the two ends, then the one before it, mod_callcenter tells, and the leg is gone.
        case part
        case handOver
        case tell
        case finish
        /// The other side is long gone, and now who was consulted, too.
        case endAgentLeg
    }

    /// The other side of the agent's bridge.
    var party: String
    var target: String
    var isConnected = false
    /// The agent hung up before an answer: the other side waits for it.
    var agentIsGone = false
    var partyIsGone = false
    /// Who ends now ends by itself.
    var isEnding = false
}
