import EventSocket
import NIOCore
import NIOTestUtils
import RecordingsSupport
import Testing

@Suite struct FrameDecoderTests {
    private static func frames(_ bytes: [UInt8], splitAt splits: [Int] = []) throws -> [Frame] {
        var reader = FrameReader()
        var frames: [Frame] = []
        var start = 0
        for end in splits + [bytes.count] {
            reader.receive(ByteBuffer(bytes: bytes[start..<end]))
            start = end
            while let frame = try reader.next() { frames.append(frame) }
        }
        return frames
    }

    private static func violation(_ text: String, headerLimit: Int = 65_536, bodyLimit: Int = 1_000) -> String? {
        var decoder = FrameDecoder(maximumHeaderBytes: headerLimit, maximumBodyBytes: bodyLimit)
        var buffer = ByteBuffer(string: text)
        do {
            while try decoder.decode(buffer: &buffer) != nil {}
            return nil
        } catch {
            guard case .protocolViolation(let text) = error else { return "another error: \(error)" }
            return text
        }
    }

    @Test func everyTypeOfFrame() throws {
        let pairs: [(String, Frame)] = [
            ("Content-Type: auth/request\n\n", .authRequest),
            ("Content-Type: command/reply\nReply-Text: -ERR invalid\n\n", .commandReply(.init(text: "-ERR invalid"))),
            (
                "Content-Type: command/reply\nReply-Text: +OK Job-UUID: a\nJob-UUID: a\n\n",
                .commandReply(.init(text: "+OK Job-UUID: a", jobUUID: "a"))
            ),
            ("Content-Type: api/response\nContent-Length: 4\n\n+OK\n", .apiResponse(ByteBuffer(string: "+OK\n"))),
            ("Content-Type: api/response\nContent-Length: 0\n\n", .apiResponse(ByteBuffer())),
            ("Content-Length: 5\nContent-Type: text/event-plain\n\nA: b\n", .event(Event(text: "A: b\n"))),
            ("Content-Length: 9\nContent-Type: text/event-json\n\n{\"A\":\"b\"}", .event(Event(text: "A: b\n\n"))),
            (
                "Content-Type: log/data\nContent-Length: 6\nLog-Level: 2\nText-Channel: 3\nLog-File: f.c\nUser-Data: x: y\n\nLost 1",
                .log(level: 2, text: "Lost 1")
            ),
            ("Content-Type: text/disconnect-notice\nContent-Length: 4\n\nBye\n", .disconnectNotice("Bye\n")),
            ("Content-Type: text/rude-rejection\nContent-Length: 4\n\nNo!\n", .rudeRejection("No!\n")),
            ("Content-Length: 7\nContent-Type: text/event-xml\n\n<event>", .unknown(contentType: "text/event-xml")),
            ("content-length: 2\nCONTENT-TYPE: API/response\n\n你".replacing("2", with: "3"), .apiResponse(ByteBuffer(string: "你"))),
        ]
        try ByteToMessageDecoderVerifier.verifyDecoder(inputOutputPairs: pairs.map { (ByteBuffer(string: $0.0), [$0.1]) }) { FrameDecoder() }
        let all = pairs.map(\.0).joined()
        #expect(try Self.frames(Array(all.utf8)) == pairs.map(\.1))
    }

    @Test(arguments: try Recording.names()) func aRecordingGivesItsMessages(name: String) throws {
        let recording = try Recording(name)
        let messages = recording.messages.filter(\.isFromFreeSWITCH)
        let frames = try Self.frames(recording.serverBytes)
        try #require(frames.count == messages.count)
        for (frame, message) in zip(frames, messages) {
            switch frame {
            case .authRequest: #expect(message.hasContentType("auth/request"))
            case .commandReply(let reply): #expect(message.text.contains("\nReply-Text: \(reply.text)\n"))
            case .apiResponse(let body): #expect(message.hasContentType("api/response") && Array(body.readableBytesView) == message.body)
            case .event(let event):
                #expect(message.hasContentType("text/event-json") || Array(event.bytes.readableBytesView) == message.body)
            case .disconnectNotice(let text): #expect(text == String(decoding: message.body, as: UTF8.self))
            case .unknown(let contentType): #expect(contentType == "text/event-xml" && message.hasContentType(contentType))
            case .log, .rudeRejection: Issue.record("no recording has \(frame)")
            }
        }
    }

    private static func logInReply(_ reply: String) -> String { "Content-Type: command/reply\n" + String(reply.prefix(510)) }

