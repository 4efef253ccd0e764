import ScreenPopService
import ScreenPopStore

/// What one desktop listens to and how far it is: nothing lost and nothing doubled between a snapshot, or the entries a returning desktop
/// missed, and what comes live.
///
/// A topic is *reading* from the moment it is asked for until its snapshot is here. What comes meanwhile is held; of that, only what is newer
/// than the snapshot follows it.
struct Feed {
    enum State: Equatable {
        /// The snapshot must be at least as new as `floor`: so much has been sent past it, by another topic, or dropped for want of room.
        case reading(floor: Cursor?)
        /// Entries up to `after` are known to the desktop.
        case live(after: Cursor?)
    }

    struct Read: Equatable {
        var topic: Topic
        /// A result of another generation than the newest is of no use: the log was rewritten since.
        var generation: Int
    }

    private(set) var subscriptions: [(topic: Topic, state: State)] = [(.everybody, .live(after: nil))]
    private(set) var held: [PushedMessage] = []
    private var heldBytes = 0
    /// Topics whose read, of this generation, has not come back: one at a time for each, however often it is asked for.
    private var inFlight: Set<Topic> = []
    /// Those of them that were left and asked for anew meanwhile: what came in between is in no snapshot that was asked for before.
    private var outdated: Set<Topic> = []
    private var generation = 0
    private let heldLimit: Int
    private let topicLimit: Int

    init(topicLimit: Int, heldLimit: Int = 256 * 1024) {
        self.topicLimit = topicLimit
        self.heldLimit = heldLimit
    }

    /// Without the one that everybody has.
    var topicCount: Int { self.subscriptions.count - 1 }

    var isReading: Bool {
        self.subscriptions.contains { if case .reading = $0.state { true } else { false } }
    }

    // MARK: subscriptions

    enum OnSubscribe: Equatable {
        case read(Read)
        /// Its snapshot is on the way.
        case wait
        case tooMany
    }

    /// Asked for once more, a topic is read once more, unless it is being read.
    mutating func subscribe(_ topic: Topic) -> OnSubscribe {
        let isInFlight = self.inFlight.contains(topic)
        if let index = self.index(topic) {
            if isInFlight, case .reading = self.subscriptions[index].state { return .wait }
            self.subscriptions[index].state = .reading(floor: nil)
        } else {
            guard self.subscriptions.count <= self.topicLimit else { return .tooMany }
            self.subscriptions.append((topic, .reading(floor: nil)))
        }
        guard !isInFlight else {
            self.outdated.insert(topic)
            return .wait
        }
        self.inFlight.insert(topic)
        return .read(Read(topic: topic, generation: self.generation))
    }

    mutating func unsubscribe(_ topic: Topic) {
        guard topic != .everybody, let index = self.index(topic) else { return }
        self.subscriptions.remove(at: index)
        self.dropUnneeded()
    }

    // MARK: messages

    enum OnMessage: Equatable {
        case send
        case hold
        case skip
    }

    mutating func receive(_ message: PushedMessage) -> OnMessage {
        guard let cursor = message.cursor else {
            // Provisional: Redis is away, so there is no snapshot to wait for either.
            return self.subscriptions.contains { message.audience.includes($0.topic) } ? .send : .skip
        }
        var isLive = false
        var isReading = false
        for (topic, state) in self.subscriptions where message.audience.includes(topic) {
            switch state {
            case .live(let after): if after.map({ $0 < cursor }) ?? true { isLive = true }
            case .reading: isReading = true
            }
        }
        if isLive {
            if isReading { self.raiseFloors(for: message, to: cursor) }
            return .send
        }
        guard isReading else { return .skip }
        self.held.append(message)
        self.heldBytes += message.byteCount
        if self.heldBytes > self.heldLimit {
            // A snapshot that is newer than all of these says the same.
            for message in self.held { self.raiseFloors(for: message, to: message.cursor) }
            self.held = []
            self.heldBytes = 0
        }
        return .hold
    }

    // MARK: snapshots

    enum OnSnapshot {
        /// Send the snapshot, then these.
        case deliver([PushedMessage])
        case read(Read)
        case ignore
    }

