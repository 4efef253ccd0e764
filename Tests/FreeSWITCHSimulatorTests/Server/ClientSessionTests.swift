import EventSocket
import NIOCore
import RecordingsSupport
import Testing

@testable import FreeSWITCHSimulator

@Suite struct ClientSessionTests {
    private static let credentials = ClientSession.Credentials(
        password: "ClueCon",
        users: [
            "screenpop@127.0.0.1": ClientSession.User(
                password: "s3cret-pop",
                allowedAPI: ["callcenter_config", "callcenter_break", "show", "status", "uuid_dump"],
                allowedEvents: [
                    "CHANNEL_CREATE", "CHANNEL_ANSWER", "CHANNEL_BRIDGE", "CHANNEL_UNBRIDGE", "CHANNEL_HANGUP_COMPLETE", "CHANNEL_HOLD",
                    "CHANNEL_UNHOLD",
                    "HEARTBEAT", "BACKGROUND_JOB", "CUSTOM", "callcenter::info", "screenpop::canary",
                ])
        ])

    /// Every `command/reply` of the recordings that needs no switch, compared with what the session says.
    @Test(arguments: ["commands", "userauth"]) func repliesAsRecorded(recording: String) throws {
        let messages = try Recording(recording).messages
        var session = ClientSession(credentials: Self.credentials)
        var compared = 0
        for (index, message) in messages.enumerated() {
            if message.hasContentType("auth/request") { session = ClientSession(credentials: Self.credentials) }
            guard !message.isFromFreeSWITCH, index + 1 < messages.count, !message.text.hasPrefix("event xml") else { continue }
            var buffer = ByteBuffer(bytes: message.bytes)
            var decoder = ClientPacketDecoder()
            let packet = try #require(try decoder.decode(buffer: &buffer))
            for case .reply(let text) in session.receive(packet) {
                let reply = try #require(messages[index...].first { $0.hasContentType("command/reply") })
                #expect("Content-Type: command/reply\nReply-Text: \(text)\n\n" == reply.text, "\(packet.command)")
                compared += 1
            }
        }
        #expect(compared >= 12)
    }

    /// The lists of the recording stand with commas in that directory; the length is the same.
    @Test func longRightsCutTheReplyAsRecorded() throws {
        let recorded = try #require(try Recording("userauth_cut").messages.first { $0.text.contains("Allowed-API") }).text
        func list(_ name: String) -> [String] {
            recorded.split(separator: "\n").first { $0.hasPrefix(name) }?.dropFirst(name.count + 2).split(separator: ",").map(String.init) ?? []
        }
        let user = ClientSession.User(
            password: "screenpop", allowedAPI: list("Allowed-API") + ["uuid_transfer"], allowedEvents: list("Allowed-Events"))
        var session = ClientSession(credentials: ClientSession.Credentials(password: "ClueCon", users: ["screenpop@screenpop": user]))
        let actions = session.receive(ClientPacket(command: "userauth screenpop@screenpop:screenpop"))
        guard case .reply(let text)? = actions.first else {
            Issue.record("no reply")
            return
        }
        let lists = ClientSession.frame(ofReply: text).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lists.prefix(2) == recorded.split(separator: "\n").prefix(2))
        #expect(
            lists.dropFirst(2).map { $0.dropFirst(16).replacing(" ", with: ",") }
                == recorded.split(separator: "\n").dropFirst(2).map { $0.dropFirst(16).replacing(" ", with: ",") })
        #expect(ClientSession.frame(ofReply: "+OK") == "Content-Type: command/reply\nReply-Text: +OK\n\n")
    }

    @Test func saysNothingAfterARefusedPassword() {
        var session = ClientSession(credentials: Self.credentials)
        #expect(session.receive(ClientPacket(command: "api status")) == [.reply("-ERR command not found")])
        #expect(session.receive(ClientPacket(command: "auth wrong")) == [.reply("-ERR invalid"), .disconnect])
        #expect(session.receive(ClientPacket(command: "auth ClueCon")) == [])
    }

    @Test func givesOnlyWhatWasSubscribedTo() {
        var session = ClientSession(credentials: Self.credentials)
        let answer = SwitchEvent(name: "CHANNEL_ANSWER")
        let callcenter = SwitchEvent(name: "CUSTOM", subclass: "callcenter::info")
        let other = SwitchEvent(name: "CUSTOM", subclass: "sofia::register")
        #expect(!session.wants(answer))
        _ = session.receive(ClientPacket(command: "auth ClueCon"))
        #expect(!session.wants(answer))
        _ = session.receive(ClientPacket(command: "event plain CHANNEL_ANSWER CUSTOM callcenter::info"))
        #expect([answer, callcenter, other].map(session.wants) == [true, true, false])
        _ = session.receive(ClientPacket(command: "nixevent CHANNEL_ANSWER"))
        #expect([answer, callcenter, other].map(session.wants) == [false, true, false])
        _ = session.receive(ClientPacket(command: "event plain ALL"))
        #expect([answer, callcenter, other].map(session.wants) == [true, true, true])
        _ = session.receive(ClientPacket(command: "noevents"))
        #expect([answer, callcenter, other].map(session.wants) == [false, false, false])
    }

    @Test func cutsPacketsAtTwoLineFeedsWhateverTheSplit() throws {
        let text = "\r\napi status\r\n\r\nsendevent CUSTOM\nEvent-Subclass: a::b\nContent-Length: 3\n\nxyzexit\n\n"
        let expected = [
            ClientPacket(command: "api status"),
            ClientPacket(
                command: "sendevent CUSTOM", headers: [.init(name: "Event-Subclass", value: "a::b"), .init(name: "Content-Length", value: "3")],
                body: "xyz"),
            ClientPacket(command: "exit"),
        ]
        for size in 1...text.utf8.count {
            var packets: [ClientPacket] = []
            var buffer = ByteBuffer()
            var decoder = ClientPacketDecoder()
            for start in stride(from: 0, to: text.utf8.count, by: size) {
                buffer.writeBytes(Array(text.utf8)[start..<min(start + size, text.utf8.count)])
                while let packet = try decoder.decode(buffer: &buffer) { packets.append(packet) }
            }
            #expect(packets == expected, "pieces of \(size)")
        }
    }
}

@Suite struct EventTextTests {
    /// The recorded events decoded and encoded again are the recorded bytes.
    @Test(arguments: ["answered", "answered_utf8_name", "commands"]) func encodesAsFreeSWITCHDoes(recording: String) throws {
        for event in try Recording(recording).events {
            var headers: [SwitchEvent.Header] = []
            event.forEachHeader { headers.append(SwitchEvent.Header(name: $0, value: $1)) }
            let text = EventText.plain(SwitchEvent(name: "", headers: headers.filter { $0.name != "Content-Length" }))
            let recorded = String(buffer: event.bytes)
            let headerBlock = recorded.prefix(
                recorded.firstRange(of: "\n\n").map { recorded.distance(from: recorded.startIndex, to: $0.lowerBound) } ?? 0)
            let theirs = headerBlock.split(separator: "\n").filter { !$0.hasPrefix("Content-Length") }
            #expect(text.split(separator: "\n") == theirs)
        }
    }

    @Test func keepsTheAmbiguityOfPercent() {
        var bytes: [UInt8] = []
        EventText.encode("100% %0A %zz 王", into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "100%25%20%0A%20%25zz%20%E7%8E%8B")
    }
}
