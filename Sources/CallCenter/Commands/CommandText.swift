import EventSocket

/// The argument of `callcenter_config`: our own words, then values, each in single quotes.
///
/// FreeSWITCH cuts it up at spaces; single quotes group, a backslash takes the next character literally, `\n \r \t \s` become control characters
/// or a space, and a leading `^^` changes the separator for the whole line. So every value is quoted, the two characters with a meaning inside
/// quotes are escaped, control characters are refused, and the line begins with one of our words.
struct CommandText {
    let text: String

    init(_ words: StaticString, _ values: String...) throws(EventSocketError) {
        var text = words.description
        for value in values {
            text += " "
            text += try Self.quote(value)
        }
        self.text = text
    }

    static func quote(_ value: String) throws(EventSocketError) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "'")]
        for byte in value.utf8 {
            guard byte >= 0x20, byte != 0x7F else { throw .illegalCommand("a control character in an argument") }
            if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "'"))
        return String(decoding: bytes, as: UTF8.self)
    }
}
