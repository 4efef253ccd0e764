import NIOCore

/// The reply to `userauth` when the user's rights are long: without its blank line.
///
/// mod_event_socket writes that reply, which repeats `esl-allowed-events` and `esl-allowed-api`, into 512 bytes and sends what went in
/// (mod_event_socket.c of 1.10.12, `char reply[512]`; Tests/Recordings/userauth_cut.jsonl). What comes next on the wire is the next frame.
enum CutLogInReply {
    private static let contentType: StaticString = "Content-Type: command/reply\n"
    private static let accepted: StaticString = "Content-Type: command/reply\nReply-Text: +OK accepted\nAllowed-Events: "

    /// Of the 512 bytes one is the zero at the end, and one the mark that a reply writes its own headers, which is not sent.
    static let length = Self.contentType.utf8CodeUnitCount + 510

    /// - Parameter endOfHead: where the first blank line of the buffer ends, if there is one.
    /// - Returns: the length of the lines that are whole, when the buffer begins with such a reply and all of it is here.
    static func wholeLines(in buffer: ByteBuffer, endOfHead: Int?) -> Int? {
        // An event's head is a tenth of this long: the hot path ends here.
        guard buffer.readableBytes >= Self.length, endOfHead.map({ $0 > Self.length }) ?? true else { return nil }
        return buffer.withUnsafeReadableBytes { bytes in
            let start = UnsafeRawBufferPointer(rebasing: bytes[..<Self.accepted.utf8CodeUnitCount])
            guard start.elementsEqual(UnsafeBufferPointer(start: Self.accepted.utf8Start, count: Self.accepted.utf8CodeUnitCount)) else { return nil }
            // One that is longer and whole, should there ever be a FreeSWITCH with more room: then a line goes on here, and no frame begins.
            let next = bytes[Self.length...]
            guard next.isEmpty || next.starts(with: "Content-".utf8.prefix(next.count)) else { return nil }
            return bytes[..<Self.length].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
        }
    }
}