    mutating func snapshotRead(_ read: Read, through cursor: Cursor) -> OnSnapshot {
        guard read.generation == self.generation else { return .ignore }
        self.inFlight.remove(read.topic)
        let isOutdated = self.outdated.remove(read.topic) != nil
        guard let index = self.index(read.topic), case .reading(let floor) = self.subscriptions[index].state else { return .ignore }
        if isOutdated || floor.map({ cursor < $0 }) ?? false {
            self.inFlight.insert(read.topic)
            return .read(read)
        }
        self.subscriptions[index].state = .live(after: cursor)
        return .deliver(self.release(topics: [read.topic], after: cursor))
    }

    /// - Returns: whether it is still wanted, and will be read again.
    mutating func readFailed(_ read: Read) -> Bool {
        guard read.generation == self.generation else { return false }
        if let index = self.index(read.topic), case .reading = self.subscriptions[index].state { return true }
        self.inFlight.remove(read.topic)
        self.outdated.remove(read.topic)
        return false
    }

    // MARK: coming back

    /// Instead of `subscribe`: these topics wait for the entries that the desktop missed.
    mutating func awaitResumption(topics: [Topic]) {
        self.subscriptions = ([.everybody] + topics.prefix(self.topicLimit)).map { ($0, .reading(floor: nil)) }
    }

    enum OnResumed {
        case deliver([PushedMessage])
        /// The log cannot tell all that happened: take snapshots.
        case read([Read])
    }

    /// - Parameter all: Whether every message is wanted, whatever its topic.
    mutating func resumed(_ messages: [PushedMessage]?, through cursor: Cursor?, all: Bool) -> OnResumed {
        let waiting = self.subscriptions.filter { if case .reading = $0.state { true } else { false } }
        var isBehind = false
        for case (_, .reading(.some(let floor))) in waiting { isBehind = isBehind || cursor.map { $0 < floor } ?? true }
        guard let messages, let cursor, !isBehind else { return .read(self.restart()) }
        for (topic, _) in waiting { if let index = self.index(topic) { self.subscriptions[index].state = .live(after: cursor) } }
        let topics = waiting.map(\.topic)
        let missed = messages.filter { message in all || topics.contains { message.audience.includes($0) } }
        return .deliver(missed + self.release(topics: topics, after: cursor))
    }

    /// The log was lost or rewritten: all cursors are void, every topic is read anew.
    mutating func restart() -> [Read] {
        self.generation += 1
        self.held = []
        self.heldBytes = 0
        self.outdated = []
        var reads: [Read] = []
        for index in self.subscriptions.indices {
            let topic = self.subscriptions[index].topic
            if topic == .everybody {
                self.subscriptions[index].state = .live(after: nil)
            } else {
                self.subscriptions[index].state = .reading(floor: nil)
                reads.append(Read(topic: topic, generation: self.generation))
            }
        }
        self.inFlight = Set(reads.map(\.topic))
        return reads
    }

    // MARK: -

    private func index(_ topic: Topic) -> Int? {
        self.subscriptions.firstIndex { $0.topic == topic }
    }

    private mutating func raiseFloors(for message: PushedMessage, to cursor: Cursor?) {
        guard let cursor else { return }
        for index in self.subscriptions.indices where message.audience.includes(self.subscriptions[index].topic) {
            if case .reading(let floor) = self.subscriptions[index].state {
                self.subscriptions[index].state = .reading(floor: max(floor ?? cursor, cursor))
            }
        }
    }

    /// Takes out of what is held all that these topics were waiting for.
    private mutating func release(topics: [Topic], after cursor: Cursor) -> [PushedMessage] {
        var released: [PushedMessage] = []
        for message in self.held where topics.contains(where: { message.audience.includes($0) }) {
            guard let own = message.cursor, cursor < own else { continue }
            released.append(message)
        }
        for message in released { self.raiseFloors(for: message, to: message.cursor) }
        let sent = Set(released.map(ObjectIdentifier.init))
        self.held.removeAll { sent.contains(ObjectIdentifier($0)) }
        self.dropUnneeded()
        return released
    }

    private mutating func dropUnneeded() {
        let reading = self.subscriptions.filter { if case .reading = $0.state { true } else { false } }
        self.held.removeAll { message in !reading.contains { message.audience.includes($0.topic) } }
        self.heldBytes = self.held.reduce(0) { $0 + $1.byteCount }
    }
}

@available(*, unavailable)
extension Feed: Sendable {}
