import NIOCore

/// How long to wait before the next try: growing, jittered, one second at most, because a node that is back is wanted back.
struct ReconnectBackoff {
    private var tries = 0

    mutating func next() -> TimeAmount {
        self.tries = min(self.tries + 1, 6)
        let ceiling = min(1000, Int64(25) << Int64(self.tries))
        return .milliseconds(.random(in: ceiling / 2...ceiling))
    }
}
