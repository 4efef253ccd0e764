public import CallCenter
public import EventSocket

/// Which channel variables are copied into a pop.
public struct AttributeFilter: Sendable, Equatable {
    /// Names, or names with one `*` at the end: `ivr_choice`, `crm_*`.
    public let patterns: [String]

    public init(_ patterns: [String]) {
        self.patterns = patterns
    }

    public static let standard = AttributeFilter(["ivr_choice", "crm_*"])
}

/// One node's call centre as it is known from its events: events in, changes out. No I/O, no clock, no tasks; the same events give the same
/// changes on any instance.
public struct NodeReducer: Sendable {
    public let node: String
    /// `nil` until the first event or snapshot.
    public private(set) var coreUUID: String?
    /// The highest `Event-Sequence` seen of this Core-UUID.
    public private(set) var sequence: Int64 = 0

    public init(node: String, attributes: AttributeFilter = .standard) {
        self.node = node
    }

    /// Live pops that an earlier process stored. Called once, before the first `load`: ids and versions go on from there.
    public mutating func restore(_ pops: [Pop]) {}

    /// Applies one event of the switch.
    public mutating func apply(_ event: Event, to changes: inout [Change]) {}

    /// Brings the state in line with a snapshot and says what differs; afterwards the events since the snapshot's first canary are applied
    /// again, which changes nothing that is already so. Another Core-UUID ends all live pops as `lost-track` first.
    public mutating func load(_ snapshot: SwitchSnapshot, to changes: inout [Change]) {}

    /// A reason that ScreenPop keeps for the agent, because mod_callcenter knows only On Break. Call it before the status command is sent;
    /// it is shown with the next `agent-status-change` to that status and ends with the one after.
    public mutating func setReason(_ reason: String?, agent: String, status: AgentStatus) {}

    /// What no event announces and one of our own commands did: an agent deleted, a tier added, changed or removed, a setting changed.
    public mutating func apply(_ local: LocalChange, at: Timestamp, to changes: inout [Change]) {}
}

/// What a command of ours changed without an event of the switch.
public enum LocalChange: Sendable, Equatable {
    case agentRemoved(String)
    case agentSettings(AgentRow)
    case tierSet(TierRow)
    case tierRemoved(queue: String, agent: String)
}
