import EventSocket

extension Contact {
    /// Checks every part against an allow-list. FreeSWITCH expands a contact when the agent is offered a call, and expansion can run commands,
    /// so what is not known to be harmless is refused.
    public func validate() throws(ContactError) {
        switch self {
        case .user(let user, let timeout):
            try Self.checkAddress(user, part: "user", domainRequired: false, portAllowed: false)
            try Self.checkTimeout(timeout)
        case .sofia(let profile, let address, let timeout):
            try Self.checkWord(Substring(profile), part: "sofia.profile")
            guard profile != "gateway" else { throw .illegalPart(part: "sofia.profile", reason: "a gateway is no profile") }
            try Self.checkAddress(address, part: "sofia.address", domainRequired: true, portAllowed: true)
            try Self.checkTimeout(timeout)
        case .loopback(let number, let context):
            try Self.checkWord(Substring(number), part: "loopback.extension")
            try Self.checkWord(Substring(context), part: "loopback.context")
        case .dialString(let text): try Self.checkDialString(text)
        }
        guard !self.dialString.holds(reservedWord) else {
            throw .illegalPart(part: self.part, reason: "\(reservedWord) is what FreeSWITCH takes for an order to its event socket")
        }
    }

    private var part: String {
        switch self {
        case .user: "user"
        case .sofia: "sofia"
        case .loopback: "loopback"
        case .dialString: "dialString"
        }
    }

    private static func checkTimeout(_ seconds: Int?) throws(ContactError) {
        if let seconds, !(1...3600).contains(seconds) { throw .illegalTimeout(seconds) }
    }

    /// Letters, digits and `_ . + - *`, 1 to 64 of them.
    private static func checkWord(_ text: Substring, part: String) throws(ContactError) {
        guard !text.isEmpty, text.utf8.count <= 64 else { throw .illegalPart(part: part, reason: "1 to 64 characters are expected") }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_", ".", "+", "-", "*": continue
            default: throw .illegalPart(part: part, reason: "letters, digits and _ . + - * are allowed, not \(Self.name(scalar))")
            }
        }
    }

    /// `USER@HOST`, with `:PORT` where allowed; HOST is a name, an IPv4 address or an IPv6 address in brackets.
    private static func checkAddress(_ text: String, part: String, domainRequired: Bool, portAllowed: Bool) throws(ContactError) {
        guard let at = text.firstIndex(of: "@") else {
            if domainRequired { throw .illegalPart(part: part, reason: "USER@HOST is expected") }
            return try Self.checkWord(text[...], part: part)
        }
        try Self.checkWord(text[..<at], part: part)
        var host = text[text.index(after: at)...]
        if portAllowed, let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") {
            let digits = host[host.index(after: colon)...]
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits), (1...65535).contains(port) else {
                throw .illegalPart(part: part, reason: "the port is not between 1 and 65535")
            }
            host = host[..<colon]
        }
        let isLiteral = host.first == "[" && host.last == "]"
        if isLiteral { host = host.dropFirst().dropLast() }
        // Brackets mean variables elsewhere in a dial string: what stands in them must be an address.
        guard !isLiteral || host.utf8.count(where: { $0 == UInt8(ascii: ":") }) >= 2 else {
            throw .illegalPart(part: part, reason: "brackets hold an IPv6 address")
        }
        guard !host.isEmpty, host.utf8.count <= 253 else { throw .illegalPart(part: part, reason: "the host has 1 to 253 characters") }
        for scalar in host.unicodeScalars {
            switch scalar {
            case "0"..."9", "a"..."f", "A"..."F", ".": continue
            case ":" where isLiteral: continue
            case "a"..."z", "A"..."Z", "-", "_":
                if !isLiteral { continue }
                fallthrough
            default: throw .illegalPart(part: part, reason: "\(Self.name(scalar)) cannot stand in a host")
            }
        }
    }

    /// For those who may write free dial strings. Expansion (`${...}`, `&...`), variables for the whole call (`{...}`), quoting, and the known ways
    /// to run an application on answer or through a loopback channel stay shut.
    private static func checkDialString(_ text: String) throws(ContactError) {
        guard !text.isEmpty, text.utf8.count <= 1024 else { throw .illegalPart(part: "dialString", reason: "1 to 1024 bytes are expected") }
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
            if isControl || "${}&^\\'\"`<>;".unicodeScalars.contains(scalar) {
                throw .illegalPart(part: "dialString", reason: "\(Self.name(scalar)) is not allowed")
            }
        }
        let words: [StaticString] = ["app=", "execute_on", "exec_on", "exec_after", "api_on", "_hook", "execute="]
        for word in words where text.holds(word) {
            throw .illegalPart(part: "dialString", reason: "\(word) runs an application and is not allowed")
        }
    }

    private static func name(_ scalar: Unicode.Scalar) -> String {
        (0x21..<0x7F).contains(scalar.value) ? "\"\(scalar)\"" : "U+\(String(scalar.value, radix: 16, uppercase: true))"
    }
}
