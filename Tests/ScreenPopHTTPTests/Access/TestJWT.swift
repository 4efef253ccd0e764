import JWTKit
import ScreenPopService

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A company's log-in, for tests: claims of any shape, signed as asked.
enum TestJWT {
    struct Claims: JWTPayload {
        var texts: [String: String] = [:]
        var lists: [String: [String]] = [:]
        var numbers: [String: Double] = [:]

        struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init() {}
        init(from decoder: any Decoder) throws {}

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            for (name, value) in self.texts { try container.encode(value, forKey: Key(stringValue: name)) }
            for (name, value) in self.lists { try container.encode(value, forKey: Key(stringValue: name)) }
            for (name, value) in self.numbers { try container.encode(value, forKey: Key(stringValue: name)) }
        }

        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }

    static var now: Double { Date().timeIntervalSince1970 }

    /// An admin for an hour.
    static func claims(_ change: (inout Claims) -> Void = { _ in }) -> Claims {
        var claims = Claims()
        claims.texts = ["sub": "anna", "aud": "screenpop", "iss": "https://login.example.org", "role": "admin"]
        claims.numbers = ["exp": self.now + 3600]
        change(&claims)
        return claims
    }

    static func hs256(_ secret: String, role: Role, expiresIn: Double = 3600, more: [String: String] = [:]) async throws -> String {
        let keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        return try await keys.sign(
            self.claims { claims in
                claims.texts["role"] = role.rawValue
                claims.texts.merge(more) { $1 }
                claims.numbers["exp"] = self.now + expiresIn
            })
    }
}
