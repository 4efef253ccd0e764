public import NIOCore

/// Cuts the byte stream from FreeSWITCH into frames.
///
/// A frame that makes no sense throws, once and for all: after it nobody can say where the next one begins, so the connection has to be closed.
/// Lengths are in bytes.
public struct FrameDecoder: NIOSingleStepByteToMessageDecoder {
    public typealias InboundOut = Frame

    private enum State {
        /// `searched`: so many bytes of the buffer were searched for the blank line already.
        case head(searched: Int)
        case body(FrameHead, length: Int)
        case broken
    }

    private let maximumHeaderBytes: Int
    private let maximumBodyBytes: Int
    private var state = State.head(searched: 0)

    /// - Parameters:
    ///   - maximumHeaderBytes: the outer header block may be so long, its blank line included.
    ///   - maximumBodyBytes: `Content-Length` may say so much.
    public init(maximumHeaderBytes: Int = 64 * 1024, maximumBodyBytes: Int = 16 * 1024 * 1024) {
        self.maximumHeaderBytes = maximumHeaderBytes
        self.maximumBodyBytes = maximumBodyBytes
    }

    /// Takes the next whole frame off the front of the buffer. Its body shares the buffer's memory.
    ///
    /// - Returns: `nil` when more bytes are needed.
    public mutating func decode(buffer: inout ByteBuffer) throws(EventSocketError) -> Frame? {
        do {
            return try self.next(&buffer)
        } catch {
            self.state = .broken
            throw error
        }
    }

    public mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws(EventSocketError) -> Frame? {
        try self.decode(buffer: &buffer)
    }

    /// How many bytes to add to that many before it is worth decoding again. Exact inside a body; a guess inside a header block.
    func missingBytes(after count: Int) -> Int {
        switch self.state {
        case .head: 64
        case .body(_, length: let length): max(1, length - count)
        case .broken: 1
        }
    }

    private mutating func next(_ buffer: inout ByteBuffer) throws(EventSocketError) -> Frame? {
        let head: FrameHead
        let length: Int
        switch self.state {
        case .head(let searched):
            let end = buffer.withUnsafeReadableBytes { Self.endOfHead(in: $0, searched: searched) }
            if let whole = CutLogInReply.wholeLines(in: buffer, endOfHead: end), var frame = buffer.readSlice(length: CutLogInReply.length),
                let lines = frame.readSlice(length: whole)
            {
                self.state = .head(searched: 0)
                return try FrameHead(lines).frame(body: ByteBuffer())
            }
            guard (end ?? buffer.readableBytes) <= self.maximumHeaderBytes else {
                throw .protocolViolation("a header block of more than \(self.maximumHeaderBytes) bytes")
            }
            guard let end, let block = buffer.readSlice(length: end) else {
                // The blank line may be half here.
                self.state = .head(searched: max(0, buffer.readableBytes - 1))
                return nil
            }
            head = try FrameHead(block)
            length = head.contentLength ?? 0
            guard length <= self.maximumBodyBytes else {
                throw .protocolViolation("a body of \(length) bytes, where \(self.maximumBodyBytes) are allowed")
            }
        case .body(let waiting, length: let waitingLength):
            head = waiting
            length = waitingLength
        case .broken:
            throw .protocolViolation("bytes after a broken frame")
        }
        guard let body = buffer.readSlice(length: length) else {
            self.state = .body(head, length: length)
            return nil
        }
        self.state = .head(searched: 0)
        return try head.frame(body: body)
    }

    /// The length of the header block with its blank line.
    private static func endOfHead(in bytes: UnsafeRawBufferPointer, searched: Int) -> Int? {
        // A blank line at the very start is a header block without headers.
        if bytes.first == UInt8(ascii: "\n") { return 1 }
        var start = searched
        while let lineFeed = firstIndex(of: UInt8(ascii: "\n"), in: bytes, from: start), lineFeed + 1 < bytes.count {
            if bytes[lineFeed + 1] == UInt8(ascii: "\n") { return lineFeed + 2 }
            start = lineFeed + 1
        }
        return nil
    }
}
