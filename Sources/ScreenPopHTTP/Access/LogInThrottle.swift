import NIOCore

/// Slows down who guesses: after some failures in a row each further one makes him wait twice as long. What is counted is the caller's choice.
///
/// An attempt counts as failed from its beginning, so that many at once are no way around it.
struct LogInThrottle {
    struct Allowance: Sendable {
        /// Failures that cost nothing.
        var free: Int
        var longest = TimeAmount.minutes(1)
        /// Without a failure for so long one begins anew.
        var memory = TimeAmount.minutes(15)
    }

    private struct Record {
        var failures = 0
        var last: NIODeadline
    }

    private var records: [String: Record] = [:]
    private let allowance: Allowance
    private let limit: Int

    init(_ allowance: Allowance, limit: Int = 10_000) {
        self.allowance = allowance
        self.limit = limit
    }

    enum Answer: Equatable {
        case goOn
        case wait(TimeAmount)
    }

    mutating func attempt(_ key: String, now: NIODeadline) -> Answer {
        var record = self.records[key] ?? Record(last: now)
        if now - record.last >= self.allowance.memory { record.failures = 0 }
        let due = record.last + self.pause(after: record.failures)
        guard now >= due else { return .wait(due - now) }
        if self.records[key] == nil, self.records.count >= self.limit { self.makeRoom(now: now) }
        record.failures += 1
        record.last = now
        self.records[key] = record
        return .goOn
    }

    mutating func succeeded(_ key: String) {
        self.records[key] = nil
    }

    /// The attempt told nothing about the password.
    mutating func withdraw(_ key: String) {
        guard let failures = self.records[key]?.failures else { return }
        if failures > 1 { self.records[key]?.failures -= 1 } else { self.records[key] = nil }
    }

    private func pause(after failures: Int) -> TimeAmount {
        guard failures >= self.allowance.free else { return .zero }
        let doublings = min(failures - self.allowance.free, 16)
        return min(.seconds(1 << Int64(doublings)), self.allowance.longest)
    }

    /// Those whose wait is over longest.
    private mutating func makeRoom(now: NIODeadline) {
        self.records = self.records.filter { now - $0.value.last < self.allowance.memory }
        guard self.records.count >= self.limit else { return }
        let times = self.records.values.map(\.last).sorted()
        let middle = times[times.count / 2]
        self.records = self.records.filter { $0.value.last > middle }
    }
}
