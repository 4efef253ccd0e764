import CallCenter
import Hummingbird
import NIOCore
import ScreenPop
import ScreenPopService
import ScreenPopStore

extension API {
    func addTokenRoutes(to routes: inout Routes) {
        self.on(&routes, .get, "/tokens", .manageTokens) { _, _ in
            .list(
                try await self.read(self.store.tokens()).map { token in
                    JSONWriter.object { object in
                        token.write(to: &object)
                        object.member("lastUsedAt", token.lastUsedAt)
                    }
                })
        }
        self.on(&routes, .post, "/tokens", .manageTokens) { request, context in try await self.addToken(request, context) }
        self.on(&routes, .delete, "/tokens/:token", .manageTokens) { _, context in
            let id = try context.name("token")
            guard try await self.read(self.store.deleteToken(id)) else { throw Problem.unknown("token", id) }
            // The log says so to everybody, a moment later; whoever asked is answered when nobody gets in here any more.
            self.authenticator.revoke(Revocation.token(id))
            return Response(status: .noContent)
        }
    }

    private func addToken(_ request: Request, _ context: HTTPContext) async throws -> Response {
        let text = TokenText.make()
        let now = WallClock.now()
        let token = try await self.decode(request) { members throws(Problem) in
            let name = try members.requiredString("name")
            guard UserRules.isValid(name: name) else { throw Problem.invalidValue("\"name\" has 1 to 128 bytes and no control characters.") }
            let (role, agent) = try Role.read(&members)
            let life = try members.integer("expiresIn")
            if let life, !(1...Self.longestTokenLife).contains(life) {
                throw Problem.invalidValue(
                    "\"expiresIn\" is a number of seconds from 1 to \(Self.longestTokenLife); without it the token does not expire.")
            }
            return StoredToken(
                id: text.id, name: name, role: role.rawValue, agent: agent, createdAt: now, createdBy: context.principal.id,
                expiresAt: life.map { now + .seconds(Int64($0)) })
        }
        let warning = try await self.warning(agent: token.agent)
        // Before it is kept: of one that may be, or not, the entry says which.
        context.notes?.isAbout("token", token.id)
        try await self.read(self.store.add(token, hash: Secret.hash(text.secret)))
        return .json(
            JSONWriter.object { object in
                token.write(to: &object)
                // Shown this once.
                object.member("token", text.text)
                if let warning { object.member("warning", warning) }
            }, status: .created)
    }

    /// An agent may well be added after whoever is to be it; more often its name is misspelt.
    func warning(agent: String?) async throws(Problem) -> String? {
        guard let agent, try await self.read(self.site.agent(agent)) == nil else { return nil }
        return "No agent is called \(agent) now: check the name, or add the agent."
    }

    /// Ten years.
    private static let longestTokenLife = 10 * 366 * 24 * 60 * 60
}

extension StoredToken {
    fileprivate func write(to object: inout JSONWriter) {
        object.member("id", self.id)
        object.member("name", self.name)
        object.member("role", self.role)
        object.member("agent", self.agent)
        object.member("createdAt", self.createdAt)
        object.member("createdBy", self.createdBy)
        object.member("expiresAt", self.expiresAt)
    }
}

extension Role {
    /// `role`, and `agent`, without which nobody can be one.
    static func read(_ members: inout Members) throws(Problem) -> (Role, agent: String?) {
        guard let role = Role(rawValue: try members.requiredString("role")) else {
            throw Problem.invalidValue("\"role\" is one of \(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        let agent = try members.string("agent")
        if let agent {
            do { _ = try AgentName(agent) } catch { throw Problem(.unprocessableContent, CommandError.Code.invalidName.rawValue, "agent: \(error)") }
        }
        guard role != .agent || agent != nil else { throw Problem.invalidValue("The role agent needs \"agent\".") }
        return (role, agent)
    }
}

extension Problem {
    static func invalidValue(_ detail: String) -> Problem { Problem(.unprocessableContent, "invalid-value", detail) }
}
