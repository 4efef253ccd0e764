extension JSON {
    /// As YAML in block style, members in the order of their names. Texts are written as JSON writes them, which YAML reads.
    var yaml: String { self.lines.joined(separator: "\n") + "\n" }

    private var lines: [String] {
        switch self {
        case .object(let members) where !members.isEmpty:
            members.sorted { $0.key < $1.key }.flatMap { name, value -> [String] in
                let name = name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_.]*/) == nil ? JSON.string(name).text : name
                return value.isBlock ? ["\(name):"] + value.lines.map { "  " + $0 } : ["\(name): \(value.text)"]
            }
        case .array(let items) where !items.isEmpty:
            items.flatMap { item -> [String] in
                let lines = item.isBlock ? item.lines : [item.text]
                return ["- \(lines[0])"] + lines.dropFirst().map { "  " + $0 }
            }
        default: [self.text]
        }
    }

    /// Whether it stands on lines of its own; lists of words stay on one.
    private var isBlock: Bool {
        switch self {
        case .object(let members): !members.isEmpty
        case .array(let items): items.contains(where: \.isBlock)
        case .null, .bool, .number, .string: false
        }
    }
}
