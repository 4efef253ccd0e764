import NIOCore
import Synchronization

/// How many connections of each network are no sessions, or not yet: whoever has shown nobody to be can hold so many and no more.
final class ConnectionCaps: Sendable {
    /// Of one connection.
    final class Place: Sendable {
        private let caps: ConnectionCaps
        /// `nil`: it does not count.
        private let network: IPAddress?
        private let isTaken: Atomic<Bool>

        fileprivate init(_ caps: ConnectionCaps, _ network: IPAddress?) {
            self.caps = caps
            self.network = network
            self.isTaken = Atomic(network != nil)
        }

        /// However often.
        func free() {
            guard self.isTaken.exchange(false, ordering: .relaxed), let network = self.network else { return }
            self.caps.free(network)
        }
    }

    private let cap: Int
    private let proxies: [AddressRange]
    private let open = Mutex<[IPAddress: Int]>([:])
    private let toldAt = Mutex<NIODeadline?>(nil)

    /// - Parameter proxies: from whose addresses many come.
    init(cap: Int, proxies: [AddressRange]) {
        self.cap = cap
        self.proxies = proxies
    }

    /// `nil` when there are too many.
    func place(for address: IPAddress?) -> Place? {
        guard let address, !self.proxies.contains(where: { $0.contains(address) }) else { return Place(self, nil) }
        let network = address.network
        let isFree = self.open.withLock { open in
            let count = open[network] ?? 0
            guard count < self.cap else { return false }
            open[network] = count + 1
            return true
        }
        return isFree ? Place(self, network) : nil
    }

    /// That there were too many: once a minute is enough.
    func isToBeTold(now: NIODeadline = .now()) -> Bool {
        self.toldAt.withLock { told in
            if let told, now - told < .minutes(1) { return false }
            told = now
            return true
        }
    }

    private func free(_ network: IPAddress) {
        self.open.withLock { open in
            guard let count = open[network] else { return }
            open[network] = count > 1 ? count - 1 : nil
        }
    }
}
