import DequeModule

/// What a desktop asked for and cannot take all at once: snapshots, the entries it missed, and what came live behind them. In order.
///
/// Snapshots and missed entries are bounded by what a desktop may ask for; live messages by `liveLimit`.
struct Backlog {
    enum Item {
        case snapshot(SnapshotReader.Snapshot, isResumable: Bool)
        case message(PushedMessage, isResumable: Bool, isLive: Bool)
    }

    private var items: Deque<Item> = []
    private var liveBytes = 0
    private let liveLimit: Int

    /// - Parameter liveLimit: Bytes.
    init(liveLimit: Int) {
        self.liveLimit = liveLimit
    }

    var isEmpty: Bool { self.items.isEmpty }

    /// In place of an older one of the same topic: who asks for a topic over and over makes nothing grow.
    mutating func append(_ snapshot: SnapshotReader.Snapshot, isResumable: Bool) {
        self.items.removeAll {
            switch $0 {
            case .snapshot(let older, _): older.topic == snapshot.topic
            case .message: false
            }
        }
        self.items.append(.snapshot(snapshot, isResumable: isResumable))
    }

    mutating func append(_ message: PushedMessage, isResumable: Bool) {
        self.items.append(.message(message, isResumable: isResumable, isLive: false))
    }

    /// False when there are too many.
    mutating func appendLive(_ message: PushedMessage, isResumable: Bool) -> Bool {
        guard self.liveBytes + message.byteCount <= self.liveLimit else { return false }
        self.liveBytes += message.byteCount
        self.items.append(.message(message, isResumable: isResumable, isLive: true))
        return true
    }

    mutating func popFirst() -> Item? {
        let item = self.items.popFirst()
        if case .message(let message, _, isLive: true) = item { self.liveBytes -= message.byteCount }
        return item
    }

    mutating func removeAll() {
        self.items = []
        self.liveBytes = 0
    }
}

@available(*, unavailable)
extension Backlog: Sendable {}
