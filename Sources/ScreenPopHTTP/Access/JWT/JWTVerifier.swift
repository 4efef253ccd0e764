import CallCenter
import NIOCore
import ScreenPopService
import ScreenPopStore

/// Who a company's own log-in says somebody is.
struct JWTVerifier: Sendable {
    /// By how much clocks may differ.
    private static let skew: Double = 60

    let rules: HTTPService.Configuration.JWT
    let ring: JWTKeyRing

    /// Fails with a `Problem`. A key that is not known yet is looked for once.
    func verify(_ token: String, on eventLoop: any EventLoop) -> EventLoopFuture<Identity> {
        switch self.verified(token) {
        case .success(let identity): return eventLoop.makeSucceededFuture(identity)
        case .failure(.unknownKey):
            return self.ring.reloaded(on: eventLoop).flatMapThrowing { try self.verified(token).mapError(Problem.init).get() }
        case .failure(let rejection): return eventLoop.makeFailedFuture(Problem(rejection))
        }
    }

    /// For a session, which ends when the token does: by `exp` as it stands, without a difference between clocks.
    struct Vouched: Sendable, Equatable {
        var person: VouchedPerson
        var until: Timestamp
    }

    /// As `verify`, of a token that is not over.
    func vouch(_ token: String, on eventLoop: any EventLoop) -> EventLoopFuture<Vouched> {
        self.verify(token, on: eventLoop).flatMapThrowing { identity in
            let principal = identity.principal
            guard case .number(let expiry)? = try? JWT(token).claims["exp"] else { throw Problem(JWTRejection.noExpiry) }
            let until = Timestamp(microseconds: Int64(expiry * 1_000_000))
            guard until > WallClock.now() else { throw Problem(JWTRejection.expired) }
            let subject = String(principal.id.dropFirst(Self.prefix.count))
            return Vouched(
                person: VouchedPerson(subject: subject, name: principal.name, role: principal.role.rawValue, agent: principal.agent), until: until)
        }
    }

    /// Of the ids of those whom a JWT names.
    private static let prefix = "jwt:"

    private func verified(_ token: String) -> Result<Identity, JWTRejection> {
        do throws(JWTRejection) {
            let token = try JWT(token)
            try self.checkSignature(token)
            return .success(try self.identity(token.claims, now: Double(WallClock.now().microseconds) / 1_000_000))
        } catch {
            return .failure(error)
        }
    }

    private func checkSignature(_ token: JWT) throws(JWTRejection) {
        let keys = self.ring.keys
        let fitting = keys.filter { $0.algorithm == token.algorithm }
        guard !fitting.isEmpty else {
            // A set that has not come yet may hold one; a secret has been here from the start.
            if case .secret = self.rules.keys { throw .algorithm }
            if token.algorithm == .hs256 { throw .algorithm }
            throw .unknownKey
        }
        // A secret has no id, and a set of one key needs none.
        let named = fitting.filter { $0.id == nil || token.keyID == nil || $0.id == token.keyID }
        guard !named.isEmpty else { throw .unknownKey }
        guard named.contains(where: { $0.verify(token) }) else { throw .signature }
    }

    private func identity(_ claims: [String: JSONValue], now: Double) throws(JWTRejection) -> Identity {
        guard case .number(let expiry)? = claims["exp"], expiry.isFinite, abs(expiry) < 253_402_300_800 else { throw .noExpiry }
        guard now < expiry + Self.skew else { throw .expired }
        if let start = claims["nbf"] {
            guard case .number(let start) = start, start - Self.skew <= now else { throw .notYet }
        }
        if let issuer = self.rules.issuer, claims["iss"]?.string != issuer { throw .issuer }
        let audience = claims["aud"]?.string.map { [$0] } ?? claims["aud"]?.strings ?? []
        guard audience.contains(self.rules.audience) else { throw .audience }
        guard let subject = claims["sub"]?.string, (1...255).contains(subject.utf8.count) else { throw .noSubject }
        guard let role = (claims["screenpop_role"] ?? claims["role"])?.string.flatMap(Role.init) else { throw .noRole }
        let agent = (claims["screenpop_agent"] ?? claims["agent"])?.string
        if let agent { guard (try? AgentName(agent)) != nil else { throw .noAgent } }
        guard role != .agent || agent != nil else { throw .noAgent }
        // An open session ends when the token does, and not a minute later; one that is over by a clock's difference gets that difference.
        let end = now < expiry ? expiry : expiry + Self.skew
        return Identity(
            principal: Principal(
                id: "\(Self.prefix)\(subject)", name: String((claims["name"]?.string ?? subject).prefix(128)), role: role, agent: agent,
                expiresAt: Timestamp(microseconds: Int64(end * 1_000_000))),
            proof: .jwt)
    }
}

extension Problem {
    init(_ rejection: JWTRejection) {
        self = .unauthorized(rejection.rawValue)
    }
}
