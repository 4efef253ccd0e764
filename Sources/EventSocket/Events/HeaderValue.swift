#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Reads raw header values. They are decoded here, after the lines were cut, so that a `%0A` in a caller's name stays in the name.
///
/// A `%` that is not followed by two hexadecimal digits stands for itself: FreeSWITCH leaves a `%` alone where it takes it for an escape already.
enum HeaderValue {
    /// The decoded text, where bytes that are no UTF-8 are repaired with U+FFFD; `nil` when it is empty or `_undef_`.
    static func string(_ raw: UnsafeRawBufferPointer) -> String? {
        guard !isAbsent(raw) else { return nil }
        guard firstIndex(of: UInt8(ascii: "%"), in: raw, from: 0) != nil else { return String(decoding: raw, as: UTF8.self) }
        let decoded = String(unsafeUninitializedCapacity: raw.count) { buffer in
            var decoder = PercentDecoder(raw)
            var count = 0
            while let byte = decoder.next() {
                buffer[count] = byte
                count += 1
            }
            return count
        }
        return decoded == "_undef_" ? nil : decoded
    }

    /// The decoded value as a decimal number with an optional sign; `nil` when it is none or does not fit.
    static func int(_ raw: UnsafeRawBufferPointer) -> Int64? {
        var decoder = PercentDecoder(raw)
        guard var byte = decoder.next() else { return nil }
        let isNegative = byte == UInt8(ascii: "-")
        if isNegative || byte == UInt8(ascii: "+") {
            guard let next = decoder.next() else { return nil }
            byte = next
        }
        var value: Int64 = 0
        while true {
            guard let digit = decimalDigit(byte) else { return nil }
            let (product, productOverflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            guard !productOverflow, !sumOverflow else { return nil }
            value = sum
            guard let next = decoder.next() else { return value }
            byte = next
        }
    }

    /// Whether the decoded value is exactly that text. An absent value is never equal to anything.
    static func equals(_ raw: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        guard !isAbsent(raw) else { return false }
        let expected = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        if raw.count == expected.count, let left = raw.baseAddress, let right = expected.baseAddress, memcmp(left, right, raw.count) == 0 {
            // A text with an escape in it is what the value is before decoding, not after.
            if firstIndex(of: UInt8(ascii: "%"), in: raw, from: 0) == nil { return true }
        }
        guard raw.count >= expected.count else { return false }
        var decoder = PercentDecoder(raw)
        for byte in expected where decoder.next() != byte { return false }
        return decoder.next() == nil
    }

    /// Empty, or what FreeSWITCH writes for empty.
    static func isAbsent(_ raw: UnsafeRawBufferPointer) -> Bool {
        guard let base = raw.baseAddress, raw.count > 0 else { return true }
        return raw.count == 7 && memcmp(base, "_undef_", 7) == 0
    }

    static func array(_ decoded: String) -> [String] {
        guard decoded.utf8.starts(with: "ARRAY::".utf8) else { return [decoded] }
        var elements: [String] = []
        var rest = decoded.utf8.dropFirst("ARRAY::".utf8.count)
        var searched = rest.startIndex
        while elements.count < 3_999, let bar = rest[searched...].firstIndex(of: UInt8(ascii: "|")) {
            let colon = rest.index(after: bar)
            searched = colon
            guard colon < rest.endIndex, rest[colon] == UInt8(ascii: ":") else { continue }
            elements.append(String(decoding: rest[..<bar], as: UTF8.self))
            rest = rest[rest.index(after: colon)...]
            searched = rest.startIndex
        }
        elements.append(String(decoding: rest, as: UTF8.self))
        return elements
    }

    private static func decimalDigit(_ byte: UInt8) -> Int64? {
        let digit = byte &- UInt8(ascii: "0")
        return digit < 10 ? Int64(digit) : nil
    }
}

/// Undoes percent-encoding, byte by byte.
struct PercentDecoder {
    private let raw: UnsafeRawBufferPointer
    private var offset = 0

    init(_ raw: UnsafeRawBufferPointer) {
        self.raw = raw
    }

    mutating func next() -> UInt8? {
        guard self.offset < self.raw.count else { return nil }
        let byte = self.raw[self.offset]
        if byte == UInt8(ascii: "%"), self.offset + 2 < self.raw.count, let high = Self.hexadecimalDigit(self.raw[self.offset + 1]),
            let low = Self.hexadecimalDigit(self.raw[self.offset + 2])
        {
            self.offset += 3
            return high << 4 | low
        }
        self.offset += 1
        return byte
    }

    static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
