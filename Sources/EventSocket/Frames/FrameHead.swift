import NIOCore

/// The outer header block of a frame. The order of its headers differs by type.
///
/// Names are compared without regard to case here: two spellings of `Content-Length` must not be two lengths.
struct FrameHead {
    private(set) var contentLength: Int?
    private let contentType: ContentType
    private let block: ByteBuffer

    private enum ContentType: Equatable {
        case authRequest, commandReply, apiResponse, eventPlain, eventJSON, log, disconnectNotice, rudeRejection
        case other(String)
    }

    /// - Parameter block: the header lines and the blank line.
    /// - Throws: `protocolViolation` for a line that is no header, for no or a second `Content-Type`, and for a `Content-Length` that stands
    ///   twice or is not a plain decimal number.
    init(_ block: ByteBuffer) throws(EventSocketError) {
        let result = block.withUnsafeReadableBytes { bytes in Result { () throws(EventSocketError) in try Self.read(bytes) } }
        (self.contentType, self.contentLength) = try result.get()
        self.block = block
    }

    private static func read(_ bytes: UnsafeRawBufferPointer) throws(EventSocketError) -> (ContentType, Int?) {
        var type: ContentType?
        var length: Int?
        var lines = HeaderLines(bytes)
        while let line = lines.next() {
            guard let colon = firstIndex(of: UInt8(ascii: ":"), in: line.bytes, from: 0) else {
                throw .protocolViolation("an outer header line without a colon")
            }
            let name = UnsafeRawBufferPointer(rebasing: line.bytes[..<colon])
            var value = UnsafeRawBufferPointer(rebasing: line.bytes[(colon + 1)...])
            if value.first == UInt8(ascii: " ") { value = UnsafeRawBufferPointer(rebasing: value.dropFirst()) }
            if isSame(name, "content-length") {
                guard length == nil else { throw .protocolViolation("Content-Length stands twice in one frame") }
                guard let number = decimal(value) else { throw .protocolViolation("a Content-Length that is no number of bytes") }
                length = number
            } else if isSame(name, "content-type") {
                guard type == nil else { throw .protocolViolation("Content-Type stands twice in one frame") }
                type = contentType(value)
            }
        }
        guard let type else { throw .protocolViolation("a frame without Content-Type") }
        return (type, length)
    }

    func frame(body: ByteBuffer) throws(EventSocketError) -> Frame {
        switch self.contentType {
        case .authRequest:
            return .authRequest
        case .commandReply:
            guard let text = self.value("reply-text") else { throw .protocolViolation("a command/reply without Reply-Text") }
            return .commandReply(Frame.CommandReply(text: text, jobUUID: self.value("job-uuid")))
        case .apiResponse:
            try self.requireLength("api/response")
            return .apiResponse(body)
        case .eventPlain:
            try self.requireLength("text/event-plain")
            return .event(Event(plain: body))
        case .eventJSON:
            try self.requireLength("text/event-json")
            return .event(try Event(json: body))
        case .log:
            try self.requireLength("log/data")
            guard let level = self.value("log-level").flatMap({ Int($0) }) else { throw .protocolViolation("a log/data without Log-Level") }
            return .log(level: level, text: String(buffer: body))
        case .disconnectNotice:
            return .disconnectNotice(String(buffer: body))
        case .rudeRejection:
            return .rudeRejection(String(buffer: body))
        case .other(let contentType):
            return .unknown(contentType: contentType)
        }
    }

    private func requireLength(_ type: StaticString) throws(EventSocketError) {
        guard self.contentLength != nil else { throw .protocolViolation("a \(type) without Content-Length") }
    }

    /// The first header of that name, given in lower case, as it is on the wire: outer headers are not encoded.
    private func value(_ name: StaticString) -> String? {
        self.block.withUnsafeReadableBytes { bytes in
            var lines = HeaderLines(bytes)
            while let line = lines.next() {
                guard let colon = firstIndex(of: UInt8(ascii: ":"), in: line.bytes, from: 0),
                    Self.isSame(UnsafeRawBufferPointer(rebasing: line.bytes[..<colon]), name)
                else { continue }
                let value = line.bytes[(colon + 1)...]
                return String(decoding: value.first == UInt8(ascii: " ") ? value.dropFirst() : value, as: UTF8.self)
            }
            return nil
        }
    }

    private static let known: [(StaticString, ContentType)] = [
        ("text/event-plain", .eventPlain), ("command/reply", .commandReply), ("api/response", .apiResponse), ("log/data", .log),
        ("auth/request", .authRequest), ("text/event-json", .eventJSON), ("text/disconnect-notice", .disconnectNotice),
        ("text/rude-rejection", .rudeRejection),
    ]

    private static func contentType(_ value: UnsafeRawBufferPointer) -> ContentType {
        for (text, type) in Self.known where isSame(value, text) { return type }
        return .other(String(decoding: value, as: UTF8.self))
    }

    /// Digits alone: no sign, no space, no overflow.
    private static func decimal(_ value: UnsafeRawBufferPointer) -> Int? {
        guard !value.isEmpty else { return nil }
        var number = 0
        for byte in value {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (product, productOverflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = product.addingReportingOverflow(Int(digit))
            guard !productOverflow, !sumOverflow else { return nil }
            number = sum
        }
        return number
    }

    /// - Parameter lowercased: ASCII.
    private static func isSame(_ bytes: UnsafeRawBufferPointer, _ lowercased: StaticString) -> Bool {
        guard bytes.count == lowercased.utf8CodeUnitCount else { return false }
        for (index, byte) in bytes.enumerated() {
            let lower = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
            guard lower == lowercased.utf8Start[index] else { return false }
        }
        return true
    }
}
