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

    mutating func insert(_ member: String) {
        guard self.members.insert(member).inserted else { return }
        if self.order.count < self.capacity {
            self.order.append(member)
        } else {
            self.members.remove(self.order[self.oldest])
            self.order[self.oldest] = member
            self.oldest = (self.oldest + 1) % self.capacity
        }
    }
}
