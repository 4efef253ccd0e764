extension Timestamp {
    /// `2026-11-22T22:53:49.577Z`: UTC with milliseconds, cut rather than rounded, so that no moment is shown before it came.
    /// Years outside 0...9999 are shown as the nearest moment that can be written.
    public var rfc3339: String {
        String(unsafeUninitializedCapacity: 24) { buffer in
            self.write(into: buffer)
            return 24
        }
    }

    /// Reads `YYYY-MM-DDTHH:MM:SS`, up to six digits of a second after a full stop, and `Z`, `+HH:MM` or `-HH:MM`; `nil` for anything else.
    public init?(rfc3339 text: some StringProtocol) {
        var scanner = Scanner(rest: Array(text.utf8)[...])
        guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"), let day = scanner.number(2),
            scanner.skip("T") || scanner.skip("t"), let hour = scanner.number(2), scanner.skip(":"), let minute = scanner.number(2),
            scanner.skip(":"), let second = scanner.number(2),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        var fraction: Int64 = 0
        if scanner.skip(".") {
            guard let digits = scanner.fraction() else { return nil }
            fraction = digits
        }
        var offset: Int64 = 0
        if !(scanner.skip("Z") || scanner.skip("z")) {
            let east = scanner.skip("+")
            guard east || scanner.skip("-"), let hours = scanner.number(2), scanner.skip(":"), let minutes = scanner.number(2), hours < 24,
                minutes < 60
            else { return nil }
            offset = (hours * 3600 + minutes * 60) * (east ? 1 : -1)
        }
        let days = Self.days(year: year, month: month, day: day)
        // The 31st of a short month would come back as another day.
        guard scanner.rest.isEmpty, Self.date(days: days) == (year, month, day) else { return nil }
        self.init(microseconds: (days * 86_400 + hour * 3600 + minute * 60 + second - offset) * 1_000_000 + fraction)
    }

    private func write(into buffer: UnsafeMutableBufferPointer<UInt8>) {
        let least: Int64 = -62_167_219_200_000
        let most: Int64 = 253_402_300_799_999
        let milliseconds = min(max(Self.floor(self.microseconds, 1000), least), most)
        let seconds = Self.floor(milliseconds, 1000)
        let days = Self.floor(seconds, 86_400)
        let second = seconds - days * 86_400
        let (year, month, day) = Self.date(days: days)
        func put(_ value: Int64, _ digits: Int, at index: Int) {
            var rest = value
            for place in (index..<index + digits).reversed() {
                buffer[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
        }
        put(year, 4, at: 0)
        put(month, 2, at: 5)
        put(day, 2, at: 8)
        put(second / 3600, 2, at: 11)
        put(second / 60 % 60, 2, at: 14)
        put(second % 60, 2, at: 17)
        put(milliseconds - seconds * 1000, 3, at: 20)
        buffer[4] = UInt8(ascii: "-")
        buffer[7] = UInt8(ascii: "-")
        buffer[10] = UInt8(ascii: "T")
        buffer[13] = UInt8(ascii: ":")
        buffer[16] = UInt8(ascii: ":")
        buffer[19] = UInt8(ascii: ".")
        buffer[23] = UInt8(ascii: "Z")
    }

    private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    // Days are counted from 1970 in years that begin in March: the leap day is then the last of its year, and 400 years are 146,097 days.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = Self.floor(year, 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = Self.floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = (shiftedMonth + 2) % 12 + 1
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private struct Scanner {
        var rest: ArraySlice<UInt8>

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard let byte = self.rest.first, UInt32(byte) == character.value else { return false }
            self.rest.removeFirst()
            return true
        }

        mutating func number(_ digits: Int) -> Int64? {
            guard self.rest.count >= digits else { return nil }
            var value: Int64 = 0
            for byte in self.rest.prefix(digits) {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            self.rest.removeFirst(digits)
            return value
        }

        /// Microseconds of one to six digits.
        mutating func fraction() -> Int64? {
            let digits = self.rest.prefix { (0x30...0x39).contains($0) }.count
            guard (1...6).contains(digits), let value = self.number(digits) else { return nil }
            return (digits..<6).reduce(value) { sum, _ in sum * 10 }
        }
    }
}
