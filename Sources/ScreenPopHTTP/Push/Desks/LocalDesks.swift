import NIOCore

/// The desks whose sockets are on this instance, and the agents of whom Redis has yet to hear. Time comes from outside.
struct LocalDesks {
    private struct Desk {
        var id: String
        /// More than one where a browser has several tabs open.
        var sockets: Int
        /// Of a desk without sockets: until when it is waited for.
        var awaitedUntil: NIODeadline?
    }

    private var desks: [String: [Desk]] = [:]
    /// Agents who have a desk that is waited for.
    private var awaited: Set<String> = []
    private var unsettled: Set<String> = []
    /// The primary desk of each agent who has a desk here, as far as it was heard of.
    private var primaries: [String: String] = [:]
    private let grace: TimeAmount

    /// - Parameter grace: How long a desk is waited for whose last socket closed: a page that is reloaded, or a network that was gone for a moment, comes
    ///   back to be what it was.
    init(grace: TimeAmount) {
        self.grace = grace
    }

    var isEmpty: Bool { self.desks.isEmpty }

    /// The agent's desks, the longest open first.
    func open(_ agent: String) -> [String] {
        (self.desks[agent] ?? []).map(\.id)
    }

    // MARK: sockets

    mutating func opened(_ desk: String, of agent: String) {
        if let index = self.desks[agent]?.firstIndex(where: { $0.id == desk }) {
            self.desks[agent]?[index].sockets += 1
            self.desks[agent]?[index].awaitedUntil = nil
        } else {
            self.desks[agent, default: []].append(Desk(id: desk, sockets: 1, awaitedUntil: nil))
        }
        self.unsettled.insert(agent)
    }

    /// - Parameter isFinal: Whether it said that it will not come back.
    mutating func closed(_ desk: String, of agent: String, isFinal: Bool, now: NIODeadline) {
        guard let index = self.desks[agent]?.firstIndex(where: { $0.id == desk }) else { return }
        self.desks[agent]?[index].sockets -= 1
        guard self.desks[agent]?[index].sockets == 0 else { return }
        guard !isFinal else { return self.remove(index, of: agent) }
        self.desks[agent]?[index].awaitedUntil = now + self.grace
        self.awaited.insert(agent)
    }

    /// Gives up those that were waited for too long.
    mutating func tick(now: NIODeadline) {
        for agent in self.awaited {
            for index in (self.desks[agent] ?? []).indices.reversed() {
                if let until = self.desks[agent]?[index].awaitedUntil, now >= until { self.remove(index, of: agent) }
            }
            if !(self.desks[agent] ?? []).contains(where: { $0.awaitedUntil != nil }) { self.awaited.remove(agent) }
        }
    }

    private mutating func remove(_ index: Int, of agent: String) {
        self.desks[agent]?.remove(at: index)
        if self.desks[agent]?.isEmpty ?? true {
            self.desks[agent] = nil
            self.primaries[agent] = nil
        }
        self.unsettled.insert(agent)
    }

    // MARK: what Redis hears, and says

    /// All whose desks have changed, once.
    mutating func takeUnsettled() -> Set<String> {
        defer { self.unsettled = [] }
        return self.unsettled
    }

    /// It could not be told: once more.
    mutating func failed(_ agents: some Sequence<String>) {
        self.unsettled.formUnion(agents)
    }

    /// What Redis knew may be lost.
    mutating func doubtAll() {
        self.unsettled.formUnion(self.desks.keys)
    }

    mutating func heard(primary: String?, of agent: String) {
        guard self.desks[agent] != nil else { return }
        self.primaries[agent] = primary
    }

    /// Those whose primary desk is another instance's: it may have gone without a word.
    mutating func doubtOthers() {
        for (agent, own) in self.desks where !own.contains(where: { $0.id == self.primaries[agent] }) { self.unsettled.insert(agent) }
    }
}
