import EventSocket

/// The channel events that a call is followed by.
public enum ChannelEvent: Sendable, Hashable, CaseIterable {
    case create, progress, progressMedia, answer, bridge, unbridge, hold, unhold, hangup, hangupComplete, destroy

    /// As FreeSWITCH names it.
    public var text: StaticString {
        switch self {
        case .create: "CHANNEL_CREATE"
        case .progress: "CHANNEL_PROGRESS"
        case .progressMedia: "CHANNEL_PROGRESS_MEDIA"
        case .answer: "CHANNEL_ANSWER"
        case .bridge: "CHANNEL_BRIDGE"
        case .unbridge: "CHANNEL_UNBRIDGE"
        case .hold: "CHANNEL_HOLD"
        case .unhold: "CHANNEL_UNHOLD"
        case .hangup: "CHANNEL_HANGUP"
        case .hangupComplete: "CHANNEL_HANGUP_COMPLETE"
        case .destroy: "CHANNEL_DESTROY"
        }
    }

    init?(_ matches: HeaderMatches) {
        guard let event = Self.allCases.first(where: { matches.equals(.eventName, $0.text) }) else { return nil }
        self = event
    }
}

/// What an event says about the channel it carries. Read when asked: most of it is wanted of a few events only.
public struct ChannelFacts: Sendable {
    /// As FreeSWITCH sees it: a call to a phone is outbound.
    public enum Direction: Sendable, Hashable {
        case inbound, outbound
    }

    /// `Unique-ID`
    public let uuid: String
    private let matches: HeaderMatches

    init?(_ matches: HeaderMatches) {
        guard let uuid = matches.string(.uniqueID) else { return nil }
        self.uuid = uuid
        self.matches = matches
    }

    public var direction: Direction? {
        if self.matches.equals(.direction, "inbound") { return .inbound }
        return self.matches.equals(.direction, "outbound") ? .outbound : nil
    }

    /// `sofia/internal/1001@127.0.0.1:6001`
    public var name: String? { self.matches.string(.channelName) }
    /// Changes with a transfer.
    public var destination: String? { self.matches.string(.destination) }
    public var callerNumber: String? { self.matches.string(.callerNumber) }
    public var callerName: String? { self.matches.string(.callerName) }
    public var createdAt: Timestamp? { self.matches.microseconds(.createdTime) }
    public var hangupAt: Timestamp? { self.matches.microseconds(.hangupTime) }
    public var hangupCause: String? { self.matches.string(.hangupCause) }
    public var presenceID: String? { self.matches.string(.presenceID) }
    public var otherLeg: String? { self.matches.string(.otherLeg) }
    /// The two legs of a bridge.
    public var bridge: (a: String, b: String)? {
        guard let a = self.matches.string(.bridgeA), let b = self.matches.string(.bridgeB) else { return nil }
        return (a, b)
    }

    /// The channel that had this one called.
    public var originator: String? { self.matches.string(.originator) }
    /// Of an agent's leg that mod_callcenter made: whose it is.
    public var agentSide: (agent: String, member: String, session: String?, queue: String?)? {
        guard self.matches.equals(.side, "agent"), let agent = self.matches.string(.legAgent), let member = self.matches.string(.legMember) else {
            return nil
        }
        return (agent, member, self.matches.string(.legMemberSession), self.matches.string(.legQueue))
    }

    /// Whether mod_callcenter had a hand in it, as either side.
    public var isOfCallCenter: Bool { self.matches.string(.side) != nil || self.matches.string(.legMember) != nil }

    /// The user who logged in to make the call.
    public var authenticatedUser: String? { self.matches.string(.userName) }
    public var sipFromUser: String? { self.matches.string(.sipFromUser) }
    public var sipToUser: String? { self.matches.string(.sipToUser) }
    /// Of a leg called as `user/USER@DOMAIN`.
    public var dialedUser: String? { self.matches.string(.dialedUser) }
    public var dialedDomain: String? { self.matches.string(.dialedDomain) }
    /// `recv_bye`, `send_bye`, `recv_cancel`, `send_cancel`, `recv_refuse`, `send_refuse`
    public var hangupDisposition: String? { self.matches.string(.hangupDisposition) }
    /// `ANSWER`, `BLIND_TRANSFER`, `ATTENDED_TRANSFER`, ...
    public var endpointDisposition: String? { self.matches.string(.endpointDisposition) }
    /// The gateway that the leg goes out by; `nil` for a phone of one's own.
    public var gateway: String? { self.matches.string(.gateway) }
    public var profile: String? { self.matches.string(.profile) }
    /// Of a leg that a command of ours made.
    public var actionID: String? { self.matches.string(.actionID) }
    /// The newest of `transfer_history`.
    public var lastTransfer: Transfer? { self.matches.string(.transferHistory).flatMap { Transfer(history: $0) } }
}

/// One line of a channel's `transfer_history`: `1795387019:ff5409ae-...:bl_xfer:7001/default/XML`.
public struct Transfer: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case blind, attended
        /// Made by a command or by a module, mod_callcenter among them: it joins caller and agent that way.
        case bridge
        case other
    }

    public var kind: Kind
    /// Whole seconds.
    public var at: Timestamp?
    /// Tells it from every other one.
    public var id: String
    /// The extension of a blind transfer; of a bridge the other leg.
    public var target: String?

    /// - Parameter history: the value of `transfer_history`, of one line or an array of them.
    public init?(history: String) {
        let newest = history.hasPrefix("ARRAY::") ? history.dropFirst(7).split(separator: "|:").last ?? "" : history[...]
        let parts = newest.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        self.at = Int64(parts[0]).flatMap { Timestamp(seconds: $0) }
        self.id = String(parts[1])
        switch parts[2] {
        case "bl_xfer":
            self.kind = .blind
            self.target = parts[3].split(separator: "/").first.map(String.init)
        case "att_xfer":
            self.kind = .attended
            self.target = nil
        case "uuid_br":
            self.kind = .bridge
            self.target = String(parts[3])
        default:
            self.kind = .other
            self.target = nil
        }
    }
}
