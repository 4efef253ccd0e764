import EventSocket

@testable import CallCenter

/// The same property for the commands about calls, each taken apart as its function in mod_commands does.
extension InjectionProperty {
    /// One value of each kind, as texts that nobody has checked.
    struct CallTexts {
        var channel: String
        var other: String
        var number: String
        var context: String
        var queue: String
        var agent: String
        var contact: String
        var seconds: Int
    }

    /// Every command that the texts allow.
    mutating func checkCalls(_ texts: CallTexts) throws(Violation) {
        let id = ActionID(random: UInt64(truncatingIfNeeded: texts.seconds) &* 0x9E37_79B9)
        guard let channel = try? ChannelUUID(texts.channel) else { return self.refused(2) }
        let (u, seconds) = (texts.channel, texts.seconds)
        for cause in TelephonyCommand.HangupCause.allCases { try self.check(.hangUp(channel, cause), 1, [u, cause.rawValue], .atFirstSpace) }
        try self.check(.exists(channel), 1, [u], .whole)
        try self.check(.hold(channel), 1, [u])
        try self.check(.resume(channel), 1, ["off", u])
        if let other = try? ChannelUUID(texts.other) {
            try self.check(.bridge(channel, other), 2, [u, texts.other])
            for mode in SupervisionMode.allCases {
                let list = [
                    "set:eavesdrop_whisper_aleg=\(mode == .barge)", "set:eavesdrop_whisper_bleg=\(mode != .listen)", "eavesdrop:\(texts.other)",
                ]
                try self.check(.changeSupervision(of: channel, hearing: other, mode), 2, [u, list.joined(separator: ","), "inline"], inline: list)
            }
        } else {
            self.refused(1)
        }
        if let queue = try? QueueName(texts.queue) {
            let text = "callcenter:\(texts.queue)"
            try self.check(.transfer(channel, .queue(queue)), 2, [u, text, "inline"], inline: [text])
        } else {
            self.refused(1)
        }
        let number = DialNumber(texts.number)
        let context = DialContext(texts.context)
        if let number, let context {
            try self.check(.transfer(channel, .number(number, context)), 3, [u, texts.number, "XML", texts.context])
            try self.check(
                .consult(channel, .number(number, context), id: id, seconds: seconds), 3, consulted: "loopback/\(texts.number)/\(texts.context)/XML",
                variables: 10, on: u)
        } else {
            self.refused(2)
        }
        guard let phone = PhoneAddress(contact: texts.contact) else { return self.refused(1) }
        try Self.checkPhone(texts.contact)
        guard let agent = try? AgentName(texts.agent) else { return self.refused(1) }
        let tracked = "execute_on_answer=callcenter_track \(texts.agent)"
        let bridge = "bridge:{\(tracked)}\(texts.contact)"
        try self.check(.transfer(channel, .phone(phone, of: agent)), 3, [u, bridge, "inline"], inline: [bridge])
        try self.check(
            .consult(channel, .phone(phone, of: agent), id: id, seconds: seconds), 3, consulted: texts.contact, variables: 9, running: tracked, on: u)
        for mode in SupervisionMode.allCases {
            try self.checkOriginate(
                .supervise(agent, phone, channel, mode, id: id, seconds: seconds), 3, to: texts.contact, variables: 8, running: tracked,
                then: ["&eavesdrop(\(u))"])
        }
        guard let number, let context else { return }
        let isShown = phone.extensionNumber != nil
        try self.checkOriginate(
            .dial(agent, phone, number, context, id: id, seconds: seconds, callerID: nil), 4, to: texts.contact, variables: isShown ? 8 : 6,
            running: tracked, then: [texts.number, "XML", texts.context])
        try self.checkOriginate(
            .dial(agent, phone, number, context, id: id, seconds: seconds, callerID: number), 5, to: texts.contact, variables: 8, running: tracked,
            then: [texts.number, "XML", texts.context])
    }

    /// How a function takes its argument apart.
    enum Cut {
        /// `switch_separate_string`
        case atSpaces
        /// `uuid_kill`: `strchr`, and no quotes.
        case atFirstSpace
        /// `uuid_exists`
        case whole
    }

    private mutating func check(
        _ command: TelephonyCommand, _ values: Int, _ argv: [String], _ cut: Cut = .atSpaces, inline: [String]? = nil
    ) throws(Violation) {
        guard let (bytes, tokens) = try self.tokens(command, values, cut) else { return }
        guard tokens == argv else { throw Violation(what: "\(tokens.count) arguments, or other ones", packet: bytes) }
        guard let inline else { return }
        // The dialplan `inline` cuts at commas, and each application at its first colon.
        guard try Self.list(tokens[1], bytes) == inline else { throw Violation(what: "other applications", packet: bytes) }
    }

