/// `read_packet` and the beginning of `parse_command` of FreeSWITCH's mod_event_socket, written down again byte by byte: how what a client sends
/// becomes commands.
struct PacketSplitter {
    struct Packet: Equatable {
        var command: [UInt8]
        var headers: [Header] = []
    }

    struct Header: Equatable {
        var name: [UInt8]
        var value: [UInt8]
    }

    enum Trap: Error, Equatable {
        /// The packet would be taken for an order to the event socket itself.
        case unloadsTheEventSocket
        /// What was sent ends in the middle of a packet: the next command would be part of it.
        case unfinished
    }

    private static let lineFeed: UInt8 = 0x0A
    private static let carriageReturn: UInt8 = 0x0D

    static func split(_ bytes: [UInt8]) throws(Trap) -> [Packet] {
        var packets: [Packet] = []
        var start = 0
        var at = 0
        var lineFeeds = 0
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            // Line ends in front of a packet are thrown away.
            if at - 1 == start, byte == self.lineFeed || byte == self.carriageReturn {
                start = at
                lineFeeds = 0
                continue
            }
            if byte == self.lineFeed { lineFeeds += 1 } else if byte != self.carriageReturn { lineFeeds = 0 }
            guard lineFeeds == 2 else { continue }
            let (packet, length) = try self.packet(Array(bytes[start..<at]))
            packets.append(packet)
            at += length
            start = at
            lineFeeds = 0
        }
        guard start >= bytes.count else { throw .unfinished }
        return packets
    }

    /// - Returns: the packet, and how long the body is that follows.
    private static func packet(_ bytes: [UInt8]) throws(Trap) -> (Packet, length: Int) {
        // A C string ends at the first NUL.
        let text = Array(bytes[..<(bytes.firstIndex(of: 0) ?? bytes.count)])
        let hasWord = self.holds(text, "mod_event_socket")
        guard !hasWord || (!self.holds(text, "unload") && !self.holds(text, "reload")) else { throw .unloadsTheEventSocket }
        var lines = self.lines(text)
        var packet = Packet(command: lines.isEmpty ? [] : lines.removeFirst())
        var length = 0
        for line in lines {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            var first = colon + 1
            while first < line.count, line[first] == UInt8(ascii: " ") { first += 1 }
            let header = Header(name: Array(line[..<colon]), value: Array(line[first...]))
            packet.headers.append(header)
            if self.lowercased(header.name) == Array("content-length".utf8) {
                length = max(0, Int(String(decoding: header.value.prefix { (0x30...0x39).contains($0) }, as: UTF8.self)) ?? 0)
            }
        }
        return (packet, length)
    }

    private static func lines(_ text: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = 0
        for at in 0..<text.count where text[at] == self.lineFeed || text[at] == self.carriageReturn {
            if at > start { lines.append(Array(text[start..<at])) }
            start = at + 1
        }
        if start < text.count { lines.append(Array(text[start...])) }
        return lines
    }

    private static func holds(_ text: [UInt8], _ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        let word = word.utf8Start
        var at = 0
        while at + count <= text.count {
            var matched = 0
            while matched < count, self.lowercased(text[at + matched]) == word[matched] { matched += 1 }
            if matched == count { return true }
            at += 1
        }
        return false
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

    static func lowercased(_ bytes: [UInt8]) -> [UInt8] { bytes.map { self.lowercased($0) } }

    /// What `api` runs: the function, and its argument as the function gets it.
    static func apiCall(_ packet: Packet) -> (function: [UInt8], argument: [UInt8])? {
        let prefix = Array("api ".utf8)
        guard self.lowercased(Array(packet.command.prefix(4))) == prefix else { return nil }
        let line = packet.command.dropFirst(4)
        let space = line.firstIndex(of: UInt8(ascii: " ")) ?? line.endIndex
        return (Array(line[..<space]), self.stripped(Array(line[space...].dropFirst())))
    }

    private static func stripped(_ text: [UInt8]) -> [UInt8] {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0B).contains(byte) || byte == 0x0D }
        var start = 0
        var end = text.count
        while start < end, isBlank(text[start]) { start += 1 }
        while end > start, isBlank(text[end - 1]) { end -= 1 }
        return Array(text[start..<end])
    }
}
