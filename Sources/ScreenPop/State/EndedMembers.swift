import CallCenter

/// Who left a queue, and when; the newest are kept. mod_callcenter gives a caller who comes back within the same call the member's uuid that he had
/// (`abandoned-resume-allowed`), so an end counts only for events that are not newer than it, until a newer joining.
struct EndedMembers: Sendable {
    private struct End {
        var stamp: Stamp
        var isBack = false
    }

    private var ends: [String: End] = [:]
    private var keys: RecentSet

    init(capacity: Int) {
        self.keys = RecentSet(capacity: capacity)
    }

    mutating func insert(_ key: String, _ stamp: Stamp) {
        if let dropped = self.keys.insert(key) { self.ends[dropped] = nil }
        self.ends[key] = End(stamp: stamp)
    }

    /// The clock was put back.
    mutating func putBack(to time: Timestamp) {
        for key in self.ends.keys { self.ends[key]?.stamp.putBack(to: time) }
    }

    /// The member joined.
    /// - Returns: whether it is in the queue now: a joining of before the end comes late, or once more.
    mutating func join(_ key: String, _ stamp: Stamp) -> Bool {
        guard let end = self.ends[key] else { return true }
        guard end.stamp < stamp else { return false }
        self.ends[key]?.isBack = true
        return true
    }

    /// Whether an event of that time is about a stay that is over.
    func contains(_ key: String, _ stamp: Stamp) -> Bool {
        guard let end = self.ends[key] else { return false }
        return !end.isBack || stamp <= end.stamp
    }
}
