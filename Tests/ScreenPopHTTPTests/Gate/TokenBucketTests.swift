import NIOCore
import Synchronization
import Testing

@testable import ScreenPopHTTP

@Suite struct TokenBucketTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test func `so many at once, then so many a second`() {
        var bucket = TokenBucket(.init(burst: 3, perSecond: 2), now: self.start)
        for _ in 0..<3 { #expect(bucket.take(now: self.start) == .taken) }
        #expect(bucket.take(now: self.start) == .refused(retryAfter: .milliseconds(500), isFirst: true))
        #expect(bucket.take(now: self.start + .milliseconds(250)) == .refused(retryAfter: .milliseconds(250), isFirst: false))
        #expect(bucket.take(now: self.start + .milliseconds(500)) == .taken)
        #expect(bucket.take(now: self.start + .milliseconds(500)) == .refused(retryAfter: .milliseconds(500), isFirst: true))
        // It never holds more than at the beginning.
        let later = self.start + .hours(1)
        for _ in 0..<3 { #expect(bucket.take(now: later) == .taken) }
        #expect(bucket.take(now: later) == .refused(retryAfter: .milliseconds(500), isFirst: true))
    }

    @Test func `what costs more waits longer, and never for ever`() {
        var bucket = TokenBucket(.init(burst: 4, perSecond: 1), now: self.start)
        #expect(bucket.take(3, now: self.start) == .taken)
        #expect(bucket.take(3, now: self.start) == .refused(retryAfter: .seconds(2), isFirst: true))
        #expect(bucket.take(1, now: self.start) == .taken)
        #expect(bucket.take(16, now: self.start + .seconds(4)) == .taken)
    }

    @Test func `a clock that goes back gives nothing`() {
        var bucket = TokenBucket(.init(burst: 1, perSecond: 1), now: self.start)
        #expect(bucket.take(now: self.start) == .taken)
        #expect(bucket.take(now: self.start - .milliseconds(900)) == .refused(retryAfter: .seconds(1), isFirst: true))
        #expect(bucket.take(now: self.start) == .refused(retryAfter: .seconds(1), isFirst: false))
    }

    @Test func `what never fills up says an hour`() {
        var bucket = TokenBucket(.init(burst: 0, perSecond: 0), now: self.start)
        #expect(bucket.take(now: self.start) == .refused(retryAfter: .hours(1), isFirst: true))
    }
}

@Suite struct RateLimiterTests {
    private final class Clock: Sendable {
        private let time = Mutex(NIODeadline.uptimeNanoseconds(1_000_000_000))

        func advance(_ amount: TimeAmount) { self.time.withLock { $0 = $0 + amount } }
        var now: NIODeadline { self.time.withLock { $0 } }
    }

    @Test func `everybody has a bucket of his own`() {
        let clock = Clock()
        let limiter = RateLimiter(.init(burst: 1, perSecond: 1), entries: 100) { clock.now }
        #expect(limiter.take("a") == .taken)
        #expect(limiter.take("a") == .refused(retryAfter: .seconds(1), isFirst: true))
        #expect(limiter.take("b") == .taken)
        clock.advance(.seconds(1))
        #expect(limiter.take("a") == .taken)
    }

    @Test func `the table is bounded, and who keeps asking is not forgotten`() {
        let clock = Clock()
        let limiter = RateLimiter(.init(burst: 1, perSecond: 0), entries: 100) { clock.now }
        #expect(limiter.take("loud") == .taken)
        for number in 0..<10_000 {
            _ = limiter.take("\(number)")
            #expect(limiter.count <= 100)
            if number.isMultiple(of: 40) { #expect(limiter.take("loud") != .taken) }
        }
        // The first of the many was forgotten long ago.
        #expect(limiter.take("0") == .taken)
    }
}
