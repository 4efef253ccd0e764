/// From where users have logged in lately: the last few networks of each, while this process runs.
struct FamiliarNetworks {
    private static let networksOfUser = 8

    private var networks: [String: [String]] = [:]
    /// In the order in which they first logged in.
    private var order: [String] = []
    private let users: Int

    /// - Parameter users: whose networks are known at the same time.
    init(users: Int = 10_000) {
        self.users = users
    }

    func contains(_ network: String, of user: String) -> Bool { self.networks[user]?.contains(network) ?? false }

    mutating func insert(_ network: String, of user: String) {
        var known = self.networks[user] ?? []
        if known.last == network { return }
        if known.isEmpty { self.makeRoom(for: user) }
        known.removeAll { $0 == network }
        known.append(network)
        self.networks[user] = known.suffix(Self.networksOfUser)
    }

    /// Half of them at once, the oldest: seldom.
    private mutating func makeRoom(for user: String) {
        if self.order.count >= self.users {
            for old in self.order.prefix(self.order.count / 2) { self.networks[old] = nil }
            self.order.removeFirst(self.order.count / 2)
        }
        self.order.append(user)
    }
}
