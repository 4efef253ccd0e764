import ScreenPopService
import ScreenPopStore

/// Who somebody has proved to be, and by what.
struct Identity: Sendable, Equatable {
    enum Proof: Sendable, Equatable {
        case adminToken
        case token(id: String, hash: String)
        /// The hash of its id, and the user's version that it was begun under.
        case session(hash: String, user: String, version: String)
        /// Begun by a JWT, and on its own since.
        case vouchedSession(hash: String)
        case jwt
    }

    var principal: Principal
    var proof: Proof

    static let adminToken = Identity(principal: .adminToken, proof: .adminToken)
    /// Before anybody has said who he is.
    static let nobody = Identity(principal: .nobody, proof: .jwt)

    /// Whether a revocation of that name is about this one.
    func isRevoked(by credential: String) -> Bool { self.credentials.contains(credential) }

    /// The names by which it can be revoked.
    var credentials: [String] {
        switch self.proof {
        case .adminToken, .jwt: []
        case .token(let id, _): [Revocation.token(id)]
        case .session(let hash, let user, let version): [Revocation.session(hash), Revocation.user(user, version: version)]
        case .vouchedSession(let hash): [Revocation.session(hash)]
        }
    }

    var sessionHash: String? {
        switch self.proof {
        case .session(let hash, _, _), .vouchedSession(let hash): hash
        case .adminToken, .token, .jwt: nil
        }
    }
}
