/// What may stand in a line of a command. A packet ends at two line feeds and each further line is a header, so one line feed in an argument
/// would forge a header and two would start a command.
enum WireText {
    static let maximumBytes = 64 * 1024

    /// - Throws: `illegalCommand` when the text holds a control byte (below 0x20, or 0x7F), or is too long. The message never quotes the text.
    static func check(_ text: String, as what: @autoclosure () -> String) throws(EventSocketError) {
        guard text.utf8.count <= self.maximumBytes else { throw .illegalCommand("\(what()) is longer than \(self.maximumBytes) bytes") }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw .illegalCommand("\(what()) holds a control character") }
    }

    /// mod_event_socket looks for two words anywhere in a packet, in an argument or a header as well, whatever the case of their letters: with
    /// `unload` or `reload` and `mod_event_socket` in it, the packet is thrown away and the event socket unloads or reloads itself. An agent named
    /// `unload_mod_event_socket` took the event socket of a real FreeSWITCH away, and so did a header of `sendevent`.
    ///
    /// - Throws: `illegalCommand` for such a packet, or a part of it.
    static func checkOrders(_ packet: String) throws(EventSocketError) {
        // Looked for first, because nearly no packet has it.
        guard packet.holds("mod_event_socket") else { return }
        guard !packet.holds("unload"), !packet.holds("reload") else {
            throw .illegalCommand("FreeSWITCH would take the packet for an order to unload its event socket")
        }
    }

    /// Letters, digits, and the signs given.
    static func isWord(_ text: String, signs: StaticString, maximumBytes: Int = 128) -> Bool {
        let signs = UnsafeRawBufferPointer(start: signs.utf8Start, count: signs.utf8CodeUnitCount)
        return !text.isEmpty && text.utf8.count <= maximumBytes
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                default: signs.contains(byte)
                }
            }
    }
}
