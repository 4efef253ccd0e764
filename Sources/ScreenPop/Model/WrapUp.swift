public import CallCenter

/// After-call work: no queue call is offered before its end.
public struct WrapUp: Sendable, Equatable {
    public var since: Timestamp
    public var until: Timestamp
    /// It lasts longer than the agent's `wrap_up_time`, or was begun by hand: FreeSWITCH has the end as `ready_time`.
    public var isExtended: Bool

    /// In all.
    public static let longestSeconds = 3600

    public init(since: Timestamp, until: Timestamp, isExtended: Bool = false) {
        self.since = since
        self.until = until
        self.isExtended = isExtended
    }
}

/// A wrap-up that was ended early. mod_callcenter has no word for that but a `wrap_up_time` of 0, which is set until the moment at which it would
/// have been over, or the agent's next talk.
public struct EndedWrapUp: Sendable, Equatable {
    /// What `wrap_up_time` is to be again.
    public var wrapUpTime: Int
    public var until: Timestamp

    public init(wrapUpTime: Int, until: Timestamp) {
        self.wrapUpTime = wrapUpTime
        self.until = until
    }
}
