import CallCenter
import HTTPTypes
import NIOCore
import ScreenPopService
import ScreenPopStore
import Synchronization

/// Users, their passwords and the sessions they begin.
final class LogIn: Sendable {
    struct Begun: Sendable {
        /// For the cookie; kept nowhere else.
        var id: String
        var identity: Identity
    }

    private struct Throttles {
        var users = LogInThrottle(.init(free: 5))
        var addresses = LogInThrottle(.init(free: 20))
    }

    let passwords: Passwords
    private let store: Store
    private let life: TimeAmount
    private let throttles = Mutex(Throttles())

    init(store: Store, passwords: Passwords, life: TimeAmount) {
        self.store = store
        self.passwords = passwords
        self.life = life
    }

    func begin(user name: String, password: String, from address: String) async throws -> Begun {
        try self.admit(name, address)
        let found: (user: StoredUser, password: String)?
        let isRight: Bool
        do {
            found = try await self.store.userWithPassword(name).get()
            isRight = try await self.passwords.verify(password, found?.password)
        } catch {
            self.throttles.withLock {
                $0.users.withdraw(name)
                $0.addresses.withdraw(address)
            }
            throw error is Problem ? error : Problem.storeUnavailable
        }
        guard isRight, let user = found?.user else { throw Problem.wrongPassword }
        let id = Secret.make()
        let hash = Secret.hash(id)
        let session = StoredSession(user: user, expiresAt: WallClock.now() + self.life)
        guard let identity = Identity(session, hash: hash) else { throw Problem.wrongPassword }
        let isBegun: Bool
        do { isBegun = try await self.store.begin(session, hash: hash).get() } catch { throw Problem.storeUnavailable }
        // Deleted or changed since: as if the password had been wrong.
        guard isBegun else { throw Problem.wrongPassword }
        self.throttles.withLock {
            $0.users.succeeded(name)
            $0.addresses.withdraw(address)
        }
        return Begun(id: id, identity: identity)
    }

    private func admit(_ name: String, _ address: String) throws(Problem) {
        let answer = self.throttles.withLock { throttles in
            let now = NIODeadline.now()
            let user = throttles.users.attempt(name, now: now)
            guard user == .goOn else { return user }
            let address = throttles.addresses.attempt(address, now: now)
            if address != .goOn { throttles.users.withdraw(name) }
            return address
        }
        switch answer {
        case .goOn: return
        case .wait(let time):
            let seconds = max(1, (time.nanoseconds + 999_999_999) / 1_000_000_000)
            throw Problem(
                .tooManyRequests, "too-many-attempts", "Too many failed log-ins; try again in \(seconds) s.",
                headers: [.retryAfter: String(seconds)])
        }
    }
}

extension Problem {
    /// The same for a user that does not exist.
    static let wrongPassword = Problem(.unauthorized, "wrong-password", "Name or password is wrong.")
}

extension Timestamp {
    static func + (time: Timestamp, amount: TimeAmount) -> Timestamp {
        Timestamp(microseconds: time.microseconds + amount.nanoseconds / 1000)
    }
}
