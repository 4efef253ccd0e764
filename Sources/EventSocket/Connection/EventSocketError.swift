/// What can go wrong on an event socket.
public enum EventSocketError: Error, Sendable, Hashable {
    case invalidURL(String)
    /// The host cannot be reached, or nobody listens.
    case unreachable(String)
    /// The password was refused. Not to be tried again by itself.
    case authenticationRefused(String)
    /// The access list refused us (`text/rude-rejection`). Not to be tried again by itself.
    case accessDenied(String)
    /// A frame that makes no sense: the connection is closed, nothing is guessed.
    case protocolViolation(String)
    /// No reply came in time. The connection is closed: which reply belongs to which command would be a guess.
    case timedOut(String)
    /// The connection is closed; with the reason.
    case closed(String)
    /// A command would have become something else on the wire.
    case illegalCommand(String)
    /// FreeSWITCH said `-ERR ...` to a command of the socket itself (subscribe, log, sendevent), or too many commands wait already: nothing was
    /// carried out.
    case refused(String)
}
