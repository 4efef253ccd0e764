import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ScreenPopService
import ScreenPopStore

/// What everybody passes who wants something, besides showing who he is and that he may: not too much of it, not twice, and not unnoticed.
struct Gate: Sendable {
    let auditor: Auditor
    let sessions: SessionCaps
    let idempotency: Idempotency
    /// Commands, by principal.
    private let commands: RateLimiter
    /// Requests that show nobody, by network.
    private let strangers: RateLimiter
    /// Sessions begun without a password, by principal.
    private let logIns: RateLimiter
    /// Requests whose answers are kept, by principal.
    private let keys: RateLimiter
    private let connections: ConnectionCaps
    private let proxies: [AddressRange]

    init(
        store: any GateStoring, limits: HTTPService.Configuration.Limits, proxies: [AddressRange] = [], logger: Logger,
        now: @escaping @Sendable () -> NIODeadline = { .now() }
    ) {
        self.auditor = Auditor(store: store, limit: limits.auditEntries, logger: logger)
        self.sessions = SessionCaps(limits: limits)
        self.idempotency = Idempotency(
            store: store, deadline: limits.idempotencyClaim, answerBytes: limits.idempotentAnswerBytes, logger: logger)
        self.commands = RateLimiter(limits.commands, entries: limits.limitedPrincipals, now: now)
        self.strangers = RateLimiter(limits.attempts, entries: limits.limitedAddresses, now: now)
        self.logIns = RateLimiter(limits.logIns, entries: limits.limitedPrincipals, now: now)
        self.keys = RateLimiter(limits.idempotencyKeys, entries: limits.limitedPrincipals, now: now)
        self.connections = ConnectionCaps(cap: limits.connectionsOfNetwork, proxies: proxies)
        self.proxies = proxies
    }

    /// For a connection that begins; `nil`: its network has too many.
    func connectionPlace(for peer: SocketAddress?) -> ConnectionCaps.Place? {
        let place = self.connections.place(for: IPAddress(peer))
        if place == nil { GateMetrics.refused(.connections) }
        return place
    }

    func address(of request: Request, _ context: HTTPContext) -> IPAddress? {
        self.address(peer: context.peer, forwardedFor: request.headers[values: .forwardedFor])
    }

    func address(peer: SocketAddress?, forwardedFor: [String]) -> IPAddress? {
        IPAddress(peer: peer, forwardedFor: forwardedFor, proxies: self.proxies)
    }

    /// Whether a proxy that is trusted has the request by TLS. Where several added a word, the last one is the peer's.
    func isEncryptedByProxy(_ request: Request, _ context: HTTPContext) -> Bool {
        guard let peer = IPAddress(context.peer), self.proxies.contains(where: { $0.contains(peer) }) else { return false }
        let words = request.headers[values: .forwardedProto].flatMap { $0.split(separator: ",") }
        return words.last?.filter { $0 != " " && $0 != "\t" }.lowercased() == "https"
    }

    /// After a request that shows nothing that counts: it gets 401, or 429 when there were too many of them.
    ///
    /// Only then: a good token is good whatever else comes from its address. It cannot be guessed, and one desktop that tries an old one again and
    /// again must not lock out an office.
    func refuseStranger(from address: IPAddress?) throws(Refusal) {
        try self.take(self.strangers, Self.key(address), .strangers)
    }

    func admitCommand(of principal: Principal) throws(Refusal) {
        try self.take(self.commands, principal.id, .commands)
    }

    /// Each leaves a session in Redis and an entry in the audit.
    func admitLogIn(of principal: String) throws(Refusal) {
        try self.take(self.logIns, principal, .sessions)
    }

    /// Each leaves an answer in Redis. A cap does not bind an admin, who can fill Redis in other ways as well.
    func admitKey(of principal: Principal) throws(Refusal) {
        switch principal.role {
        case .agent, .supervisor, .integration: try self.take(self.keys, principal.id, .idempotencyKeys, refusing: Problem.tooManyIdempotencyKeys)
        case .admin: return
        }
    }

    /// Each topic has a snapshot read: sixteen cost as much as a command.
    func admitSubscription(to topics: Int, of principal: Principal) throws(Refusal) {
        try self.take(self.commands, principal.id, .commands, cost: max(1, (topics + 15) / 16))
    }

    /// One too many.
    struct Refusal: Error {
        var problem: Problem
        /// The first of a series: the others are not worth a line each.
        var isFirst: Bool
    }

    private func take(
        _ limiter: RateLimiter, _ key: String, _ metric: GateMetrics.Refusal, cost: Int = 1,
        refusing problem: (TimeAmount) -> Problem = Problem.tooManyRequests
    ) throws(Refusal) {
        switch limiter.take(key, cost: cost) {
        case .taken: return
        case .refused(let retryAfter, let isFirst):
            GateMetrics.refused(metric)
            throw Refusal(problem: problem(retryAfter), isFirst: isFirst)
        }
    }

    private static func key(_ address: IPAddress?) -> String { address?.network.description ?? "" }
}
