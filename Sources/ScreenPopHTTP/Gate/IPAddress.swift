import NIOCore

/// An address of a peer. IPv4 is the same whether it comes as itself or mapped into IPv6.
package struct IPAddress: Sendable, Hashable {
    private var high: UInt64
    private var low: UInt64

    private static let mapped: UInt64 = 0xFFFF_0000_0000

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// `nil` unless it is an address in numbers (RFC 4291, 2.2).
    package init?(_ text: some StringProtocol) {
        if let four = Self.ipv4(text[...]) {
            self.init(high: 0, low: Self.mapped | UInt64(four))
            return
        }
        guard let groups = Self.ipv6(text[...]) else { return nil }
        self.init(high: Self.joined(groups[..<4]), low: Self.joined(groups[4...]))
    }

    init?(_ address: SocketAddress?) {
        guard let text = address?.ipAddress else { return nil }
        // Of a link-local one, without the name of the interface.
        self.init(text.prefix { $0 != "%" })
    }

    private static func ipv4(_ text: some StringProtocol) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            // A zero in front would be octal to some.
            guard (1...3).contains(part.utf8.count), part == "0" || !part.hasPrefix("0"), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let byte = UInt8(part)
            else { return nil }
            value = value << 8 | UInt32(byte)
        }
        return value
    }

    private static func ipv6(_ text: some StringProtocol) -> [UInt16]? {
        guard text.utf8.count <= 45 else { return nil }
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2, let head = self.groups(halves[0], isEnd: halves.count == 1),
            let tail = halves.count == 2 ? self.groups(halves[1], isEnd: true) : []
        else { return nil }
        let missing = 8 - head.count - tail.count
        // What was left out is one group at least.
        guard halves.count == 2 ? missing >= 1 : missing == 0 else { return nil }
        return head + Array(repeating: 0, count: missing) + tail
    }

    /// The last two of an address may stand as IPv4.
    private static func groups(_ text: some StringProtocol, isEnd: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if isEnd, index == parts.count - 1, let four = self.ipv4(part) {
                groups += [UInt16(truncatingIfNeeded: four >> 16), UInt16(truncatingIfNeeded: four)]
            } else {
                guard (1...4).contains(part.utf8.count), !part.hasPrefix("+"), let group = UInt16(part, radix: 16) else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    private static func joined(_ groups: ArraySlice<UInt16>) -> UInt64 {
        groups.reduce(0) { $0 << 16 | UInt64($1) }
    }

    private var isIPv4: Bool { self.high == 0 && self.low >> 32 == Self.mapped >> 32 }

    /// Whoever has an address of IPv6 has 2^64 of them: they count as one.
    var network: IPAddress { self.isIPv4 ? self : IPAddress(high: self.high, low: 0) }

    /// The first bits, the rest zero.
    fileprivate func prefix(_ bits: Int) -> IPAddress {
        let high = bits >= 64 ? UInt64.max : bits == 0 ? 0 : ~0 << UInt64(64 - bits)
        let low = bits >= 128 ? UInt64.max : bits <= 64 ? 0 : ~0 << UInt64(128 - bits)
        return IPAddress(high: self.high & high, low: self.low & low)
    }

    fileprivate var widest: Int { self.isIPv4 ? 32 : 128 }
}

extension IPAddress: CustomStringConvertible {
    /// As RFC 5952 wants it.
    package var description: String {
        if self.isIPv4 { return [24, 16, 8, 0].map { String(self.low >> $0 & 0xFF) }.joined(separator: ".") }
        let groups = [self.high, self.low].flatMap { half in [48, 32, 16, 0].map { half >> $0 & 0xFFFF } }
        let texts = groups.map { String($0, radix: 16) }
        guard let zeros = Self.longestZeros(groups) else { return texts.joined(separator: ":") }
        return texts[..<zeros.lowerBound].joined(separator: ":") + "::" + texts[zeros.upperBound...].joined(separator: ":")
    }

    /// The first of the longest, two or more.
    private static func longestZeros(_ groups: [UInt64]) -> Range<Int>? {
        var longest = 0..<1
        var start: Int?
        for (index, group) in (groups + [1]).enumerated() {
            if group == 0 {
                start = start ?? index
            } else if let begun = start {
                if index - begun > longest.count { longest = begun..<index }
                start = nil
            }
        }
        return longest.count > 1 ? longest : nil
    }
}

/// An address, or all that begin alike: `192.0.2.7`, `10.0.0.0/8`, `fd00::/8`
package struct AddressRange: Sendable, Hashable {
    private let first: IPAddress
    private let bits: Int

    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress($0) }) else { return nil }
        var bits = address.widest
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(parts[1]), (0...bits).contains(number) else {
                return nil
            }
            bits = number
        }
        self.bits = bits + 128 - address.widest
        self.first = address.prefix(self.bits)
    }

    package func contains(_ address: IPAddress) -> Bool {
        address.prefix(self.bits) == self.first
    }
}

extension IPAddress {
    /// Who sends a request: the peer; behind proxies that are trusted, the last one in `X-Forwarded-For` that is none of them. What stands before it
    /// can be made up by anybody.
    init?(peer: SocketAddress?, forwardedFor: [String], proxies: [AddressRange]) {
        guard var address = IPAddress(peer) else { return nil }
        var hops = forwardedFor.flatMap { $0.split(separator: ",") }[...]
        while proxies.contains(where: { $0.contains(address) }), let hop = hops.popLast() {
            guard let next = Self.hop(hop) else { break }
            address = next
        }
        self = address
    }

    /// Some proxies add the port.
    private static func hop(_ text: Substring) -> IPAddress? {
        let text = text.filter { $0 != " " && $0 != "\t" }
        if text.hasPrefix("[") { return IPAddress(text.dropFirst().prefix { $0 != "]" }) }
        return IPAddress(text) ?? IPAddress(text.prefix { $0 != ":" })
    }
}
