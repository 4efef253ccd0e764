import HTTPTypes
import NIOCore
import NIOPosix
import Synchronization

/// Hashes passwords on threads of its own, a few at a time: each takes 128 MiB and a good part of a second.
final class Passwords: Sendable {
    private let cost: Scrypt
    private let pool: NIOThreadPool
    private let limit: Int
    private let waiting = Atomic<Int>(0)
    /// Of a password that nobody knows, for users that do not exist: they cost the same.
    private let nobody: String

    /// - Parameters:
    ///   - threads: Hashed at the same time.
    ///   - limit: Hashed and waiting; one more is refused.
    init(cost: Scrypt, threads: Int, limit: Int) {
        self.cost = cost
        self.pool = NIOThreadPool(numberOfThreads: threads)
        self.limit = limit
        let zeros = String(repeating: "0", count: 64)
        self.nobody = "scrypt$\(cost.logN)$\(cost.r)$\(cost.p)$\(zeros.prefix(32))$\(zeros)"
    }

    func start() { self.pool.start() }

    func stop() async { try? await self.pool.shutdownGracefully() }

    func hash(_ password: String) async throws -> String {
        let cost = self.cost
        guard let hash = try await self.run({ cost.hash(password) }) else {
            throw Problem(.internalServerError, "internal-error", "The password cannot be hashed.")
        }
        return hash
    }

    /// - Parameter kept: `nil` for a user that does not exist.
    func verify(_ password: String, _ kept: String?) async throws -> Bool {
        let hash = kept ?? self.nobody
        return try await self.run { Scrypt.verify(password, hash) } && kept != nil
    }

    private func run<T: Sendable>(_ work: @escaping @Sendable () -> T) async throws -> T {
        defer { self.waiting.subtract(1, ordering: .relaxed) }
        guard self.waiting.add(1, ordering: .relaxed).newValue <= self.limit else {
            throw Problem(.serviceUnavailable, "too-busy", "Too many are logging in at once; try again.", headers: [.retryAfter: "2"])
        }
        return try await self.pool.runIfActive { work() }
    }
}
