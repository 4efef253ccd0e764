import HTTPTypes
import NIOCore
import ScreenPopService

/// Whether a request may become a WebSocket, decided from its head alone. The same decision upgrades the first request of a connection and
/// answers the others. Who asks may have to be looked up: then the decision comes later.
struct WebSocketHandshake: Sendable {
    static let path = "/api/v1/ws"
    static let subprotocol = "screenpop.v1"

    /// What is looked at, whatever type carries it.
    struct Head {
        var method: String
        /// Path and query.
        var target: String
        /// All values of a header, by its name in lower case.
        var values: (String) -> [String]
    }

    struct Accepted: Sendable, Equatable {
        var identity: Identity
        var opening: PushSession.Opening
        /// To be named in the answer, when the client offered it.
        var subprotocol: String?
        /// What proxies say of where it comes from.
        var forwardedFor: [String]
    }

    let authenticator: Authenticator
    let origins: OriginRule
    let isFull: @Sendable (Principal) -> Bool
    let gate: Gate
    /// That a session may have.
    let topics: Int

    static func concerns(target: String) -> Bool {
        target == Self.path || target.hasPrefix(Self.path + "?")
    }

    /// Fails with a `Problem`.
    func decide(_ head: Head, on eventLoop: any EventLoop) -> EventLoopFuture<Accepted> {
        let asked: Asked
        do { asked = try self.read(head) } catch { return eventLoop.makeFailedFuture(error) }
        return self.authenticator.authenticate(asked.credential, on: eventLoop).flatMapThrowing { identity in
            let accepted = try self.accept(asked, from: identity)
            guard self.gate.admitsOpening(to: accepted.opening.topics.count, of: identity.principal) else {
                throw Problem.tooManyRequests(.seconds(1))
            }
            return accepted
        }
    }

    /// The same without the gate's measure, for who knows the identity already.
    func accept(_ asked: Asked, from identity: Identity) throws(Problem) -> Accepted {
        guard !self.isFull(identity.principal) else { throw Problem.tooManySessions }
        return Accepted(
            identity: identity, opening: try asked.opening.authorised(for: identity.principal, topics: self.topics), subprotocol: asked.subprotocol,
            forwardedFor: asked.forwardedFor)
    }

    /// What stands in a head.
    struct Asked {
        var credential: Credential
        var opening: PushSession.Opening
        var subprotocol: String?
        var forwardedFor: [String]
    }

    func read(_ head: Head) throws(Problem) -> Asked {
        guard head.method == "GET" else { throw Problem(.methodNotAllowed, "method-not-allowed", "A WebSocket begins with GET.") }
        let keys = head.values("sec-websocket-key")
        guard !keys.isEmpty || !head.values("sec-websocket-version").isEmpty else { throw Self.upgradeRequired }
        guard head.values("sec-websocket-version") == ["13"] else { throw Self.upgradeRequired }
        guard keys.count == 1, keys[0].utf8.count == 24, keys[0].hasSuffix("==") else {
            throw Problem(.badRequest, "bad-handshake", "Sec-WebSocket-Key must be 16 bytes in base64.")
        }
        guard head.values("transfer-encoding").isEmpty, head.values("content-length").allSatisfy({ $0 == "0" }) else {
            throw Problem(.badRequest, "bad-handshake", "A handshake has no body.")
        }
        try self.origins.check(origin: head.values("origin").first, host: head.values("host").first)
        let offered = head.values("sec-websocket-protocol").flatMap { $0.split(separator: ",") }.map { $0.trimmed }
        let tokens = offered.filter { $0.hasPrefix("bearer.") }.map { $0.dropFirst("bearer.".count) }
        guard
            let credential = tokens.first.map({ self.offered($0) })
                ?? Credential(
                    authorization: head.values("authorization").first, cookies: head.values("cookie"))
        else { throw Problem.unauthorized }
        let query = head.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let opening = try PushSession.Opening(query: Query(query.count > 1 ? query[1] : nil))
        return Asked(
            credential: credential, opening: opening, subprotocol: offered.contains(Self.subprotocol[...]) ? Self.subprotocol : nil,
            forwardedFor: head.values("x-forwarded-for"))
    }

    /// A subprotocol may not hold every character: then the token is percent-encoded.
    private func offered(_ token: Substring) -> Credential {
        if self.authenticator.isAdminToken(String(token)) { return .bearer(String(token)) }
        return .bearer(PercentEncoding.decode(token) ?? String(token))
    }

    static let upgradeRequired: Problem = {
        var problem = Problem(.upgradeRequired, "upgrade-required", "This is a WebSocket, version 13.")
        problem.headers[.upgrade] = "websocket"
        problem.headers[.secWebSocketVersion] = "13"
        return problem
    }()
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
