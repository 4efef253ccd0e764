import NIOCore

/// Events as FreeSWITCH writes them.
enum EventText {
    /// The body of a `text/event-plain` frame: encoded headers, the length of an inner body if there is one, a blank line, the body.
    static func plain(_ event: SwitchEvent) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(event.headers.count * 48)
        for header in event.headers {
            bytes.append(contentsOf: header.name.utf8)
            bytes.append(contentsOf: ": ".utf8)
            self.encode(header.value, into: &bytes)
            bytes.append(0x0A)
        }
        if let body = event.body {
            bytes.append(contentsOf: "Content-Length: \(body.utf8.count)\n".utf8)
        }
        bytes.append(0x0A)
        if let body = event.body { bytes.append(contentsOf: body.utf8) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A whole frame; of an event the length comes first.
    static func frame(_ body: String, type: String) -> ByteBuffer {
        ByteBuffer(string: "Content-Length: \(body.utf8.count)\nContent-Type: \(type)\n\n\(body)")
    }

    /// One JSON object, a string per header.
    static func json(_ headers: [SwitchEvent.Header], body: String? = nil) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        func member(_ name: String, _ value: String) {
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            self.quote(name, into: &bytes)
            bytes.append(UInt8(ascii: ":"))
            self.quote(value, into: &bytes)
        }
        for header in headers { member(header.name, header.value) }
        if let body {
            member("Content-Length", String(body.utf8.count))
            member("_body", body)
        }
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// An element per header, percent-encoded as in a plain event; a body comes as it is, escaped for XML.
    static func xml(_ event: SwitchEvent) -> String {
        var bytes = Array("<event>\n  <headers>\n".utf8)
        for header in event.headers {
            bytes.append(contentsOf: "    <\(header.name)>".utf8)
            var value: [UInt8] = []
            self.encode(header.value, into: &value)
            self.escape(value, into: &bytes)
            bytes.append(contentsOf: "</\(header.name)>\n".utf8)
        }
        if let body = event.body { bytes.append(contentsOf: "    <Content-Length>\(body.utf8.count)</Content-Length>\n".utf8) }
        bytes.append(contentsOf: "  </headers>\n".utf8)
        if let body = event.body {
            bytes.append(contentsOf: "  <body>".utf8)
            self.escape(Array(body.utf8), into: &bytes)
            bytes.append(contentsOf: "</body>\n".utf8)
        }
        bytes.append(contentsOf: "</event>\n".utf8)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func escape(_ text: [UInt8], into bytes: inout [UInt8]) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "&"): bytes.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): bytes.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): bytes.append(contentsOf: "&gt;".utf8)
            default: bytes.append(byte)
            }
        }
    }

    /// A JSON string.
    static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        self.quote(text, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Percent-encodes what FreeSWITCH encodes. Its ambiguity is kept: a `%` that two upper-case hexadecimal digits follow stays as it is.
    static func encode(_ value: String, into bytes: inout [UInt8]) {
        let digits = Array("0123456789ABCDEF".utf8)
        let source = Array(value.utf8)
        for (index, byte) in source.enumerated() {
            let isAmbiguous =
                byte == UInt8(ascii: "%") && index + 2 < source.count && digits.contains(source[index + 1]) && digits.contains(source[index + 2])
            if isAmbiguous || !self.isEncoded(byte) {
                bytes.append(byte)
            } else {
                bytes.append(contentsOf: [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]])
            }
        }
    }

    private static func isEncoded(_ byte: UInt8) -> Bool {
        guard byte > 0x20, byte < 0x7F else { return true }
        return switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "#"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "+"), UInt8(ascii: ":"), UInt8(ascii: ";"),
            UInt8(ascii: "<"), UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "?"), UInt8(ascii: "@"), UInt8(ascii: "["), UInt8(ascii: "\\"),
            UInt8(ascii: "]"), UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
            true
        default: false
        }
    }

    private static func quote(_ text: String, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)
            case 0x0D: bytes.append(contentsOf: "\\r".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0..<0x20: bytes.append(contentsOf: "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
