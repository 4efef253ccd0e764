import Logging
import NIOCore
import ScreenPopService
import ScreenPopStore

/// What finds out who asks, and what has to run for it.
struct AccessServices: Sendable {
    let authenticator: Authenticator
    let logIn: LogIn
    private let ring: JWTKeyRing?
    private let passwords: Passwords
    private let store: Store
    private let logger: Logger

    init(_ configuration: HTTPService.Configuration, store: Store, eventLoopGroup: any EventLoopGroup, logger: Logger) async throws {
        let limits = configuration.limits
        var verifier: JWTVerifier?
        if let rules = configuration.jwt {
            let ring = JWTKeyRing(rules.keys, eventLoopGroup: eventLoopGroup, logger: logger)
            try await ring.start()
            verifier = JWTVerifier(rules: rules, ring: ring)
        }
        self.ring = verifier?.ring
        self.passwords = Passwords(cost: configuration.scrypt, threads: limits.passwordThreads, limit: limits.pendingPasswords)
        self.authenticator = Authenticator(adminToken: configuration.adminToken, store: store, jwt: verifier)
        self.logIn = LogIn(store: store, passwords: self.passwords, life: configuration.sessionLife)
        self.store = store
        self.logger = logger
        self.passwords.start()
    }

    /// Until `finish`.
    func run() async {
        await self.ring?.run()
    }

    /// After `run`, when nobody logs in any more.
    func stop() async {
        await self.passwords.stop()
    }

    func finish() {
        self.ring?.finish()
    }

    /// Those of an earlier run that was not ended in order go first.
    func addSampleUsers(_ users: [HTTPService.Configuration.SampleUser]) async throws {
        guard !users.isEmpty else { return }
        try await self.insist {
            for token in try await self.store.tokens().get() where token.createdBy == Self.sampleMaker {
                _ = try await self.store.deleteToken(token.id).get()
            }
            for user in try await self.store.users().get() where user.version.hasPrefix(Self.sampleVersion) {
                _ = try await self.store.deleteUser(user.name).get()
            }
        }
        // At the same time: each password takes a good part of a second.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for user in users { group.addTask { try await self.add(user) } }
            try await group.waitForAll()
        }
    }

    private func add(_ user: HTTPService.Configuration.SampleUser) async throws {
        let hash = try await self.passwords.hash(user.password)
        let now = WallClock.now()
        let kept = StoredUser(
            name: user.name, role: user.role.rawValue, agent: user.agent, createdAt: now, changedAt: now,
            version: Self.sampleVersion + Secret.text(count: 16))
        try await self.insist { _ = try await self.store.save(kept, password: hash).get() }
        guard let token = user.token else { return }
        let stored = StoredToken(
            id: token.text.id, name: token.name, role: user.role.rawValue, agent: user.agent, createdAt: now, createdBy: Self.sampleMaker,
            expiresAt: now + token.life)
        try await self.insist { try await self.store.add(stored, hash: Secret.hash(token.text.secret)).get() }
    }

    /// Whoever they were is gone with the run. A user that an administrator has changed since is that administrator's, and stays.
    ///
    /// Not insisted on: a Redis that is away by then is met by the next run, and the tokens have an end.
    func removeSampleUsers(_ users: [HTTPService.Configuration.SampleUser]) async {
        for user in users {
            if let token = user.token { _ = try? await self.store.deleteToken(token.text.id).get() }
            guard let stored = try? await self.store.user(user.name).get(), stored.version.hasPrefix(Self.sampleVersion) else { continue }
            _ = try? await self.store.deleteUser(user.name).get()
        }
    }

    /// No principal's id.
    private static let sampleMaker = "demo"
    private static let sampleVersion = "demo-"

    /// Redis may still be starting.
    private func insist(_ write: () async throws -> Void) async throws {
        while !Task.isCancelled {
            if (try? await write()) != nil { return }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
