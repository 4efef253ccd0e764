import NIOCore
import Testing

@testable import Hiredis

/// Bytes in, values out; and every way in which bytes can be wrong.
struct ReplyReaderTests {
    private static let limits = ReplyReader.Limits(bytes: 1_000_000, elements: 1000)

    private func read(_ text: String, limits: ReplyReader.Limits = Self.limits) throws(RedisError) -> [RedisValue] {
        try self.read(Array(text.utf8), limits: limits)
    }

    private func read(_ bytes: [UInt8], limits: ReplyReader.Limits = Self.limits) throws(RedisError) -> [RedisValue] {
        let reader = ReplyReader(limits: limits)
        try reader.feed(ByteBuffer(bytes: bytes))
        return try drain(reader)
    }

    private func drain(_ reader: ReplyReader) throws(RedisError) -> [RedisValue] {
        var values: [RedisValue] = []
        while let value = try reader.next() { values.append(value) }
        return values
    }

    @Test(arguments: [
        ("+OK\r\n", RedisValue.status("OK")),
        ("-ERR no\r\n", .error("ERR no")),
        (":-42\r\n", .integer(-42)),
        (":9223372036854775807\r\n", .integer(.max)),
        ("$3\r\nabc\r\n", .bulk(ByteBuffer(string: "abc"))),
        ("$0\r\n\r\n", .bulk(ByteBuffer())),
        ("$-1\r\n", .null),
        ("*-1\r\n", .null),
        ("*0\r\n", .array([])),
        ("*3\r\n:1\r\n$-1\r\n*1\r\n-ERR x\r\n", .array([.integer(1), .null, .array([.error("ERR x")])])),
    ])
    func everyTypeOfRESP2(_ text: String, _ expected: RedisValue) throws {
        #expect(try self.read(text) == [expected])
    }

    @Test func bulkStringsAreBytes() throws {
        let bytes: [UInt8] = [0x00, 0xFF, 0x0D, 0x0A, 0x00]
        #expect(try self.read(Array("$5\r\n".utf8) + bytes + [0x0D, 0x0A]) == [.bulk(ByteBuffer(bytes: bytes))])
    }

    @Test func oneFeedMayHoldManyReplies() throws {
        #expect(try self.read("+A\r\n:1\r\n$1\r\nb\r\n:2") == [.status("A"), .integer(1), .bulk(ByteBuffer(string: "b"))])
    }

    @Test func repliesMayComeByteByByte() throws {
        let reader = ReplyReader(limits: Self.limits)
        var values: [RedisValue] = []
        for byte in Array("*2\r\n$2\r\nhi\r\n:7\r\n+OK\r\n".utf8) {
            try reader.feed(ByteBuffer(bytes: [byte]))
            values += try self.drain(reader)
        }
        #expect(values == [.array([.bulk(ByteBuffer(string: "hi")), .integer(7)]), .status("OK")])
    }

    @Test func valuesOutliveTheReader() throws {
        var kept: [RedisValue] = []
        for number in 0..<1000 { kept += try self.read("*1\r\n$4\r\n\(1000 + number)\r\n") }
        #expect(kept == (0..<1000).map { .array([.bulk(ByteBuffer(string: "\(1000 + $0)"))]) })
    }

    @Test(arguments: ["!oops\r\n", "%1\r\n+a\r\n+b\r\n", "~1\r\n+a\r\n", ">1\r\n+a\r\n", "*x\r\n", "HTTP/1.1 400 Bad Request\r\n"])
    func whatIsNoRESP2IsRefused(_ text: String) {
        // hiredis 1.x reads RESP3; its types are refused by us then, and the text is another.
        let error = #expect(throws: RedisError.self) { try self.read(text) }
        guard case .protocolViolation = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func errorsAreSticky() throws {
        let reader = ReplyReader(limits: Self.limits)
        try reader.feed(ByteBuffer(string: "!\r\n"))
        let violation = RedisError.protocolViolation("bytes that are no RESP2 reply")
        #expect(throws: violation) { try reader.next() }
        #expect(!reader.diagnosis.isEmpty)
        #expect(throws: violation) { try reader.feed(ByteBuffer(string: "+OK\r\n")) }
        #expect(throws: violation) { try reader.next() }
    }

    @Test func eightNestedArraysPassAndNineFail() throws {
        let inner = RedisValue.array([.integer(1)])
        let expected = (0..<7).reduce(inner) { value, _ in .array([value]) }
        #expect(try self.read(String(repeating: "*1\r\n", count: 8) + ":1\r\n") == [expected])
        #expect(throws: RedisError.self) { try self.read(String(repeating: "*1\r\n", count: 9) + ":1\r\n") }
    }

    @Test func ourOwnDepthLimitHoldsWithoutHiredis() {
        let limits = ReplyReader.Limits(bytes: 1000, elements: 1000, depth: 2)
        #expect(throws: RedisError.protocolViolation("arrays nested deeper than 2")) { try self.read("*1\r\n*1\r\n*1\r\n:1\r\n", limits: limits) }
    }

    @Test func anArrayBombAllocatesNothing() {
        #expect(throws: RedisError.protocolViolation("a reply with more than 1000 array elements")) { try self.read("*2147483647\r\n") }
    }

    @Test func manyArraysInOneReplyShareTheLimit() throws {
        // Each is small enough by itself; without a common limit, nesting multiplies.
        let bomb = "*900\r\n" + String(repeating: "*900\r\n:1\r\n", count: 2)
        #expect(throws: RedisError.self) { try self.read(bomb) }
        // The next reply has the whole limit again.
        let full = "*1000\r\n" + String(repeating: ":1\r\n", count: 1000)
        #expect(try self.read(full + full).count == 2)
    }

    @Test func anEndlessBulkStringIsCutOff() throws {
        let reader = ReplyReader(limits: ReplyReader.Limits(bytes: 10_000, elements: 10))
        try reader.feed(ByteBuffer(string: "$1000000000\r\n"))
        #expect(try reader.next() == nil)
        var error: RedisError?
        for _ in 0..<20 where error == nil {
            do {
                try reader.feed(ByteBuffer(repeating: 0x61, count: 1000))
                #expect(try reader.next() == nil)
            } catch let caught { error = caught }
        }
        #expect(error == .protocolViolation("a reply larger than 10000 bytes"))
    }

    @Test func theByteLimitIsForOneReply() throws {
        let reader = ReplyReader(limits: ReplyReader.Limits(bytes: 1000, elements: 10))
        for _ in 0..<10 {
            try reader.feed(ByteBuffer(string: "$500\r\n" + String(repeating: "x", count: 500) + "\r\n"))
            #expect(try self.drain(reader).count == 1)
        }
    }

    @Test func aHalfReadReplyIsFreedWithTheReader() throws {
        for _ in 0..<1000 {
            #expect(try self.read("*3\r\n$3\r\nabc\r\n*2\r\n:1\r\n") == [])
        }
    }

    /// Random bytes and cut replies: whatever comes, it ends in values or one error.
    @Test func randomBytesNeverDoHarm() {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SplitMix(state: seed)
        let alphabet = Array("*$+-:0123456789\r\n\r\nab".utf8)
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 1...60, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            do { _ = try self.read(bytes) } catch {
                guard case .protocolViolation = error else {
                    Issue.record("seed \(seed): \(error) for \(bytes)")
                    return
                }
            }
        }
    }
}

/// A generator with a seed that can be printed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
