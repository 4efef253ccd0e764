/// Why a contact cannot be written.
public enum ContactError: Error, Sendable, Hashable {
    /// `part` is `user`, `sofia.profile`, `sofia.address`, `loopback.extension`, `loopback.context` or `dialString`.
    case illegalPart(part: String, reason: String)
    /// Not 1 to 3600 seconds.
    case illegalTimeout(Int)
    /// None, or more than one, of `user`, `sofia`, `loopback`, `dialString`.
    case oneFormExpected
}

extension ContactError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .illegalPart(let part, let reason): "\(part): \(reason)"
        case .illegalTimeout(let seconds): "callTimeout: \(seconds) is not between 1 and 3600 seconds"
        case .oneFormExpected: "exactly one of user, sofia, loopback and dialString is expected"
        }
    }
}

extension Contact {
    /// Reads a dial string as FreeSWITCH holds it. What is none of the three forms, or would not be written like that, stays a `dialString`.
    public init(dialString text: String) {
        self = Self.named(text) ?? .dialString(text)
    }

    /// What FreeSWITCH is told. Call `validate()` before it is sent.
    public var dialString: String {
        switch self {
        case .user(let user, let timeout): (timeout.map { "[call_timeout=\($0)]" } ?? "") + "user/\(user)"
        case .sofia(let profile, let address, let timeout): (timeout.map { "[leg_timeout=\($0)]" } ?? "") + "sofia/\(profile)/\(address)"
        case .loopback(let number, let context): "loopback/\(number)/\(context)"
        case .dialString(let text): text
        }
    }

    /// What is wrong with a dial string that FreeSWITCH accepts without a word; `nil` when nothing is known to be.
    public static func warning(dialString text: String) -> String? {
        guard let (name, _, rest) = timeout(text), name == "call_timeout", !rest.hasPrefix("user/") else { return nil }
        return
            "call_timeout does nothing here: only user/ contacts obey it, so the phone rings for the module's 60 s; set the contact again to have leg_timeout"
    }

    private static func named(_ text: String) -> Contact? {
        var rest = Substring(text)
        var seconds: Int?
        var name: Substring?
        if let found = timeout(text) { (name, seconds, rest) = found }
        let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
        let contact: Contact
        switch (parts.first, parts.count) {
        case ("user", 2):
            guard name != "leg_timeout" else { return nil }
            contact = .user(String(parts[1]), callTimeout: seconds)
        case ("sofia", 3): contact = .sofia(profile: String(parts[1]), address: String(parts[2]), callTimeout: seconds)
        case ("loopback", 3):
            guard seconds == nil else { return nil }
            contact = .loopback(extension: String(parts[1]), context: String(parts[2]))
        default: return nil
        }
        return (try? contact.validate()) == nil ? nil : contact
    }

    /// `[call_timeout=N]REST` or `[leg_timeout=N]REST`.
    private static func timeout(_ text: String) -> (name: Substring, seconds: Int?, rest: Substring)? {
        guard text.first == "[", let end = text.firstIndex(of: "]") else { return nil }
        let inside = text[text.index(after: text.startIndex)..<end]
        guard let equals = inside.firstIndex(of: "=") else { return nil }
        let name = inside[..<equals]
        guard name == "call_timeout" || name == "leg_timeout", let seconds = Int(inside[inside.index(after: equals)...]) else { return nil }
        return (name, seconds, text[text.index(after: end)...])
    }
}
