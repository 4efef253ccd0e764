/// One event of a `text/event-stream`.
struct ServerSentEvent: Equatable {
    var id: String?
    var type = "message"
    var data = ""
}

/// Takes an event stream apart, however its bytes arrive.
struct ServerSentEventParser {
    private var line: [UInt8] = []
    private var lastWasReturn = false
    private var current = ServerSentEvent()
    private var hasData = false
    private var held = 0

    /// What one event may hold before its end has come.
    static let limit = 4 * 1024 * 1024

    /// The events that are complete now.
    /// - Throws: `CommandFailure` when an event grows beyond the limit.
    mutating func feed(_ bytes: some Sequence<UInt8>) throws -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n") where self.lastWasReturn: self.lastWasReturn = false
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                self.lastWasReturn = byte == UInt8(ascii: "\r")
                if let event = self.endLine() { events.append(event) }
            default:
                self.lastWasReturn = false
                self.line.append(byte)
                self.held += 1
                guard self.held <= Self.limit else { throw CommandFailure(.failed, "the service sent an event without end") }
            }
        }
        return events
    }

    private mutating func endLine() -> ServerSentEvent? {
        defer { self.line.removeAll(keepingCapacity: true) }
        guard !self.line.isEmpty else {
            defer {
                self.current = ServerSentEvent()
                self.hasData = false
                self.held = 0
            }
            return self.hasData ? self.current : nil
        }
        let text = String(decoding: self.line, as: UTF8.self)
        let colon = text.firstIndex(of: ":")
        let field = colon.map { text[..<$0] } ?? text[...]
        var value = colon.map { text[text.index(after: $0)...] } ?? ""
        if value.hasPrefix(" ") { value = value.dropFirst() }
        switch field {
        case "id": self.current.id = String(value)
        case "event": self.current.type = String(value)
        case "data":
            if self.hasData { self.current.data += "\n" }
            self.current.data += value
            self.hasData = true
        default: break  // comments, `retry`, and what a later version may send
        }
        return nil
    }
}
