import NIOCore
import Synchronization

/// What was verified lately: ten thousand desktops that come back at once cost Redis little, and one whose token is known gets in while Redis is
/// away. Also remembers what was revoked, for whoever was verified just before.
final class VerifiedCredentials: Sendable {
    enum Found: Equatable {
        case fresh(Identity)
        /// Good enough only while Redis cannot be asked.
        case stale(Identity)
        case none
    }

    private struct Entry {
        var identity: Identity
        var verifiedAt: NIODeadline
    }

    enum OnInsert: Equatable {
        case kept
        /// Revoked since it was asked about.
        case revoked
        /// Everything was forgotten since: what was found out before counts for nothing.
        case outdated
    }

    private struct State {
        var entries: [String: Entry] = [:]
        /// Until when a look-up that began before the revocation may still come back.
        var revoked: [String: NIODeadline] = [:]
        /// Counts how often all was forgotten.
        var generation: UInt64 = 0
    }

    private static let staleness = TimeAmount.minutes(15)
    /// Longer than any look-up or handshake takes.
    private static let memory = TimeAmount.minutes(1)

    private let limit: Int
    private let freshness: TimeAmount
    private let state = Mutex(State())

    init(limit: Int = 32_768, freshness: TimeAmount = .seconds(30)) {
        self.limit = limit
        self.freshness = freshness
    }

    func find(_ key: String, now: NIODeadline) -> Found {
        guard let entry = self.state.withLock({ $0.entries[key] }) else { return .none }
        switch now - entry.verifiedAt {
        case ..<self.freshness: return .fresh(entry.identity)
        case ..<Self.staleness: return .stale(entry.identity)
        default: return .none
        }
    }

    /// To be noted before a look-up begins.
    var generation: UInt64 { self.state.withLock { $0.generation } }

    /// - Parameter generation: as it was before the look-up that found this.
    func insert(_ identity: Identity, for key: String, generation: UInt64, now: NIODeadline) -> OnInsert {
        self.state.withLock { state in
            guard !identity.credentials.contains(where: { state.revoked[$0] != nil }) else { return .revoked }
            guard generation == state.generation else { return .outdated }
            if state.entries[key] == nil, state.entries.count >= self.limit { Self.makeRoom(&state, now: now) }
            state.entries[key] = Entry(identity: identity, verifiedAt: now)
            return .kept
        }
    }

    func remove(_ key: String) {
        self.state.withLock { _ = $0.entries.removeValue(forKey: key) }
    }

    func revoke(_ credential: String, now: NIODeadline) {
        self.state.withLock { state in
            // Each event loop says so; one is enough.
            guard state.revoked[credential] == nil else { return }
            if state.revoked.count >= self.limit { state.revoked = state.revoked.filter { $0.value > now } }
            if state.revoked.count >= self.limit, let first = state.revoked.min(by: { $0.value < $1.value }) {
                state.revoked[first.key] = nil
            }
            state.revoked[credential] = now + Self.memory
            state.entries = state.entries.filter { !$0.value.identity.isRevoked(by: credential) }
        }
    }

    func isRevoked(_ identity: Identity) -> Bool {
        self.state.withLock { state in identity.credentials.contains { state.revoked[$0] != nil } }
    }

    /// Revocations may have been missed.
    func forgetAll() {
        self.state.withLock { state in
            state.entries = [:]
            state.generation += 1
        }
    }

    /// Half of them, the oldest: seldom, and then for long.
    private static func makeRoom(_ state: inout State, now: NIODeadline) {
        let times = state.entries.values.map(\.verifiedAt).sorted()
        let middle = times[times.count / 2]
        state.entries = state.entries.filter { $0.value.verifiedAt > middle }
    }
}
