import HTTPTypes
import Hummingbird
import NIOCore
import ScreenPop
import ScreenPopService
import ScreenPopStore

extension API {
    func addSessionRoutes(to routes: inout Routes) {
        // Everybody's: it is here that one says who one is.
        routes.on(.post, Self.prefix + "/session") { request, context in
            try await self.gate.watchLogIn(request, context) { attempt in try await self.logIn(request, context, &attempt) }
        }
        self.on(&routes, .get, "/session", .readSession) { request, context in
            .json(context.principal.session(csrf: Self.sessionID(request).map(SessionID.csrfToken)))
        }
        self.on(&routes, .delete, "/session", .readSession) { request, context in
            guard let hash = context.identity?.sessionHash else {
                throw Problem(.conflict, "no-session", "This is a token, not a session; a stored one ends with DELETE /api/v1/tokens/ID.")
            }
            _ = try await self.read(self.store.endSession(hash: hash))
            self.authenticator.revoke(Revocation.session(hash))
            return Response(status: .noContent, headers: [.setCookie: self.cookie("", seconds: 0, request, context)])
        }
    }

    private enum Shown {
        case password(user: String, String)
        /// Of the company's log-in.
        case token(String)
    }

    private func logIn(_ request: Request, _ context: HTTPContext, _ attempt: inout LogInAttempt) async throws -> Response {
        try self.origins.check(origin: request.headers[.origin], host: request.head.authority)
        let shown = try await self.decode(request) { members throws(Problem) in
            let names = [try members.string("user"), try members.string("agent")].compactMap(\.self)
            if let token = try members.string("token") {
                guard names.isEmpty else {
                    throw Problem(
                        .unprocessableContent, "invalid-value", "A \"token\" says by itself who logs in: no \"user\" and no \"agent\" beside it.")
                }
                return Shown.token(token)
            }
            guard names.count == 1, !names[0].isEmpty else {
                throw Problem(.unprocessableContent, "invalid-value", "One of \"user\" and \"agent\" says who logs in.")
            }
            return Shown.password(user: names[0], try members.requiredString("password"))
        }
        let begun: LogIn.Begun
        switch shown {
        case .password(let name, let password):
            attempt.user = name
            // No such user can exist, nor such a password: nothing to hash for them.
            guard UserRules.isValid(name: name), password.utf8.count <= UserRules.passwordBytes.upperBound else { throw Problem.wrongPassword }
            begun = try await self.logIn.begin(user: name, password: password, from: attempt.network, exists: &attempt.userExists)
        case .token(let token):
            attempt.showsToken = true
            let vouched = try await self.authenticator.vouchedFor(token, on: context.eventLoop).get()
            attempt.principal = Principal(vouched)
            try self.gate.admitLogIn(of: Principal.id(of: vouched.person))
            begun = try await self.logIn.begin(vouched)
        }
        attempt.principal = begun.identity.principal
        var response = Response.json(begun.identity.principal.session(csrf: SessionID.csrfToken(begun.id)))
        response.headers[.setCookie] = self.cookie(begun.id, seconds: begun.seconds, request, context)
        return response
    }

    private func cookie(_ id: String, seconds: Int64, _ request: Request, _ context: HTTPContext) -> String {
        let isSecure = self.configuration.tls != nil || self.gate.isEncryptedByProxy(request, context)
        return "\(Credential.cookie)=\(id); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Strict\(isSecure ? "; Secure" : "")"
    }

    private static func sessionID(_ request: Request) -> String? {
        switch Credential(request.headers) {
        case .session(let id): id
        case .bearer, nil: nil
        }
    }
}

extension Principal {
    fileprivate init?(_ vouched: JWTVerifier.Vouched) {
        let person = vouched.person
        guard let role = Role(rawValue: person.role) else { return nil }
        self.init(id: Self.id(of: person), name: person.name, role: role, agent: person.agent, expiresAt: vouched.until)
    }

    /// `{"id","name","role","agent"}`
    var json: ByteBuffer {
        JSONWriter.object { principal in
            principal.member("id", self.id)
            principal.member("name", self.name)
            principal.member("role", self.role.rawValue)
            principal.member("agent", self.agent)
        }
    }

    /// `{"principal":{"id","name","role","agent"},"csrf","expiresAt"}`
    fileprivate func session(csrf: String?) -> ByteBuffer {
        JSONWriter.object { object in
            object.member("principal", json: self.json)
            object.member("csrf", csrf)
            object.member("expiresAt", self.expiresAt)
        }
    }
}
