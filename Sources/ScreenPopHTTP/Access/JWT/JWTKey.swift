import JWTKit

/// A key and the one algorithm it is for: a public RSA key can never be taken for the secret of an HMAC.
struct JWTKey: Sendable {
    var algorithm: JWT.Algorithm
    var id: String?
    private let check: any JWTAlgorithm

    func verify(_ token: JWT) -> Bool {
        (try? self.check.verify(token.signature, signs: token.signed)) ?? false
    }

    /// - Parameter secret: 32 bytes or more: a shorter one can be guessed from one token.
    init(secret: String) async throws {
        // jwt-kit traps on a key that is shorter than its hash.
        guard secret.utf8.count >= 32 else { throw JWTKeyFailure.shortSecret }
        let collection = JWTKeyCollection()
        await collection.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        self.algorithm = .hs256
        self.check = try await collection.getKey()
    }

    /// `nil` for a key of another kind, for another use or of no sufficient length: a set may well hold such.
    private init?(jwk members: [String: JSONValue]) async {
        if let use = members["use"]?.string, use != "sig" { return nil }
        let id = members["kid"]?.string
        let jwk: JWK
        switch members["kty"]?.string {
        case "RSA":
            guard let modulus = members["n"]?.string, let exponent = members["e"]?.string,
                let bytes = Base64URL.decode(modulus), bytes.drop(while: { $0 == 0 }).count >= 256
            else { return nil }
            self.algorithm = .rs256
            jwk = .rsa(.rs256, identifier: JWKIdentifier(string: id ?? ""), modulus: modulus, exponent: exponent)
        case "EC":
            guard members["crv"]?.string == "P-256", let x = members["x"]?.string, let y = members["y"]?.string else { return nil }
            self.algorithm = .es256
            jwk = .ecdsa(.es256, identifier: JWKIdentifier(string: id ?? ""), x: x, y: y, curve: .p256)
        default:
            return nil
        }
        if let named = members["alg"]?.string, named != self.algorithm.rawValue { return nil }
        self.id = id
        let collection = JWTKeyCollection()
        guard (try? await collection.add(jwk: jwk)) != nil, let check = try? await collection.getKey(alg: self.algorithm.rawValue) else { return nil }
        self.check = check
    }

    /// The usable keys of a JSON Web Key Set (RFC 7517, 5); `nil` when it is none.
    static func keys(set bytes: some Sequence<UInt8>) async -> [JWTKey]? {
        guard case .object(let members)? = try? JSONValue(bytes), case .array(let items)? = members["keys"] else { return nil }
        var keys: [JWTKey] = []
        for case .object(let item) in items {
            if let key = await JWTKey(jwk: item) { keys.append(key) }
        }
        return keys
    }
}
