package import CallCenter

/// Writes JSON without Foundation, into one growing buffer. Strings are Swift strings, so what is written is always valid UTF-8.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 512) {
        self.bytes.reserveCapacity(capacity)
    }

    /// `{"NAME":...,...}`
    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        self.bytes.append(UInt8(ascii: "{"))
        members(&self)
        self.bytes.append(UInt8(ascii: "}"))
    }

    package mutating func array<Element>(_ elements: some Sequence<Element>, _ write: (inout JSONWriter, Element) -> Void) {
        self.bytes.append(UInt8(ascii: "["))
        var first = true
        for element in elements {
            if !first { self.bytes.append(UInt8(ascii: ",")) }
            first = false
            write(&self, element)
        }
        self.bytes.append(UInt8(ascii: "]"))
    }

    /// `"NAME":`, after a comma unless it is the first of its object.
    package mutating func name(_ name: StaticString) {
        self.separate()
        self.bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { self.bytes.append(contentsOf: $0) }
        self.bytes.append(UInt8(ascii: "\""))
        self.bytes.append(UInt8(ascii: ":"))
    }

    /// As `name`, for one that comes from outside.
    package mutating func name(escaping name: String) {
        self.separate()
        self.value(name)
        self.bytes.append(UInt8(ascii: ":"))
    }

    package mutating func null() {
        self.raw("null")
    }

    package mutating func value(_ text: String) {
        self.bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            // Runs without anything to escape go in at once.
            var start = 0
            for index in utf8.indices {
                let byte = utf8[index]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F else { continue }
                self.bytes.append(contentsOf: utf8[start..<index])
                self.escape(byte)
                start = index + 1
            }
            self.bytes.append(contentsOf: utf8[start...])
        }
        self.bytes.append(UInt8(ascii: "\""))
    }

    package mutating func value(_ number: some BinaryInteger) {
        self.bytes.append(contentsOf: String(number).utf8)
    }

    package mutating func value(_ flag: Bool) {
        self.raw(flag ? "true" : "false")
    }

    package mutating func value(_ time: Timestamp) {
        self.value(time.rfc3339)
    }

    /// A whole JSON value that was written elsewhere.
    package mutating func json(_ json: [UInt8]) {
        self.bytes.append(contentsOf: json)
    }

    // MARK: members

    /// An absent or empty text is `null`: the contract knows no empty strings.
    package mutating func member(_ name: StaticString, _ text: String?) {
        self.name(name)
        if let text, !text.isEmpty { self.value(text) } else { self.null() }
    }

    package mutating func member(_ name: StaticString, _ number: (some BinaryInteger)?) {
        self.name(name)
        if let number { self.value(number) } else { self.null() }
    }

    package mutating func member(_ name: StaticString, _ flag: Bool) {
        self.name(name)
        self.value(flag)
    }

    package mutating func member(_ name: StaticString, _ time: Timestamp?) {
        self.name(name)
        if let time { self.value(time) } else { self.null() }
    }

    private mutating func separate() {
        switch self.bytes.last {
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"), nil: break
        default: self.bytes.append(UInt8(ascii: ","))
        }
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): self.raw("\\\"")
        case UInt8(ascii: "\\"): self.raw("\\\\")
        case UInt8(ascii: "\n"): self.raw("\\n")
        case UInt8(ascii: "\r"): self.raw("\\r")
        case UInt8(ascii: "\t"): self.raw("\\t")
        default:
            self.raw("\\u00")
            self.bytes.append(Self.digit(byte >> 4))
            self.bytes.append(Self.digit(byte & 15))
        }
    }

    private mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { self.bytes.append(contentsOf: $0) }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
