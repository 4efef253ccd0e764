import EventSocket

@testable import CallCenter

/// The property: whatever a value holds, FreeSWITCH gets it as exactly one argument or one header of exactly one packet, or it is refused.
struct InjectionProperty {
    /// A value that came out as something else.
    struct Violation: Error, CustomStringConvertible {
        var what: String
        var packet: [UInt8]

        var description: String { "\(self.what): \(String(decoding: self.packet.prefix(400), as: UTF8.self).debugDescription)" }
    }

    /// Headers that do something to the command they come with, from the description of mod_event_socket.
    static let acting: Set<String> = [
        "console_execute", "content-length", "content-type", "job-uuid", "event-uuid", "event-name", "async", "session-id", "command", "core-uuid",
    ]

    private(set) var tried = 0
    private(set) var accepted = 0
    private let subject: InjectionSubject

    init(_ subject: InjectionSubject = .ours) { self.subject = subject }

    // MARK: arguments

    /// Any texts as quoted arguments.
    mutating func checkArguments(_ values: [String]) throws(Violation) {
        self.tried += values.count
        let words: StaticString = "agent set contact"
        guard let packet = try? self.subject.arguments(words, values) else { return }
        self.accepted += values.count
        try self.expect(packet, [Array("agent".utf8), Array("set".utf8), Array("contact".utf8)] + values.map { Array($0.utf8) })
    }

    /// A name, contact or number as the typed commands take them.
    mutating func check(_ command: CallCenterCommand, values: Int, expecting argv: [String]) throws(Violation) {
        self.tried += values
        guard let call = try? command.call() else { return }
        self.accepted += values
        try self.expect(Array(Command.api(call).packet.utf8), argv.map { Array($0.utf8) })
    }

    mutating func refused(_ values: Int) { self.tried += values }

    /// The job's packet has one header of our own more, and nothing else.
    mutating func checkJob(_ command: CallCenterCommand, jobUUID: String, expecting argv: [String]) throws(Violation) {
        self.tried += 1
        guard let call = try? command.call(), let job = try? Command.backgroundAPI(call, jobUUID: jobUUID) else { return }
        self.accepted += 1
        let bytes = Array(job.packet.utf8)
        let packet = try self.onePacket(bytes)
        guard packet.headers == [PacketSplitter.Header(name: Array("Job-UUID".utf8), value: Array(jobUUID.utf8))] else {
            throw Violation(what: "other headers than Job-UUID", packet: bytes)
        }
        try self.expect(Array("api \(String(decoding: packet.command.dropFirst(6), as: UTF8.self))\n\n".utf8), argv.map { Array($0.utf8) })
    }

    private func expect(_ bytes: [UInt8], _ argv: [[UInt8]]) throws(Violation) {
        let argument = try self.argument(of: "callcenter_config", bytes)
        let tokens: [[UInt8]]
        do { tokens = try ArgumentSplitter.split(argument) } catch { throw Violation(what: "\(error)", packet: bytes) }
        guard tokens == argv else { throw Violation(what: "\(tokens.count) arguments, or other ones", packet: bytes) }
    }

    /// What the function gets, when the packet is one, has no headers and runs that function.
    func argument(of function: String, _ bytes: [UInt8]) throws(Violation) -> [UInt8] {
        let packet = try self.onePacket(bytes)
        guard packet.headers.isEmpty else { throw Violation(what: "\(packet.headers.count) headers", packet: bytes) }
        guard let call = PacketSplitter.apiCall(packet), call.function == Array(function.utf8) else {
            throw Violation(what: "another function", packet: bytes)
        }
        return call.argument
    }

    mutating func accept(_ values: Int) { self.accepted += values }

    private func onePacket(_ bytes: [UInt8]) throws(Violation) -> PacketSplitter.Packet {
        let packets: [PacketSplitter.Packet]
        do { packets = try PacketSplitter.split(bytes) } catch { throw Violation(what: "\(error)", packet: bytes) }
        guard packets.count == 1 else { throw Violation(what: "\(packets.count) packets", packet: bytes) }
        return packets[0]
    }

    // MARK: headers and log-in

    mutating func checkEvent(_ headers: [(String, String)]) throws(Violation) {
        self.tried += headers.count * 2
        guard let bytes = try? self.subject.event(headers) else { return }
        self.accepted += headers.count * 2
        let packet = try self.onePacket(bytes)
        guard packet.command == Array("sendevent CUSTOM".utf8) else { throw Violation(what: "another command", packet: bytes) }
        // FreeSWITCH drops spaces in front of a header's value.
        let expected = headers.map { PacketSplitter.Header(name: Array($0.0.utf8), value: Array($0.1.utf8.drop { $0 == 0x20 })) }
        guard packet.headers == expected else { throw Violation(what: "other headers", packet: bytes) }
        for header in packet.headers where Self.acting.contains(String(decoding: PacketSplitter.lowercased(header.name), as: UTF8.self)) {
            throw Violation(what: "a header that acts", packet: bytes)
        }
    }

    mutating func checkLogin(user: String, password: String) throws(Violation) {
        self.tried += 2
        guard let command = try? Command.login(.user(user, password: password)) else { return }
        self.accepted += 2
        let bytes = Array(command.packet.utf8)
        let packet = try self.onePacket(bytes)
        // `userauth USER@DOMAIN:PASSWORD`, cut at the first at-sign and at the first colon behind it.
        let line = packet.command.dropFirst(9)
        let at = line.firstIndex(of: UInt8(ascii: "@")) ?? line.endIndex
        let colon = line[at...].firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        guard packet.headers.isEmpty, Array(line[..<colon]) == Array(user.utf8), Array(line[colon...].dropFirst()) == Array(password.utf8) else {
            throw Violation(what: "another user or password", packet: bytes)
        }
    }

    mutating func checkFilter(_ name: String, _ value: String) throws(Violation) {
        self.tried += 2
        guard let command = try? Command.filter(name, value) else { return }
        self.accepted += 2
        let bytes = Array(command.packet.utf8)
        let packet = try self.onePacket(bytes)
        guard packet.headers.isEmpty, packet.command == Array("filter \(name) \(value)".utf8), !name.contains(" ") else {
            throw Violation(what: "another filter", packet: bytes)
        }
    }

    mutating func checkSubscription(_ event: String, _ subclass: String) throws(Violation) {
        self.tried += 2
        guard let command = try? Command.subscribe(events: [event], custom: [subclass]) else { return }
        self.accepted += 2
        let bytes = Array(command.packet.utf8)
        let packet = try self.onePacket(bytes)
        let words = (event == "CUSTOM" ? [] : [event]) + ["CUSTOM", subclass]
        guard packet.headers.isEmpty, packet.command == Array("event plain \(words.joined(separator: " "))".utf8),
            packet.command.count(where: { $0 == 0x20 }) == words.count + 1
        else { throw Violation(what: "another subscription", packet: bytes) }
    }
}
