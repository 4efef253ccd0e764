package import EventSocket
package import Foundation
import NIOCore

/// A recording of a real FreeSWITCH, message by message; see Tests/Recordings/README.md.
package struct Recording: Sendable {
    package struct Message: Sendable {
        /// Seconds since the connection.
        package var time: Double
        package var isFromFreeSWITCH: Bool
        /// The message as it was on the wire: header block, blank line, body.
        package var bytes: [UInt8]

        package var text: String { String(decoding: self.bytes, as: UTF8.self) }

        /// What stands after the header block, when there is anything.
        package var body: [UInt8] {
            guard let blank = self.bytes.firstRange(of: [0x0A, 0x0A]) else { return [] }
            return Array(self.bytes[blank.upperBound...])
        }

        package func hasContentType(_ type: String) -> Bool {
            let head = self.bytes.firstRange(of: [0x0A, 0x0A]).map { self.bytes[..<$0.lowerBound] } ?? self.bytes[...]
            return String(decoding: head, as: UTF8.self).split(separator: "\n").contains("Content-Type: \(type)")
        }
    }

    package enum Failure: Error {
        case malformedLine(recording: String, line: Int)
    }

    package let name: String
    package let messages: [Message]

    /// The folder with all recordings.
    package static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Recordings")

    /// Names of all recordings, sorted.
    package static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
            .filter { $0.hasSuffix(".jsonl") }.map { String($0.dropLast(6)) }.sorted()
    }

    package init(_ name: String) throws {
        self.name = name
        let data = try Data(contentsOf: Self.folder.appending(path: "\(name).jsonl"))
        var messages: [Message] = []
        for (number, line) in data.split(separator: 0x0A).enumerated() {
            guard let message = Self.message(Array(line)) else { throw Failure.malformedLine(recording: name, line: number + 1) }
            messages.append(message)
        }
        self.messages = messages
    }

    /// The plain events FreeSWITCH sent, in wire order.
    package var events: [Event] {
        self.messages.filter { $0.isFromFreeSWITCH && $0.hasContentType("text/event-plain") }.map { Event(plain: ByteBuffer(bytes: $0.body)) }
    }

    /// All bytes FreeSWITCH sent, in wire order.
    package var serverBytes: [UInt8] { self.messages.filter(\.isFromFreeSWITCH).flatMap(\.bytes) }

    // The writer of the recordings escaped bytes that are no UTF-8 as lone surrogates U+DC80...U+DCFF, which Foundation's JSON reader refuses:
    // the lines have three known members, so they are read here.
    private static func message(_ line: [UInt8]) -> Message? {
        func range(after key: String) -> Int? { line.firstRange(of: Array("\"\(key)\": ".utf8))?.upperBound }
        guard let timeStart = range(after: "t"), let fromStart = range(after: "from"), let textStart = range(after: "text") else { return nil }
        let timeEnd = line[timeStart...].firstIndex { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") } ?? line.endIndex
        guard let time = Double(String(decoding: line[timeStart..<timeEnd], as: UTF8.self)), let text = Self.string(line[textStart...]) else {
            return nil
        }
        return Message(time: time, isFromFreeSWITCH: line[fromStart...].starts(with: "\"freeswitch\"".utf8), bytes: text)
    }

    private static func string(_ quoted: ArraySlice<UInt8>) -> [UInt8]? {
        var rest = quoted
        guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
        var out: [UInt8] = []
        var high: UInt32?
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return out
            case UInt8(ascii: "\\"):
                guard let escape = rest.popFirst() else { return nil }
                switch escape {
                case UInt8(ascii: "n"): out.append(0x0A)
                case UInt8(ascii: "r"): out.append(0x0D)
                case UInt8(ascii: "t"): out.append(0x09)
                case UInt8(ascii: "b"): out.append(0x08)
                case UInt8(ascii: "f"): out.append(0x0C)
                case UInt8(ascii: "u"):
                    guard rest.count >= 4, let unit = UInt32(String(decoding: rest.prefix(4), as: UTF8.self), radix: 16) else { return nil }
                    rest = rest.dropFirst(4)
                    if let first = high {
                        high = nil
                        guard let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (unit - 0xDC00)) else { return nil }
                        out.append(contentsOf: String(Character(scalar)).utf8)
                    } else if (0xDC80...0xDCFF).contains(unit) {
                        out.append(UInt8(unit - 0xDC00))
                    } else if (0xD800..<0xDC00).contains(unit) {
                        high = unit
                    } else if let scalar = Unicode.Scalar(unit) {
                        out.append(contentsOf: String(Character(scalar)).utf8)
                    } else {
                        return nil
                    }
                default: out.append(escape)
                }
            default: out.append(byte)
            }
        }
        return nil
    }
}