    /// FreeSWITCH has room for 510 bytes after the content type; what is one byte too long loses half of its blank line.
    @Test(arguments: -3...80) func aLogInReplyEndsWhereFreeSWITCHCutIt(tooLong: Int) throws {
        let begin = "Reply-Text: +OK accepted\nAllowed-Events: "
        let end = "\nAllowed-API: a,b,c,d,e,f,g,h,i,j,k,l\nAllowed-LOG: true\n\n"
        let events = String(repeating: "E", count: 510 - begin.count - end.count + tooLong)
        let next = "Content-Type: api/response\nContent-Length: 2\n\nok"
        let bytes = Array((Self.logInReply(begin + events + end) + next).utf8)
        let expected: [Frame] = [.commandReply(.init(text: "+OK accepted")), .apiResponse(ByteBuffer(string: "ok"))]
        #expect(try Self.frames(bytes) == expected)
        let cut = bytes.count - next.utf8.count
        for split in [cut - 1, cut, cut + 1, cut + 8] { #expect(try Self.frames(bytes, splitAt: [split]) == expected) }
    }

    @Test func aLongReplyThatIsWholeIsTakenWhole() throws {
        let reply = "Content-Type: command/reply\nReply-Text: +OK accepted\nAllowed-Events: \(String(repeating: "E", count: 700))\nAllowed-API: a\n\n"
        #expect(try Self.frames(Array(reply.utf8)) == [.commandReply(.init(text: "+OK accepted"))])
        // And no other frame is ever cut.
        let other = "Content-Type: command/reply\nReply-Text: +OK \(String(repeating: "E", count: 700))"
        #expect(try Self.frames(Array(other.utf8)).isEmpty)
    }

    @Test func everySplitGivesTheSameFrames() throws {
        for name in ["userauth", "userauth_cut", "background_jobs"] {
            let bytes = try Recording(name).messages.filter(\.isFromFreeSWITCH).prefix(12).flatMap(\.bytes)
            let expected = try Self.frames(bytes)
            for split in 0..<bytes.count {
                #expect(try Self.frames(bytes, splitAt: [split]) == expected, "\(name) split at \(split)")
            }
            #expect(try Self.frames(bytes, splitAt: Array(0..<bytes.count)) == expected)
        }
    }

    @Test(arguments: [
        "\n", "Content-Length: 3\n\nabc", "Content-Type: api/response\n\n", "Content-Type: text/event-plain\n\n",
        "Content-Type: log/data\nContent-Length: 0\n\n",
        "Content-Type: command/reply\n\n", "no header\n\n", "Content-Type: api/response\nContent-Length: -1\n\n",
        "Content-Type: api/response\nContent-Length: +1\n\na", "Content-Type: api/response\nContent-Length:  1\n\na",
        "Content-Type: api/response\nContent-Length: 1 \n\na", "Content-Type: api/response\nContent-Length: \n\n",
        "Content-Type: api/response\nContent-Length: 0x1\n\na", "Content-Type: api/response\nContent-Length: 1001\n\n",
        "Content-Type: api/response\nContent-Length: 99999999999999999999999999\n\n",
        "Content-Type: api/response\nContent-Length: 18446744073709551616\n\n",
        "Content-Type: api/response\nContent-Length: 1\nContent-Length: 1\n\na",
        "Content-Type: api/response\nContent-Length: 1\ncontent-length: 2\n\nab", "Content-Type: auth/request\nContent-Type: auth/request\n\n",
        "Content-Length: 1\nContent-Type: text/event-json\n\n[", "\nContent-Type: auth/request\n\n",
        "Content-Type: api/response\r\nContent-Length: 1\r\n\n",
    ])
    func whatMakesNoSenseIsAViolation(text: String) {
        let violation = Self.violation(text)
        #expect(violation != nil)
        #expect(violation?.hasPrefix("another") != true)
    }

    @Test func limits() {
        let head = "Content-Type: auth/request\n\n"
        #expect(Self.violation(head, headerLimit: 28) == nil)
        #expect(Self.violation(head, headerLimit: 27) != nil)
        // A block that never ends is refused as soon as it is too long.
        #expect(Self.violation(String(repeating: "a", count: 28), headerLimit: 28) == nil)
        #expect(Self.violation(String(repeating: "a", count: 29), headerLimit: 28) != nil)
        #expect(Self.violation("Content-Type: api/response\nContent-Length: 1000\n\n") == nil)
    }

    @Test func afterAViolationNothingIsDecoded() {
        var decoder = FrameDecoder()
        var buffer = ByteBuffer(string: "nonsense\n\n")
        #expect(throws: EventSocketError.self) { try decoder.decode(buffer: &buffer) }
        buffer = ByteBuffer(string: "Content-Type: auth/request\n\n")
        #expect(throws: EventSocketError.self) { try decoder.decode(buffer: &buffer) }
    }

    @Test(arguments: 0..<40) func mutatedBytesNeverTrap(round: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        let original = Array(try Recording("background_jobs").serverBytes + Recording("heartbeat").serverBytes)
        var bytes = original
        for _ in 0..<Int.random(in: 1...20, using: &random) {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: index)
            case 2: bytes.insert(UInt8(ascii: "\n"), at: index)
            default: bytes.removeSubrange(index..<min(bytes.count, index + 40))
            }
        }
        var reader = FrameReader()
        let table = HeaderTable(["Event-Name", "Job-UUID", "Core-UUID"], prefixes: ["variable_"])
        var count = 0
        do {
            for start in stride(from: 0, to: bytes.count, by: 777) {
                reader.receive(ByteBuffer(bytes: bytes[start..<min(bytes.count, start + 777)]))
                while let frame = try reader.next() {
                    count += 1
                    guard case .event(let event) = frame else { continue }
                    let matches = event.find(table)
                    for slot in 0..<3 { _ = matches.string(slot) }
                    event.forEachHeader { _, _ in }
                    _ = event.body
                }
            }
        } catch {
            guard case .protocolViolation = error else {
                Issue.record("\(error), seed \(seed)")
                return
            }
        }
        #expect(count <= bytes.count / 10, "seed \(seed)")
    }
}

/// The same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
