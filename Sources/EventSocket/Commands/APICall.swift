/// A whole `api` call: the function's name and its argument as one line, checked so that it cannot become two lines.
public struct APICall: Sendable, Hashable {
    public let function: String
    public let argument: String

    /// - Throws: `illegalCommand` for a control byte in either, an empty function or one with a space in it, more than 64 KiB, or a
    ///   line that would unload the event socket.
    public init(_ function: String, _ argument: String = "") throws(EventSocketError) {
        guard !function.isEmpty, !function.utf8.contains(UInt8(ascii: " ")) else {
            throw .illegalCommand("the name of an api function is one word")
        }
        try WireText.check(function, as: "the name of an api function")
        try WireText.check(argument, as: "the argument of \(function)")
        self.function = function
        self.argument = argument
        try WireText.checkOrders(self.line)
    }

    /// What stands behind `api` or `bgapi`.
    var line: String { self.argument.isEmpty ? self.function : "\(self.function) \(self.argument)" }
}
