import CallCenter
import NIOCore
import ScreenPop

/// The switch's time of day between its events: the newest time that one told, carried on by our steady clock.
///
/// An event is always older than its arrival, so this is never ahead of the switch, and the less behind the better the connection.
struct SwitchClock {
    private var heard: (time: Timestamp, at: NIODeadline)?
    /// Where nothing was heard that is worth carrying on: our own time of day.
    private var isGuess = false

    /// The newest event's time, now.
    mutating func hear(_ time: Timestamp, at now: NIODeadline) {
        guard self.isGuess || self.time(at: now).map({ $0 < time }) ?? true else { return }
        self.heard = (time, now)
        self.isGuess = false
    }

    /// A snapshot is there: what was heard before may be of another switch, or of one whose clock was set.
    /// - Parameter isTold: whether an event told the time.
    mutating func begin(_ time: Timestamp, isTold: Bool, at now: NIODeadline) {
        self.heard = (time, now)
        self.isGuess = !isTold
    }

    /// `nil` before anything was heard.
    func time(at now: NIODeadline) -> Timestamp? {
        self.heard.map { $0.time.adding(microseconds: (now - $0.at).nanoseconds / 1000) }
    }

    func deadline(of time: Timestamp) -> NIODeadline? {
        self.heard.map { heard in
            let (distance, isFar) = time.microseconds.subtractingReportingOverflow(heard.time.microseconds)
            // A year is as good as never.
            let most: Int64 = 31_536_000_000_000
            if isFar { return heard.at + .microseconds(time < heard.time ? -most : most) }
            return heard.at + .microseconds(min(max(distance, -most), most))
        }
    }
}
