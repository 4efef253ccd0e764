/// The newest members of a set: what is over, kept so that a late or repeated event of it is known for one.
struct RecentSet: Sendable {
    let capacity: Int
    private var members: Set<String> = []
    /// A ring once it is full.
    private var order: [String] = []
    private var oldest = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    var count: Int { self.members.count }

    func contains(_ member: String) -> Bool { self.members.contains(member) }

    /// - Returns: the member that had to make room.
    @discardableResult mutating func insert(_ member: String) -> String? {
        guard self.members.insert(member).inserted else { return nil }
        if self.order.count < self.capacity {
            self.order.append(member)
            return nil
        }
        let dropped = self.order[self.oldest]
        self.members.remove(dropped)
        self.order[self.oldest] = member
        self.oldest = (self.oldest + 1) % self.capacity
        return dropped
    }
}
