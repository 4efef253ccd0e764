#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The header lines of a plain event or of a frame, up to the blank line that ends them.
struct HeaderLines {
    struct Line {
        /// Without its line feed. Never empty.
        let bytes: UnsafeRawBufferPointer

        /// Name and raw value, cut at the first `: `. `nil` for a line that is no header.
        func split() -> (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
            var start = 0
            while let colon = firstIndex(of: UInt8(ascii: ":"), in: self.bytes, from: start), colon + 1 < self.bytes.count {
                if self.bytes[colon + 1] == UInt8(ascii: " ") {
                    return (UnsafeRawBufferPointer(rebasing: self.bytes[..<colon]), UnsafeRawBufferPointer(rebasing: self.bytes[(colon + 2)...]))
                }
                start = colon + 1
            }
            return nil
        }

        /// The raw value if the line is the header of that name.
        func value(ifNamed name: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
            let valueStart = name.count + 2
            guard self.bytes.count >= valueStart, let lineStart = self.bytes.baseAddress, let nameStart = name.baseAddress,
                self.bytes[name.count] == UInt8(ascii: ":"), self.bytes[name.count + 1] == UInt8(ascii: " "),
                memcmp(lineStart, nameStart, name.count) == 0
            else { return nil }
            return UnsafeRawBufferPointer(rebasing: self.bytes[valueStart...])
        }
    }

    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    /// Where the first byte after the blank line is; `nil` until `next()` has returned `nil`, and when there is no blank line.
    private(set) var bodyOffset: Int?

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The next line; `nil` at the blank line or the end.
    mutating func next() -> Line? {
        guard self.offset < self.bytes.count else { return nil }
        let end = firstIndex(of: UInt8(ascii: "\n"), in: self.bytes, from: self.offset) ?? self.bytes.count
        guard end > self.offset else {
            self.bodyOffset = end + 1
            self.offset = self.bytes.count
            return nil
        }
        defer { self.offset = end + 1 }
        return Line(bytes: UnsafeRawBufferPointer(rebasing: self.bytes[self.offset..<end]))
    }
}

/// The index of the first such byte at or after `start`.
@inline(__always)
func firstIndex(of byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard start < bytes.count, let base = bytes.baseAddress, let found = memchr(base + start, Int32(byte), bytes.count - start) else { return nil }
    return UnsafeRawPointer(found) - base
}
