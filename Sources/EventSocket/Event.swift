public import NIOCore

/// One event from FreeSWITCH, kept as the bytes it came in.
///
/// Nothing is decoded until it is asked for, so an event nobody wants costs no allocation.
public struct Event: Sendable, Equatable {
    /// The bytes of a `text/event-plain` body: header lines, a blank line, and perhaps an inner body.
    package let bytes: ByteBuffer

    /// - Parameter plain: the body of a `text/event-plain` frame.
    public init(plain: ByteBuffer) {
        self.bytes = plain
    }

    /// The decoded value of the first header of that name; `nil` when it is absent, empty or `_undef_`.
    public func value(_ name: StaticString) -> String? {
        self.find(HeaderTable([name.description])).string(0)
    }

    /// Finds all headers of a table in one pass over the bytes. The first of two headers of one name counts.
    public func find(_ table: HeaderTable) -> HeaderMatches {
        HeaderMatches(event: self, table: table)
    }

    /// Calls `body` with name and decoded value of each header, in order, duplicates included.
    public func forEachHeader(_ body: (_ name: String, _ value: String) -> Void) {
        for line in String(buffer: self.bytes).split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty { return }
            guard let colon = line.firstRange(of: ": ") else { continue }
            body(String(line[..<colon.lowerBound]), Event.decode(line[colon.upperBound...]))
        }
    }

    static func decode(_ text: Substring) -> String {
        var out: [UInt8] = []
        var rest = Substring(text).utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let high = rest.first, let low = rest.dropFirst().first,
                let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
            {
                out.append(value)
                rest = rest.dropFirst(2)
            } else {
                out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}

/// The names of headers to look for, prepared once, so that one pass over an event finds all of them.
public struct HeaderTable: Sendable {
    package let names: [String]

    /// The slot of a name is its index in `names`.
    public init(_ names: [String]) {
        self.names = names
    }
}

/// What a `HeaderTable` found in an event: by slot, decoded when asked.
public struct HeaderMatches: Sendable {
    private var values: [String?]

    init(event: Event, table: HeaderTable) {
        self.values = Array(repeating: nil, count: table.names.count)
        var seen: Set<String> = []
        var found = self.values
        event.forEachHeader { name, value in
            if let slot = table.names.firstIndex(of: name), seen.insert(name).inserted, !value.isEmpty, value != "_undef_" {
                found[slot] = value
            }
        }
        self.values = found
    }

    /// The decoded value; `nil` when absent, empty or `_undef_`. Any byte sequence that is not UTF-8 is repaired with U+FFFD.
    public func string(_ slot: Int) -> String? { self.values[slot] }

    /// The value as a decimal number; `nil` when absent or not one.
    public func int(_ slot: Int) -> Int64? { self.values[slot].flatMap { Int64($0) } }

    /// Whether the decoded value is exactly that text. Allocates nothing.
    public func equals(_ slot: Int, _ text: StaticString) -> Bool { self.values[slot] == text.description }
}
