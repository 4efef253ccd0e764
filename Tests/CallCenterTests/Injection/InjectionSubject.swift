import EventSocket

@testable import CallCenter

/// What turns values into packets: ours, or one of the mutants that show that the test would notice.
struct InjectionSubject: Sendable {
    /// `callcenter_config WORDS VALUE ...`
    var arguments: @Sendable (_ words: StaticString, _ values: [String]) throws -> [UInt8]
    /// `sendevent CUSTOM` with headers
    var event: @Sendable (_ headers: [(String, String)]) throws -> [UInt8]

    static let ours = InjectionSubject(
        arguments: { words, values in
            // One packet has room for five values behind three words.
            let text =
                switch values.count {
                case 1: try CommandText(words, values[0])
                case 2: try CommandText(words, values[0], values[1])
                case 3: try CommandText(words, values[0], values[1], values[2])
                default: try CommandText(words, values[0], values[1], values[2], values[3])
                }
            return Array(Command.api(try APICall("callcenter_config", text.text)).packet.utf8)
        },
        event: { headers in Array(try Command.sendEvent("CUSTOM", headers: headers).packet.utf8) })

    /// Our rules, one by one.
    enum Rule: CaseIterable, Sendable {
        case quotes
        case escapesQuotes
        case escapesBackslashes
        case refusesLineEnds
        case refusesNUL
        case refusesOrders
        case refusesHeadersThatAct
        case refusesHeaderNames
    }

    struct Refused: Error {}

    /// An encoder like ours that lacks one rule.
    static func mutant(without missing: Rule?) -> InjectionSubject {
        let rules = Set(Rule.allCases).subtracting(missing.map { [$0] } ?? [])
        @Sendable func check(_ text: String) throws {
            for byte in text.utf8 where byte < 0x20 || byte == 0x7F {
                switch byte {
                case 0: if rules.contains(.refusesNUL) { throw Refused() }
                case 0x0A, 0x0D: if rules.contains(.refusesLineEnds) { throw Refused() }
                default: throw Refused()
                }
            }
        }
        @Sendable func checkOrders(_ packet: String) throws {
            // By bytes, as FreeSWITCH does: an accent behind a letter makes no other letter of it.
            let bytes = packet.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
            func holds(_ word: String) -> Bool { bytes.contains(Array(word.utf8)) }
            let isOrder = holds("mod_event_socket") && (holds("unload") || holds("reload"))
            if rules.contains(.refusesOrders), isOrder { throw Refused() }
        }
        return InjectionSubject(
            arguments: { words, values in
                var line = "api callcenter_config \(words)"
                for value in values {
                    try check(value)
                    var escaped = ""
                    for scalar in value.unicodeScalars {
                        if scalar == "'", rules.contains(.escapesQuotes) { escaped += "\\" }
                        if scalar == "\\", rules.contains(.escapesBackslashes) { escaped += "\\" }
                        escaped.unicodeScalars.append(scalar)
                    }
                    line += rules.contains(.quotes) ? " '\(escaped)'" : " \(escaped)"
                }
                guard line.utf8.count <= 65_536 else { throw Refused() }
                try checkOrders(line)
                return Array("\(line)\n\n".utf8)
            },
            event: { headers in
                var lines = ["sendevent CUSTOM"]
                for (name, value) in headers {
                    try check(name)
                    try check(value)
                    let isWord =
                        !name.isEmpty
                        && name.utf8.allSatisfy { ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D || $0 == 0x5F }
                    if rules.contains(.refusesHeaderNames), !isWord { throw Refused() }
                    if rules.contains(.refusesHeadersThatAct), InjectionProperty.acting.contains(name.lowercased()) { throw Refused() }
                    guard value.utf8.count <= 65_536, name.utf8.count <= 128 else { throw Refused() }
                    lines.append("\(name): \(value)")
                }
                try checkOrders(lines.joined(separator: "\n"))
                return Array((lines.joined(separator: "\n") + "\n\n").utf8)
            })
    }
}
