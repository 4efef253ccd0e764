import CallCenter

/// A pop and what is needed to end it truthfully.
struct LivePop: Sendable {
    var pop: Pop
    /// As it was last given out; `nil` before the first time.
    var published: Pop?
    /// The `agent-offering` it came from; `nil` when it was concluded from something else.
    var offering: Stamp?
    /// Legs to the agent's phones that are not hung up. A contact may name several, at once or one after the other.
    var ringing: [String] = []
    /// The leg of the other side: the member's, the caller's, or of an outbound call the one to whom the agent talks.
    var party: String?
    /// Who ended the talk with the caller while the agent consulted somebody, with whom he talks on.
    var leftDuringConsultation: Pop.Party?
    /// When to end it with what is known, because the event that would tell is overdue.
    var overdueAt: Timestamp?
    /// The last hang-up of a leg that rang: why the offer failed, should nobody say it.
    var lastFailure: Channel.Hangup?
    /// Why the offer failed, as mod_callcenter said.
    var failure: String?
    /// It was ended because nothing was heard of it.
    var isForgotten = false

    init(pop: Pop) {
        self.pop = pop
        self.party = pop.kind == .outbound ? nil : pop.callUUID
    }
}

/// An offer that is over, for events about it that come late.
struct PastOffer: Sendable {
    var agent: String
    var member: String
    var session: String
    var offeredAt: Timestamp
    var endedAt: Timestamp
}
