package import NIOCore

/// How long to wait before the next attempt to connect: longer each time, never the same for everybody.
package struct ReconnectBackoff: Sendable {
    private var attempts = 0

    package init() {}

    /// - Parameter portWasOpen: something listened at the last attempt, so FreeSWITCH is there or about to be: at most 1 s. Otherwise at most 10 s.
    package mutating func next(portWasOpen: Bool, using random: inout some RandomNumberGenerator) -> TimeAmount {
        let most: Int64 = portWasOpen ? 1_000 : 10_000
        let milliseconds = min(most, 100 << Int64(self.attempts))
        self.attempts = min(self.attempts + 1, 10)
        return .milliseconds(Int64.random(in: (milliseconds / 2)...milliseconds, using: &random))
    }

    /// After a connection that worked.
    package mutating func reset() { self.attempts = 0 }
}
