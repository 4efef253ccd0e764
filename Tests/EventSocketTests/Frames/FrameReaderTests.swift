import EventSocket
import NIOCore
import Testing

@Suite struct FrameReaderTests {
    private static func event(_ number: Int, padding: Int) -> String {
        let text = "Event-Name: N\nNumber: \(number)\nPadding: \(String(repeating: "x", count: padding))\n\n"
        return "Content-Length: \(text.utf8.count)\nContent-Type: text/event-plain\n\n\(text)"
    }

    @Test func aLongStreamWithoutAPauseKeepsNoMoreThanAFrame() throws {
        // Reads of 10,000 bytes never end where a frame ends, so there is always half a frame left.
        var reader = FrameReader()
        var stream = ByteBuffer()
        var numbers: [Int64] = []
        var largest = 0
        for number in 0..<1_000 {
            stream.writeString(Self.event(number, padding: 6_007))
            while let read = stream.readSlice(length: 10_000) {
                reader.receive(ByteBuffer(bytes: read.readableBytesView))
                while let frame = try reader.next() {
                    guard case .event(let event) = frame else { continue }
                    numbers.append(event.int("Number") ?? -1)
                    largest = max(largest, event.bytes.storageCapacity)
                }
            }
            stream.discardReadBytes()
        }
        #expect(numbers == (0..<Int64(numbers.count)).map { $0 })
        #expect(numbers.count > 990)
        #expect(largest <= 32_768)
    }

    @Test func aWholeFrameIsASliceOfItsRead() throws {
        var reader = FrameReader()
        let read = ByteBuffer(string: Self.event(1, padding: 100) + Self.event(2, padding: 100))
        reader.receive(read)
        for _ in 0..<2 {
            guard case .event(let event) = try reader.next() else {
                Issue.record("no event")
                return
            }
            let isInside = read.withUnsafeReadableBytes { whole in
                event.bytes.withUnsafeReadableBytes { part in
                    guard let start = whole.baseAddress, let partStart = part.baseAddress else { return false }
                    return partStart >= start && partStart + part.count <= start + whole.count
                }
            }
            #expect(isInside)
        }
        #expect(try reader.next() == nil)
    }

    @Test func aLargeBodyInManyReads() throws {
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var stream = ByteBuffer(string: "Content-Type: api/response\nContent-Length: \(body.count)\n\n")
        stream.writeBytes(body)
        stream.writeString(Self.event(7, padding: 1))
        var reader = FrameReader()
        var frames: [Frame] = []
        while let read = stream.readSlice(length: min(65_536, stream.readableBytes)), read.readableBytes > 0 {
            reader.receive(read)
            while let frame = try reader.next() { frames.append(frame) }
        }
        #expect(frames.count == 2)
        #expect(frames.first == .apiResponse(ByteBuffer(bytes: body)))
    }
}
