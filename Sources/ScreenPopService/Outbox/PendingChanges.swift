import NIOCore
import ScreenPop

/// Changes that are in no batch yet, in order, bounded.
struct PendingChanges {
    /// Where only the newest change counts. Transitions of pops, members' coming and going, settings and traces have no such place.
    private enum Place: Hashable {
        case currentPop(agent: String)
        case agent(String)
        case pending(agent: String)
        case queue(String)
        case member(uuid: String)
        case call(uuid: String)
        case popUpdate(id: String)
    }

    /// What is taken out, to be written.
    struct Taken {
        var changes: [Change] = []
        /// Those among them that no desktop has seen, and since when the oldest of these waits.
        var unshown: [Change] = []
        var unshownSince: NIODeadline?
    }

    private struct Slot {
        var change: Change
        /// Since when desktops wait for it; `nil`: it was shown.
        var unshownSince: NIODeadline?
    }

    private let maximum: Int
    // Taken from the front and from the middle: gaps are nil until they are worth closing.
    private var slots: [Slot?] = []
    private var first = 0
    private var newest: [Place: Int] = [:]
    private(set) var count = 0
    private(set) var superseded = 0
    /// Whether more than traces was given up: what Redis shows is wrong until all is written anew.
    var hasLostState = false
    /// Since when desktops wait for one of these changes; it may have been written meanwhile.
    private(set) var unshownSince: NIODeadline?

    init(maximum: Int) {
        self.maximum = maximum
    }

    /// - Parameters:
    ///   - replacing: whether a change takes the place of an older one of the same place.
    ///   - unshownSince: since when desktops wait for them; `nil` when they are shown already.
    /// - Returns: how many had to be given up without a newer one in their place.
    mutating func append(_ changes: [Change], replacing: Bool, unshownSince: NIODeadline?) -> Int {
        for change in changes {
            var slot = Slot(change: change, unshownSince: unshownSince)
            if let place = Self.place(change) {
                if replacing, let older = self.newest[place] {
                    // Whoever changes all the time is shown in time all the same.
                    if unshownSince != nil, let since = self.slots[older]?.unshownSince { slot.unshownSince = since }
                    self.slots[older] = nil
                    self.count -= 1
                    self.superseded += 1
                }
                self.newest[place] = self.slots.count
            }
            self.slots.append(slot)
            self.count += 1
        }
        if let unshownSince { self.unshownSince = self.unshownSince.map { min($0, unshownSince) } ?? unshownSince }
        if self.count > self.maximum { return self.thinOut() }
        self.closeGaps()
        return 0
    }

    /// The oldest, up to `limit`.
    mutating func removeFirst(_ limit: Int) -> Taken {
        var taken = Taken()
        while taken.changes.count < limit, self.first < self.slots.count {
            if let slot = self.slots[self.first] {
                taken.changes.append(slot.change)
                if let since = slot.unshownSince {
                    taken.unshown.append(slot.change)
                    taken.unshownSince = taken.unshownSince.map { min($0, since) } ?? since
                }
                if let place = Self.place(slot.change), self.newest[place] == self.first { self.newest[place] = nil }
            }
            self.slots[self.first] = nil
            self.first += 1
        }
        self.count -= taken.changes.count
        if self.count == 0 { self.unshownSince = nil }
        self.closeGaps()
        return taken
    }

    /// What desktops have been waiting for since `limit` or longer (`nil`: at all), in order. It counts as shown from now on.
    mutating func show(waitingSince limit: NIODeadline?) -> [Change] {
        guard let oldest = self.unshownSince, limit.map({ oldest <= $0 }) ?? true else { return [] }
        self.unshownSince = nil
        var shown: [Change] = []
        for index in self.first..<self.slots.count {
            guard let slot = self.slots[index], let since = slot.unshownSince else { continue }
            if let limit, since > limit {
                self.unshownSince = self.unshownSince.map { min($0, since) } ?? since
            } else {
                shown.append(slot.change)
                self.slots[index]?.unshownSince = nil
            }
        }
        return shown
    }

    var endings: Endings { Endings(self.slots[self.first...].lazy.compactMap { $0?.change }) }

    mutating func removeAll() {
        self.slots = []
        self.first = 0
        self.newest = [:]
        self.count = 0
        self.unshownSince = nil
    }

    /// More than fit: traces go first, then the earlier transitions of pops whose end waits as well, and at the very last the oldest.
    private mutating func thinOut() -> Int {
        var kept = self.slots[self.first...].compactMap { $0 }
        var lost = kept.count
        kept.removeAll { if case .trace = $0.change { true } else { false } }
        lost -= kept.count
        if kept.count > self.maximum / 2 {
            var ended: Set<String> = []
            for slot in kept {
                if case .pop(.ended, let pop) = slot.change { ended.insert(pop.id) }
            }
            let before = kept.count
            kept.removeAll { slot in
                guard case .pop(let transition, let pop) = slot.change, transition != .ended else { return false }
                return ended.contains(pop.id)
            }
            self.superseded += before - kept.count
        }
        // To a good deal less than the bound, or each next change would bring us here again.
        let goal = self.maximum - self.maximum / 4
        if kept.count > goal {
            lost += kept.count - goal
            kept.removeFirst(kept.count - goal)
            self.hasLostState = true
        }
        self.rebuild(kept)
        return lost
    }

    private mutating func closeGaps() {
        guard self.slots.count > 64, self.slots.count > self.count * 2 else { return }
        self.rebuild(self.slots[self.first...].compactMap { $0 })
    }

    private mutating func rebuild(_ slots: [Slot]) {
        self.slots = slots
        self.first = 0
        self.count = slots.count
        self.newest = [:]
        for (index, slot) in slots.enumerated() {
            if let place = Self.place(slot.change) { self.newest[place] = index }
        }
    }

    private static func place(_ change: Change) -> Place? {
        switch change {
        case .currentPop(let agent, _): .currentPop(agent: agent)
        case .agent(let agent): .agent(agent.name)
        case .agentRemoved(let name): .agent(name)
        case .pending(let agent, _, nil): .pending(agent: agent)
        case .queue(let queue): .queue(queue.name)
        case .queueRemoved(let name): .queue(name)
        case .memberUpdated(let member): .member(uuid: member.uuid)
        case .call(let call): .call(uuid: call.uuid)
        case .pop(.updated, let pop): .popUpdate(id: pop.id)
        case .pop(.offered, _), .pop(.answered, _), .pop(.ended, _), .memberJoined, .memberLeft, .trace, .pending, .reasonEnded, .configuration,
            .system, .notice:
            nil
        }
    }
}

/// What ends with changes that are not written yet: Redis still has it.
struct Endings {
    /// Members that leave their queues, by uuid.
    private(set) var members: Set<String> = []
    /// Pops that are over, by id.
    private(set) var pops: Set<String> = []

    init(_ changes: some Sequence<Change>) {
        for change in changes {
            switch change {
            case .memberLeft(let member): self.members.insert(member.uuid)
            case .pop(.ended, let pop): self.pops.insert(pop.id)
            case .pop(.offered, _), .pop(.updated, _), .pop(.answered, _), .currentPop, .agent, .pending, .reasonEnded, .agentRemoved, .queue,
                .queueRemoved, .memberJoined, .memberUpdated, .call, .trace, .configuration, .system, .notice:
                break
            }
        }
    }

    mutating func formUnion(_ other: Endings) {
        self.members.formUnion(other.members)
        self.pops.formUnion(other.pops)
    }
}
