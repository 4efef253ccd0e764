/// FreeSWITCH's way to cut up the argument of `callcenter_config`, written down again from its description, so that the encoder is checked
/// against something that does not share its mistakes.
///
/// Runs of spaces separate; single quotes group, double quotes do not; a backslash takes the next character out of the splitting; the eighth
/// token is the rest. Afterwards each token loses its quotes and outer spaces, and its escapes become characters.
struct ArgumentSplitter {
    enum Trap: Error {
        /// FreeSWITCH would step past the end of the text.
        case trailingBackslash
    }

    static func split(_ text: String, limit: Int = 8) throws -> [String] {
        var bytes = Array(text.utf8)
        var separator = UInt8(ascii: " ")
        if bytes.starts(with: "^^".utf8), bytes.count > 2 {
            separator = bytes[2]
            bytes.removeFirst(3)
        }
        var tokens: [[UInt8]] = []
        var index = 0
        while index < bytes.count {
            if separator == UInt8(ascii: " ") {
                while index < bytes.count, bytes[index] == separator { index += 1 }
            }
            guard tokens.count < limit - 1 else {
                tokens.append(Array(bytes[index...]))
                break
            }
            var token: [UInt8] = []
            var quoted = false
            scan: while index < bytes.count {
                let byte = bytes[index]
                switch byte {
                case UInt8(ascii: "\\"):
                    guard index + 1 < bytes.count else { throw Trap.trailingBackslash }
                    token += [byte, bytes[index + 1]]
                    index += 2
                case UInt8(ascii: "'"):
                    quoted.toggle()
                    token.append(byte)
                    index += 1
                case separator where !quoted: break scan
                default:
                    token.append(byte)
                    index += 1
                }
            }
            tokens.append(token)
            if index < bytes.count { index += 1 }
            if separator == UInt8(ascii: " ") {
                while index < bytes.count, bytes[index] == separator { index += 1 }
            }
        }
        return tokens.map { String(decoding: clean($0, separator: separator), as: UTF8.self) }
    }

    private static func clean(_ token: [UInt8], separator: UInt8) -> [UInt8] {
        let space = UInt8(ascii: " ")
        let rest = token.drop { $0 == space }
        var out: [UInt8] = []
        var kept = 0
        var quoted = false
        var index = rest.startIndex
        while index < rest.endIndex {
            let byte = rest[index]
            if byte == UInt8(ascii: "\\"), index + 1 < rest.endIndex, let bare = unescape(rest[index + 1], separator: separator) {
                out.append(bare)
                kept = out.count
                index += 2
            } else if byte == UInt8(ascii: "'"), quoted || rest[(index + 1)...].contains(UInt8(ascii: "'")) {
                quoted.toggle()
                kept = out.count
                index += 1
            } else {
                out.append(byte)
                if byte != space || quoted { kept = out.count }
                index += 1
            }
        }
        return Array(out.prefix(kept))
    }

    private static func unescape(_ byte: UInt8, separator: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "\\"), separator: byte
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "s"): 0x20
        default: nil
        }
    }
}
