import NIOCore

/// What a `HeaderTable` found in an event: by slot, decoded when asked.
///
/// The places of up to 64 headers are kept inside the value, so finding them allocates nothing.
public struct HeaderMatches: Sendable {
    private let bytes: ByteBuffer
    private var places: Places
    private var prefixed: [PrefixedLine] = []

    private struct PrefixedLine {
        var slot: Int
        var line: Range<Int>
    }

    init(event: Event, table: HeaderTable) {
        self.bytes = event.bytes
        var places = Places(count: table.names.count)
        var prefixed: [PrefixedLine] = []
        event.bytes.withUnsafeReadableBytes { bytes in
            places.withMutable { places in
                table.scan(bytes) { slot, value in
                    // The first of two headers of one name counts.
                    if places[slot] == 0 { places[slot] = UInt64(value.lowerBound) << 32 | UInt64(value.count) }
                } foundPrefixed: { slot, line in
                    prefixed.append(PrefixedLine(slot: slot, line: line))
                }
            }
        }
        self.places = places
        self.prefixed = prefixed
    }

    /// The decoded value; `nil` when absent, empty or `_undef_`. Any byte sequence that is not UTF-8 is repaired with U+FFFD.
    public func string(_ slot: Int) -> String? { self.withValue(slot) { HeaderValue.string($0) } ?? nil }

    /// The value as a decimal number; `nil` when absent or not one.
    public func int(_ slot: Int) -> Int64? { self.withValue(slot) { HeaderValue.int($0) } ?? nil }

    /// Whether the decoded value is exactly that text. Allocates nothing.
    public func equals(_ slot: Int, _ text: StaticString) -> Bool { self.withValue(slot) { HeaderValue.equals($0, text) } ?? false }

    /// Whether the header is there and has a value.
    public func isPresent(_ slot: Int) -> Bool { self.withValue(slot) { !HeaderValue.isAbsent($0) } ?? false }

    /// The elements of an `ARRAY::a|:b` value; one element for a plain value, none for an absent one. What comes after 4,000 elements, which is
    /// more than FreeSWITCH makes, stays one text.
    public func array(_ slot: Int) -> [String] { self.string(slot).map(HeaderValue.array) ?? [] }

    /// Calls `body` for each header that begins with one of the table's prefixes, in order, duplicates included: of two headers of one name the
    /// first counts.
    ///
    /// - Parameter body: `slot` is the index in `prefixes`; `value` is `nil` when it is empty or `_undef_`.
    public func forEachPrefixed(_ body: (_ slot: Int, _ name: String, _ value: String?) -> Void) {
        guard !self.prefixed.isEmpty else { return }
        self.bytes.withUnsafeReadableBytes { bytes in
            for line in self.prefixed {
                guard let split = HeaderLines.Line(bytes: UnsafeRawBufferPointer(rebasing: bytes[line.line])).split() else { continue }
                body(line.slot, String(decoding: split.name, as: UTF8.self), HeaderValue.string(split.value))
            }
        }
    }

    private func withValue<Result>(_ slot: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        let place = self.places[slot]
        guard place != 0 else { return nil }
        let start = Int(place >> 32)
        let count = Int(place & 0xFFFF_FFFF)
        return self.bytes.withUnsafeReadableBytes { body(UnsafeRawBufferPointer(rebasing: $0[start..<(start + count)])) }
    }
}

/// A place for each slot: start of the value in the upper half, its length in the lower half. 0 is "not found": no value starts at 0.
private struct Places {
    private typealias Eight = (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)
    private static let none: Eight = (0, 0, 0, 0, 0, 0, 0, 0)
    private static let inlineCount = 64

    private var inline: (Eight, Eight, Eight, Eight, Eight, Eight, Eight, Eight) = (
        Self.none, Self.none, Self.none, Self.none, Self.none, Self.none, Self.none, Self.none
    )
    /// Used in place of `inline` by a table of more than 64 names.
    private var spilled: [UInt64]?

    init(count: Int) {
        if count > Self.inlineCount { self.spilled = Array(repeating: 0, count: count) }
    }

    subscript(slot: Int) -> UInt64 {
        if let spilled = self.spilled { return spilled.indices.contains(slot) ? spilled[slot] : 0 }
        guard (0..<Self.inlineCount).contains(slot) else { return 0 }
        return withUnsafeBytes(of: self.inline) { $0.load(fromByteOffset: slot * MemoryLayout<UInt64>.stride, as: UInt64.self) }
    }

    mutating func withMutable(_ body: (UnsafeMutableBufferPointer<UInt64>) -> Void) {
        if var spilled = self.spilled {
            self.spilled = nil
            spilled.withUnsafeMutableBufferPointer { body($0) }
            self.spilled = spilled
        } else {
            withUnsafeMutableBytes(of: &self.inline) { body($0.assumingMemoryBound(to: UInt64.self)) }
        }
    }
}
