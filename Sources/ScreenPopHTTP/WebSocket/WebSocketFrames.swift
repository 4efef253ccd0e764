import NIOCore

/// Frames as the server writes them: whole, unmasked (RFC 6455, 5.2).
enum WebSocketFrames {
    static func text(_ payload: ByteBuffer) -> ByteBuffer { self.frame(.text, payload) }
    static func pong(_ payload: ByteBuffer) -> ByteBuffer { self.frame(.pong, payload) }
    static let ping = Self.frame(.ping, ByteBuffer())

    /// The reason is cut to what a control frame can hold.
    static func close(_ code: WebSocketCloseCode, reason: String) -> ByteBuffer {
        var payload = ByteBuffer(integer: code.rawValue)
        var room = 123
        for character in reason {
            room -= character.utf8.count
            guard room >= 0 else { break }
            payload.writeString(String(character))
        }
        return self.frame(.close, payload)
    }

    private static func frame(_ opcode: WebSocketOpcode, _ payload: ByteBuffer) -> ByteBuffer {
        let count = payload.readableBytes
        var buffer = ByteBufferAllocator().buffer(capacity: count + 10)
        buffer.writeInteger(0x80 | opcode.rawValue)
        switch count {
        case ..<126:
            buffer.writeInteger(UInt8(count))
        case ..<65536:
            buffer.writeInteger(UInt8(126))
            buffer.writeInteger(UInt16(count))
        default:
            buffer.writeInteger(UInt8(127))
            buffer.writeInteger(UInt64(count))
        }
        buffer.writeImmutableBuffer(payload)
        return buffer
    }
}

enum WebSocketOpcode: UInt8 {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    var isControl: Bool { self.rawValue >= 8 }
}

enum WebSocketCloseCode: UInt16 {
    case normal = 1000
    case goingAway = 1001
    case protocolError = 1002
    case unacceptableData = 1003
    case notUTF8 = 1007
    case policyViolation = 1008
    case tooLarge = 1009
    case tryAgainLater = 1013
}
