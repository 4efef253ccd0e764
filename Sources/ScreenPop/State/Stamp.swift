package import CallCenter

/// When an event was made. FreeSWITCH's clock steps in about 20 ms, so the sequence breaks ties; neither grows steadily on the wire.
struct Stamp: Sendable, Hashable, Comparable {
    var at: Timestamp
    var sequence: Int64

    static func < (a: Stamp, b: Stamp) -> Bool {
        (a.at.microseconds, a.sequence) < (b.at.microseconds, b.sequence)
    }

    /// The clock was put back: before all that comes, and in the same order as before.
    mutating func putBack(to time: Timestamp) {
        self.at = min(self.at, time)
    }
}

extension Timestamp {
    /// Whole seconds since 1970, as mod_callcenter counts.
    var seconds: Int64 { self.microseconds / 1_000_000 }

    /// Seconds later; saturates, because the number may come from outside.
    package func adding(seconds: Int) -> Timestamp {
        let (product, overflow) = Int64(seconds).multipliedReportingOverflow(by: 1_000_000)
        return overflow ? Timestamp(microseconds: seconds < 0 ? Int64.min : Int64.max) : self.adding(microseconds: product)
    }

    package func adding(microseconds: Int64) -> Timestamp {
        let (sum, overflow) = self.microseconds.addingReportingOverflow(microseconds)
        return Timestamp(microseconds: overflow ? (microseconds < 0 ? Int64.min : Int64.max) : sum)
    }

    /// Seconds since an earlier moment, fractions cut; 0 when it is not earlier.
    func wholeSeconds(since earlier: Timestamp) -> Int {
        let (difference, overflow) = self.microseconds.subtractingReportingOverflow(earlier.microseconds)
        return overflow ? 0 : Int(clamping: max(0, difference / 1_000_000))
    }
}

extension Int {
    /// Counts on; saturates, because the number it goes on from may come from outside.
    mutating func count(_ more: Int = 1) {
        let (sum, overflow) = self.addingReportingOverflow(more)
        self = overflow ? Int.max : sum
    }
}
