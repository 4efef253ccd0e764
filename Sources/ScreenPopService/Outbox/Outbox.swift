import NIOCore
import ScreenPop
import ScreenPopStore

/// What a node's reducer said and Redis has not confirmed: batches on their way, and changes that wait.
///
/// The reader of events never waits for Redis, so this is where a slow or absent Redis shows. Batches are pipelined up to a bound. After a loss
/// nobody knows which of them were written: each is repeated word for word under its own number, by which the append script knows it again.
/// Changes that were in no batch yet are thinned out: where only the newest counts, newer replaces older.
struct Outbox {
    struct Configuration {
        var maximumInFlight = 64
        var maximumChangesPerBatch = 256
        var maximumPending = 65_536
        /// From so many waiting changes on, newer replaces older even while Redis is there.
        var congestedFrom = 1024
        /// A batch that is not confirmed after that is shown to the desktops all the same.
        var overdueAfter: TimeAmount = .milliseconds(500)
        var retryAfter: TimeAmount = .seconds(1)
        /// How often a batch is tried again that Redis answered with an error which is not known to pass.
        var maximumRefusals = 3
    }

    /// What became of a batch that was not written.
    enum Failure: Equatable {
        case fenced
        /// Unknown whether it was written: the connection ended, or no answer came.
        case unknown
        /// Not written, because Redis cannot write now: it loads, is full, is a replica.
        case unwilling
        /// Not written, with an error that another try will hardly mend.
        case refused
    }

    private enum Link: Equatable {
        case away
        /// Connected; one batch goes alone, so that nothing overtakes it while the script is being loaded.
        case probing
        case open
        /// Redis is there and does not write.
        case paused(until: NIODeadline)
        /// Another instance writes for this node: nothing is written from here any more.
        case fenced
    }

    private struct Flight {
        var batch: Batch
        /// `nil`: to be sent (again).
        var sent: NIODeadline?
        var wasShown = false
        var refusals = 0
    }

    /// A batch to be handed to the store. `attempt` comes back with the answer.
    struct Sending {
        var batch: Batch
        var attempt: Int
    }

    private let node: String
    private let configuration: Configuration
    private var link = Link.away
    private var fence: Int64 = 0
    // Answers to what was sent on an earlier connection mean nothing.
    private var attempt = 0
    private var lastNumber: Int64 = 0
    private var flights: [Flight] = []
    private var pending: PendingChanges
    private var coreUUID: String?
    private var sequence: Int64 = 0

    init(node: String, configuration: Configuration = Configuration()) {
        self.node = node
        self.configuration = configuration
        self.pending = PendingChanges(maximum: configuration.maximumPending)
    }

    // MARK: looking

    var isFenced: Bool { self.link == .fenced }
    var isEmpty: Bool { self.flights.isEmpty && self.pending.count == 0 }
    /// Changes that Redis has not confirmed.
    var depth: Int { self.pending.count + self.flights.reduce(0) { $0 + $1.batch.changes.count } }
    /// Changes that a newer one made needless before they were written.
    var superseded: Int { self.pending.superseded }
    /// Changes that were given up: more than fit, or refused by Redis for good.
    private(set) var lost = 0

    /// When `ticked` is to be called next.
    var deadline: NIODeadline? {
        if case .paused(let until) = self.link { return until }
        return self.flights.first { $0.sent != nil && !$0.wasShown }?.sent.map { $0 + self.configuration.overdueAfter }
    }

    // MARK: changes in

    /// Takes changes; the ones that are returned are to be shown now, because Redis will not carry them soon.
    mutating func add(_ changes: [Change], coreUUID: String?, sequence: Int64) -> [Change] {
        guard !changes.isEmpty, self.link != .fenced else { return [] }
        self.coreUUID = coreUUID
        self.sequence = sequence
        self.lost += self.pending.append(changes, replacing: self.link != .open || self.pending.count >= self.configuration.congestedFrom)
        switch self.link {
        case .away, .paused: return changes
        case .probing, .open, .fenced: return []
        }
    }

    // MARK: batches out

