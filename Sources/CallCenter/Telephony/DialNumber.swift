/// Something to dial: digits, `*` and `#`, with a `+` in front of it or not, 1 to 32 characters.
public struct DialNumber: Sendable, Hashable, CustomStringConvertible {
    public let text: String

    /// `nil` when it is none.
    public init?(_ text: String) {
        let digits = text.first == "+" ? text.dropFirst() : text[...]
        guard !digits.isEmpty, text.utf8.count <= 32 else { return nil }
        for byte in digits.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "*"), UInt8(ascii: "#"): continue
            default: return nil
            }
        }
        self.text = text
    }

    public var description: String { self.text }
}

/// Which numbers may be dialled: `X` is any digit, `Z` 1 to 9, `N` 2 to 9, a `.` at the end one digit or more; `+`, `*`, `#` and digits stand for
/// themselves.
public struct DialPattern: Sendable, Hashable, CustomStringConvertible {
    private enum Place: Sendable, Hashable {
        case exactly(UInt8)
        case digit(from: UInt8)
    }

    public let description: String
    private let places: [Place]
    private let isOpen: Bool

    /// `nil` when it is none.
    public init?(_ text: String) {
        var places: [Place] = []
        var body = Substring(text)
        let isOpen = body.last == "."
        if isOpen { body = body.dropLast() }
        for (index, byte) in body.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "X"), UInt8(ascii: "x"): places.append(.digit(from: UInt8(ascii: "0")))
            case UInt8(ascii: "Z"), UInt8(ascii: "z"): places.append(.digit(from: UInt8(ascii: "1")))
            case UInt8(ascii: "N"), UInt8(ascii: "n"): places.append(.digit(from: UInt8(ascii: "2")))
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "*"), UInt8(ascii: "#"): places.append(.exactly(byte))
            case UInt8(ascii: "+") where index == 0: places.append(.exactly(byte))
            default: return nil
            }
        }
        // A bare "." would allow everything.
        guard !places.isEmpty, places.count <= 32 else { return nil }
        self.description = text
        self.places = places
        self.isOpen = isOpen
    }

    public func matches(_ number: DialNumber) -> Bool {
        let bytes = Array(number.text.utf8)
        guard self.isOpen ? bytes.count > self.places.count : bytes.count == self.places.count else { return false }
        for (place, byte) in zip(self.places, bytes) {
            switch place {
            case .exactly(let expected): if byte != expected { return false }
            case .digit(let first): if !(first...UInt8(ascii: "9")).contains(byte) { return false }
            }
        }
        return bytes.dropFirst(self.places.count).allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}

/// The name of a dialplan context: letters, digits and `_ . -`, 1 to 64 of them.
public struct DialContext: Sendable, Hashable, CustomStringConvertible {
    public let text: String

    /// FreeSWITCH's own.
    public static let standard = DialContext()

    private init() {
        self.text = "default"
    }

    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 64 else { return nil }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                continue
            default: return nil
            }
        }
        self.text = text
    }

    public var description: String { self.text }
}
