import NIOCore

/// Writes one JSON object into a buffer, member by member. What is stored as JSON already goes in as it is.
struct JSONWriter {
    private(set) var buffer: ByteBuffer
    private var isFirst = true

    init(capacity: Int = 256) {
        self.buffer = ByteBufferAllocator().buffer(capacity: capacity)
        self.buffer.writeInteger(UInt8(ascii: "{"))
    }

    /// One object, written by `build`.
    static func object(_ build: (inout JSONWriter) -> Void) -> ByteBuffer {
        var writer = JSONWriter()
        build(&writer)
        writer.buffer.writeInteger(UInt8(ascii: "}"))
        return writer.buffer
    }

    private mutating func name(_ name: String) {
        if !self.isFirst { self.buffer.writeInteger(UInt8(ascii: ",")) }
        self.isFirst = false
        self.buffer.writeJSON(name)
        self.buffer.writeInteger(UInt8(ascii: ":"))
    }

    mutating func member(_ name: String, _ value: String?) {
        self.name(name)
        if let value { self.buffer.writeJSON(value) } else { self.buffer.writeStaticString("null") }
    }

    mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        self.buffer.writeStaticString(value ? "true" : "false")
    }

    mutating func member(_ name: String, _ value: Int) {
        self.name(name)
        self.buffer.writeString(String(value))
    }

    mutating func member(_ name: String, json: ByteBuffer?) {
        self.name(name)
        if let json { self.buffer.writeImmutableBuffer(json) } else { self.buffer.writeStaticString("null") }
    }

    mutating func member(_ name: String, items: [ByteBuffer]) {
        self.name(name)
        self.buffer.writeInteger(UInt8(ascii: "["))
        for (index, item) in items.enumerated() {
            if index > 0 { self.buffer.writeInteger(UInt8(ascii: ",")) }
            self.buffer.writeImmutableBuffer(item)
        }
        self.buffer.writeInteger(UInt8(ascii: "]"))
    }

    mutating func member(_ name: String, _ members: [String: String]) {
        self.member(
            name,
            json: Self.object { object in
                for (key, value) in members.sorted(by: { $0.key < $1.key }) { object.member(key, value) }
            })
    }
}

extension ByteBuffer {
    /// The text as a JSON string with its quotes.
    fileprivate mutating func writeJSON(_ text: String) {
        self.writeInteger(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): self.writeStaticString("\\\"")
            case UInt8(ascii: "\\"): self.writeStaticString("\\\\")
            case 0x0A: self.writeStaticString("\\n")
            case 0x0D: self.writeStaticString("\\r")
            case 0x09: self.writeStaticString("\\t")
            case 0..<0x20, 0x7F:
                self.writeStaticString("\\u00")
                self.writeBytes([Self.digits[Int(byte >> 4)], Self.digits[Int(byte & 15)]])
            default: self.writeInteger(byte)
            }
        }
        self.writeInteger(UInt8(ascii: "\""))
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