    /// The next batch that may be sent; to be asked for until there is none.
    mutating func next(now: NIODeadline) -> Sending? {
        let window: Int
        switch self.link {
        case .away, .paused, .fenced: return nil
        case .probing: window = 1
        case .open: window = self.configuration.maximumInFlight
        }
        // What was sent before stands in front of what was not.
        let index = self.flights.firstIndex { $0.sent == nil } ?? self.flights.endIndex
        guard index < window else { return nil }
        if index < self.flights.endIndex {
            self.flights[index].sent = now
        } else {
            let changes = self.pending.removeFirst(self.configuration.maximumChangesPerBatch)
            guard !changes.isEmpty else { return nil }
            self.lastNumber += 1
            self.flights.append(Flight(batch: self.batch(changes), sent: now))
        }
        return Sending(batch: self.flights[index].batch, attempt: self.attempt)
    }

    private func batch(_ changes: [Change]) -> Batch {
        Batch(node: self.node, fence: self.fence, number: self.lastNumber, coreUUID: self.coreUUID, sequence: self.sequence, changes: changes)
    }

    /// The store has written a batch.
    mutating func written(_ sending: Sending) {
        guard sending.attempt == self.attempt, let index = self.index(of: sending) else { return }
        self.flights.remove(at: index)
        if self.link == .probing { self.link = .open }
    }

    enum FailureAction: Equatable {
        /// Nothing to do now; it will be sent again.
        case wait
        /// Another instance writes for this node. Said once.
        case fenced
        /// Given up, with so many changes.
        case dropped(Int)
    }

    /// The store has not written a batch, or nobody knows.
    mutating func failed(_ sending: Sending, _ failure: Failure, now: NIODeadline) -> FailureAction {
        guard sending.attempt == self.attempt, self.link != .fenced, let index = self.index(of: sending) else { return .wait }
        if failure == .fenced {
            self.link = .fenced
            self.flights = []
            self.pending.removeAll()
            return .fenced
        }
        self.flights[index].sent = nil
        if failure == .refused {
            self.flights[index].refusals += 1
            if self.flights[index].refusals >= self.configuration.maximumRefusals {
                let count = self.flights[index].batch.changes.count
                self.lost += count
                // Its number must still be taken, or no later batch would be accepted.
                self.flights[index].batch.changes = []
                self.flights[index].refusals = 0
                self.pause(until: now + self.configuration.retryAfter)
                return .dropped(count)
            }
        }
        self.pause(until: now + self.configuration.retryAfter)
        return .wait
    }

    private mutating func pause(until: NIODeadline) {
        switch self.link {
        case .away, .fenced: return
        case .probing, .open, .paused: self.link = .paused(until: until)
        }
    }

    private func index(of sending: Sending) -> Int? {
        self.flights.firstIndex { $0.batch.number == sending.batch.number }
    }

    // MARK: Redis comes and goes

    /// Redis is there, and the node is ours under this token.
    mutating func connected(fence: Int64) {
        guard self.link != .fenced else { return }
        self.forgetAnswers()
        self.fence = fence
        for index in self.flights.indices { self.flights[index].batch.fence = fence }
        self.link = .probing
    }

    /// Redis is gone. What is returned is to be shown now: it may not have been written.
    mutating func disconnected() -> [Change] {
        guard self.link != .fenced else { return [] }
        self.forgetAnswers()
        let wasAway = self.link == .away
        self.link = .away
        guard !wasAway else { return [] }
        return self.show { _ in true }
    }

    private mutating func forgetAnswers() {
        self.attempt += 1
        for index in self.flights.indices { self.flights[index].sent = nil }
    }

    /// What is returned is to be shown now: Redis takes too long over it.
    mutating func ticked(now: NIODeadline) -> [Change] {
        if case .paused(let until) = self.link, until <= now { self.link = .probing }
        let limit = now - self.configuration.overdueAfter
        return self.show { flight in flight.sent.map { $0 <= limit } ?? false }
    }

    private mutating func show(_ isDue: (Flight) -> Bool) -> [Change] {
        var shown: [Change] = []
        for index in self.flights.indices where !self.flights[index].wasShown && isDue(self.flights[index]) {
            self.flights[index].wasShown = true
            shown += self.flights[index].batch.changes
        }
        return shown
    }
}
