import HTTPTypes
import ScreenPopService

/// Whether a request may become a WebSocket, decided from its head alone. The same decision upgrades the first request of a connection and
/// answers the others.
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

    struct Accepted: Equatable {
        var opening: PushSession.Opening
        /// To be named in the answer, when the client offered it.
        var subprotocol: String?
    }

    let credential: Credential
    let allowedOrigins: [String]
    let isFull: @Sendable (Principal) -> Bool

    static func concerns(target: String) -> Bool {
        target == Self.path || target.hasPrefix(Self.path + "?")
    }

    func decide(_ head: Head) throws(Problem) -> Accepted {
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
        try self.checkOrigin(head)
        let offered = head.values("sec-websocket-protocol").flatMap { $0.split(separator: ",") }.map { $0.trimmed }
        let tokens = offered.filter { $0.hasPrefix("bearer.") }.map { $0.dropFirst("bearer.".count) }
        guard let token = Credential.bearer(head.values("authorization").first) ?? tokens.first,
            // A subprotocol may not hold every character: then the token is percent-encoded.
            self.credential.accepts(token) || PercentEncoding.decode(token).map({ self.credential.accepts($0) }) ?? false
        else { throw Problem.unauthorized }
        try self.checkRoom(for: .adminToken)
        let query = head.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let opening = try PushSession.Opening(query: Query(query.count > 1 ? query[1] : nil))
        return Accepted(opening: opening, subprotocol: offered.contains(Self.subprotocol[...]) ? Self.subprotocol : nil)
    }

    func checkRoom(for principal: Principal) throws(Problem) {
        guard !self.isFull(principal) else {
            throw Problem(.tooManyRequests, "too-many-sessions", "There are too many sessions; try again.", headers: [.retryAfter: "5"])
        }
    }

    /// Browsers always say whose page it is; what does not is no browser.
    private func checkOrigin(_ head: Head) throws(Problem) {
        guard let origin = head.values("origin").first else { return }
        if self.allowedOrigins.contains(origin) { return }
        let host = head.values("host").first ?? ""
        if !host.isEmpty, origin == "http://\(host)" || origin == "https://\(host)" { return }
        throw Problem(.forbidden, "origin-not-allowed", "Pages of this origin may not connect; name it with --allow-origin.")
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
