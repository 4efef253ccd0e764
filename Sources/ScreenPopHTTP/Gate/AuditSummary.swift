import CallCenter
import NIOCore
import ScreenPop

/// What a request asked for, fit to be read by whoever may read the audit: no secret, no caller's number, no more than a line.
///
/// Names of agents and queues are shown as they are. Of every other text the digits go that could be a number somebody was or is to be called at:
/// six in a row or more, but for the last two.
struct AuditSummary {
    private static let maximumMembers = 16
    private static let maximumElements = 8
    private static let maximumText = 64
    private static let maximumDepth = 3

    /// Shown as they are: whom it is about, and where his telephone is.
    private static let names: Set<String> = ["agent", "name", "node", "queue", "queues", "user", "role", "address", "expiresIn"]
    /// Whom to call: whatever stands in there may be a number.
    private static let destination = "to"
    /// Never shown: secrets, and what may hold any.
    private static let secrets: Set<String> = ["password", "token", "secret", "dialString", "csrf"]

    static let hidden = "***"

    /// A JSON object.
    let json: [UInt8]

    /// - Parameters:
    ///   - body: JSON; `nil` comes of anything else, and of an empty object.
    ///   - onlyShowing: where secrets are said, the members that are none: a password under a misspelt name is one all the same.
    init?(_ body: ByteBuffer, leavingOut: Set<String> = [], onlyShowing: Set<String>? = nil) {
        // What is longer is a whole list, which its plan says more of than a line could.
        guard (1...64 * 1024).contains(body.readableBytes), case .object(let members)? = try? JSONValue(body.readableBytesView) else { return nil }
        var shown = members.filter { !leavingOut.contains($0.key) }
        if let onlyShowing {
            for name in shown.keys where !onlyShowing.contains(name) { shown[name] = .string(Self.hidden) }
        }
        guard !shown.isEmpty else { return nil }
        var writer = JSONWriter(capacity: 256)
        Self.write(shown, to: &writer, hasNames: true, depth: 0)
        self.json = writer.bytes
    }

    private static func write(_ members: [String: JSONValue], to writer: inout JSONWriter, hasNames: Bool, depth: Int) {
        writer.object { object in
            for (name, value) in members.sorted(by: { $0.key < $1.key }).prefix(self.maximumMembers) {
                // A name is somebody's text as well.
                guard name.utf8.count <= 32, name.utf8.allSatisfy({ ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }) else { continue }
                object.name(escaping: name)
                if self.secrets.contains(where: { name.lowercased().contains($0.lowercased()) }) {
                    object.value(self.hidden)
                } else {
                    let hasNames = hasNames && name != self.destination
                    self.write(value, to: &object, isName: hasNames && self.names.contains(name), hasNames: hasNames, depth: depth + 1)
                }
            }
        }
    }

    private static func write(_ value: JSONValue, to writer: inout JSONWriter, isName: Bool, hasNames: Bool, depth: Int) {
        guard depth < self.maximumDepth || !value.isComposed else {
            writer.value("…")
            return
        }
        switch value {
        case .null: writer.null()
        case .bool(let flag): writer.value(flag)
        case .number(let number):
            let text = Int(exactly: number).map(String.init) ?? String(number)
            if isName || text.utf8.count < 6 { writer.json(Array(text.utf8)) } else { writer.value(self.masked(text)) }
        // A moment has as many digits as a number, and is nobody's.
        case .string(let text) where text.utf8.count <= self.maximumText && Timestamp(rfc3339: text) != nil: writer.value(text)
        case .string(let text): writer.value(isName ? String(text.prefix(self.maximumText)) : self.masked(text))
        case .array(let elements):
            writer.array(elements.prefix(self.maximumElements)) { self.write($1, to: &$0, isName: isName, hasNames: hasNames, depth: depth + 1) }
        case .object(let members): self.write(members, to: &writer, hasNames: hasNames, depth: depth)
        }
    }

    /// `back to +86 139 0013 9000` is `back to +***00`: what people write between the digits of a number does not hide it.
    static func masked(_ text: String) -> String {
        var result = ""
        var run = ""
        var digits = 0
        func flush(_ run: inout String, _ digits: inout Int) {
            if digits >= 6 {
                let number = run.reversed().drop { !$0.isNumber }.count
                result += "***" + String(run.filter(\.isNumber).suffix(2)) + run.dropFirst(number)
            } else {
                result += run
            }
            run = ""
            digits = 0
        }
        for character in text.prefix(self.maximumText) {
            if character.isNumber {
                run.append(character)
                digits += 1
            } else if digits > 0, " -./()".contains(character) {
                run.append(character)
            } else {
                flush(&run, &digits)
                result.append(character)
            }
        }
        flush(&run, &digits)
        return result
    }
}

extension JSONValue {
    fileprivate var isComposed: Bool {
        switch self {
        case .array, .object: true
        case .null, .bool, .number, .string: false
        }
    }
}
