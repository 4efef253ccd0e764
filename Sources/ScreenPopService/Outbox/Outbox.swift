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
        /// How long after one rewrite the next may follow, which the first did not help: twice as long each time, up to the longest. What was well for
        /// twice the longest begins with the shortest.
        var shortestRewritePause: TimeAmount = .seconds(10)
        var longestRewritePause: TimeAmount = .seconds(300)
    }

    /// What became of a batch that was not written.
    enum Failure: Equatable {
        /// Redis knows a higher token than ours.
        case fenced
        /// One before it is missing.
        case outOfOrder
        /// Unknown whether it was written: the connection ended, or no answer came.
        case unknown
        /// Not written, because Redis cannot write now: it loads, is full, is a replica.
        case unwilling
        /// Not written, with an error that another try will hardly mend.
        case refused
    }

    private enum Link: Equatable {
        case away
        /// Redis is there, but whose the node is there has to be looked at first. What was sent before is still answered.
        case held
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
        /// What no desktop has seen of it, and since when it waits.
        var unshown: [Change]
        var unshownSince: NIODeadline
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
    /// From when on everything is to be written anew, because changes were given up.
    private var rewriteAt: NIODeadline?
    /// When that was asked for last, and how long it holds back the next.
    private var rewrittenAt: NIODeadline?
    private var rewritePause: TimeAmount = .zero

    init(node: String, configuration: Configuration = Configuration()) {
        self.node = node
        self.configuration = configuration
        self.pending = PendingChanges(maximum: configuration.maximumPending)
    }

    // MARK: looking

    var isFenced: Bool { self.link == .fenced }
    /// Whether Redis is there and did not write the last batch that was answered.
    private(set) var isRefused = false
    var isEmpty: Bool { self.flights.isEmpty && self.pending.count == 0 }
    /// Changes that Redis has not confirmed.
    var depth: Int { self.pending.count + self.flights.reduce(0) { $0 + $1.batch.changes.count } }
    /// What has ended without Redis having confirmed it.
    var endings: Endings {
        var endings = self.pending.endings
        for flight in self.flights { endings.formUnion(Endings(flight.batch.changes)) }
        return endings
    }
    /// Changes that a newer one made needless before they were written.
    var superseded: Int { self.pending.superseded }
    /// Changes that were given up: more than fit, or refused by Redis for good.
    private(set) var lost = 0

    /// When `ticked` is to be called next.
    var deadline: NIODeadline? {
        if case .paused(let until) = self.link { return until }
        var since = self.pending.unshownSince
        for flight in self.flights where !flight.unshown.isEmpty { since = since.map { min($0, flight.unshownSince) } ?? flight.unshownSince }
        let overdue = since.map { $0 + self.configuration.overdueAfter }
        guard let rewriteAt = self.rewriteAt, self.hasRoom else { return overdue }
        return overdue.map { min($0, rewriteAt) } ?? rewriteAt
    }

    // MARK: changes in

    /// Takes changes; what is returned is to be shown now, because Redis will not carry it soon.
    mutating func add(_ changes: [Change], coreUUID: String?, sequence: Int64, now: NIODeadline) -> [Change] {
        guard !changes.isEmpty, self.link != .fenced else { return [] }
        self.coreUUID = coreUUID
        self.sequence = sequence
        let replacing = self.link != .open || self.pending.count >= self.configuration.congestedFrom
        if self.writesSoon {
            self.append(changes, replacing: replacing, unshownSince: now, now: now)
            return []
        }
        let waiting = self.show(waitingSince: nil)
        self.append(changes, replacing: replacing, unshownSince: nil, now: now)
        return waiting + changes
    }

    private mutating func append(_ changes: [Change], replacing: Bool, unshownSince: NIODeadline?, now: NIODeadline) {
        self.lost += self.pending.append(changes, replacing: replacing, unshownSince: unshownSince)
        guard self.pending.hasLostState else { return }
        self.pending.hasLostState = false
        self.oweRewrite(now: now)
    }

    private var writesSoon: Bool {
        switch self.link {
        case .held, .probing, .open: true
        case .away, .paused, .fenced: false
        }
    }

    /// What desktops are to be shown now, each change once: all that Redis has not confirmed while it does not write, else what it takes too long over.
    mutating func show(now: NIODeadline) -> [Change] {
        self.show(waitingSince: self.writesSoon ? now - self.configuration.overdueAfter : nil)
    }

    private mutating func show(waitingSince limit: NIODeadline?) -> [Change] {
        var shown: [Change] = []
        for index in self.flights.indices where limit.map({ self.flights[index].unshownSince <= $0 }) ?? true {
            shown += self.flights[index].unshown
            self.flights[index].unshown = []
        }
        return shown + self.pending.show(waitingSince: limit)
    }

    // MARK: losses

    /// What Redis shows is wrong until all is written anew.
    private mutating func oweRewrite(now: NIODeadline) {
        guard self.rewriteAt == nil else { return }
        guard let last = self.rewrittenAt, now - last < self.configuration.longestRewritePause * 2 else {
            self.rewritePause = .zero
            self.rewriteAt = now
            return
        }
        // A Redis that refuses what is written anew, too, is not asked again and again.
        self.rewritePause = max(self.configuration.shortestRewritePause, min(self.rewritePause * 2, self.configuration.longestRewritePause))
        self.rewriteAt = max(now, last + self.rewritePause)
    }

    /// Redis writes, and nothing waits for it.
    private var hasRoom: Bool { self.link == .open && self.isEmpty }

    /// Whether to write everything anew, because changes were given up: they did not fit, or Redis refused them. Asked for when Redis writes again,
    /// once for each loss, with longer and longer pauses.
    mutating func owesRewrite(now: NIODeadline) -> Bool {
        guard let rewriteAt = self.rewriteAt, rewriteAt <= now, self.hasRoom else { return false }
        self.rewriteAt = nil
        self.rewrittenAt = now
        return true
    }

    // MARK: batches out

    /// The next batch that may be sent; to be asked for until there is none.
    mutating func next(now: NIODeadline) -> Sending? {
        let window: Int
        switch self.link {
        case .away, .held, .paused, .fenced: return nil
        case .probing: window = 1
        case .open: window = self.configuration.maximumInFlight
        }
        // What was sent before stands in front of what was not.
        let index = self.flights.firstIndex { $0.sent == nil } ?? self.flights.endIndex
        guard index < window else { return nil }
        if index < self.flights.endIndex {
            self.flights[index].sent = now
        } else {
            let taken = self.pending.removeFirst(self.configuration.maximumChangesPerBatch)
            guard !taken.changes.isEmpty else { return nil }
            self.lastNumber += 1
            self.flights.append(
                Flight(batch: self.batch(taken.changes), sent: now, unshown: taken.unshown, unshownSince: taken.unshownSince ?? now))
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
        self.isRefused = false
        if self.link == .probing { self.link = .open }
    }

    enum FailureAction: Equatable {
        /// Nothing to do now; it will be sent again.
        case wait
        /// Somebody holds the node under a higher token. Whether that is another instance, or only a Redis that lost what it had, is to be looked
        /// at; until then nothing is sent.
        case look
        /// Redis confirmed what was before this batch and does not have it any more: the node is to be taken over and written anew; until then
        /// nothing is sent.
        case takeOver
        /// Given up, with so many changes.
        case dropped(Int)
    }

    /// The store has not written a batch, or nobody knows. Ask `show` afterwards.
    mutating func failed(_ sending: Sending, _ failure: Failure, now: NIODeadline) -> FailureAction {
        guard sending.attempt == self.attempt, self.link != .fenced, let index = self.index(of: sending) else { return .wait }
        self.flights[index].sent = nil
        // On hold the question is asked already.
        guard self.link != .held else { return .wait }
        switch failure {
        case .fenced:
            self.hold()
            return .look
        case .outOfOrder:
            // Behind one that failed it is what was to be expected.
            if index == 0 {
                self.hold()
                return .takeOver
            }
        case .refused:
            self.flights[index].refusals += 1
            let changes = self.flights[index].batch.changes
            if self.flights[index].refusals >= self.configuration.maximumRefusals, !changes.isEmpty {
                self.lost += changes.count
                if changes.contains(where: \.isState) { self.oweRewrite(now: now) }
                // Its number must still be taken, or no later batch would be accepted.
                self.flights[index].batch.changes = []
                self.flights[index].refusals = 0
                self.pause(until: now + self.configuration.retryAfter)
                return .dropped(changes.count)
            }
        case .unknown, .unwilling: break
        }
        self.pause(until: now + self.configuration.retryAfter)
        return .wait
    }

    private mutating func pause(until: NIODeadline) {
        switch self.link {
        case .away, .held, .fenced: return
        case .probing, .open, .paused:
            self.link = .paused(until: until)
            self.isRefused = true
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

    /// Nothing is sent until `connected` says whose the node is.
    mutating func hold() {
        switch self.link {
        case .away, .fenced: return
        case .held, .probing, .open, .paused: self.link = .held
        }
    }

    /// Another instance writes for this node: all is dropped, for good.
    mutating func takenOver() {
        self.link = .fenced
        self.rewriteAt = nil
        self.flights = []
        self.pending.removeAll()
    }

    /// Redis is gone, or the node cannot be had there. What is returned is to be shown now: it may not have been written.
    mutating func disconnected() -> [Change] {
        guard self.link != .fenced else { return [] }
        self.forgetAnswers()
        self.isRefused = false
        self.link = .away
        return self.show(waitingSince: nil)
    }

    private mutating func forgetAnswers() {
        self.attempt += 1
        for index in self.flights.indices { self.flights[index].sent = nil }
    }

    /// What is returned is to be shown now: Redis takes too long over it.
    mutating func ticked(now: NIODeadline) -> [Change] {
        if case .paused(let until) = self.link, until <= now { self.link = .probing }
        return self.show(now: now)
    }
}

extension Change {
    /// Whether what Redis shows is wrong without it: a trace is history.
    fileprivate var isState: Bool {
        switch self {
        case .trace: false
        case .pop, .currentPop, .agent, .pending, .reasonEnded, .agentRemoved, .queue, .queueRemoved, .memberJoined, .memberUpdated, .memberLeft,
            .call, .configuration, .system, .notice:
            true
        }
    }
}
