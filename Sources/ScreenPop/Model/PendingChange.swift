public import CallCenter

/// What was asked for in the middle of an offer or a call, and is carried out when that is over.
public struct PendingChange: Sendable, Equatable {
    /// For the end of the offer, or for its answer.
    public var status: AgentStatus?
    /// Waiting, where the agent shall be ready.
    public var state: AgentState?
    public var reason: String?
    /// Queues to leave once the call is over.
    public var leave: [String]
    /// Who asked, for people.
    public var by: String
    public var since: Timestamp

    public init(
        status: AgentStatus? = nil, state: AgentState? = nil, reason: String? = nil, leave: [String] = [], by: String, since: Timestamp
    ) {
        self.status = status
        self.state = state
        self.reason = reason
        self.leave = leave
        self.by = by
        self.since = since
    }

    /// With the part of a newer one in place of the same part; the other part stays.
    func merging(_ newer: PendingChange) -> PendingChange {
        var merged = newer
        if newer.leave.isEmpty {
            merged.leave = self.leave
        } else if newer.status == nil {
            (merged.status, merged.state, merged.reason) = (self.status, self.state, self.reason)
        }
        return merged
    }

    /// Without a status; `nil` when nothing is left.
    var withoutStatus: PendingChange? {
        guard !self.leave.isEmpty else { return nil }
        return PendingChange(leave: self.leave, by: self.by, since: self.since)
    }

    /// Without queues to leave; `nil` when nothing is left.
    var withoutLeave: PendingChange? {
        guard self.status != nil else { return nil }
        var change = self
        change.leave = []
        return change
    }

    func hasStatus(of other: PendingChange) -> Bool {
        self.status == other.status && self.state == other.state && self.reason == other.reason
    }
}

/// Why a change that was kept could not be carried out: the command's code and sentence.
public struct PendingFailure: Sendable, Equatable {
    public var code: String
    public var message: String

    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}
