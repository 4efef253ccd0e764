public import NIOCore

extension Event {
    /// Reads the body of a `text/event-json` frame: one flat object of strings, where an array header is an array of strings and the inner body
    /// is the member `_body`. The result is the event that `text/event-plain` would have brought.
    ///
    /// A member whose name could not stand in a plain event (a control character or `: ` in it) is left out.
    ///
    /// - Throws: `protocolViolation` when it is no such object.
    public init(json: ByteBuffer) throws(EventSocketError) {
        var reader = EventJSONReader(json)
        guard let members = reader.members() else { throw .protocolViolation("a text/event-json body that is no flat JSON object of texts") }
        var plain = ByteBufferAllocator().buffer(capacity: json.readableBytes + json.readableBytes / 8)
        var body: [UInt8] = []
        for (name, value) in members {
            if name.elementsEqual("_body".utf8) {
                if body.isEmpty { body = value }
            } else if !name.elementsEqual("Content-Length".utf8), Self.isHeaderName(name) {
                plain.writeBytes(name)
                plain.writeStaticString(": ")
                for byte in value {
                    if byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "%") {
                        plain.writeBytes([UInt8(ascii: "%"), Self.hexadecimal(byte >> 4), Self.hexadecimal(byte & 15)])
                    } else {
                        plain.writeInteger(byte)
                    }
                }
                plain.writeStaticString("\n")
            }
        }
        if !body.isEmpty { plain.writeString("Content-Length: \(body.count)\n") }
        plain.writeStaticString("\n")
        plain.writeBytes(body)
        self.init(plain: plain)
    }

    private static func isHeaderName(_ name: [UInt8]) -> Bool {
        !name.isEmpty && name.allSatisfy { $0 >= 0x20 && $0 != 0x7F } && name.firstRange(of: [UInt8(ascii: ":"), UInt8(ascii: " ")]) == nil
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10
    }
}

/// Reads one flat JSON object. It never recurses, so no input can exhaust the stack; bytes that are no UTF-8 pass through, because FreeSWITCH
/// writes what the caller sent.
private struct EventJSONReader {
    private let bytes: ByteBufferView
    private var index: ByteBufferView.Index

    init(_ buffer: ByteBuffer) {
        self.bytes = buffer.readableBytesView
        self.index = self.bytes.startIndex
    }

    /// The members in order; `nil` when the input is anything else than one object of texts, numbers, booleans, nulls and arrays of those.
    mutating func members() -> [(name: [UInt8], value: [UInt8])]? {
        var members: [(name: [UInt8], value: [UInt8])] = []
        guard self.take("{") else { return nil }
        if !self.take("}") {
            repeat {
                guard self.take("\""), let name = self.string(), self.take(":"), let value = self.value() else { return nil }
                members.append((name, value))
            } while self.take(",")
            guard self.take("}") else { return nil }
        }
        self.skipSpace()
        return self.index == self.bytes.endIndex ? members : nil
    }

    private mutating func value() -> [UInt8]? {
        guard self.take("[") else { return self.scalar() }
        var text = Array("ARRAY::".utf8)
        if self.take("]") { return [] }
        var isFirst = true
        repeat {
            guard let element = self.scalar() else { return nil }
            if !isFirst { text += "|:".utf8 }
            isFirst = false
            text += element
        } while self.take(",")
        return self.take("]") ? text : nil
    }

    private mutating func scalar() -> [UInt8]? {
        if self.take("\"") { return self.string() }
        self.skipSpace()
        let start = self.index
        while self.index < self.bytes.endIndex, Self.isLiteral(self.bytes[self.index]) { self.index += 1 }
        let literal = Array(self.bytes[start..<self.index])
        if literal == Array("null".utf8) { return [] }
        return literal.isEmpty ? nil : literal
    }

    /// The rest of a text after its opening quote.
    private mutating func string() -> [UInt8]? {
        var text: [UInt8] = []
        while self.index < self.bytes.endIndex {
            let byte = self.bytes[self.index]
            self.index += 1
            switch byte {
            case UInt8(ascii: "\""): return text
            case UInt8(ascii: "\\"):
                guard self.escape(into: &text) else { return nil }
            default: text.append(byte)
            }
        }
        return nil
    }

    private mutating func escape(into text: inout [UInt8]) -> Bool {
        guard self.index < self.bytes.endIndex else { return false }
        let byte = self.bytes[self.index]
        self.index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            guard let unit = self.hexadecimalUnit() else { return false }
            text.append(contentsOf: String(self.scalar(startingWith: unit)).utf8)
        default: return false
        }
        return true
    }

    /// Half of a surrogate pair without its other half becomes U+FFFD.
    private mutating func scalar(startingWith unit: UInt32) -> Character {
        if (0xD800..<0xDC00).contains(unit) {
            let start = self.index
            if self.index + 1 < self.bytes.endIndex, self.bytes[self.index] == UInt8(ascii: "\\"), self.bytes[self.index + 1] == UInt8(ascii: "u") {
                self.index += 2
                if let low = self.hexadecimalUnit(), (0xDC00..<0xE000).contains(low),
                    let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
                {
                    return Character(scalar)
                }
            }
            self.index = start
        }
        return Unicode.Scalar(unit).map { Character($0) } ?? "\u{FFFD}"
    }

    private mutating func hexadecimalUnit() -> UInt32? {
        guard self.index + 4 <= self.bytes.endIndex else { return nil }
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = PercentDecoder.hexadecimalDigit(self.bytes[self.index]) else { return nil }
            unit = unit << 4 | UInt32(digit)
            self.index += 1
        }
        return unit
    }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        self.skipSpace()
        guard self.index < self.bytes.endIndex, self.bytes[self.index] == UInt8(ascii: byte) else { return false }
        self.index += 1
        return true
    }

    private mutating func skipSpace() {
        while self.index < self.bytes.endIndex, [0x20, 0x09, 0x0A, 0x0D].contains(self.bytes[self.index]) { self.index += 1 }
    }

    private static func isLiteral(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }
}
