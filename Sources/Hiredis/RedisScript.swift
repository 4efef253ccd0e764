/// A Lua script and its SHA-1, by which Redis knows a script that it has run before.
public struct RedisScript: Sendable {
    public let source: String
    /// 40 lower-case hexadecimal digits.
    public let sha1: String

    public init(_ source: String) {
        self.source = source
        self.sha1 = SHA1.hexadecimal(of: Array(source.utf8))
    }
}

/// SHA-1 (RFC 3174). It names scripts here and protects nothing; that is why it may be our own and needs no cryptographic library.
enum SHA1 {
    static func hexadecimal(of message: [UInt8]) -> String {
        var hash: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        let padded = self.padded(message)
        for start in stride(from: 0, to: padded.count, by: 64) {
            self.mix(padded[start..<start + 64], into: &hash)
        }
        let digits = Array("0123456789abcdef".utf8)
        let text = hash.flatMap { word in
            stride(from: 28, through: 0, by: -4).map { digits[Int(word >> UInt32($0)) & 0xF] }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func padded(_ message: [UInt8]) -> [UInt8] {
        var padded = message
        padded.append(0x80)
        while padded.count % 64 != 56 { padded.append(0) }
        let bits = UInt64(message.count) * 8
        for shift in stride(from: UInt64(56), through: 0, by: -8) { padded.append(UInt8(truncatingIfNeeded: bits >> shift)) }
        return padded
    }

    private static func mix(_ block: ArraySlice<UInt8>, into hash: inout [UInt32]) {
        var words: [UInt32] = []
        words.reserveCapacity(80)
        for start in stride(from: block.startIndex, to: block.endIndex, by: 4) {
            words.append(block[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) })
        }
        for index in 16..<80 {
            words.append(self.rotated(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], by: 1))
        }
        var (a, b, c, d, e) = (hash[0], hash[1], hash[2], hash[3], hash[4])
        for (index, word) in words.enumerated() {
            let (function, constant): (UInt32, UInt32) =
                switch index {
                case 0..<20: ((b & c) | (~b & d), 0x5A82_7999)
                case 20..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                case 40..<60: ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC)
                default: (b ^ c ^ d, 0xCA62_C1D6)
                }
            (a, b, c, d, e) = (self.rotated(a, by: 5) &+ function &+ e &+ constant &+ word, a, self.rotated(b, by: 30), c, d)
        }
        for (index, part) in [a, b, c, d, e].enumerated() { hash[index] &+= part }
    }

    private static func rotated(_ word: UInt32, by count: UInt32) -> UInt32 { word << count | word >> (32 - count) }
}
