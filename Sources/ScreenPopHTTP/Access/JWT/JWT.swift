/// A JSON Web Token (RFC 7519) taken apart, not yet believed.
struct JWT {
    enum Algorithm: String, Sendable, CaseIterable {
        case hs256 = "HS256"
        case rs256 = "RS256"
        case es256 = "ES256"
    }

    var algorithm: Algorithm
    var keyID: String?
    var claims: [String: JSONValue]
    /// What the signature is of.
    var signed: [UInt8]
    var signature: [UInt8]

    static func looksLikeOne(_ token: String) -> Bool {
        token.utf8.count(where: { $0 == UInt8(ascii: ".") }) == 2
    }

    /// Where a token says its key is to be found (`jku`, `x5u`, `jwk`, `x5c`) is not looked at: our keys are our own.
    init(_ token: String) throws(JWTRejection) {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let head = Base64URL.decode(parts[0]), let body = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2]), !signature.isEmpty,
            case .object(let header)? = try? JSONValue(head), case .object(let claims)? = try? JSONValue(body)
        else { throw .malformed }
        guard let algorithm = header["alg"]?.string.flatMap(Algorithm.init) else { throw .algorithm }
        // What must be understood and is not.
        guard header["crit"] == nil else { throw .malformed }
        if let type = header["typ"] {
            switch type.string?.lowercased() {
            case "jwt", "at+jwt", "application/at+jwt": break
            default: throw .malformed
            }
        }
        if let keyID = header["kid"], keyID.string == nil { throw .malformed }
        self.algorithm = algorithm
        self.keyID = header["kid"]?.string
        self.claims = claims
        self.signed = Array(token.utf8.prefix(parts[0].utf8.count + 1 + parts[1].utf8.count))
        self.signature = signature
    }
}

/// Why a JWT is not accepted: for the log and for whoever sets up the company's log-in.
enum JWTRejection: String, Error, Equatable {
    case malformed = "The JWT cannot be read."
    case algorithm = "The JWT's alg is not one of HS256, RS256, ES256, or no key of ours is for it."
    case unknownKey = "The JWT's key is not known."
    case signature = "The JWT's signature is wrong."
    case noExpiry = "The JWT has no exp."
    case expired = "The JWT has expired."
    case notYet = "The JWT is not valid yet."
    case issuer = "The JWT is from another issuer."
    case audience = "The JWT is for another audience."
    case noSubject = "The JWT has no sub."
    case noRole = "The JWT has no role (claim role or screenpop_role) of agent, supervisor, admin, integration."
    case noAgent = "The JWT of an agent must name it (claim agent or screenpop_agent)."
}

/// Base64 for URLs without padding (RFC 7515, 2); strict: one text for each sequence of bytes.
enum Base64URL {
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count * 3 / 4)
        var buffer: UInt32 = 0
        var bits: UInt32 = 0
        for character in text.utf8 {
            guard let value = Self.value(character) else { return nil }
            buffer = (buffer << 6 | value) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> bits))
            }
        }
        // Six bits left over are half a byte; bits that are set and belong to none would be a second spelling.
        guard bits < 6, buffer & ((1 << bits) - 1) == 0 else { return nil }
        return bytes
    }

    private static func value(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
