import HTTPTypes
import Hummingbird
import ScreenPopService

/// The two questions before every route: who asks, and may he.
extension API {
    func authenticate(_ request: Request, _ context: HTTPContext) async throws -> Identity {
        guard let credential = Credential(request.headers) else { throw Problem.unauthorized }
        let identity = try await self.authenticator.authenticate(credential, on: context.eventLoop).get()
        try Self.checkCSRF(credential, request)
        return identity
    }

    func authorise(_ principal: Principal, _ operation: Operation, agent: String?) throws(Problem) {
        guard AccessTable.allows(principal, operation, agent: agent) else {
            throw operation == .changeAgent && principal.isAgent(agent) ? Problem.ownSettings : Problem.forbidden
        }
    }

    /// A cookie comes along whoever made the browser ask; that the page itself asked shows in a header only it can set.
    private static func checkCSRF(_ credential: Credential, _ request: Request) throws(Problem) {
        switch (credential, request.method) {
        case (.bearer, _), (.session, .get), (.session, .head), (.session, .options): return
        case (.session(let id), _):
            guard let token = request.headers[.csrfToken], Secret.isEqual(Array(token.utf8), Array(SessionID.csrfToken(id).utf8)) else {
                throw Problem(.forbidden, "csrf-token-needed", "A change by cookie needs X-CSRF-Token, which GET /api/v1/session tells.")
            }
        }
    }
}

/// What a browser holds of its session.
enum SessionID {
    /// Follows from the id, so that it need not be kept; nobody comes from it to the id, or to it without the id.
    static func csrfToken(_ id: String) -> String { Secret.hash("csrf \(id)") }
}

extension HTTPField.Name {
    static let csrfToken = Self("X-CSRF-Token")!
}
