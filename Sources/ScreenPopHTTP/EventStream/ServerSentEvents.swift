import NIOCore
import ScreenPopStore

/// The lines of `text/event-stream`.
enum ServerSentEvents {
    static let comment = ByteBuffer(staticString: ":\n\n")

    /// `data` is one line: JSON as we write it has no line ends.
    static func event(type: String, id: Cursor?, data: ByteBuffer) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: data.readableBytes + 64)
        if let id { buffer.writeString("id: \(id)\n") }
        buffer.writeString("event: \(type)\ndata: ")
        buffer.writeImmutableBuffer(data)
        buffer.writeStaticString("\n\n")
        return buffer
    }
}
