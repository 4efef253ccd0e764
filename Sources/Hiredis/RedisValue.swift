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

/// What can go wrong between us and Redis.
public enum RedisError: Error, Sendable, Hashable {
    case invalidURL(String)
    /// Not connected now; nothing was sent.
    case unavailable(String)
    /// The connection ended while the reply was outstanding: the command may or may not have been carried out.
    case connectionLost(String)
    case timedOut
    /// Redis answered with an error: `NOSCRIPT ...`, `OOM ...`, `WRONGTYPE ...`.
    case server(String)
    /// Bytes that are no RESP2, or over a limit. The connection is closed.
    case protocolViolation(String)
    /// A reply of another shape than the command gives.
    case unexpectedReply
    /// More commands are waiting than the limit allows.
    case tooManyPending
}
