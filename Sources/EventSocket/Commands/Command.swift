/// One command as it goes over the wire: one packet, whatever its parts hold.
///
/// There is no way to make one out of a free line of text.
package struct Command: Sendable, Equatable {
    /// What FreeSWITCH answers it with.
    package enum Answer: Sendable, Equatable {
        /// `command/reply`.
        case reply
        /// `api/response`; `command/reply` when a restricted user may not run the function.
        case api
        /// `command/reply` at once, and a `BACKGROUND_JOB` event with that Job-UUID later.
        case job(String)
    }

    package let answer: Answer
    /// The packet, blank line included.
    package let packet: String
    /// The command's name for messages: no argument, which may hold a password or a caller's number.
    package let label: String

    /// - Parameter lines: each was checked.
    private init(_ lines: [String], answer: Answer, label: String) {
        self.answer = answer
        self.packet = lines.joined(separator: "\n") + "\n\n"
        self.label = label
    }

    /// `auth PASSWORD` or `userauth USER@DOMAIN:PASSWORD`.
    package static func login(_ credentials: EventSocketEndpoint.Credentials) throws(EventSocketError) -> Command {
        switch credentials {
        case .password(let password):
            try WireText.check(password, as: "the password")
            try WireText.checkOrders(password)
            return Command(["auth \(password)"], answer: .reply, label: "auth")
        case .user(let user, let password):
            try WireText.check(user, as: "the user")
            try WireText.check(password, as: "the password")
            guard user.utf8.allSatisfy({ $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: " ") }), user.utf8.contains(UInt8(ascii: "@")) else {
                throw .illegalCommand("the user of userauth is USER@DOMAIN, without colon or space")
            }
            try WireText.checkOrders("\(user):\(password)")
            return Command(["userauth \(user):\(password)"], answer: .reply, label: "userauth")
        }
    }

    package static func api(_ call: APICall) -> Command {
        Command(["api \(call.line)"], answer: .api, label: "api \(call.function)")
    }

    /// - Parameter jobUUID: the job's name, of our choice.
    package static func backgroundAPI(_ call: APICall, jobUUID: String) throws(EventSocketError) -> Command {
        guard WireText.isWord(jobUUID, signs: "-") else { throw .illegalCommand("a Job-UUID is of letters, digits and hyphens") }
        return Command(["bgapi \(call.line)", "Job-UUID: \(jobUUID)"], answer: .job(jobUUID), label: "bgapi \(call.function)")
    }

    /// `event plain A B CUSTOM x::y`. What stands behind `CUSTOM` is a subclass, so it always comes last.
    package static func subscribe(events: [String], custom: [String]) throws(EventSocketError) -> Command {
        let plain = events.filter { $0 != "CUSTOM" }
        for event in plain where !WireText.isWord(event, signs: "_") { throw .illegalCommand("the name of an event is of letters, digits and _") }
        for subclass in custom where !WireText.isWord(subclass, signs: "_:.-+") {
            throw .illegalCommand("a subclass is of letters, digits and _ : . - +")
        }
        let words = plain + (custom.isEmpty && plain.count == events.count ? [] : ["CUSTOM"] + custom)
        guard !words.isEmpty else { throw .illegalCommand("a subscription to nothing") }
        let line = "event plain \(words.joined(separator: " "))"
        try WireText.checkOrders(line)
        return Command([line], answer: .reply, label: "event plain")
    }

    /// `sendevent NAME` with headers and without a body.
    ///
    /// - Throws: `illegalCommand` also for headers that would do something else than travel with the event.
    package static func sendEvent(_ name: String, headers: [(String, String)]) throws(EventSocketError) -> Command {
        guard WireText.isWord(name, signs: "_") else { throw .illegalCommand("the name of an event is of letters, digits and _") }
        var lines = ["sendevent \(name)"]
        for (header, value) in headers {
            guard WireText.isWord(header, signs: "_-") else { throw .illegalCommand("the name of a header is of letters, digits, _ and -") }
            guard !Self.reservedHeaders.contains(header.lowercased()) else { throw .illegalCommand("\(header) may not be sent with an event") }
            try WireText.check(value, as: "the value of \(header)")
            lines.append("\(header): \(value)")
        }
        try WireText.checkOrders(lines.joined(separator: "\n"))
        return Command(lines, answer: .reply, label: "sendevent \(name)")
    }

    /// `log LEVEL`: a name or 0 to 7.
    package static func log(level: String) throws(EventSocketError) -> Command {
        guard Self.logLevels.contains(level.lowercased()) else { throw .illegalCommand("no log level of FreeSWITCH") }
        return Command(["log \(level)"], answer: .reply, label: "log")
    }

    /// `filter HEADER VALUE`: of all subscribed events only those with such a header are sent.
    package static func filter(_ header: String, _ value: String) throws(EventSocketError) -> Command {
        guard WireText.isWord(header, signs: "_-"), header.lowercased() != "delete" else {
            throw .illegalCommand("the name of a header is of letters, digits, _ and -")
        }
        try WireText.check(value, as: "the value of \(header)")
        let line = "filter \(header) \(value)"
        try WireText.checkOrders(line)
        return Command([line], answer: .reply, label: "filter")
    }

    package static let exit = Command(["exit"], answer: .reply, label: "exit")

    // `console_execute` runs an api line through the console's parser, a length starts a body, the others forge what FreeSWITCH sets itself.
    private static let reservedHeaders: Set<String> = [
        "console_execute", "content-length", "content-type", "job-uuid", "event-uuid", "event-name", "async", "session-id", "command", "core-uuid",
    ]

    private static let logLevels: Set<String> = [
        "console", "alert", "crit", "err", "error", "warning", "notice", "info", "debug", "0", "1", "2", "3", "4", "5", "6", "7",
    ]
}
