import NIOCore
import Testing

@testable import ScreenPopHTTP

@Suite struct WebSocketFrameDecoderTests {
    @Test func `any split of the bytes gives the same`() throws {
        let bytes =
            Wire.frame(Array("one".utf8)) + Wire.frame(Array("tw".utf8), fin: false) + Wire.frame([1, 2], opcode: 9)
            + Wire.frame(Array("o".utf8), opcode: 0) + Wire.frame(Array(repeating: 0x61, count: 300)) + Wire.frame([0x03, 0xE8], opcode: 8)
        let expected: [WebSocketFrameDecoder.Output] = [
            .text(ByteBuffer(string: "one")), .ping(ByteBuffer(bytes: [1, 2])), .text(ByteBuffer(string: "two")),
            .text(ByteBuffer(repeating: 0x61, count: 300)), .close(1000),
        ]
        for size in 1...bytes.count {
            var decoder = WebSocketFrameDecoder(limit: 4096)
            var outputs: [WebSocketFrameDecoder.Output] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                decoder.feed(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]))
                while let output = try decoder.next() { outputs.append(output) }
            }
            #expect(outputs == expected, "pieces of \(size)")
        }
    }

    @Test func `the limit is for the message, however it is cut`() throws {
        var decoder = WebSocketFrameDecoder(limit: 10)
        decoder.feed(ByteBuffer(bytes: Wire.frame(Array(repeating: 0x61, count: 10))))
        #expect(try decoder.next() == .text(ByteBuffer(repeating: 0x61, count: 10)))
        decoder.feed(ByteBuffer(bytes: Wire.frame(Array(repeating: 0x61, count: 6), fin: false)))
        decoder.feed(ByteBuffer(bytes: Wire.frame(Array(repeating: 0x61, count: 5), opcode: 0)))
        #expect(throws: WebSocketFrameDecoder.Violation(code: .tooLarge, reason: "a message may have 10 bytes")) { try decoder.next() }
    }

    @Test func `after a violation nothing is read or kept`() throws {
        var decoder = WebSocketFrameDecoder(limit: 10)
        decoder.feed(ByteBuffer(bytes: Wire.frame([], opcode: 3)))
        #expect(throws: WebSocketFrameDecoder.Violation.self) { try decoder.next() }
        decoder.feed(ByteBuffer(bytes: Wire.frame(Array("fine".utf8))))
        #expect(try decoder.next() == nil)
    }

    @Test func `lengths are written as short as can be`() {
        for bytes: [UInt8] in [[0x81, 0xFE, 0, 5, 0, 0, 0, 0], [0x81, 0xFF, 0, 0, 0, 0, 0, 0, 1, 0], [0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0]] {
            var decoder = WebSocketFrameDecoder(limit: 4096)
            decoder.feed(ByteBuffer(bytes: bytes))
            #expect(throws: WebSocketFrameDecoder.Violation.self) { try decoder.next() }
        }
    }

    @Test func `random bytes never trap`() {
        var seed: UInt64 = 7
        for _ in 0..<2000 {
            var bytes: [UInt8] = []
            for _ in 0..<64 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(UInt8(truncatingIfNeeded: seed >> 33))
            }
            var decoder = WebSocketFrameDecoder(limit: 4096)
            decoder.feed(ByteBuffer(bytes: bytes))
            var count = 0
            while (try? decoder.next()) != nil, count < 64 { count += 1 }
            #expect(count < 64)
        }
    }

    @Test func `frames are written with the shortest length`() {
        #expect(Array(WebSocketFrames.text(ByteBuffer(string: "ab")).readableBytesView) == [0x81, 2, 0x61, 0x62])
        #expect(Array(WebSocketFrames.text(ByteBuffer(repeating: 0, count: 126)).readableBytesView.prefix(4)) == [0x81, 126, 0, 126])
        #expect(
            Array(WebSocketFrames.text(ByteBuffer(repeating: 0, count: 65536)).readableBytesView.prefix(10)) == [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0])
        #expect(Array(WebSocketFrames.ping.readableBytesView) == [0x89, 0])
        #expect(Array(WebSocketFrames.close(.goingAway, reason: "x").readableBytesView) == [0x88, 3, 0x03, 0xE9, 0x78])
        #expect(WebSocketFrames.close(.goingAway, reason: String(repeating: "é", count: 200)).readableBytes == 2 + 2 + 122)
    }

    @Test func `a client that always leaves half a frame does not make the buffer grow`() throws {
        let frame = Wire.frame(Array(repeating: 0x61, count: 1000))
        var decoder = WebSocketFrameDecoder(limit: 4096)
        decoder.feed(ByteBuffer(bytes: frame.prefix(500)))
        for _ in 0..<1000 {
            decoder.feed(ByteBuffer(bytes: frame.dropFirst(500) + frame.prefix(500)))
            #expect(try decoder.next() == .text(ByteBuffer(repeating: 0x61, count: 1000)))
            #expect(try decoder.next() == nil)
        }
        #expect(decoder.heldBytes <= 16 * 1024)
    }
}
