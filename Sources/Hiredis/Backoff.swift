import NIOCore

/// How long to wait before the next attempt: doubling up to a second, and never the same for everybody.
struct Backoff {
    private var attempt = 0

    static let longest = TimeAmount.seconds(1)
    /// After a refused log-in only a person can help.
    static let afterRefusal = TimeAmount.seconds(10)

    mutating func reset() { self.attempt = 0 }

    /// Between half and all of 50 ms, 100 ms, ... 1 s.
    mutating func next(using generator: inout some RandomNumberGenerator) -> TimeAmount {
        let doubled = TimeAmount.milliseconds(50 << Int64(min(self.attempt, 5)))
        self.attempt += 1
        return Self.jittered(min(doubled, Self.longest), using: &generator)
    }

    static func jittered(_ amount: TimeAmount, using generator: inout some RandomNumberGenerator) -> TimeAmount {
        .nanoseconds(Int64.random(in: amount.nanoseconds / 2...amount.nanoseconds, using: &generator))
    }
}
