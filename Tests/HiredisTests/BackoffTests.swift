import NIOCore
import Testing

@testable import Hiredis

struct BackoffTests {
    @Test func waitsDoubleUpToASecondAndAreJittered() {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SplitMix(state: seed)
        var backoff = Backoff()
        for limit in [50, 100, 200, 400, 800, 1000, 1000, 1000] as [Int64] {
            let wait = backoff.next(using: &generator)
            #expect((.milliseconds(limit / 2) ... .milliseconds(limit)).contains(wait), "seed \(seed)")
        }
        backoff.reset()
        #expect(backoff.next(using: &generator) <= .milliseconds(50))
        #expect(Set((0..<20).map { _ in Backoff.jittered(.seconds(1), using: &generator) }).count > 1, "seed \(seed)")
    }
}
