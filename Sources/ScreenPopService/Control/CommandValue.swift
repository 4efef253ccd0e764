/// A value in a command's answer.
package enum CommandValue: Sendable, Equatable {
    case null
    case text(String)
    case number(Int)
    case flag(Bool)
    case texts([String])
    /// A whole JSON value.
    case json([UInt8])
}

extension CommandValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral {
    package init(stringLiteral text: String) { self = .text(text) }
    package init(integerLiteral number: Int) { self = .number(number) }
    package init(booleanLiteral flag: Bool) { self = .flag(flag) }
    package init(arrayLiteral texts: String...) { self = .texts(texts) }
}
