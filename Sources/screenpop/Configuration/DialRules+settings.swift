import CallCenter
import ScreenPopService

extension DialRules {
    /// - Throws: `CommandFailure` (configuration) that names the place of what is wrong.
    init(_ sources: SettingSources) throws {
        self = .standard
        if let patterns = try Self.patterns(.dialExtension, sources) { self.extensions = patterns }
        if let patterns = try Self.patterns(.dialNumber, sources) { self.numbers = patterns }
        if let setting = try sources.string(.dialContext) {
            guard let context = DialContext(setting.value) else {
                throw CommandFailure(
                    .configuration, "\(setting.place): `\(setting.value)` is no name of a context: letters, digits, dots, hyphens and underscores")
            }
            self.context = context
        }
        if let setting = try sources.string(.dialCallerID) {
            guard let number = DialNumber(setting.value) else {
                throw CommandFailure(.configuration, "\(setting.place): `\(setting.value)` is no number to be shown, such as +441632960960")
            }
            self.callerID = number
        }
    }

    private static func patterns(_ name: SettingName, _ sources: SettingSources) throws -> [DialPattern]? {
        guard let setting = try sources.strings(name) else { return nil }
        var patterns: [DialPattern] = []
        for text in setting.value {
            guard let pattern = DialPattern(text) else {
                throw CommandFailure(
                    .configuration,
                    """
                    \(setting.place): `\(text)` is no pattern: digits, * and #, X for any digit, Z for 1 to 9, N for 2 to 9, \
                    + in front, . at the end for one digit more or several
                    """)
            }
            patterns.append(pattern)
        }
        return patterns
    }
}
