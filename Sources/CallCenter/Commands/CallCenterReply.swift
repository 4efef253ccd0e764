/// What mod_callcenter answered to a command, once it is known not to be an error.
public struct CallCenterReply: Sendable, Hashable {
    /// `+OK`, the value asked for, or the whole list; without the closing line feed.
    public let text: String

    /// - Throws: the refusal that the text stands for.
    public init(_ text: String) throws(CallCenterRefusal) {
        let trimmed = text.last == "\n" ? String(text.dropLast()) : text
        if trimmed.hasPrefix("-") { throw CallCenterRefusal(trimmed) }
        self.text = trimmed
    }
}

/// A command that was refused, by FreeSWITCH's words.
public enum CallCenterRefusal: Error, Sendable, Hashable {
    case agentNotFound
    case agentExists
    case queueNotFound
    case tierNotFound
    case tierExists
    case invalidStatus
    case invalidState
    case invalidType
    case invalidTierState
    /// A key that `agent set`, `agent get` or `tier set` does not know.
    case invalidKey
    /// Too few arguments, or an unknown sub-command.
    case invalidArguments
    /// `-ERR no reply`: the command wrote nothing. An unknown target, or a value that is not set.
    case noReply
    /// `-ERR x Command not found!`: mod_callcenter is not loaded.
    case commandNotFound
    /// The user of the event socket may not run this command.
    case permissionDenied
    /// Anything else; the first line of it.
    case other(String)

    init(_ text: String) {
        let line = text.prefix { $0 != "\n" }
        switch line {
        case "-ERR Agent not found!": self = .agentNotFound
        case "-ERR Agent already exist!": self = .agentExists
        case "-ERR Queue not found!", "-ERR Invalid Queue not found!": self = .queueNotFound
        case "-ERR Tier not found!": self = .tierNotFound
        case "-ERR Tier already exist!": self = .tierExists
        case "-ERR Invalid Agent Status!": self = .invalidStatus
        case "-ERR Invalid Agent State!": self = .invalidState
        case "-ERR Invalid Agent Type!", "-ERR Agent type invalid!": self = .invalidType
        case "-ERR Invalid Tier State!": self = .invalidTierState
        case "-ERR Invalid Agent Update KEY!", "-ERR Invalid Tier Update KEY!": self = .invalidKey
        case "-ERR Invalid!": self = .invalidArguments
        case "-ERR no reply": self = .noReply
        case "-ERR permission denied": self = .permissionDenied
        case _ where line.hasPrefix("-USAGE"): self = .invalidArguments
        case _ where line.hasPrefix("-ERR ") && line.hasSuffix(" Command not found!"): self = .commandNotFound
        default: self = .other(String(line))
        }
    }
}
