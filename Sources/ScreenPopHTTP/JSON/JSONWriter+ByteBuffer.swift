import NIOCore
import ScreenPop
import ScreenPopService

/// What is stored as JSON already goes in as it is.
extension JSONWriter {
    /// One object, written by `members`.
    static func object(_ members: (inout JSONWriter) -> Void) -> ByteBuffer {
        var writer = JSONWriter(capacity: 256)
        writer.object(members)
        return ByteBuffer(bytes: writer.bytes)
    }

    /// `{"type":"error","error":{"code","message"}}`
    static func error(_ code: String, _ message: String) -> ByteBuffer {
        Self.object { object in
            object.member("type", "error")
            object.member("error", code: code, message: message)
        }
    }

    mutating func member(_ name: StaticString, code: String, message: String) {
        self.name(name)
        self.object { error in
            error.member("code", code)
            error.member("message", message)
        }
    }

    mutating func member(_ name: StaticString, json: ByteBuffer?) {
        self.name(name)
        if let json { self.json(Array(json.readableBytesView)) } else { self.null() }
    }

    mutating func member(_ name: StaticString, items: [ByteBuffer]) {
        self.name(name)
        self.array(items) { $0.json(Array($1.readableBytesView)) }
    }

    mutating func member(_ name: StaticString, _ texts: [String]) {
        self.name(name)
        self.array(texts) { $0.value($1) }
    }

    /// In the order of their names.
    mutating func member(_ name: StaticString, _ members: [String: CommandValue]) {
        self.name(name)
        self.object { object in
            for (key, value) in members.sorted(by: { $0.key < $1.key }) {
                object.name(escaping: key)
                object.value(value)
            }
        }
    }

    mutating func value(_ value: CommandValue) {
        switch value {
        case .null: self.null()
        case .text(let text): self.value(text)
        case .number(let number): self.value(number)
        case .flag(let flag): self.value(flag)
        case .texts(let texts): self.array(texts) { $0.value($1) }
        case .json(let json): self.json(json)
        }
    }
}
