import CallCenter
import NIOCore
import ScreenPopService
import ScreenPopStore

/// Finds out who shows a credential. Never waits on an event loop; Redis is asked only for what was not verified lately.
final class Authenticator: Sendable {
    private let adminToken: [UInt8]
    private let store: Store
    private let jwt: JWTVerifier?
    private let verified: VerifiedCredentials

    init(adminToken: String, store: Store, jwt: JWTVerifier?, verified: VerifiedCredentials = VerifiedCredentials()) {
        self.adminToken = Array(adminToken.utf8)
        self.store = store
        self.jwt = jwt
        self.verified = verified
    }

    /// Fails with a `Problem`: 401 for what nobody vouches for, 503 for what Redis would have to be asked about while it is away.
    func authenticate(_ credential: Credential, on eventLoop: any EventLoop) -> EventLoopFuture<Identity> {
        switch credential {
        case .bearer(let token):
            if self.isAdminToken(token) { return eventLoop.makeSucceededFuture(.adminToken) }
            if let text = TokenText(token) { return self.verify(.token(text.id, hash: Secret.hash(text.secret)), on: eventLoop) }
            if let jwt = self.jwt, JWT.looksLikeOne(token) { return jwt.verify(token, on: eventLoop) }
            return eventLoop.makeFailedFuture(Problem.unauthorized("The token is not known."))
        case .session(let id):
            guard Secret.isWellFormed(id) else { return eventLoop.makeFailedFuture(Problem.sessionOver) }
            return self.verify(.session(hash: Secret.hash(id)), on: eventLoop)
        }
    }

    func isAdminToken(_ token: String) -> Bool {
        !self.adminToken.isEmpty && Secret.isEqual(Array(token.utf8), self.adminToken)
    }

    /// Whom the company's log-in vouches for, to begin a session: other tokens begin none, they can be revoked and a session would outlive that.
    func vouchedFor(_ token: String, on eventLoop: any EventLoop) -> EventLoopFuture<JWTVerifier.Vouched> {
        guard let jwt = self.jwt else { return eventLoop.makeFailedFuture(Problem.unauthorized("No JWTs are accepted here.")) }
        guard JWT.looksLikeOne(token) else { return eventLoop.makeFailedFuture(Problem(JWTRejection.malformed)) }
        return jwt.vouch(token, on: eventLoop)
    }

    // MARK: revocation

    /// Of the credential nothing is taken for granted any more, here. By whoever revoked it, before that is answered; and from every event loop as
    /// the log tells it, before the sessions open there are looked through.
    func revoke(_ credential: String) {
        self.verified.revoke(credential, now: .now())
    }

    /// Whether it was revoked since it was authenticated.
    func isRevoked(_ identity: Identity) -> Bool {
        self.verified.isRevoked(identity)
    }

    /// The log was lost, and with it perhaps a revocation: nothing is taken for granted any more.
    func forgetAll() {
        self.verified.forgetAll()
    }

    /// Whether an open session may stay; fails while Redis cannot say.
    func isStillGood(_ identity: Identity, on eventLoop: any EventLoop) -> EventLoopFuture<Bool> {
        switch identity.proof {
        case .adminToken, .jwt: eventLoop.makeSucceededFuture(true)
        case .token(let id, let hash): self.lookUp(.token(id, hash: hash)).map { $0 != nil }.hop(to: eventLoop)
        case .session(let hash, _, _), .vouchedSession(let hash): self.lookUp(.session(hash: hash)).map { $0 != nil }.hop(to: eventLoop)
        }
    }

    // MARK: -

    private enum Kept {
        case token(_ id: String, hash: String)
        case session(hash: String)

        var key: String {
            switch self {
            case .token(let id, let hash): "\(id) \(hash)"
            case .session(let hash): hash
            }
        }

        var unknown: Problem {
            switch self {
            case .token: .unauthorized("The token is not known.")
            case .session: .sessionOver
            }
        }
    }

    private func verify(_ kept: Kept, on eventLoop: any EventLoop) -> EventLoopFuture<Identity> {
        switch self.verified.find(kept.key, now: .now()) {
        case .fresh(let identity): return eventLoop.makeCompletedFuture { try Self.unexpired(identity, kept) }
        case .stale, .none: break
        }
        let generation = self.verified.generation
        return self.lookUp(kept).hop(to: eventLoop).flatMap { identity in
            guard let identity else {
                self.verified.remove(kept.key)
                return eventLoop.makeFailedFuture(kept.unknown)
            }
            switch self.verified.insert(identity, for: kept.key, generation: generation, now: .now()) {
            case .kept: return eventLoop.makeCompletedFuture { try Self.unexpired(identity, kept) }
            case .revoked: return eventLoop.makeFailedFuture(kept.unknown)
            // Seldom, and then once or twice: each event loop says it.
            case .outdated: return self.verify(kept, on: eventLoop)
            }
        }.flatMapErrorThrowing { error in
            if let problem = error as? Problem { throw problem }
            // Redis is away. What was verified not long ago still counts, unless it was revoked while Redis was asked.
            switch self.verified.find(kept.key, now: .now()) {
            case .fresh(let identity), .stale(let identity): return try Self.unexpired(identity, kept)
            case .none: throw Problem.storeUnavailable
            }
        }
    }

    private static func unexpired(_ identity: Identity, _ kept: Kept) throws(Problem) -> Identity {
        if let end = identity.principal.expiresAt, end <= WallClock.now() { throw kept.unknown }
        return identity
    }

    private func lookUp(_ kept: Kept) -> EventLoopFuture<Identity?> {
        switch kept {
        case .token(let id, let hash):
            self.store.token(id, hash: hash, at: WallClock.now()).map { token in
                token.flatMap { Identity($0, hash: hash) }
            }
        case .session(let hash):
            self.store.session(hash: hash).map { session in
                session.flatMap { Identity($0, hash: hash) }
            }
        }
    }
}

extension Identity {
    init?(_ token: StoredToken, hash: String) {
        guard let role = Role(rawValue: token.role) else { return nil }
        self.init(
            principal: Principal(id: "token:\(token.id)", name: token.name, role: role, agent: token.agent, expiresAt: token.expiresAt),
            proof: .token(id: token.id, hash: hash))
    }

    init?(_ session: StoredSession, hash: String) {
        switch session.holder {
        case .user(let user):
            guard let role = Role(rawValue: user.role) else { return nil }
            self.init(
                principal: Principal(id: "user:\(user.name)", name: user.name, role: role, agent: user.agent, expiresAt: session.expiresAt),
                proof: .session(hash: hash, user: user.name, version: user.version))
        case .vouched(let person):
            guard let role = Role(rawValue: person.role) else { return nil }
            self.init(
                principal: Principal(id: Principal.id(of: person), name: person.name, role: role, agent: person.agent, expiresAt: session.expiresAt),
                proof: .vouchedSession(hash: hash))
        }
    }
}

extension Principal {
    /// Of somebody for whom the company's log-in vouches.
    static func id(of person: VouchedPerson) -> String { "jwt:\(person.subject)" }
}

extension Problem {
    static let sessionOver = Problem.unauthorized("The session is over; log in again.")
}
