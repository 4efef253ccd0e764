package import CallCenter
import ScreenPop

/// What may be dialled, and how.
package struct DialRules: Sendable, Equatable {
    package var extensions: [DialPattern]
    package var numbers: [DialPattern]
    package var context: DialContext
    /// Who the called one is shown; `nil`: the extension of the agent's phone.
    package var callerID: DialNumber?
    /// How long a phone rings, in seconds.
    package var ringSeconds = 30

    package init(extensions: [DialPattern], numbers: [DialPattern] = [], context: DialContext, callerID: DialNumber? = nil) {
        self.extensions = extensions
        self.numbers = numbers
        self.context = context
        self.callerID = callerID
    }

    /// Extensions of 3 to 6 digits in the context `default`, and nothing outside.
    package static let standardPatterns = ["XXX", "XXXX", "XXXXX", "XXXXXX"]
    package static let standard = DialRules(extensions: Self.standardPatterns.compactMap { DialPattern($0) }, context: .standard)

    func number(_ text: String, allowed patterns: [DialPattern], setting: StaticString) throws(CommandError) -> DialNumber {
        guard let number = DialNumber(text) else {
            throw CommandError(.invalidValue, "a number is of digits, * and #, with a + in front or not, and has at most 32")
        }
        guard patterns.contains(where: { $0.matches(number) }) else {
            throw CommandError(.targetNotAllowed, "this may not be dialled; \(setting) says what may")
        }
        return number
    }

    /// - Throws: `target-not-allowed`, `invalid-value`.
    func check(_ target: CallTarget) throws(CommandError) -> DialNumber? {
        switch target {
        case .extension(let text): try self.number(text, allowed: self.extensions, setting: "--dial-extension")
        case .number(let text): try self.number(text, allowed: self.numbers, setting: "--dial-number")
        case .agent, .queue: nil
        }
    }
}
