/// `switch_separate_string` of FreeSWITCH's src/switch_utils.c, written down again byte by byte, so that the encoder is checked against something
/// that does not share its mistakes. It is not the simulator's, either.
///
/// Runs of spaces separate; single quotes group, double quotes do not; a backslash takes the next character out of the splitting; the last token
/// allowed is the rest. Afterwards each token loses its quotes and outer spaces, and its escapes become characters.
struct ArgumentSplitter {
    enum Trap: Error {
        /// FreeSWITCH would step past the end of the text.
        case trailingBackslash
    }

    static let space = UInt8(ascii: " ")
    static let quote = UInt8(ascii: "'")
    static let backslash = UInt8(ascii: "\\")

    static func split(_ text: String, limit: Int = 8) throws(Trap) -> [String] {
        try self.split(Array(text.utf8), limit: limit).map { String(decoding: $0, as: UTF8.self) }
    }

    static func split(_ text: [UInt8], limit: Int = 8) throws(Trap) -> [[UInt8]] {
        // A C string ends at the first NUL.
        let end = text.firstIndex(of: 0) ?? text.count
        let caret = UInt8(ascii: "^")
        if end > 3, text[0] == caret, text[1] == caret {
            let separator = text[2]
            let tokens = separator == self.space ? try self.atSpaces(text, 3, end, limit) : try self.at(separator, text, 3, end, limit)
            return tokens.map { self.clean($0, separator: separator == self.space ? nil : separator) }
        }
        return try self.atSpaces(text, 0, end, limit).map { self.clean($0, separator: nil) }
    }

    private static func atSpaces(_ text: [UInt8], _ start: Int, _ end: Int, _ limit: Int) throws(Trap) -> [ArraySlice<UInt8>] {
        var tokens: [ArraySlice<UInt8>] = []
        var at = start
        while at < end {
            let first = at
            // The last token allowed is not looked at any further.
            guard tokens.count < limit - 1 else {
                tokens.append(text[first..<end])
                break
            }
            while at < end, text[at] == self.space { at += 1 }
            var isQuoted = false
            while at < end {
                let byte = text[at]
                if byte == self.backslash {
                    at += 1
                    guard at < end else { throw .trailingBackslash }
                } else if byte == self.quote {
                    isQuoted.toggle()
                } else if byte == self.space, !isQuoted {
                    break
                }
                at += 1
            }
            tokens.append(text[first..<at])
            while at < end, text[at] == self.space { at += 1 }
        }
        return tokens
    }

    private static func at(_ separator: UInt8, _ text: [UInt8], _ start: Int, _ end: Int, _ limit: Int) throws(Trap) -> [ArraySlice<UInt8>] {
        var tokens: [ArraySlice<UInt8>] = []
        var at = start
        while at < end {
            let first = at
            guard tokens.count < limit - 1 else {
                tokens.append(text[first..<end])
                break
            }
            var isQuoted = false
            while at < end {
                let byte = text[at]
                if byte == self.backslash {
                    at += 1
                    guard at < end else { throw .trailingBackslash }
                } else if byte == self.quote, isQuoted || self.holdsQuote(text, at + 1, end) {
                    isQuoted.toggle()
                } else if byte == separator, !isQuoted {
                    break
                }
                at += 1
            }
            tokens.append(text[first..<at])
            at += 1
        }
        return tokens
    }

    private static func holdsQuote(_ text: [UInt8], _ start: Int, _ end: Int) -> Bool {
        var at = start
        while at < end {
            if text[at] == self.quote { return true }
            at += 1
        }
        return false
    }

    /// `cleanup_separated_string`
    private static func clean(_ token: ArraySlice<UInt8>, separator: UInt8?) -> [UInt8] {
        let text = Array(token)
        let end = text.count
        var at = 0
        while at < end, text[at] == self.space { at += 1 }
        var out: [UInt8] = []
        out.reserveCapacity(end - at)
        var kept = 0
        var isQuoted = false
        while at < end {
            let byte = text[at]
            if byte == self.backslash, at + 1 < end, let bare = self.unescape(text[at + 1], separator: separator) {
                out.append(bare)
                kept = out.count
                at += 1
            } else if byte == self.quote, isQuoted || self.holdsQuote(text, at + 1, end) {
                isQuoted.toggle()
                if isQuoted { kept = out.count }
            } else {
                out.append(byte)
                if byte != self.space || isQuoted { kept = out.count }
            }
            at += 1
        }
        if out.count > kept { out.removeLast(out.count - kept) }
        return out
    }

    /// The character an escape stands for; `nil` where the backslash stays: before a space, too, as a real one showed.
    private static func unescape(_ byte: UInt8, separator: UInt8?) -> UInt8? {
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "s"): 0x20
        default: byte == separator ? byte : nil
        }
    }
}
