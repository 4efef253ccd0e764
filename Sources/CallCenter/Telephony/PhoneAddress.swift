/// How an agent's phone is reached, fit to stand inside a command: the agent's contact as FreeSWITCH lists it, and never anything from outside.
///
/// `originate`, `bridge` and `att_xfer` take their argument apart again: `{...}`, `[...]` and `<...>` are variables, `,` `|` and `:_:` separate
/// phones, `${...}`, `&` and `loopback/app=` run things. So beyond `[call_timeout=10]` or `[leg_timeout=10]` in front, none of these may stand in it.
public struct PhoneAddress: Sendable, Hashable {
    public let text: String
    /// The user part of the address, or the extension; what others may be shown as the caller.
    public let extensionNumber: DialNumber?

    /// `nil` for a contact that is not fit for it.
    public init?(contact text: String) {
        let contact = Contact(dialString: text)
        let address: Substring
        switch contact {
        case .user(let user, callTimeout: _): address = user[...]
        case .sofia(profile: _, let sip, callTimeout: _): address = sip[...]
        case .loopback(let number, context: _): address = number[...]
        case .dialString:
            guard let bare = Self.plain(text) else { return nil }
            address = bare.split(separator: "/").last ?? bare
        }
        guard (try? contact.validate()) != nil else { return nil }
        self.text = text
        self.extensionNumber = address.split(separator: "@").first.flatMap { DialNumber(String($0)) }
    }

    /// What follows the timeout, when all of it is harmless.
    private static func plain(_ text: String) -> Substring? {
        var rest = Substring(text)
        for name in ["[call_timeout=", "[leg_timeout="] where rest.hasPrefix(name) {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            let digits = rest[rest.index(rest.startIndex, offsetBy: name.count)..<end]
            guard (1...4).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            rest = rest[rest.index(after: end)...]
            break
        }
        guard !rest.isEmpty, rest.utf8.count <= 256, !rest.contains(":_:") else { return nil }
        for byte in rest.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "/"), UInt8(ascii: "@"), UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "+"), UInt8(ascii: "*"), UInt8(ascii: "%"):
                continue
            default: return nil
            }
        }
        return rest
    }
}
