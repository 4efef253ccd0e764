import EventSocket
import RecordingsSupport
import Testing

@Suite struct CommandTests {
    /// What mod_event_socket makes of the bytes a client sent, read independently of the encoder: CRs are dropped, a packet ends at two line
    /// feeds, its first line is the command, each further line a header.
    private static func packets(_ text: String) -> [[String]] {
        var packets: [[String]] = []
        var lines: [String] = []
        var line: [UInt8] = []
        for byte in text.utf8 where byte != 0x0D {
            guard byte == 0x0A else {
                line.append(byte)
                continue
            }
            if line.isEmpty {
                packets.append(lines)
                lines = []
            } else {
                lines.append(String(decoding: line, as: UTF8.self))
                line = []
            }
        }
        if !line.isEmpty || !lines.isEmpty { packets.append(["incomplete"]) }
        return packets
    }

    @Test func whatARecordedClientSent() throws {
        #expect(Command.api(try APICall("callcenter_config", "agent list")).packet == "api callcenter_config agent list\n\n")
        #expect(Command.api(try APICall("status")).packet == "api status\n\n")
        #expect(
            try Command.backgroundAPI(APICall("callcenter_config", "agent list"), jobUUID: "6e8e9a3e-0000-4000-8000-000000000001").packet
                == "bgapi callcenter_config agent list\nJob-UUID: 6e8e9a3e-0000-4000-8000-000000000001\n\n")
        #expect(
            try Command.sendEvent("CUSTOM", headers: [("Event-Subclass", "screenpop::canary"), ("Canary-Count", "1")]).packet
                == "sendevent CUSTOM\nEvent-Subclass: screenpop::canary\nCanary-Count: 1\n\n")
        #expect(try Command.login(.password("ClueCon")).packet == "auth ClueCon\n\n")
        #expect(try Command.login(.user("screenpop@127.0.0.1", password: "s3cret-pop")).packet == "userauth screenpop@127.0.0.1:s3cret-pop\n\n")
        #expect(try Command.log(level: "crit").packet == "log crit\n\n")
        #expect(try Command.filter("Event-Name", "CUSTOM").packet == "filter Event-Name CUSTOM\n\n")
        #expect(Command.exit.packet == "exit\n\n")
    }

    @Test func customSubclassesComeLast() throws {
        #expect(
            try Command.subscribe(events: ["CHANNEL_CREATE", "CHANNEL_ANSWER"], custom: ["callcenter::info", "screenpop::canary"]).packet
                == "event plain CHANNEL_CREATE CHANNEL_ANSWER CUSTOM callcenter::info screenpop::canary\n\n")
        // Behind CUSTOM every word is a subclass, so an event's name must not stand there.
        #expect(try Command.subscribe(events: ["CUSTOM", "HEARTBEAT"], custom: ["a::b"]).packet == "event plain HEARTBEAT CUSTOM a::b\n\n")
        #expect(try Command.subscribe(events: ["CUSTOM", "HEARTBEAT"], custom: []).packet == "event plain HEARTBEAT CUSTOM\n\n")
        #expect(try Command.subscribe(events: ["HEARTBEAT"], custom: []).packet == "event plain HEARTBEAT\n\n")
        #expect(throws: EventSocketError.self) { try Command.subscribe(events: [], custom: []) }
    }

    @Test(arguments: ["", "CHANNEL CREATE", "A\nB", "a::b", "ALL\n\napi system id"]) func eventNames(name: String) {
        #expect(throws: EventSocketError.self) { try Command.subscribe(events: [name], custom: []) }
        #expect(throws: EventSocketError.self) { try Command.sendEvent(name, headers: []) }
    }

    @Test(arguments: [
        "console_execute", "Console_Execute", "Content-Length", "content-length", "Job-UUID", "Event-UUID", "async", "session-id", "Event-Name",
        "a b",
        "a:b", "a\nb", "", "ü",
    ])
    func headersThatDoSomethingElseAreRefused(name: String) {
        #expect(throws: EventSocketError.self) { try Command.sendEvent("CUSTOM", headers: [(name, "1")]) }
    }

    @Test(arguments: Array(0x00...0x1F) + [0x7F]) func noControlByteGetsIntoAnything(code: UInt8) {
        let bad = "a\(Character(Unicode.Scalar(code)))b"
        #expect(throws: EventSocketError.self) { try APICall("status", bad) }
        #expect(throws: EventSocketError.self) { try APICall(bad) }
        #expect(throws: EventSocketError.self) { try Command.login(.password(bad)) }
        #expect(throws: EventSocketError.self) { try Command.login(.user("u@d", password: bad)) }
        #expect(throws: EventSocketError.self) { try Command.login(.user("u\(bad)@d", password: "p")) }
        #expect(throws: EventSocketError.self) { try Command.sendEvent("CUSTOM", headers: [("X", bad)]) }
        #expect(throws: EventSocketError.self) { try Command.sendEvent("CUSTOM", headers: [(bad, "x")]) }
        #expect(throws: EventSocketError.self) { try Command.subscribe(events: ["HEARTBEAT"], custom: [bad]) }
        #expect(throws: EventSocketError.self) { try Command.log(level: bad) }
        #expect(throws: EventSocketError.self) { try Command.filter("X", bad) }
        #expect(throws: EventSocketError.self) { try Command.filter(bad, "x") }
    }

    @Test func otherRefusals() {
        #expect(throws: EventSocketError.self) { try APICall("") }
        #expect(throws: EventSocketError.self) { try APICall("status now") }
        #expect(throws: EventSocketError.self) { try APICall("status", String(repeating: "x", count: 65_537)) }
        #expect(throws: EventSocketError.self) { try Command.login(.user("no-domain", password: "p")) }
        #expect(throws: EventSocketError.self) { try Command.login(.user("a:b@d", password: "p")) }
        #expect(throws: EventSocketError.self) { try Command.backgroundAPI(APICall("status"), jobUUID: "a b") }
        #expect(throws: EventSocketError.self) { try Command.log(level: "everything") }
        #expect(throws: EventSocketError.self) { try Command.filter("delete", "all") }
    }

    /// A real FreeSWITCH 1.10.12 lost its event socket to the first of these: mod_event_socket looks for the two words anywhere in a packet.
    @Test(arguments: [
        "agent add 'unload_mod_event_socket@default' 'Callback'", "queue reload 'mod_event_socket@default'", "queue UnLoad 'Mod_Event_Socket'",
        "agent set contact 'mod_event_socket' 'user/reload'",
    ])
    func noPacketUnloadsTheEventSocket(argument: String) {
        #expect(throws: EventSocketError.self) { try APICall("callcenter_config", argument) }
        #expect(throws: EventSocketError.self) { try Command.filter("X", argument) }
        #expect(throws: EventSocketError.self) { try Command.login(.password(argument)) }
        #expect(throws: EventSocketError.self) { try Command.login(.user("a@b", password: argument)) }
        #expect(throws: EventSocketError.self) { try Command.sendEvent("CUSTOM", headers: [("X", argument)]) }
        #expect(throws: EventSocketError.self) { try Command.sendEvent("CUSTOM", headers: [("X-Reload", "1"), ("Y", "mod_event_socket")]) }
    }

    @Test(arguments: ["queue reload 'support@default'", "agent add 'mod_event_socket' 'Callback'", "agent add 'mod_event_socke' 'unload'"])
    func neitherWordAloneIsRefused(argument: String) {
        #expect(throws: Never.self) { try APICall("callcenter_config", argument) }
    }

    @Test func labelsShowNoSecrets() throws {
        #expect(try Command.login(.password("hunter2")).label == "auth")
        #expect(try Command.login(.user("u@d", password: "hunter2")).label == "userauth")
        #expect(Command.api(try APICall("originate", "user/1001 13800138000")).label == "api originate")
        #expect(try Command.sendEvent("CUSTOM", headers: [("X", "13800138000")]).label == "sendevent CUSTOM")
    }

    @Test func whateverIsPutInOnePacketComesOut() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        let alphabet: [Character] = [
            "a", "Z", "0", " ", "\n", "\r", "\r\n", "\0", "\t", ":", "'", "\\", "%", "|", "你", "\u{85}", "\u{2028}", "\u{7F}", "-", "_",
        ]
        func word(_ length: ClosedRange<Int>) -> String {
            String((0..<Int.random(in: length, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" })
        }
        var accepted = 0
        for _ in 0..<20_000 {
            let (first, second) = (word(1...4), word(0...6))
            let attempts: [(lines: Int, make: () throws -> Command)] = [
                (1, { Command.api(try APICall(first, second)) }), (2, { try Command.backgroundAPI(APICall(first, second), jobUUID: "j") }),
                (3, { try Command.sendEvent("CUSTOM", headers: [("A", first), (first, second)]) }),
                (1, { try Command.login(.password(second)) }), (1, { try Command.login(.user(first + "@" + second, password: second)) }),
                (1, { try Command.subscribe(events: [first], custom: [second]) }), (1, { try Command.filter(first, second) }),
            ]
            for attempt in attempts {
                guard let command = try? attempt.make() else { continue }
                accepted += 1
                let packets = Self.packets(command.packet)
                #expect(packets.count == 1 && packets.first?.count == attempt.lines, "\(Array(command.packet.utf8)), seed \(seed)")
                #expect(packets.first?.joined(separator: "\n") ?? "" == command.packet.dropLast(2), "seed \(seed)")
            }
        }
        #expect(accepted > 10_000)
    }
}
