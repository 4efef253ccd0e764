/// One event socket client as a state machine: packets in, actions out.
struct ClientSession: Sendable {
    /// A user of `userauth`; `nil` lists allow everything.
    struct User: Sendable {
        var password: String
        var allowedAPI: [String]?
        var allowedEvents: [String]?
    }

    struct Credentials: Sendable {
        var password: String
        /// `user@domain` to what it may do.
        var users: [String: User]
    }

    enum Action: Sendable, Equatable {
        /// The header block of a `command/reply`, without its content type.
        case reply(String)
        /// Run `FUNCTION ARGUMENT` and answer with `api/response`.
        case api(String)
        /// Answer at once, then run, then send BACKGROUND_JOB.
        case backgroundAPI(String, jobUUID: String?)
        /// Answer with the event's uuid and give it to whoever subscribed.
        case sendEvent(ClientPacket)
        /// Say goodbye and close.
        case disconnect
    }

    private enum State: Sendable {
        case unauthenticated
        case authenticated(User?)
        case closed
    }

    private var state = State.unauthenticated
    private let credentials: Credentials
    private(set) var subscription = Subscription()

    init(credentials: Credentials) { self.credentials = credentials }

    func wants(_ event: SwitchEvent) -> Bool {
        switch self.state {
        case .authenticated: self.subscription.wants(event)
        case .unauthenticated, .closed: false
        }
    }

    mutating func receive(_ packet: ClientPacket) -> [Action] {
        switch self.state {
        case .unauthenticated: self.authenticate(packet)
        case .authenticated(let user): self.run(packet, as: user)
        case .closed: []
        }
    }

    private mutating func authenticate(_ packet: ClientPacket) -> [Action] {
        let (word, argument) = Self.divide(packet.command)
        switch word {
        case "auth" where argument == self.credentials.password:
            self.state = .authenticated(nil)
            return [.reply("+OK accepted")]
        case "userauth":
            let colon = argument.firstIndex(of: ":") ?? argument.endIndex
            let password = argument[colon...].dropFirst()
            guard let user = self.credentials.users[String(argument[..<colon])], user.password == password else { return self.refuse() }
            self.state = .authenticated(user)
            let events = user.allowedEvents?.joined(separator: " ") ?? "ALL"
            return [
                .reply("+OK accepted\nAllowed-Events: \(events)\nAllowed-API: \(user.allowedAPI?.joined(separator: " ") ?? "ALL")\nAllowed-LOG: true")
            ]
        case "auth": return self.refuse()
        case "exit":
            self.state = .closed
            return [.reply("+OK bye"), .disconnect]
        default: return [.reply("-ERR command not found")]
        }
    }

    /// As mod_event_socket sends it: a reply that brings headers of its own is written into 512 bytes first, and cut there, blank line and all.
    static func frame(ofReply text: String) -> String {
        var rest = "Reply-Text: \(text)\n\n"
        if text.contains("\n"), rest.utf8.count > 510 { rest = String(decoding: rest.utf8.prefix(510), as: UTF8.self) }
        return "Content-Type: command/reply\n" + rest
    }

    private mutating func refuse() -> [Action] {
        self.state = .closed
        return [.reply("-ERR invalid"), .disconnect]
    }

    private mutating func run(_ packet: ClientPacket, as user: User?) -> [Action] {
        let (word, argument) = Self.divide(packet.command)
        switch word {
        case "api", "bgapi":
            let function = String(argument.prefix { $0 != " " })
            if let allowed = user?.allowedAPI, !allowed.contains(function) { return [.reply("-ERR permission denied")] }
            return [word == "api" ? .api(argument) : .backgroundAPI(argument, jobUUID: packet.value("Job-UUID"))]
        case "event": return [.reply(self.subscribe(argument, as: user))]
        case "nixevent":
            self.subscription.remove(argument.split(separator: " "))
            return [.reply("+OK events nixed")]
        case "noevents":
            self.subscription.removeAll()
            return [.reply("+OK no longer listening for events")]
        case "filter": return [.reply(self.filter(argument))]
        case "sendevent": return [.sendEvent(packet)]
        case "sendmsg": return [.reply("-ERR invalid session id [\(argument)]")]
        case "log": return [.reply(Self.log(argument))]
        case "nolog": return [.reply("+OK no longer logging")]
        case "noop": return [.reply("+OK")]
        case "exit":
            self.state = .closed
            return [.reply("+OK bye"), .disconnect]
        default: return [.reply("-ERR command not found")]
        }
    }

    private mutating func subscribe(_ argument: String, as user: User?) -> String {
        var words = argument.split(separator: " ")
        var format = Subscription.Format.plain
        if let named = words.first.flatMap({ Subscription.Format(rawValue: String($0)) }) {
            format = named
            words.removeFirst()
        }
        let (events, custom) = Subscription.divide(words)
        if let allowed = user?.allowedEvents, !Set(events + custom).isSubset(of: allowed) { return "-ERR permission denied" }
        guard self.subscription.add(words) else { return "-ERR no keywords supplied" }
        self.subscription.format = format
        return "+OK event listener enabled \(format.rawValue)"
    }

    private mutating func filter(_ argument: String) -> String {
        var words = argument.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true).map(String.init)
        if words.first == "delete", words.count >= 2 {
            let value = words.count > 2 ? words[2] : ""
            self.subscription.removeFilter(words[1], value)
            return "+OK filter deleted. [\(words[1])][\(value)]"
        }
        guard words.count >= 2 else { return "-ERR invalid syntax" }
        let name = words.removeFirst()
        let value = words.joined(separator: " ")
        self.subscription.addFilter(name, value)
        return "+OK filter added. [\(name)]=[\(value)]"
    }

    private static func log(_ level: String) -> String {
        let levels = ["console", "alert", "crit", "err", "warning", "notice", "info", "debug"]
        guard let number = Int(level) ?? levels.firstIndex(of: level.lowercased()), levels.indices.contains(number) else {
            return "-ERR invalid log level"
        }
        return "+OK log level \(level) [\(number)]"
    }

    private static func divide(_ command: String) -> (word: String, argument: String) {
        let parts = command.split(separator: " ", maxSplits: 1)
        let argument = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        return (parts.first.map(String.init) ?? "", argument)
    }
}
