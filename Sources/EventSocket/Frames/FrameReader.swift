public import NIOCore

/// Frames out of the reads of a socket, however these cut them.
///
/// Only the frame that two reads share is put together by copying; all others are slices of the read they came in.
public struct FrameReader {
    private var decoder: FrameDecoder
    /// The beginning of a frame, from earlier reads.
    private var beginning = ByteBuffer()
    private var read = ByteBuffer()

    public init(decoder: FrameDecoder = FrameDecoder()) {
        self.decoder = decoder
    }

    /// Takes what one read brought. All whole frames of the read before must have been fetched by `next()`.
    public mutating func receive(_ bytes: ByteBuffer) {
        if self.read.readableBytes == 0 {
            self.read = bytes
        } else {
            self.read.writeImmutableBuffer(bytes)
        }
    }

    /// - Returns: `nil` when more bytes are needed.
    /// - Throws: `protocolViolation`, and from then on always.
    public mutating func next() throws(EventSocketError) -> Frame? {
        while true {
            guard self.beginning.readableBytes > 0 else {
                if let frame = try self.decoder.decode(buffer: &self.read) { return frame }
                // Empty, or half a frame; in both cases the read's memory is not kept longer than needed.
                if self.read.readableBytes > 0 { self.beginning = self.read }
                self.read = ByteBuffer()
                return nil
            }
            if let frame = try self.decoder.decode(buffer: &self.beginning) {
                if self.beginning.readableBytes == 0 { self.beginning = ByteBuffer() }
                return frame
            }
            // The decoder may have taken the header block and nothing more was there.
            guard self.beginning.readableBytes > 0 else { continue }
            let missing = self.decoder.missingBytes(after: self.beginning.readableBytes)
            guard var rest = self.read.readSlice(length: min(missing, self.read.readableBytes)), rest.readableBytes > 0 else { return nil }
            self.beginning.discardReadBytes()
            self.beginning.writeBuffer(&rest)
        }
    }
}
