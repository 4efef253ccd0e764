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
        /// Of its life.
        var seconds: Int64
    }

    /// The strict one is for a user from an address: whoever guesses elsewhere does not lock the user out, and one who mistypes does not lock out
    /// the office behind the same address. The loose ones slow down who guesses from many addresses, or at many users.
    ///
    /// Where a user has logged in lately the one for him from everywhere does not bind him: whoever guesses from many addresses keeps him out of those
    /// that he has not used. From each of his own the strict one still holds.
    struct Throttles {
        private var pairs = LogInThrottle(.init(free: 5))
        private var users = LogInThrottle(.init(free: 50))
        private var addresses = LogInThrottle(.init(free: 100))
        private var familiar = FamiliarNetworks()

        mutating func attempt(_ user: String, from address: String, now: NIODeadline) -> LogInThrottle.Answer {
            let pair = self.pairs.attempt(Self.pair(user, address), now: now)
            guard pair == .goOn else { return pair }
            let isFamiliar = self.familiar.contains(address, of: user)
            let anywhere = isFamiliar ? .goOn : self.users.attempt(user, now: now)
            guard anywhere == .goOn else {
                self.pairs.withdraw(Self.pair(user, address))
                return anywhere
            }
            let answer = self.addresses.attempt(address, now: now)
            if answer != .goOn {
                self.pairs.withdraw(Self.pair(user, address))
                if !isFamiliar { self.users.withdraw(user) }
            }
            return answer
        }

        mutating func succeeded(_ user: String, from address: String) {
            self.pairs.succeeded(Self.pair(user, address))
            if !self.familiar.contains(address, of: user) { self.users.withdraw(user) }
            self.addresses.withdraw(address)
            self.familiar.insert(address, of: user)
        }

        /// The attempt told nothing about the password.
        mutating func withdraw(_ user: String, from address: String) {
            self.pairs.withdraw(Self.pair(user, address))
            if !self.familiar.contains(address, of: user) { self.users.withdraw(user) }
            self.addresses.withdraw(address)
        }

        /// No address has a space in it.
        private static func pair(_ user: String, _ address: String) -> String { "\(address) \(user)" }
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

    /// - Parameter exists: set when there is such a user, however it ends.
    func begin(user name: String, password: String, from address: String, exists: inout Bool) async throws -> Begun {
        try self.admit(name, address)
        let found: (user: StoredUser, password: String)?
        let isRight: Bool
        do {
            found = try await self.store.userWithPassword(name).get()
            exists = found != nil
            isRight = try await self.passwords.verify(password, found?.password)
        } catch {
            self.throttles.withLock { $0.withdraw(name, from: address) }
            throw error is Problem ? error : Problem.storeUnavailable
        }
        guard isRight, let user = found?.user else { throw Problem.wrongPassword }
        let id = Secret.make()
        let hash = Secret.hash(id)
        let now = WallClock.now()
        let session = StoredSession(user: user, expiresAt: now + self.life)
        guard let identity = Identity(session, hash: hash) else { throw Problem.wrongPassword }
        let isBegun: Bool
        do { isBegun = try await self.store.begin(session, hash: hash, at: now).get() } catch { throw Problem.storeUnavailable }
        // Deleted or changed since: as if the password had been wrong.
        guard isBegun else { throw Problem.wrongPassword }
        self.throttles.withLock { $0.succeeded(name, from: address) }
        return Begun(id: id, identity: identity, seconds: self.life.nanoseconds / 1_000_000_000)
    }

    /// For whom the company's log-in vouched, for as long as it did and no longer than anybody's.
    func begin(_ vouched: JWTVerifier.Vouched) async throws(Problem) -> Begun {
        let id = Secret.make()
        let hash = Secret.hash(id)
        let now = WallClock.now()
        let end = min(vouched.until, now + self.life)
        let session = StoredSession(vouched: vouched.person, expiresAt: end)
        guard let identity = Identity(session, hash: hash) else { throw Problem(JWTRejection.noRole) }
        do { _ = try await self.store.begin(session, hash: hash, at: now).get() } catch { throw Problem.storeUnavailable }
        return Begun(id: id, identity: identity, seconds: max(1, (end.microseconds - now.microseconds) / 1_000_000))
    }

    private func admit(_ name: String, _ address: String) throws(Problem) {
        let answer = self.throttles.withLock { $0.attempt(name, from: address, now: .now()) }
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
