/// Moments as FreeSWITCH writes them. All in UTC: the simulated host's local time is UTC.
enum SwitchTime {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `2026-11-22 22:33:49`
    static func local(_ microseconds: Int64) -> String {
        let (year, month, day, clock, _) = self.parts(microseconds)
        return "\(year)-\(Self.two(month))-\(Self.two(day)) \(clock)"
    }

    /// `Sun, 22 Nov 2026 22:33:49 GMT`
    static func gmt(_ microseconds: Int64) -> String {
        let (year, month, day, clock, weekday) = self.parts(microseconds)
        return "\(Self.days[weekday]), \(Self.two(day)) \(Self.months[month - 1]) \(year) \(clock) GMT"
    }

    /// `0 years, 0 days, 0 hours, 3 minutes, 38 seconds, 44 milliseconds, 83 microseconds`
    static func duration(_ microseconds: Int64) -> String {
        let seconds = microseconds / 1_000_000
        let days = seconds / 86400
        return "\(days / 365) years, \(days % 365) days, \(seconds / 3600 % 24) hours, \(seconds / 60 % 60) minutes, \(seconds % 60) seconds, "
            + "\(microseconds / 1000 % 1000) milliseconds, \(microseconds % 1000) microseconds"
    }

    private static func parts(_ microseconds: Int64) -> (year: Int, month: Int, day: Int, clock: String, weekday: Int) {
        let seconds = Int(max(0, microseconds) / 1_000_000)
        let days = seconds / 86400
        // The civil calendar counted in eras of 400 years that begin on 1 March, so that the leap day is the last of its year.
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, day, "\(self.two(seconds / 3600 % 24)):\(self.two(seconds / 60 % 60)):\(self.two(seconds % 60))", days % 7)
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