    private mutating func check(
        _ command: TelephonyCommand, _ values: Int, consulted: String, variables: Int, running application: String? = nil, on channel: String
    ) throws(Violation) {
        guard let (bytes, tokens) = try self.tokens(command, values, .atSpaces) else { return }
        guard tokens.count == 3, tokens[0] == channel, tokens[2] == "aleg,holdb", tokens[1].hasPrefix("att_xfer::") else {
            throw Violation(what: "another broadcast", packet: bytes)
        }
        try Self.checkDialString(tokens[1].dropFirst(10), to: consulted, variables: variables, running: application, bytes)
    }

    private mutating func checkOriginate(
        _ command: TelephonyCommand, _ values: Int, to contact: String, variables: Int, running application: String? = nil, then rest: [String]
    ) throws(Violation) {
        guard let (bytes, tokens) = try self.tokens(command, values, .atSpaces) else { return }
        guard Array(tokens.dropFirst()) == rest else { throw Violation(what: "another destination", packet: bytes) }
        try Self.checkDialString(tokens[0][...], to: contact, variables: variables, running: application, bytes)
    }

    /// `nil` for a command that is refused.
    private mutating func tokens(_ command: TelephonyCommand, _ values: Int, _ cut: Cut) throws(Violation) -> ([UInt8], [String])? {
        self.refused(values)
        guard let call = try? command.call() else { return nil }
        self.accept(values)
        let bytes = Array(Command.api(call).packet.utf8)
        return (bytes, try self.tokens(bytes, of: Self.function(command), cut))
    }

    func tokens(_ bytes: [UInt8], of function: String, _ cut: Cut) throws(Violation) -> [String] {
        let argument = try self.argument(of: function, bytes)
        let tokens: [[UInt8]]
        switch cut {
        case .atSpaces: do { tokens = try ArgumentSplitter.split(argument) } catch { throw Violation(what: "\(error)", packet: bytes) }
        case .atFirstSpace: tokens = argument.split(separator: 0x20, maxSplits: 1).map { Array($0) }
        case .whole: tokens = [argument]
        }
        return tokens.map { String(decoding: $0, as: UTF8.self) }
    }

    private static func function(_ command: TelephonyCommand) -> String {
        switch command {
        case .hangUp: "uuid_kill"
        case .exists: "uuid_exists"
        case .hold, .resume: "uuid_hold"
        case .transfer, .changeSupervision: "uuid_transfer"
        case .bridge: "uuid_bridge"
        case .consult: "uuid_broadcast"
        case .dial, .supervise: "originate"
        }
    }

    private static func list(_ text: String, _ bytes: [UInt8]) throws(Violation) -> [String] {
        do { return try ArgumentSplitter.split("^^,\(text)", limit: 64) } catch { throw Violation(what: "\(error)", packet: bytes) }
    }

    /// `{a=b,c=d}PHONE`: so many variables and no more, then that one phone. What runs when it is answered is this application, or nothing.
    private static func checkDialString(
        _ text: Substring, to phone: String, variables: Int, running application: String? = nil, _ bytes: [UInt8]
    ) throws(Violation) {
        guard text.first == "{", let end = text.firstIndex(of: "}") else { throw Violation(what: "no variables", packet: bytes) }
        let list = try Self.list(String(text[text.index(after: text.startIndex)..<end]), bytes)
        guard list.count == variables, list.allSatisfy({ $0.utf8.count(where: { $0 == 0x3D }) == 1 }) else {
            throw Violation(what: "\(list.count) variables", packet: bytes)
        }
        guard list.filter({ $0.contains("execute_on") }) == [application].compactMap(\.self) else {
            throw Violation(what: "another application", packet: bytes)
        }
        guard text[text.index(after: end)...] == phone else { throw Violation(what: "another phone", packet: bytes) }
    }

    /// What may be rung is one phone, with at most a timeout in front, and nothing that would be expanded or run.
    static func checkPhone(_ contact: String) throws(Violation) {
        var rest = contact[...]
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            let pair = rest[rest.index(after: rest.startIndex)..<end].split(separator: "=", omittingEmptySubsequences: false)
            let isTimeout = pair.count == 2 && ["call_timeout", "leg_timeout"].contains(pair[0]) && pair[1].allSatisfy { ("0"..."9").contains($0) }
            guard isTimeout else { throw Violation(what: "variables of a phone", packet: Array(contact.utf8)) }
            rest = rest[rest.index(after: end)...]
        }
        // An IPv6 address, behind its at-sign and at the end or before a port.
        let address = rest.replacing(/@\[([0-9A-Fa-f.]*:[0-9A-Fa-f.:]*:[0-9A-Fa-f.:]*)\](?=$|:[0-9])/) { "@\($0.1)" }
        let isHarmful =
            address.utf8.contains { $0 <= 0x20 || $0 == 0x7F || Array("{}[]<>,|&^$'\"\\`;()".utf8).contains($0) } || address.contains(":_:")
            || address.contains("loopback/app=")
        guard !isHarmful else { throw Violation(what: "more than a phone", packet: Array(contact.utf8)) }
    }
}
