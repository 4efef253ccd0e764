/// A place in the log: a Redis stream id.
package struct Cursor: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var milliseconds: UInt64
    package var sequence: UInt64

    package init(milliseconds: UInt64, sequence: UInt64) {
        self.milliseconds = milliseconds
        self.sequence = sequence
    }

    /// `nil` unless it is exactly `DIGITS-DIGITS`.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let milliseconds = UInt64(parts[0]), let sequence = UInt64(parts[1])
        else { return nil }
        self.init(milliseconds: milliseconds, sequence: sequence)
    }

    /// Before every entry; the end of an empty log.
    package static let zero = Cursor(milliseconds: 0, sequence: 0)

    package var description: String { "\(self.milliseconds)-\(self.sequence)" }

    package static func < (a: Cursor, b: Cursor) -> Bool {
        (a.milliseconds, a.sequence) < (b.milliseconds, b.sequence)
    }

    /// The last id that can stand before this one. Redis 6.0 knows no exclusive ranges.
    var predecessor: Cursor {
        if self.sequence > 0 { return Cursor(milliseconds: self.milliseconds, sequence: self.sequence - 1) }
        guard self.milliseconds > 0 else { return .zero }
        return Cursor(milliseconds: self.milliseconds - 1, sequence: .max)
    }
}
