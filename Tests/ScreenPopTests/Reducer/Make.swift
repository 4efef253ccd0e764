import EventSocket
import NIOCore

/// Events by hand, with the headers FreeSWITCH gives them.
enum Make {
    static let core = "b6cd54d5-6386-40e2-ae49-7700ed7cff01"

    /// - Parameters:
    ///   - at: microseconds since 1970.
    ///   - sequence: `nil`: the same number.
    static func event(_ name: String, _ at: Int64, core: String = Make.core, sequence: Int64? = nil, _ headers: [(String, String)]) -> Event {
        var text = "Event-Name: \(name)\nCore-UUID: \(core)\nEvent-Date-Timestamp: \(at)\nEvent-Sequence: \(sequence ?? at)\n"
        for (header, value) in headers { text += "\(header): \(Self.encode(value))\n" }
        return Event(plain: ByteBuffer(string: text + "\n"))
    }

    static func heartbeat(_ at: Int64, core: String = Make.core) -> Event {
        Self.event("HEARTBEAT", at, core: core, [])
    }

    static func callCenter(_ action: String, _ at: Int64, _ headers: [(String, String)]) -> Event {
        Self.event("CUSTOM", at, [("Event-Subclass", "callcenter::info"), ("CC-Action", action)] + headers.map { ("CC-\($0.0)", $0.1) })
    }

    static func agent(_ name: String, contact: String, _ at: Int64) -> [Event] {
        [
            Self.callCenter("agent-add", at, [("Agent", name), ("Agent-Type", "Callback")]),
            Self.callCenter("agent-contact-change", at + 1, [("Agent", name), ("Agent-Contact", contact)]),
            Self.callCenter("agent-status-change", at + 2, [("Agent", name), ("Agent-Status", "Available")]),
            Self.callCenter("agent-state-change", at + 3, [("Agent", name), ("Agent-State", "Waiting")]),
        ]
    }

    /// A queue event about the one member that these tests know.
    static func offer(_ action: String, _ at: Int64, agent: String = "1001@default", _ headers: [(String, String)] = []) -> Event {
        Self.callCenter(
            action, at,
            [
                ("Queue", "support@default"), ("Agent", agent), ("Member-UUID", "member"), ("Member-Session-UUID", "caller"),
                ("Member-CID-Number", "0211"), ("Member-CID-Name", "Ann"),
            ] + headers)
    }

    static func channel(_ name: String, _ at: Int64, _ uuid: String, _ direction: String, _ channel: String, _ headers: [(String, String)] = [])
        -> Event
    {
        Self.event(
            "CHANNEL_\(name)", at, [("Unique-ID", uuid), ("Call-Direction", direction), ("Channel-Name", channel)] + headers)
    }

    private static func encode(_ value: String) -> String {
        value.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "%"), 0..<0x21, 0x7F...: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            default: String(Unicode.Scalar(byte))
            }
        }.joined()
    }
}
