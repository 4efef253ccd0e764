import ScreenPop

/// Changes that are in no batch yet, in order, bounded.
struct PendingChanges {
    /// Where only the newest change counts. Transitions of pops, members' coming and going, settings and traces have no such place.
    private enum Place: Hashable {
        case currentPop(agent: String)
        case agent(String)
        case queue(String)
        case member(uuid: String)
        case call(uuid: String)
        case popUpdate(id: String)
    }

    private let maximum: Int
    // Taken from the front and from the middle: gaps are nil until they are worth closing.
    private var slots: [Change?] = []
    private var first = 0
    private var newest: [Place: Int] = [:]
    private(set) var count = 0
    private(set) var superseded = 0

    init(maximum: Int) {
        self.maximum = maximum
    }

    /// - Parameter replacing: whether a change takes the place of an older one of the same place.
    /// - Returns: how many had to be given up without a newer one in their place.
    mutating func append(_ changes: [Change], replacing: Bool) -> Int {
        for change in changes {
            if let place = Self.place(change) {
                if replacing, let older = self.newest[place] {
                    self.slots[older] = nil
                    self.count -= 1
                    self.superseded += 1
                }
                self.newest[place] = self.slots.count
            }
            self.slots.append(change)
            self.count += 1
        }
        if self.count > self.maximum { return self.thinOut() }
        self.closeGaps()
        return 0
    }

    /// The oldest, up to `limit`.
    mutating func removeFirst(_ limit: Int) -> [Change] {
        var taken: [Change] = []
        while taken.count < limit, self.first < self.slots.count {
            if let change = self.slots[self.first] {
                taken.append(change)
                if let place = Self.place(change), self.newest[place] == self.first { self.newest[place] = nil }
            }
            self.slots[self.first] = nil
            self.first += 1
        }
        self.count -= taken.count
        self.closeGaps()
        return taken
    }

    mutating func removeAll() {
        self.slots = []
        self.first = 0
        self.newest = [:]
        self.count = 0
    }

    /// More than fit: traces go first, then the earlier transitions of pops whose end waits as well, and at the very last the oldest.
    private mutating func thinOut() -> Int {
        var kept = self.slots[self.first...].compactMap { $0 }
        var lost = kept.count
        kept.removeAll { if case .trace = $0 { true } else { false } }
        lost -= kept.count
        if kept.count > self.maximum / 2 {
            var ended: Set<String> = []
            for case .pop(.ended, let pop) in kept { ended.insert(pop.id) }
            let before = kept.count
            kept.removeAll { change in
                guard case .pop(let transition, let pop) = change, transition != .ended else { return false }
                return ended.contains(pop.id)
            }
            self.superseded += before - kept.count
        }
        if kept.count > self.maximum {
            lost += kept.count - self.maximum
            kept.removeFirst(kept.count - self.maximum)
        }
        self.rebuild(kept)
        return lost
    }

    private mutating func closeGaps() {
        guard self.slots.count > 64, self.slots.count > self.count * 2 else { return }
        self.rebuild(self.slots[self.first...].compactMap { $0 })
    }

    private mutating func rebuild(_ changes: [Change]) {
        self.slots = changes
        self.first = 0
        self.count = changes.count
        self.newest = [:]
        for (index, change) in changes.enumerated() {
            if let place = Self.place(change) { self.newest[place] = index }
        }
    }

    private static func place(_ change: Change) -> Place? {
        switch change {
        case .currentPop(let agent, _): .currentPop(agent: agent)
        case .agent(let agent): .agent(agent.name)
        case .agentRemoved(let name): .agent(name)
        case .queue(let queue): .queue(queue.name)
        case .queueRemoved(let name): .queue(name)
        case .memberUpdated(let member): .member(uuid: member.uuid)
        case .call(let call): .call(uuid: call.uuid)
        case .pop(.updated, let pop): .popUpdate(id: pop.id)
        case .pop(.offered, _), .pop(.answered, _), .pop(.ended, _), .memberJoined, .memberLeft, .trace, .configuration, .system: nil
        }
    }
}
