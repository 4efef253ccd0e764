import EventSocket

/// Why a name cannot stand in a command.
public enum NameError: Error, Sendable, Hashable {
    case empty
    /// More than 64 characters.
    case tooLong(Int)
    /// A character that has a meaning for FreeSWITCH's argument splitter, its lists or its dial strings.
    case illegalCharacter(Unicode.Scalar)
    /// It holds `mod_event_socket`: together with `reload` or `unload` anywhere in the same packet, FreeSWITCH would unload its event socket.
    case reserved
}

extension NameError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "the name is empty"
        case .tooLong(let count): "the name has \(count) characters; 64 are allowed"
        case .illegalCharacter(let scalar):
            "the name holds U+\(String(scalar.value, radix: 16, uppercase: true)); letters, digits and _ . @ + - are allowed"
        case .reserved: "the name holds mod_event_socket, which FreeSWITCH takes for an order to its event socket"
        }
    }
}

/// The name of an agent as mod_callcenter keeps it, `1001@default`: letters and digits of any script and `_ . @ + -`, 1 to 64 of them.
///
/// Nothing else comes near a command: a quote, a backslash, a space or `^^` would change how FreeSWITCH cuts the line up, a `|` its lists.
public struct AgentName: Sendable, Hashable, CustomStringConvertible {
    public let text: String

    public init(_ text: String) throws(NameError) {
        try checkName(text)
        self.text = text
    }

    public var description: String { self.text }
}

/// The name of a queue as mod_callcenter keeps it, `support@default`; the same characters as an agent's name.
public struct QueueName: Sendable, Hashable, CustomStringConvertible {
    public let text: String

    public init(_ text: String) throws(NameError) {
        try checkName(text)
        self.text = text
    }

    public var description: String { self.text }
}

private func checkName(_ text: String) throws(NameError) {
    guard !text.isEmpty else { throw .empty }
    let count = text.unicodeScalars.count
    guard count <= 64 else { throw .tooLong(count) }
    for (index, scalar) in text.unicodeScalars.enumerated() where !isNameScalar(scalar, first: index == 0) {
        throw .illegalCharacter(scalar)
    }
    guard !text.holds(reservedWord) else { throw .reserved }
}

/// What may stand in no name and no contact; see `NameError.reserved`.
let reservedWord: StaticString = "mod_event_socket"

private func isNameScalar(_ scalar: Unicode.Scalar, first: Bool) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_", ".", "@", "+", "-": return true
    case _ where scalar.isASCII: return false
    default:
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber: return true
        // Vowel signs and accents that are written as characters of their own.
        case .nonspacingMark, .spacingMark: return !first
        default: return false
        }
    }
}
