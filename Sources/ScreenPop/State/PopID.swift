/// Ids of pops: a 128-bit hash of what the offer is, so that every instance that sees it gives it the same one.
///
/// Two lanes of FNV-1a over the same bytes, with different offset bases, each finished with the avalanche of SplitMix64. It guards against
/// accidents (the birthday bound is far away at 128 bits), not against somebody who picks uuids: those come from FreeSWITCH.
enum PopID {
    /// - Parameter parts: Core-UUID, call, agent and what tells this offer from the next. Separated by a byte that none of them holds.
    static func make(_ parts: String...) -> String {
        var low: UInt64 = 0xCBF2_9CE4_8422_2325
        var high: UInt64 = 0x6C62_272E_07BB_0142
        func add(_ byte: UInt8) {
            low = (low ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
            high = (high ^ UInt64(byte ^ 0x5A)) &* 0x0000_0100_0000_01B3
        }
        for part in parts {
            for byte in part.utf8 { add(byte) }
            add(0x1F)
        }
        return "p-" + Self.hexadecimal(Self.finish(high)) + Self.hexadecimal(Self.finish(low))
    }

    private static func finish(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
