/// A channel's uuid, as far as it may stand in a command. Callers can choose theirs through `origination_uuid`, and a SIP profile with
/// `inbound-use-callid-as-uuid` takes the Call-ID for it, so it is no UUID for certain.
///
/// A letter or digit, then letters, digits and `- _ . @`, 8 to 128 of them: no word that a command takes for something else (`all`, `off`, `toggle`,
/// `undef`, `-bleg`) is one.
public struct ChannelUUID: Sendable, Hashable, CustomStringConvertible {
    public let text: String

    public init(_ text: String) throws(NameError) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= 128 else { throw .tooLong(text.utf8.count) }
        for (index, scalar) in text.unicodeScalars.enumerated() {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9": continue
            case "-", "_", ".", "@":
                if index > 0 { continue }
                fallthrough
            default: throw .illegalCharacter(scalar)
            }
        }
        guard text.utf8.count >= 8 else { throw .empty }
        self.text = text
    }

    public var description: String { self.text }
}

/// What one of our own actions is known by on the channels it makes: 16 hexadecimal digits.
public struct ActionID: Sendable, Hashable, CustomStringConvertible {
    public let text: String

    public init(random: UInt64) {
        let digits = String(random, radix: 16)
        self.text = String(repeating: "0", count: 16 - digits.count) + digits
    }

    public var description: String { self.text }
}
