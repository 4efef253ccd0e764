public import EventSocket

/// An event of FreeSWITCH that says something about a call centre.
public struct SwitchEvent: Sendable {
    public enum Content: Sendable {
        /// With the member's channel where the event carries it: `member-queue-start` does, `agent-offering` does not.
        case callCenter(CallCenterEvent, channel: ChannelFacts?)
        case channel(ChannelEvent, ChannelFacts)
        case registration(RegistrationEvent)
        /// mod_callcenter was loaded: all its agents are Waiting, its tiers Ready, its members Abandoned.
        case callCenterLoaded
        case callCenterUnloaded
        /// FreeSWITCH goes down; its calls are gone.
        case shutdown
        /// Tells nothing but the time: HEARTBEAT, `screenpop::canary`.
        case tick
    }

    /// Another one than before: FreeSWITCH was restarted.
    public var coreUUID: String
    /// Not monotonic on the wire. 0 when it is missing.
    public var sequence: Int64
    /// `Event-Date-Timestamp`
    public var at: Timestamp
    public var content: Content

    /// `nil` for an event that nobody wants: nothing is allocated for it then.
    public init?(_ event: Event) {
        let matches = event.find(EventHeader.table)
        guard let content = Self.content(matches), let time = matches.microseconds(.timestamp), let coreUUID = matches.string(.coreUUID) else {
            return nil
        }
        self.coreUUID = coreUUID
        self.sequence = matches.int(.sequence) ?? 0
        self.at = time
        self.content = content
    }

    private static func content(_ matches: HeaderMatches) -> Content? {
        if let event = ChannelEvent(matches) {
            return ChannelFacts(matches).map { .channel(event, $0) }
        }
        if matches.equals(.eventName, "CUSTOM") { return Self.custom(matches) }
        if matches.equals(.eventName, "HEARTBEAT") { return .tick }
        if matches.equals(.eventName, "SHUTDOWN") { return .shutdown }
        // A module announces each of its interfaces; the application's line stands for the module.
        guard matches.equals(.type, "application"), matches.equals(.name, "callcenter") else { return nil }
        if matches.equals(.eventName, "MODULE_LOAD") { return .callCenterLoaded }
        if matches.equals(.eventName, "MODULE_UNLOAD") { return .callCenterUnloaded }
        return nil
    }

    private static func custom(_ matches: HeaderMatches) -> Content? {
        if matches.equals(.subclass, "callcenter::info") {
            return CallCenterEvent(matches).map { .callCenter($0, channel: ChannelFacts(matches)) }
        }
        if matches.equals(.subclass, "screenpop::canary") { return .tick }
        if matches.equals(.subclass, "sofia::register") { return RegistrationEvent(.registered, matches).map { .registration($0) } }
        if matches.equals(.subclass, "sofia::unregister") { return RegistrationEvent(.unregistered, matches).map { .registration($0) } }
        if matches.equals(.subclass, "sofia::expire") { return RegistrationEvent(.expired, matches).map { .registration($0) } }
        return nil
    }
}

/// A phone registered, or is gone.
public struct RegistrationEvent: Sendable, Hashable {
    public enum Change: Sendable, Hashable, CaseIterable {
        case registered, unregistered, expired
    }

    public var change: Change
    /// `1001`
    public var user: String
    /// The domain; some events leave it out.
    public var host: String?

    init?(_ change: Change, _ matches: HeaderMatches) {
        guard let user = matches.string(.fromUser) else { return nil }
        self.change = change
        self.user = user
        self.host = matches.string(.fromHost)
    }
}
