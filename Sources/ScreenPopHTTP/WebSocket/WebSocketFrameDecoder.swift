import NIOCore
import NIOWebSocket

/// Bytes of a client in, whole messages out; refuses everything that RFC 6455 forbids a client, and messages over the limit.
///
/// Holds at most one message and one header: a frame that is too long is refused by its header.
struct WebSocketFrameDecoder {
    enum Output: Equatable {
        case text(ByteBuffer)
        case ping(ByteBuffer)
        case pong
        /// The peer's code; `nil` when it gave none.
        case close(UInt16?)
    }

    struct Violation: Error, Equatable {
        var code: WebSocketCloseCode
        var reason: String
    }

    private let limit: Int
    private var buffer: ByteBuffer?
    /// The text message under way, from its first fragment on.
    private var fragments: ByteBuffer?
    /// Nothing is kept of a peer that broke the protocol.
    private var violation: Violation?

    /// - Parameter limit: Bytes of a message, whole or in fragments.
    init(limit: Int) {
        self.limit = limit
    }

    /// Bytes of memory that wait for the rest of a frame.
    var heldBytes: Int { self.buffer?.storageCapacity ?? 0 }

    mutating func feed(_ bytes: ByteBuffer) {
        guard self.violation == nil else { return }
        if self.buffer == nil {
            self.buffer = bytes
        } else {
            // What was read is given up first: a peer that always leaves half a frame would make the buffer grow for ever.
            self.buffer?.discardReadBytes()
            self.buffer?.writeImmutableBuffer(bytes)
        }
    }

    /// The next message or control frame, `nil` when more bytes are needed. Thrown once: after a violation nothing more is read.
    mutating func next() throws(Violation) -> Output? {
        guard self.violation == nil else { return nil }
        do throws(Violation) { return try self.output() } catch {
            self.violation = error
            self.buffer = nil
            self.fragments = nil
            throw error
        }
    }

    private mutating func output() throws(Violation) -> Output? {
        while let (opcode, isFinal, payload) = try self.frame() {
            switch opcode {
            case .ping: return .ping(payload)
            case .pong: return .pong
            case .close: return .close(try Self.closeCode(payload))
            case .binary: throw Violation(code: .unacceptableData, reason: "text frames only")
            case .text:
                guard self.fragments == nil else { throw Violation(code: .protocolError, reason: "a new message inside a fragmented one") }
                if isFinal { return .text(try Self.validated(payload)) }
                self.fragments = payload
            case .continuation:
                guard var message = self.fragments else { throw Violation(code: .protocolError, reason: "a continuation of nothing") }
                self.fragments = nil
                message.writeImmutableBuffer(payload)
                if isFinal { return .text(try Self.validated(message)) }
                self.fragments = message
            }
        }
        return nil
    }

    private mutating func frame() throws(Violation) -> (WebSocketOpcode, isFinal: Bool, ByteBuffer)? {
        guard var reader = self.buffer else { return nil }
        guard let first = reader.readInteger(as: UInt8.self), let second = reader.readInteger(as: UInt8.self) else { return nil }
        guard first & 0x70 == 0 else { throw Violation(code: .protocolError, reason: "reserved bits are set") }
        guard let opcode = WebSocketOpcode(rawValue: first & 0x0F) else { throw Violation(code: .protocolError, reason: "unknown opcode") }
        let isFinal = first & 0x80 != 0
        guard second & 0x80 != 0 else { throw Violation(code: .protocolError, reason: "client frames must be masked") }
        var length = UInt64(second & 0x7F)
        if opcode.isControl {
            guard isFinal, length < 126 else { throw Violation(code: .protocolError, reason: "a control frame is whole and short") }
        }
        if length == 126 {
            guard let long = reader.readInteger(as: UInt16.self) else { return nil }
            guard long >= 126 else { throw Violation(code: .protocolError, reason: "a length must be written as short as it can be") }
            length = UInt64(long)
        } else if length == 127 {
            guard let long = reader.readInteger(as: UInt64.self) else { return nil }
            guard long > 0xFFFF, long < 1 << 63 else {
                throw Violation(code: .protocolError, reason: "a length must be written as short as it can be")
            }
            length = long
        }
        let before = opcode == .continuation ? self.fragments?.readableBytes ?? 0 : 0
        guard opcode.isControl || length <= UInt64(max(0, self.limit - before)) else {
            throw Violation(code: .tooLarge, reason: "a message may have \(self.limit) bytes")
        }
        guard let key = reader.readBytes(length: 4), let masking = WebSocketMaskingKey(key), var payload = reader.readSlice(length: Int(length))
        else { return nil }
        payload.webSocketUnmask(masking)
        self.buffer = reader.readableBytes == 0 ? nil : reader
        return (opcode, isFinal, payload)
    }

    private static func validated(_ payload: ByteBuffer) throws(Violation) -> ByteBuffer {
        guard String(validating: payload.readableBytesView, as: UTF8.self) != nil else {
            throw Violation(code: .notUTF8, reason: "a text message must be UTF-8")
        }
        return payload
    }

    private static func closeCode(_ payload: ByteBuffer) throws(Violation) -> UInt16? {
        var payload = payload
        guard payload.readableBytes > 0 else { return nil }
        guard let code = payload.readInteger(as: UInt16.self) else { throw Violation(code: .protocolError, reason: "half a close code") }
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: throw Violation(code: .protocolError, reason: "a close code that may not be sent")
        }
        _ = try self.validated(payload)
        return code
    }
}
