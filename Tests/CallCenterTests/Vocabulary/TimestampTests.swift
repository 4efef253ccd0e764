import CallCenter
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_795_386_829_977_123, "2026-11-22T22:33:49.977Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000Z"),
        (1_709_251_199_999_999, "2024-02-29T23:59:59.999Z"),
        (4_107_542_400_000_000, "2100-03-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (Int64.max, "9999-12-31T23:59:59.999Z"),
        (Int64.min, "0000-01-01T00:00:00.000Z"),
    ]) func writes(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).rfc3339 == text)
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-11-22T22:33:49.977Z", 1_795_386_829_977_000),
        ("2026-11-22T22:33:49.977123Z", 1_795_386_829_977_123),
        ("2026-11-23T00:33:49.9+02:00", 1_795_386_829_900_000),
        ("2026-11-22T17:03:49-05:30", 1_795_386_829_000_000),
        ("2000-02-29t00:00:00z", 951_782_400_000_000),
    ]) func reads(text: String, microseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "2026-11-22", "2026-11-22T22:33:49", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T22:60:00Z",
        "2026-11-22T22:33:49.Z", "2026-11-22T22:33:49.1234567Z", "2026-11-22T22:33:49Zx", "+026-11-22T22:33:49Z", "2026-11-22T22:33:49+2:00",
        "2026-00-10T00:00:00Z", "2026-11-22 22:33:49Z", "٢٠٢٦-11-22T22:33:49Z",
    ]) func refuses(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func everyDayOfFourHundredYearsComesBack() {
        for day in Int64(0)..<146_097 {
            let time = Timestamp(microseconds: day * 86_400_000_000 + 1_000)
            #expect(Timestamp(rfc3339: time.rfc3339) == time)
        }
    }
}
