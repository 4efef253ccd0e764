public import NIOCore

/// A reply of RESP2, copied out of hiredis.
public enum RedisValue: Sendable, Hashable {
    case null
    case status(String)
    case integer(Int64)
    case bulk(ByteBuffer)
    case array([RedisValue])
    /// An error inside an array (a failed command of a MULTI, say). An error as the whole reply is thrown as `RedisError.server`.
    case error(String)
}

extension RedisValue {
    /// The bytes of a bulk string or a status; `nil` for any other shape.
    public var text: String? {
        switch self {
        case .bulk(let buffer): String(buffer: buffer)
        case .status(let text): text
        case .null, .integer, .array, .error: nil
        }
    }
}
