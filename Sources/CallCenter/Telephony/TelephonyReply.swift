/// What FreeSWITCH answered to a command about calls, once it is known not to be an error.
public struct TelephonyReply: Sendable, Hashable {
    /// `+OK`, `+OK Success`, `+OK UUID`, `true`, `false`; without the closing line feed.
    public let text: String

    /// - Throws: the refusal that the text stands for.
    public init(_ text: String) throws(TelephonyRefusal) {
        let line = String(text.prefix { $0 != "\n" })
        if line.hasPrefix("-") { throw TelephonyRefusal(line) }
        self.text = line
    }
}

public enum TelephonyRefusal: Error, Sendable, Hashable {
    case noSuchChannel
    /// The channel is not in the state for it.
    case operationFailed
    /// A call could not be made; the cause as FreeSWITCH names it: `USER_BUSY`
    case notReached(String)
    case permissionDenied
    case commandNotFound
    case other(String)

    init(_ line: String) {
        switch line {
        case "-ERR No such channel!", "-ERR Invalid uuid", "-ERR invalid uuid", "-ERR Cannot locate session!": self = .noSuchChannel
        case "-ERR Operation failed": self = .operationFailed
        case "-ERR permission denied": self = .permissionDenied
        case _ where line.hasSuffix(" Command not found!"): self = .commandNotFound
        default:
            let rest = line.dropFirst("-ERR ".count)
            if line.hasPrefix("-ERR "), !rest.isEmpty,
                rest.utf8.allSatisfy({ (0x41...0x5A).contains($0) || $0 == 0x5F || (0x30...0x39).contains($0) })
            {
                self = .notReached(String(rest))
            } else {
                self = .other(line)
            }
        }
    }
}
