/// A contact as JSON: `{"user":"1001@example.org","callTimeout":10}`, `{"sofia":{"profile":"internal","address":"1001@192.0.2.7:5060"}}`,
/// `{"loopback":{"extension":"1001","context":"default"}}` or `{"dialString":"..."}`.
public struct ContactForm: Codable, Sendable, Hashable {
    public struct Sofia: Codable, Sendable, Hashable {
        public var profile: String
        public var address: String
    }

    public struct Loopback: Codable, Sendable, Hashable {
        public var `extension`: String
        public var context: String
    }

    public var user: String?
    public var sofia: Sofia?
    public var loopback: Loopback?
    public var dialString: String?
    /// Seconds.
    public var callTimeout: Int?
    /// Only in answers: what is wrong with the contact as FreeSWITCH holds it.
    public var warning: String?

    public init(_ contact: Contact) {
        switch contact {
        case .user(let user, let timeout):
            self.user = user
            self.callTimeout = timeout
        case .sofia(let profile, let address, let timeout):
            self.sofia = Sofia(profile: profile, address: address)
            self.callTimeout = timeout
        case .loopback(let number, let context): self.loopback = Loopback(extension: number, context: context)
        case .dialString(let text): self.dialString = text
        }
    }

    /// Reads a contact as FreeSWITCH holds it, with the warning it deserves.
    public init(dialString text: String) {
        self.init(Contact(dialString: text))
        self.warning = Contact.warning(dialString: text)
    }

    /// The validated contact. Whether a `dialString` may be written is for the caller to decide.
    public func contact() throws(ContactError) -> Contact {
        let contact: Contact
        switch (self.user, self.sofia, self.loopback, self.dialString) {
        case (let user?, nil, nil, nil): contact = .user(user, callTimeout: self.callTimeout)
        case (nil, let sofia?, nil, nil): contact = .sofia(profile: sofia.profile, address: sofia.address, callTimeout: self.callTimeout)
        case (nil, nil, let loopback?, nil): contact = .loopback(extension: loopback.extension, context: loopback.context)
        case (nil, nil, nil, let text?): contact = .dialString(text)
        default: throw .oneFormExpected
        }
        switch contact {
        case .loopback, .dialString:
            if let timeout = self.callTimeout { throw .illegalTimeout(timeout) }
        case .user, .sofia: break
        }
        try contact.validate()
        return contact
    }
}

extension Contact {
    /// The contact as a JSON object, UTF-8.
    public var jsonObject: [UInt8] { Self.encode(ContactForm(self)) }

    /// A contact as FreeSWITCH holds it as a JSON object, UTF-8, with `warning` where it deserves one; `null` when none is set.
    public static func jsonObject(dialString text: String) -> [UInt8] {
        text.isEmpty ? Array("null".utf8) : self.encode(ContactForm(dialString: text))
    }

    // By hand, because agents are encoded on the way of every event about them, where JSONEncoder is too slow.
    private static func encode(_ form: ContactForm) -> [UInt8] {
        var out: [UInt8] = [UInt8(ascii: "{")]
        func member(_ name: StaticString, _ value: (inout [UInt8]) -> Void) {
            if out.last != UInt8(ascii: "{") { out.append(UInt8(ascii: ",")) }
            self.quote(name.description, into: &out)
            out.append(UInt8(ascii: ":"))
            value(&out)
        }
        func text(_ name: StaticString, _ text: String) { member(name) { self.quote(text, into: &$0) } }
        if let user = form.user { text("user", user) }
        if let sofia = form.sofia {
            member("sofia") { $0.append(UInt8(ascii: "{")) }
            text("profile", sofia.profile)
            text("address", sofia.address)
            out.append(UInt8(ascii: "}"))
        }
        if let loopback = form.loopback {
            member("loopback") { $0.append(UInt8(ascii: "{")) }
            text("extension", loopback.extension)
            text("context", loopback.context)
            out.append(UInt8(ascii: "}"))
        }
        if let dialString = form.dialString { text("dialString", dialString) }
        if let seconds = form.callTimeout { member("callTimeout") { $0.append(contentsOf: String(seconds).utf8) } }
        if let warning = form.warning { text("warning", warning) }
        out.append(UInt8(ascii: "}"))
        return out
    }

    private static func quote(_ text: String, into out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                out.append(contentsOf: "\\u00".utf8)
                out.append(contentsOf: [digits[Int(byte >> 4)], digits[Int(byte & 15)]])
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }
}
