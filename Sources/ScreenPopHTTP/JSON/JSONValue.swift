/// JSON from outside, taken apart strictly and within bounds: RFC 8259, UTF-8 only, no lone surrogates, no name twice in an object.
enum JSONValue: Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    struct Malformed: Error, Equatable {
        /// In bytes from the start.
        var offset: Int
        var reason: String
    }

    static let maximumDepth = 8

    init(_ bytes: some Sequence<UInt8>) throws(Malformed) {
        var parser = JSONParser(bytes: Array(bytes))
        self = try parser.document()
    }

    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// Whole numbers only.
    var integer: Int? {
        if case .number(let value) = self { Int(exactly: value) } else { nil }
    }

    var strings: [String]? {
        guard case .array(let items) = self else { return nil }
        var strings: [String] = []
        for item in items {
            guard let text = item.string else { return nil }
            strings.append(text)
        }
        return strings
    }
}

private struct JSONParser {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(JSONValue.Malformed) -> JSONValue {
        let value = try self.value(depth: 0)
        self.skipSpace()
        guard self.position == self.bytes.count else { throw self.malformed("something follows the value") }
        return value
    }

    private func malformed(_ reason: String) -> JSONValue.Malformed {
        JSONValue.Malformed(offset: self.position, reason: reason)
    }

    private var next: UInt8? {
        self.position < self.bytes.count ? self.bytes[self.position] : nil
    }

    private mutating func skipSpace() {
        while let byte = self.next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { self.position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard self.next == byte else { return false }
        self.position += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONValue.Malformed) -> JSONValue {
        guard depth <= JSONValue.maximumDepth else { throw self.malformed("nested too deeply") }
        self.skipSpace()
        switch self.next {
        case UInt8(ascii: "{"): return try self.object(depth: depth)
        case UInt8(ascii: "["): return try self.array(depth: depth)
        case UInt8(ascii: "\""): return .string(try self.text())
        case UInt8(ascii: "t"): return try self.word("true", .bool(true))
        case UInt8(ascii: "f"): return try self.word("false", .bool(false))
        case UInt8(ascii: "n"): return try self.word("null", .null)
        case .some(let byte) where byte == UInt8(ascii: "-") || Self.isDigit(byte): return try self.number()
        case .some: throw self.malformed("a value was expected")
        case .none: throw self.malformed("the text ends early")
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONValue.Malformed) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard self.take(word.utf8Start[index]) else { throw self.malformed("a value was expected") }
        }
        return value
    }

    private mutating func object(depth: Int) throws(JSONValue.Malformed) -> JSONValue {
        self.position += 1
        var members: [String: JSONValue] = [:]
        self.skipSpace()
        if self.take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            self.skipSpace()
            guard self.next == UInt8(ascii: "\"") else { throw self.malformed("a name was expected") }
            let name = try self.text()
            self.skipSpace()
            guard self.take(UInt8(ascii: ":")) else { throw self.malformed("a colon was expected") }
            let value = try self.value(depth: depth + 1)
            guard members.updateValue(value, forKey: name) == nil else { throw self.malformed("a name stands twice") }
            self.skipSpace()
            if self.take(UInt8(ascii: "}")) { return .object(members) }
            guard self.take(UInt8(ascii: ",")) else { throw self.malformed("a comma or the object's end was expected") }
        }
    }

    private mutating func array(depth: Int) throws(JSONValue.Malformed) -> JSONValue {
        self.position += 1
        var items: [JSONValue] = []
        self.skipSpace()
        if self.take(UInt8(ascii: "]")) { return .array(items) }
        while true {
            items.append(try self.value(depth: depth + 1))
            self.skipSpace()
            if self.take(UInt8(ascii: "]")) { return .array(items) }
            guard self.take(UInt8(ascii: ",")) else { throw self.malformed("a comma or the array's end was expected") }
        }
    }

    private mutating func number() throws(JSONValue.Malformed) -> JSONValue {
        let start = self.position
        _ = self.take(UInt8(ascii: "-"))
        if !self.take(UInt8(ascii: "0")) { try self.digits() }
        if self.take(UInt8(ascii: ".")) { try self.digits() }
        if self.take(UInt8(ascii: "e")) || self.take(UInt8(ascii: "E")) {
            _ = self.take(UInt8(ascii: "+")) || self.take(UInt8(ascii: "-"))
            try self.digits()
        }
        guard self.position - start <= 40, let value = Double(String(decoding: self.bytes[start..<self.position], as: UTF8.self)), value.isFinite
        else { throw self.malformed("a number out of range") }
        return .number(value)
    }

    private mutating func digits() throws(JSONValue.Malformed) {
        let start = self.position
        while let byte = self.next, Self.isDigit(byte) { self.position += 1 }
        guard self.position > start else { throw self.malformed("a digit was expected") }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private mutating func text() throws(JSONValue.Malformed) -> String {
        self.position += 1
        var text: [UInt8] = []
        while let byte = self.next {
            self.position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw self.malformed("not UTF-8") }
                return string
            case UInt8(ascii: "\\"):
                try self.escape(into: &text)
            case 0..<0x20:
                throw self.malformed("a control character in a string")
            default:
                text.append(byte)
            }
        }
        throw self.malformed("the text ends early")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONValue.Malformed) {
        guard let byte = self.next else { throw self.malformed("the text ends early") }
        self.position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = UInt32(try self.hexadecimal())
            if (0xD800..<0xDC00).contains(code) {
                guard self.take(UInt8(ascii: "\\")), self.take(UInt8(ascii: "u")) else { throw self.malformed("half a surrogate pair") }
                let low = UInt32(try self.hexadecimal())
                guard (0xDC00..<0xE000).contains(low) else { throw self.malformed("half a surrogate pair") }
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw self.malformed("half a surrogate pair") }
            text.append(contentsOf: Character(scalar).utf8)
        default: throw self.malformed("an unknown escape")
        }
    }

    private mutating func hexadecimal() throws(JSONValue.Malformed) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = self.next else { throw self.malformed("the text ends early") }
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: throw self.malformed("four hexadecimal digits were expected")
            }
            value = value << 4 | UInt16(digit)
            self.position += 1
        }
        return value
    }
}
