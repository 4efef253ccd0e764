/// JSON with its members in their order, as cJSON keeps it.
enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// As it was written.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    struct Member: Sendable, Equatable {
        var name: String
        var value: JSONValue
    }

    subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    static func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue { .object(members.map { Member(name: $0.key, value: $0.value) }) }
}

// MARK: writing

extension JSONValue {
    /// On one line.
    var compact: String {
        switch self {
        case .null: "null"
        case .bool(let value): String(value)
        case .number(let text): text
        case .string(let text): EventText.quoted(text)
        case .array(let values): "[" + values.map(\.compact).joined(separator: ",") + "]"
        case .object(let members): "{" + members.map { "\(EventText.quoted($0.name)):\($0.value.compact)" }.joined(separator: ",") + "}"
        }
    }

    /// As cJSON prints it for people: a tab for each level, and behind each colon.
    func pretty(_ depth: Int = 0) -> String {
        switch self {
        case .null, .bool, .number, .string: return self.compact
        case .array(let values): return "[" + values.map { $0.pretty(depth + 1) }.joined(separator: ", ") + "]"
        case .object(let members):
            if members.isEmpty { return "{\n" + String(repeating: "\t", count: depth) + "}" }
            let indent = String(repeating: "\t", count: depth + 1)
            let lines = members.map { "\(indent)\(EventText.quoted($0.name)):\t\($0.value.pretty(depth + 1))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n" + String(repeating: "\t", count: depth) + "}"
        }
    }
}

// MARK: reading

extension JSONValue {
    /// `nil` for what is no JSON, or nested more than 64 deep.
    init?(_ text: String) {
        var reader = JSONReader(bytes: Array(text.utf8))
        guard let value = reader.value(depth: 0), reader.isAtEnd() else { return nil }
        self = value
    }
}

private struct JSONReader {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func peek() -> UInt8? {
        while self.position < self.bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(self.bytes[self.position]) { self.position += 1 }
        return self.position < self.bytes.count ? self.bytes[self.position] : nil
    }

    mutating func isAtEnd() -> Bool { self.peek() == nil }

    private mutating func take(_ text: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard self.bytes[self.position...].starts(with: wanted) else { return false }
        self.position += wanted.count
        return true
    }

    mutating func value(depth: Int) -> JSONValue? {
        guard depth < 64, let first = self.peek() else { return nil }
        switch first {
        case UInt8(ascii: "{"): return self.object(depth: depth)
        case UInt8(ascii: "["): return self.array(depth: depth)
        case UInt8(ascii: "\""): return self.string().map { .string($0) }
        case UInt8(ascii: "t"): return self.take("true") ? .bool(true) : nil
        case UInt8(ascii: "f"): return self.take("false") ? .bool(false) : nil
        case UInt8(ascii: "n"): return self.take("null") ? .null : nil
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let digits = self.bytes[self.position...].prefix { Array("+-.0123456789eE".utf8).contains($0) }
            self.position += digits.count
            return .number(String(decoding: digits, as: UTF8.self))
        default: return nil
        }
    }

    private mutating func object(depth: Int) -> JSONValue? {
        self.position += 1
        var members: [JSONValue.Member] = []
        if self.peek() == UInt8(ascii: "}") {
            self.position += 1
            return .object(members)
        }
        while true {
            guard self.peek() == UInt8(ascii: "\""), let name = self.string(), self.peek() == UInt8(ascii: ":") else { return nil }
            self.position += 1
            guard let value = self.value(depth: depth + 1) else { return nil }
            members.append(JSONValue.Member(name: name, value: value))
            guard let next = self.peek() else { return nil }
            self.position += 1
            if next == UInt8(ascii: "}") { return .object(members) }
            guard next == UInt8(ascii: ",") else { return nil }
        }
    }

    private mutating func array(depth: Int) -> JSONValue? {
        self.position += 1
        var values: [JSONValue] = []
        if self.peek() == UInt8(ascii: "]") {
            self.position += 1
            return .array(values)
        }
        while true {
            guard let value = self.value(depth: depth + 1) else { return nil }
            values.append(value)
            guard let next = self.peek() else { return nil }
            self.position += 1
            if next == UInt8(ascii: "]") { return .array(values) }
            guard next == UInt8(ascii: ",") else { return nil }
        }
    }

    private mutating func string() -> String? {
        self.position += 1
        var out: [UInt8] = []
        while self.position < self.bytes.count {
            let byte = self.bytes[self.position]
            self.position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: out, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard self.position < self.bytes.count else { return nil }
                let escape = self.bytes[self.position]
                self.position += 1
                switch escape {
                case UInt8(ascii: "n"): out.append(0x0A)
                case UInt8(ascii: "r"): out.append(0x0D)
                case UInt8(ascii: "t"): out.append(0x09)
                case UInt8(ascii: "u"):
                    guard self.position + 4 <= self.bytes.count,
                        let unit = UInt32(String(decoding: self.bytes[self.position..<(self.position + 4)], as: UTF8.self), radix: 16),
                        let scalar = Unicode.Scalar(unit)
                    else { return nil }
                    self.position += 4
                    out.append(contentsOf: String(Character(scalar)).utf8)
                default: out.append(escape)
                }
            default: out.append(byte)
            }
        }
        return nil
    }
}
