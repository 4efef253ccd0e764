/// Comma-separated values from outside (RFC 4180): quoted fields, with commas, line breaks and doubled quotes in them; CRLF or LF; UTF-8, with or
/// without a byte order mark. What is neither is refused by its line, not guessed.
struct CSVReader {
    struct Record: Equatable {
        /// Where it begins, counted from 1.
        var line: Int
        var fields: [String]
    }

    struct Malformed: Error, Equatable {
        var line: Int
        var reason: String
    }

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { self.position = 3 }
    }

    /// Lines without anything on them are left out.
    static func records(in bytes: some Sequence<UInt8>) throws(Malformed) -> [Record] {
        var reader = CSVReader(Array(bytes))
        var records: [Record] = []
        while reader.position < reader.bytes.count {
            let record = try reader.record()
            if record.fields != [""] { records.append(record) }
        }
        return records
    }

    private func malformed(_ reason: String) -> Malformed { Malformed(line: self.line, reason: reason) }

    private mutating func record() throws(Malformed) -> Record {
        let start = self.line
        var fields: [String] = []
        while true {
            fields.append(try self.field())
            guard self.position < self.bytes.count else { break }
            let byte = self.bytes[self.position]
            self.position += 1
            if byte == UInt8(ascii: ",") { continue }
            if byte == UInt8(ascii: "\r") {
                guard self.position < self.bytes.count, self.bytes[self.position] == UInt8(ascii: "\n") else {
                    throw self.malformed("a carriage return without a line feed")
                }
                self.position += 1
            }
            self.line += 1
            break
        }
        return Record(line: start, fields: fields)
    }

    /// Up to the comma, the line break or the end, which stays.
    private mutating func field() throws(Malformed) -> String {
        guard self.position < self.bytes.count, self.bytes[self.position] == UInt8(ascii: "\"") else { return try self.plainField() }
        self.position += 1
        let start = self.line
        var text: [UInt8] = []
        while self.position < self.bytes.count {
            let byte = self.bytes[self.position]
            self.position += 1
            if byte == UInt8(ascii: "\"") {
                guard self.position < self.bytes.count else { return try self.string(text) }
                switch self.bytes[self.position] {
                case UInt8(ascii: "\""):
                    text.append(byte)
                    self.position += 1
                case UInt8(ascii: ","), UInt8(ascii: "\r"), UInt8(ascii: "\n"): return try self.string(text)
                default: throw self.malformed("something follows the closing quote")
                }
            } else {
                if byte == UInt8(ascii: "\n") { self.line += 1 }
                text.append(byte)
            }
        }
        throw Malformed(line: start, reason: "a quote is not closed")
    }

    private mutating func plainField() throws(Malformed) -> String {
        let start = self.position
        while self.position < self.bytes.count {
            switch self.bytes[self.position] {
            case UInt8(ascii: ","), UInt8(ascii: "\r"), UInt8(ascii: "\n"): return try self.string(self.bytes[start..<self.position])
            case UInt8(ascii: "\""): throw self.malformed("a quote in a field that does not begin with one")
            default: self.position += 1
            }
        }
        return try self.string(self.bytes[start..<self.position])
    }

    private func string(_ bytes: some Sequence<UInt8>) throws(Malformed) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw self.malformed("not UTF-8") }
        return text
    }
}
