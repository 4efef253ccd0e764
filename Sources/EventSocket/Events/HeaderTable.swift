#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The names of headers to look for, prepared once, so that one pass over an event finds all of them.
///
/// All names are known for their first few bytes, so a line is looked up by those alone: a multiplication decides that a line is nobody's before
/// its name is even measured. What is left is compared with the few names that begin the same way.
public struct HeaderTable: Sendable {
    public let names: [String]
    public let prefixes: [String]

    /// Prefixes, and names with their `: `, one after the other.
    private let needles: [UInt8]
    private let entries: [Entry]
    /// The first entry of each chain; `noEntry` where there is none.
    private let buckets: [UInt16]
    /// How many first bytes all needles have; at most 16.
    private let keyLength: Int

    private static let noEntry = UInt16.max

    private struct Entry {
        var start: Int
        var count: Int
        /// The last 8 bytes: they differ more often than the first ones. 0 for a shorter needle.
        var tail: UInt64
        /// Index in `names`, or in `prefixes`.
        var slot: Int
        var isPrefix: Bool
        var next: UInt16
    }

    /// - Parameters:
    ///   - names: the slot of a name is its index here. A name that stands twice is found at its first index.
    ///   - prefixes: headers whose names begin so are collected as well; see `HeaderMatches.forEachPrefixed`.
    public init(_ names: [String], prefixes: [String] = []) {
        self.names = names
        self.prefixes = prefixes
        var texts: [(bytes: [UInt8], slot: Int, isPrefix: Bool)] = []
        for (slot, name) in names.enumerated() where names.firstIndex(of: name) == slot {
            texts.append((Array("\(name): ".utf8), slot, false))
        }
        for (slot, prefix) in prefixes.enumerated() {
            texts.append((Array(prefix.utf8), slot, true))
        }
        let keyLength = min(16, texts.map(\.bytes.count).min() ?? 0)
        var needles: [UInt8] = []
        var entries: [Entry] = []
        var buckets = [UInt16](repeating: Self.noEntry, count: 256)
        for text in texts.prefix(Int(Self.noEntry)) {
            let bucket = text.bytes.withUnsafeBytes { Self.bucket(paddedFirst16: $0, keyLength: keyLength) }
            let tail: UInt64 =
                text.bytes.count < 8 ? 0 : text.bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: $0.count - 8, as: UInt64.self) }
            entries.append(
                Entry(
                    start: needles.count, count: text.bytes.count, tail: tail, slot: text.slot, isPrefix: text.isPrefix, next: buckets[bucket]))
            buckets[bucket] = UInt16(entries.count - 1)
            needles += text.bytes
        }
        self.keyLength = keyLength
        self.needles = needles
        self.entries = entries
        self.buckets = buckets
    }

    /// Finds the headers and reports the place of each value in `bytes`.
    @inline(__always)
    func scan(
        _ bytes: UnsafeRawBufferPointer, found: (_ slot: Int, _ value: Range<Int>) -> Void, foundPrefixed: (_ slot: Int, _ line: Range<Int>) -> Void
    ) {
        guard let base = bytes.baseAddress, !self.entries.isEmpty else { return }
        self.needles.withUnsafeBytes { needles in
            self.entries.withUnsafeBufferPointer { entries in
                self.buckets.withUnsafeBufferPointer { buckets in
                    guard let needleBase = needles.baseAddress else { return }
                    var offset = 0
                    while offset < bytes.count {
                        let line = base + offset
                        let remaining = bytes.count - offset
                        guard line.load(as: UInt8.self) != UInt8(ascii: "\n") else { return }
                        let bucket =
                            remaining >= 16
                            ? Self.bucket(first16: line, keyLength: self.keyLength)
                            : Self.bucket(paddedFirst16: UnsafeRawBufferPointer(start: line, count: remaining), keyLength: self.keyLength)
                        let length = memchr(line, Int32(UInt8(ascii: "\n")), remaining).map { UnsafeRawPointer($0) - line } ?? remaining
                        var index = buckets[bucket]
                        while index != Self.noEntry {
                            let entry = entries[Int(index)]
                            index = entry.next
                            guard length >= entry.count,
                                entry.count < 8 || (line + entry.count - 8).loadUnaligned(as: UInt64.self) == entry.tail,
                                memcmp(line, needleBase + entry.start, entry.count) == 0
                            else { continue }
                            if entry.isPrefix {
                                foundPrefixed(entry.slot, offset..<(offset + length))
                            } else {
                                found(entry.slot, (offset + entry.count)..<(offset + length))
                            }
                        }
                        offset += length + 1
                    }
                }
            }
        }
    }

    /// - Parameter first16: 16 bytes can be read there.
    @inline(__always)
    private static func bucket(first16 start: UnsafeRawPointer, keyLength: Int) -> Int {
        let mask = keyLength >= 8 ? UInt64.max : (1 << UInt64(keyLength * 8)) &- 1
        let first = UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)) & mask
        let second = keyLength > 8 ? UInt64(littleEndian: (start + (keyLength - 8)).loadUnaligned(as: UInt64.self)) : 0
        return Int(truncatingIfNeeded: ((first &* 0x9E37_79B9_7F4A_7C15) ^ (second &* 0xC2B2_AE3D_27D4_EB4F)) >> 56)
    }

    private static func bucket(paddedFirst16 bytes: UnsafeRawBufferPointer, keyLength: Int) -> Int {
        var padded: (UInt64, UInt64) = (0, 0)
        return withUnsafeMutableBytes(of: &padded) { padded in
            padded.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix(16)))
            guard let start = padded.baseAddress else { return 0 }
            return Self.bucket(first16: start, keyLength: keyLength)
        }
    }
}
