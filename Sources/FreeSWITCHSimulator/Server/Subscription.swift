/// Which events a client wants, and in what shape.
struct Subscription: Sendable {
    enum Format: String, Sendable {
        case plain, json, xml
    }

    var format = Format.plain
    private var all = false
    private var names: Set<String> = []
    private var subclasses: Set<String> = []
    private var filters: [(name: String, value: String)] = []

    /// Adds the words of `event plain A B CUSTOM x::y`: what follows `CUSTOM` are subclasses.
    /// - Returns: whether at least one of them means something.
    mutating func add(_ words: [Substring]) -> Bool {
        let (events, custom) = Self.divide(words)
        guard !events.isEmpty || !custom.isEmpty else { return false }
        if events.contains("ALL") { self.all = true }
        self.names.formUnion(events)
        self.subclasses.formUnion(custom)
        return true
    }

    mutating func remove(_ words: [Substring]) {
        let (events, custom) = Self.divide(words)
        self.names.subtract(events)
        self.subclasses.subtract(custom)
    }

    mutating func removeAll() {
        self.all = false
        self.names = []
        self.subclasses = []
    }

    mutating func addFilter(_ name: String, _ value: String) { self.filters.append((name, value)) }

    mutating func removeFilter(_ name: String, _ value: String) { self.filters.removeAll { $0.name == name && (value.isEmpty || $0.value == value) } }

    func wants(_ event: SwitchEvent) -> Bool {
        let isSubscribed = self.all || (event.subclass.map { self.subclasses.contains($0) } ?? self.names.contains(event.name))
        return isSubscribed && (self.filters.isEmpty || self.filters.contains { event.value($0.name) == $0.value })
    }

    static func divide(_ words: [Substring]) -> (events: [String], custom: [String]) {
        guard let index = words.firstIndex(of: "CUSTOM") else { return (words.map(String.init).filter(self.known.contains), []) }
        let events = words[..<index].map(String.init).filter(self.known.contains)
        return (events + ["CUSTOM"], words[(index + 1)...].map(String.init))
    }

    private static let known: Set<String> = [
        "ALL", "CUSTOM", "CLONE", "CHANNEL_CREATE", "CHANNEL_DESTROY", "CHANNEL_STATE", "CHANNEL_CALLSTATE", "CHANNEL_ANSWER", "CHANNEL_HANGUP",
        "CHANNEL_HANGUP_COMPLETE", "CHANNEL_EXECUTE", "CHANNEL_EXECUTE_COMPLETE", "CHANNEL_HOLD", "CHANNEL_UNHOLD", "CHANNEL_BRIDGE",
        "CHANNEL_UNBRIDGE",
        "CHANNEL_PROGRESS", "CHANNEL_PROGRESS_MEDIA", "CHANNEL_OUTGOING", "CHANNEL_PARK", "CHANNEL_UNPARK", "CHANNEL_APPLICATION",
        "CHANNEL_ORIGINATE",
        "CHANNEL_UUID", "CHANNEL_DATA", "API", "LOG", "INBOUND_CHAN", "OUTBOUND_CHAN", "STARTUP", "SHUTDOWN", "PUBLISH", "UNPUBLISH", "TALK",
        "NOTALK",
        "SESSION_CRASH", "MODULE_LOAD", "MODULE_UNLOAD", "DTMF", "MESSAGE", "PRESENCE_IN", "PRESENCE_OUT", "PRESENCE_PROBE", "MESSAGE_WAITING",
        "MESSAGE_QUERY", "ROSTER", "CODEC", "BACKGROUND_JOB", "DETECTED_SPEECH", "DETECTED_TONE", "PRIVATE_COMMAND", "HEARTBEAT", "TRAP",
        "ADD_SCHEDULE",
        "DEL_SCHEDULE", "EXE_SCHEDULE", "RE_SCHEDULE", "RELOADXML", "NOTIFY", "PHONE_FEATURE", "PHONE_FEATURE_SUBSCRIBE", "SEND_MESSAGE",
        "RECV_MESSAGE",
        "REQUEST_PARAMS", "GENERAL", "COMMAND", "SESSION_HEARTBEAT", "CLIENT_DISCONNECTED", "SERVER_DISCONNECTED", "SEND_INFO", "RECV_INFO",
        "RECV_RTCP_MESSAGE", "SEND_RTCP_MESSAGE", "CALL_SECURE", "NAT", "RECORD_START", "RECORD_STOP", "PLAYBACK_START", "PLAYBACK_STOP",
        "CALL_UPDATE",
        "FAILURE", "SOCKET_DATA", "MEDIA_BUG_START", "MEDIA_BUG_STOP", "CONFERENCE_DATA_QUERY", "CONFERENCE_DATA", "CALL_SETUP_REQ",
        "CALL_SETUP_RESULT",
        "CALL_DETAIL", "DEVICE_STATE", "TEXT", "SHUTDOWN_REQUESTED",
    ]
}
