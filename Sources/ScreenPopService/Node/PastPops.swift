import CallCenter
import ScreenPop

/// The latest pops that ended, as they ended.
struct PastPops {
    static let most = 512
    private var pops: [String: Pop] = [:]
    /// Oldest first.
    private var order: [String] = []

    subscript(id: String) -> Pop? { self.pops[id] }

    mutating func insert(_ pop: Pop) {
        if self.pops.updateValue(pop, forKey: pop.id) == nil { self.order.append(pop.id) }
        guard self.order.count > Self.most else { return }
        let oldest = self.order.prefix(Self.most / 4)
        for id in oldest { self.pops[id] = nil }
        self.order.removeFirst(oldest.count)
    }
}

extension Pop {
    /// Over, and nobody knows how any more.
    func lost(at: Timestamp) -> Pop {
        var pop = self
        pop.state = .ended
        if pop.version < .max { pop.version += 1 }
        pop.endReason = .lostTrack
        pop.endedBy = .switch
        pop.endedAt = max(at, pop.answeredAt ?? pop.offeredAt)
        pop.heldAt = nil
        return pop
    }
}
