import CallCenter
import NIOCore
import Testing

@testable import ScreenPopService

struct SwitchClockTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private func time(_ seconds: Double) -> Timestamp { Timestamp(microseconds: Int64(seconds * 1_000_000)) }

    @Test func `it knows nothing before anything was heard`() {
        #expect(SwitchClock().time(at: self.start) == nil)
        #expect(SwitchClock().deadline(of: self.time(5)) == nil)
    }

    @Test func `it goes on from the newest event, and is not put back by one that was long under way`() {
        var clock = SwitchClock()
        clock.begin(self.time(100), isTold: true, at: self.start)
        #expect(clock.time(at: self.start + .milliseconds(1500)) == self.time(101.5))
        clock.hear(self.time(101), at: self.start + .seconds(2))
        #expect(clock.time(at: self.start + .seconds(2)) == self.time(102))
        clock.hear(self.time(102.3), at: self.start + .seconds(2))
        #expect(clock.time(at: self.start + .seconds(3)) == self.time(103.3))
        #expect(clock.deadline(of: self.time(110.3)) == self.start + .seconds(10))
        #expect(clock.deadline(of: self.time(92.3)) == self.start - .seconds(8))
    }

    @Test func `a guess gives way to the first that is told`() {
        var clock = SwitchClock()
        clock.begin(self.time(500), isTold: false, at: self.start)
        clock.hear(self.time(100), at: self.start + .seconds(1))
        #expect(clock.time(at: self.start + .seconds(1)) == self.time(100))
    }

    @Test func `what is due by its deadline is due by its time, even at the end of all time`() {
        var clock = SwitchClock()
        clock.begin(Timestamp(microseconds: .max - 5), isTold: true, at: self.start)
        #expect(clock.time(at: self.start + .seconds(1)) == Timestamp(microseconds: .max))
        for end in [Timestamp(microseconds: .max), Timestamp(microseconds: .max - 3), self.time(5)] {
            let now = max(self.start, clock.deadline(of: end) ?? .distantFuture)
            #expect(clock.time(at: now).map { end <= $0 } == true)
        }
    }

    @Test func `what was due when the timer fired and is due still waits a moment, so that everything else comes first`() {
        let fired = self.start
        #expect(NodePipeline.due(fired - .hours(1), after: fired) == fired + .milliseconds(10))
        #expect(NodePipeline.due(fired, after: fired) == fired + .milliseconds(10))
        #expect(NodePipeline.due(fired + .microseconds(1), after: fired) == fired + .microseconds(1))
        #expect(NodePipeline.due(fired - .hours(1), after: nil) == fired - .hours(1))
    }

    @Test func `a time beyond all measure is far, not wrong`() {
        var clock = SwitchClock()
        clock.begin(self.time(100), isTold: true, at: self.start)
        #expect(clock.deadline(of: Timestamp(microseconds: .max)).map { $0 > self.start + .hours(1000) } == true)
        #expect(clock.deadline(of: Timestamp(microseconds: .min)).map { $0 <= self.start } == true)
    }
}
