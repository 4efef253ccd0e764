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
    /// Acknowledgements, by principal.
    private let acknowledgements: RateLimiter
    /// Refusals in the audit besides those of commands, by principal, or by network where nobody has shown who he is.
    private let keptRefusals: RateLimiter
    /// Requests that show nobody, by network.
    private let strangers: RateLimiter
    /// Sessions begun without a password, by principal.
    private let logIns: RateLimiter
    /// Requests whose answers are kept, by principal.
    private let keys: RateLimiter
    private let connections: ConnectionCaps
    private let proxies: [AddressRange]
    private let logger: Logger

    init(
        store: any GateStoring, limits: HTTPService.Configuration.Limits, proxies: [AddressRange] = [], logger: Logger,
        now: @escaping @Sendable () -> NIODeadline = { .now() }
    ) {
        self.auditor = Auditor(store: store, limit: limits.auditEntries, logger: logger)
        self.sessions = SessionCaps(limits: limits)
        self.idempotency = Idempotency(
            store: store, deadline: limits.idempotencyClaim, answerBytes: limits.idempotentAnswerBytes, logger: logger)
        self.commands = RateLimiter(limits.commands, entries: limits.limitedPrincipals, now: now)
        self.acknowledgements = RateLimiter(limits.acknowledgements, entries: limits.limitedPrincipals, now: now)
        self.keptRefusals = RateLimiter(limits.keptRefusals, entries: limits.limitedPrincipals, now: now)
        self.strangers = RateLimiter(limits.attempts, entries: limits.limitedAddresses, now: now)
        self.logIns = RateLimiter(limits.logIns, entries: limits.limitedPrincipals, now: now)
        self.keys = RateLimiter(limits.idempotencyKeys, entries: limits.limitedPrincipals, now: now)
        self.connections = ConnectionCaps(cap: limits.connectionsOfNetwork, proxies: proxies)
        self.proxies = proxies
        self.logger = logger
    }

    /// For a connection that begins; `nil`: its network has too many.
    func connectionPlace(for peer: SocketAddress?) -> ConnectionCaps.Place? {
        let place = self.connections.place(for: IPAddress(peer))
        if place == nil {
            GateMetrics.refused(.connections)
            if self.connections.isToBeTold() {
                self.logger.warning(
                    "an address has too many connections, and more of them are closed; a proxy is to be named with --trusted-proxy",
                    metadata: ["address": "\(IPAddress(peer)?.description ?? "unknown")"])
            }
        }
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

    /// Each pop is acknowledged, however many there are, by each desk that shows it: what many commands would be is few of these.
    func admitAcknowledgement(of principal: Principal) throws(Refusal) {
        try self.take(self.acknowledgements, principal.id, .acknowledgements)
    }

    /// Whether a refusal of what is no command is kept: what it costs to be refused is nothing, and whoever were refused without end would push
    /// out of the audit what he did before.
    func keepsRefusal(of principal: Principal?, from address: IPAddress?) -> Bool {
        switch self.keptRefusals.take(principal?.id ?? Self.key(address)) {
        case .taken: return true
        case .refused:
            GateMetrics.refusalWasNotKept()
            return false
        }
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
        try self.take(self.commands, principal.id, .commands, cost: Self.cost(of: topics))
    }

    /// A session's topics before it begins. Fewer than sixteen cost nothing, as a read over HTTP: whoever has thousands of desktops open comes back
    /// with all of them at once.
    func admitOpening(to topics: Int, of principal: Principal) throws(Refusal) {
        guard topics >= Self.topicsOfCommand else { return }
        try self.take(self.commands, principal.id, .commands, cost: topics / Self.topicsOfCommand)
    }

    /// The same; a refusal leaves no trace, because whoever is refused is told so by a route.
    func admitsOpening(to topics: Int, of principal: Principal) -> Bool {
        topics < Self.topicsOfCommand || self.commands.takeIfThere(principal.id, cost: topics / Self.topicsOfCommand)
    }

    /// What the route says then. It takes nothing, whatever has come back meanwhile: nothing begins by it.
    func refusalOfOpening() -> Refusal {
        GateMetrics.refused(.commands)
        return Refusal(problem: .tooManyRequests(.seconds(1)), isFirst: true)
    }

    private static let topicsOfCommand = 16
    private static func cost(of topics: Int) -> Int { max(1, (topics + Self.topicsOfCommand - 1) / Self.topicsOfCommand) }

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
