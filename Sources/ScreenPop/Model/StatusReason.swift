public import CallCenter

/// Where a change of status came from.
public enum ReasonSource: String, Sendable, Codable, CaseIterable {
    /// From a command of ours.
    case screenpop
    /// From elsewhere: `fs_cli`, a dialplan, mod_callcenter itself.
    case external
}

/// A break, or another status with a reason, that is over.
public struct ReasonPeriod: Sendable, Equatable {
    public var status: AgentStatus
    public var reason: String?
    public var by: String?
    public var source: ReasonSource?
    public var since: Timestamp
    public var until: Timestamp

    public init(status: AgentStatus, reason: String?, by: String?, source: ReasonSource?, since: Timestamp, until: Timestamp) {
        self.status = status
        self.reason = reason
        self.by = by
        self.source = source
        self.since = since
        self.until = until
    }
}
