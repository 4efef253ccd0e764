/// A moment in microseconds since 1970, as `Event-Date-Timestamp` gives it. Never read from a clock in the domain.
public struct Timestamp: Sendable, Hashable, Comparable {
    public var microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// mod_callcenter's own times are whole seconds; it writes 0 for "never".
    public init?(seconds: Int64) {
        guard seconds > 0, seconds < Int64.max / 1_000_000 else { return nil }
        self.microseconds = seconds * 1_000_000
    }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }
}
