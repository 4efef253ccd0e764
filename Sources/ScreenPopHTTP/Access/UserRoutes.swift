import Hummingbird
import NIOCore
import ScreenPop
import ScreenPopService
import ScreenPopStore

extension API {
    func addUserRoutes(to routes: inout Routes) {
        self.on(&routes, .get, "/users", .manageUsers) { _, _ in .list(try await self.read(self.store.users()).map { $0.json() }) }
        self.on(&routes, .get, "/users/:user", .manageUsers) { _, context in .json(try await self.user(context).json()) }
        self.on(&routes, .put, "/users/:user", .manageUsers) { request, context in try await self.saveUser(request, context) }
        self.on(&routes, .delete, "/users/:user", .manageUsers) { _, context in
            let name = try context.name("user")
            guard let revoked = try await self.read(self.store.deleteUser(name)) else { throw Problem.unknown("user", name) }
            self.authenticator.revoke(revoked)
            return Response(status: .noContent)
        }
    }

    private func user(_ context: HTTPContext) async throws -> StoredUser {
        let name = try context.name("user")
        guard let user = try await self.read(self.store.user(name)) else { throw Problem.unknown("user", name) }
        return user
    }

    private func saveUser(_ request: Request, _ context: HTTPContext) async throws -> Response {
        let name = try context.name("user")
        guard UserRules.isValid(name: name) else {
            throw Problem(
                .unprocessableContent, CommandError.Code.invalidName.rawValue, "A user's name has 1 to 128 bytes and no control characters.")
        }
        let (role, agent, password) = try await self.decode(request) { members throws(Problem) in
            let (role, agent) = try Role.read(&members)
            let password = try members.string("password")
            if let password, !UserRules.passwordBytes.contains(password.utf8.count) {
                throw Problem.invalidValue("\"password\" has \(UserRules.passwordBytes.lowerBound) to \(UserRules.passwordBytes.upperBound) bytes.")
            }
            return (role, agent, password)
        }
        let now = WallClock.now()
        var hash: String?
        if let password { hash = try await self.logIn.passwords.hash(password) }
        let user = StoredUser(name: name, role: role.rawValue, agent: agent, createdAt: now, changedAt: now, version: Secret.text(count: 16))
        let warning = try await self.warning(agent: agent)
        switch try await self.read(self.store.save(user, password: hash)) {
        case .created: return .json(user.json(warning: warning), status: .created)
        case .changed(let revoked):
            self.authenticator.revoke(revoked)
            return .json(try await self.user(context).json(warning: warning))
        case .needsPassword: throw Problem.invalidValue("A new user needs a \"password\".")
        }
    }
}

enum UserRules {
    static let passwordBytes = 8...256

    static func isValid(name: String) -> Bool {
        (1...128).contains(name.utf8.count) && name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}

extension StoredUser {
    fileprivate func json(warning: String? = nil) -> ByteBuffer {
        JSONWriter.object { object in
            object.member("name", self.name)
            object.member("role", self.role)
            object.member("agent", self.agent)
            object.member("createdAt", self.createdAt)
            object.member("changedAt", self.changedAt)
            if let warning { object.member("warning", warning) }
        }
    }
}
