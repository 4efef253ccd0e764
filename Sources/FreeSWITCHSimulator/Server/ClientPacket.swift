import NIOCore

/// One command of an event socket client: a line, headers, perhaps a body.
struct ClientPacket: Sendable, Equatable {
    struct Header: Sendable, Equatable {
        var name: String
        var value: String
    }

    var command: String
    var headers: [Header] = []
    var body = ""

    func value(_ name: String) -> String? { self.headers.first { $0.name.lowercased() == name.lowercased() }?.value }
}

/// Cuts what a client sends into packets: they end at two line feeds, carriage returns do not count; a `Content-Length` adds a body.
struct ClientPacketDecoder: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = ClientPacket

    enum Failure: Error {
        case tooLong
    }

    private static let maximumBytes = 1024 * 1024

    mutating func decode(buffer: inout ByteBuffer) throws -> ClientPacket? {
        while let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self), first == 0x0A || first == 0x0D {
            buffer.moveReaderIndex(forwardBy: 1)
        }
        let view = buffer.readableBytesView
        guard let end = self.endOfHeaders(view) else {
            if view.count > Self.maximumBytes { throw Failure.tooLong }
            return nil
        }
        let text = String(decoding: view[..<end].filter { $0 != 0x0D }, as: UTF8.self)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        guard !lines.isEmpty else { return nil }
        var packet = ClientPacket(command: String(lines.removeFirst()))
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            packet.headers.append(ClientPacket.Header(name: String(line[..<colon]), value: String(value)))
        }
        let headerBytes = end - view.startIndex
        let length = packet.value("Content-Length").flatMap { Int($0) } ?? 0
        guard length >= 0, length <= Self.maximumBytes else { throw Failure.tooLong }
        guard view.count >= headerBytes + length else { return nil }
        buffer.moveReaderIndex(forwardBy: headerBytes)
        packet.body = buffer.readString(length: length) ?? ""
        return packet
    }

    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> ClientPacket? { try self.decode(buffer: &buffer) }

    /// The index after the second of two line feeds.
    private func endOfHeaders(_ view: ByteBufferView) -> Int? {
        var previousWasLineFeed = false
        for index in view.indices {
            switch view[index] {
            case 0x0A:
                if previousWasLineFeed { return index + 1 }
                previousWasLineFeed = true
            case 0x0D: continue
            default: previousWasLineFeed = false
            }
        }
        return nil
    }
}
