import DequeModule
import ScreenPopStore

/// The newest messages of the log, without a gap between them.
struct MessageRing {
    enum Answer: Equatable {
        /// All after the cursor; empty when it is the end.
        case messages([HubMessage])
        /// More than asked for.
        case tooMany
        /// No message here has that cursor: it lies before what is kept, behind what has been read so far, or belongs to a log that was lost.
        case unknown
    }

    private let keep: Int
    private var messages: Deque<HubMessage> = []
    /// All that came after this is here. `nil` until it is known where the log ends.
    private var floor: Cursor?
    private(set) var end = Cursor.zero

    init(keep: Int) {
        self.keep = max(keep, 1)
    }

    var hasStarted: Bool { self.floor != nil }

    /// What follows comes after `end`.
    mutating func restart(at end: Cursor) {
        self.messages.removeAll()
        self.floor = end
        self.end = end
    }

    mutating func append(_ new: [HubMessage]) {
        for message in new {
            guard let cursor = message.cursor else { continue }
            if self.floor == nil { self.floor = self.end }
            self.messages.append(message)
            self.end = cursor
        }
        while self.messages.count > self.keep {
            if let cursor = self.messages.removeFirst().cursor { self.floor = cursor }
        }
    }

    func after(_ cursor: Cursor, limit: Int) -> Answer {
        guard let floor = self.floor else { return .unknown }
        // Cursors grow along the ring.
        var low = 0
        var high = self.messages.count
        while low < high {
            let middle = (low + high) / 2
            if let other = self.messages[middle].cursor, other > cursor { high = middle } else { low = middle + 1 }
        }
        // Somewhere between two messages there never was one of this log.
        guard cursor == floor || (low > 0 && self.messages[low - 1].cursor == cursor) else { return .unknown }
        guard self.messages.count - low <= limit else { return .tooMany }
        return .messages(Array(self.messages[low...]))
    }
}
