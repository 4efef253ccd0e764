/// One setting of a queue, named and typed as JSON shows it: `max_wait_time` is `maxWaitTime`, a number.
public struct QueueParameter: Sendable, Equatable {
    public enum Value: Sendable, Equatable {
        case none
        case text(String)
        case number(Int64)
        case flag(Bool)
    }

    public var name: String
    public var value: Value

    public init(name: String, value: Value) {
        self.name = name
        self.value = value
    }

    /// All columns of a row but the name and what the queue counts, in the order of their names. A column that a newer FreeSWITCH adds is a text.
    public static func all(of row: QueueRow) -> [QueueParameter] {
        row.parameters.filter { !Self.others.contains($0.key) }
            .map { QueueParameter(name: self.name(column: $0.key), value: self.value(column: $0.key, $0.value)) }
            .sorted { $0.name < $1.name }
    }

    private static let others: Set<String> = ["name", "calls_answered", "calls_abandoned"]

    private static func value(column: String, _ text: String) -> Value {
        if text.isEmpty || text == "(null)" { return .none }
        switch QueueSetting.named(column)?.kind {
        case .flag where text == "true" || text == "false": return .flag(text == "true")
        case .seconds: return Int64(text).map { .number($0) } ?? .text(text)
        case .flag, .word, .sound, .template, nil: return .text(text)
        }
    }

    private static func name(column: String) -> String {
        let words = column.split(separator: "_")
        return words.enumerated().map { index, word in index == 0 ? String(word) : word.prefix(1).uppercased() + word.dropFirst() }.joined()
    }
}
