import Hummingbird
import NIOCore
import ScreenPop
import ScreenPopService
import ScreenPopStore

extension API {
    /// Everybody's sessions, for an administrator: `/session` is one's own.
    func addSessionListRoutes(to routes: inout Routes) {
        self.on(&routes, .get, "/sessions", .manageSessions) { request, context in
            let page = try Page(request)
            let own = context.identity?.sessionHash.map(ListedSession.id(ofHash:))
            let (items, next) = try await self.read(self.store.sessions(limit: page.limit, before: page.before))
            return .list(items.compactMap { $0.json(isOwn: $0.id == own) }, next: next)
        }
        self.on(&routes, .delete, "/sessions/:session", .manageSessions) { _, context in try await self.endListedSession(context) }
    }

    private func endListedSession(_ context: HTTPContext) async throws -> Response {
        let id = try context.name("session")
        // No part of an id, which would be somebody's.
        guard ListedSession.isID(id) else { throw Problem.unknown("session", id) }
        let found = try await self.read(self.store.endSession(id: id))
        guard let ended = found else { throw Problem.unknown("session", id) }
        // Afterwards nobody could say any more whose it was.
        if let user = ended.user { context.notes?.isAbout("user", user) }
        if let subject = ended.subject { context.notes?.isAbout("subject", subject) }
        // The log says so to everybody, a moment later; whoever asked is answered when nobody gets in here any more.
        self.authenticator.revoke(Revocation.session(ended.hash))
        return Response(status: .noContent)
    }
}

extension ListedSession {
    fileprivate static func isID(_ text: String) -> Bool {
        text.utf8.count == self.idLength
            && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }
    }

    /// `{"id","principal":{"id","name","role","agent"},"begunAt","expiresAt","current"}`
    fileprivate func json(isOwn: Bool) -> ByteBuffer? {
        // What it is proved by is of no account here.
        guard let principal = Identity(self.session, hash: "")?.principal else { return nil }
        return JSONWriter.object { object in
            object.member("id", self.id)
            object.member("principal", json: principal.json)
            object.member("begunAt", self.begunAt)
            object.member("expiresAt", self.session.expiresAt)
            object.member("current", isOwn)
        }
    }
}
