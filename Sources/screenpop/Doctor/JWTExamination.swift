import Logging
import NIOCore
import ScreenPopHTTP

/// Looks at the keys that the company's log-in signs with.
enum JWTExamination {
    static func findings(_ rules: HTTPService.Configuration.JWT, eventLoopGroup: any EventLoopGroup, logger: Logger) async -> [Finding] {
        let accepted = "for \(rules.audience), from \(rules.issuer ?? "any issuer that has the key")"
        let place: String
        switch rules.keys {
        case .secret: return [.ok("JWT", "accepted \(accepted), signed HS256 with the secret")]
        case .file(let path): place = path
        case .url(let url): place = url
        }
        do {
            let count = try await rules.keys.load(eventLoopGroup: eventLoopGroup, logger: logger)
            return [.ok("JWT", "accepted \(accepted), signed with \(count == 1 ? "the key" : "one of \(count) keys") of \(place)")]
        } catch {
            return [
                .fail(
                    "JWT", "no key can be had: \(error)",
                    "let --jwks name a JSON Web Key Set with an RSA key of 2048 bits or more, or a key on P-256, that this machine can read")
            ]
        }
    }
}
