/// What can go wrong between us and Redis. No case carries a password or the contents of a command.
public enum RedisError: Error, Sendable, Hashable {
    /// What is wrong with the URL, in words; never the URL itself, which may hold a password.
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
    /// More commands, or more bytes of commands, are waiting than the limit allows.
    case tooManyPending
    /// A command over the limits of one request; nothing was sent.
    case commandTooLarge
}

extension RedisError {
    /// The first word of an error reply, which says its kind: `NOSCRIPT`, `OOM`, `ERR`. `nil` for an error that Redis did not send.
    public var serverCode: Substring? {
        guard case .server(let text) = self else { return nil }
        return text.prefix { $0 != " " }
    }
}
