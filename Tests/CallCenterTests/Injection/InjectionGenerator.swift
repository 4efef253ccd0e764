@testable import CallCenter

/// Texts made to hurt: pieces of attacks between harmless ones.
struct InjectionGenerator {
    private var random: SplitMix
    private static let harmless = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@+-".utf8).map { [$0] }
    private static let hostile: [[UInt8]] =
        (Array("'\\\" ^:|$@{}[]()<>,;&!*#%=~`/?".unicodeScalars).map { Array(String($0).utf8) })
        + ([
            "\n", "\r", "\0", "\t", "\u{7F}", "\u{1B}", "\n\n", "\r\n", "\\n", "\\s", "\\'", "'\\", "^^", "${", ";;", "王", "é", "e\u{301}",
            "\u{2028}", "\u{202E}", "＇",
            "\u{200B}", "ا", "😀", "unload", "reload", "mod_event_socket", "api ", "Content-Length: 5", "console_execute", "  ", "'' ",
        ].map { Array($0.utf8) })

    init(seed: UInt64) { self.random = SplitMix(seed: seed) }

    mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: self.random.next() >> 33) % bound }

    mutating func oneIn(_ count: Int) -> Bool { self.below(count) == 0 }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[self.below(elements.count)] }

    /// Hostile as a rule; now and then a whole attack, alone or inside.
    mutating func text() -> String {
        if self.oneIn(16) {
            let attack = self.pick(AttackCorpus.attacks)
            // The overlong ones are tried on their own.
            if attack.utf8.count < 200 { return self.oneIn(2) ? attack : self.word(3) + attack + self.word(3) }
        }
        var bytes: [UInt8] = []
        for _ in 0..<self.below(12) {
            // A control character ends it all for most encoders, so most texts shall have none.
            let piece = self.oneIn(2) ? self.pick(Self.harmless) : self.pick(Self.hostile)
            if piece[0] < 0x20, !self.oneIn(8) { continue }
            bytes += piece
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Harmless as a rule, so that it gets through; now and then with something hostile in it.
    mutating func name() -> String {
        if self.oneIn(4) { return self.text() }
        let word = self.word(10)
        return self.oneIn(8) ? word + String(decoding: self.pick(Self.hostile), as: UTF8.self) + self.word(3) : word
    }

    mutating func word(_ longest: Int) -> String {
        var bytes: [UInt8] = []
        for _ in 0..<(1 + self.below(longest)) { bytes += self.pick(Self.harmless) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Of that alphabet as a rule, so that it gets through; now and then with something hostile in it.
    private mutating func mostly(_ alphabet: String, _ length: Int) -> String {
        if self.oneIn(6) { return self.text() }
        let letters = Array(alphabet.utf8)
        var bytes: [UInt8] = []
        for _ in 0..<length { bytes.append(self.pick(letters)) }
        if self.oneIn(6) { bytes.insert(contentsOf: self.pick(Self.hostile), at: self.below(bytes.count + 1)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    mutating func channel() -> String { self.mostly("0123456789abcdef-", 4 + self.below(36)) }
    mutating func number() -> String { (self.oneIn(3) ? "+" : "") + self.mostly("0123456789*#", 1 + self.below(14)) }
    mutating func context() -> String { self.mostly("abcdefXYZ019_.-", 1 + self.below(12)) }

    mutating func address() -> String {
        switch self.below(5) {
        case 0: "user/\(self.number())@\(self.context())"
        case 1: "[leg_timeout=\(self.below(90))]sofia/\(self.context())/\(self.number())@\(self.context())"
        case 2: "loopback/\(self.number())/\(self.context())"
        case 3: self.contact().dialString
        default: self.text()
        }
    }

    mutating func contact() -> Contact {
        let timeout = self.oneIn(2) ? nil : self.below(8) * 700 - 400
        switch self.below(4) {
        case 0: return .user(self.name(), callTimeout: timeout)
        case 1: return .sofia(profile: self.name(), address: self.name() + "@" + self.name() + (self.oneIn(3) ? ":5060" : ""), callTimeout: timeout)
        case 2: return .loopback(extension: self.name(), context: self.name())
        default: return .dialString(self.oneIn(2) ? "sofia/internal/\(self.name())" : self.text())
        }
    }
}
