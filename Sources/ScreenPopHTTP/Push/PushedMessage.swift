import NIOCore
import ScreenPopService
import ScreenPopStore

/// A message on its way to the desktops of one event loop: whatever form a transport needs is built once and shared.
final class PushedMessage {
    let cursor: Cursor?
    let audience: Audience
    private let message: HubMessage

    init(_ message: HubMessage) {
        self.message = message
        self.cursor = message.cursor
        self.audience = Audience(type: message.type, agent: message.agent, queue: message.queue)
    }

    var byteCount: Int { self.message.payload.readableBytes }

    /// The credential that is void from now on, of a message that says so.
    var revokedCredential: String? {
        guard self.message.type == Revocation.type, case .object(let members)? = try? JSONValue(self.message.payload.readableBytesView) else {
            return nil
        }
        return members["credential"]?.string
    }

    /// A text frame with its header.
    private(set) lazy var frame = WebSocketFrames.text(self.message.payload)

    /// A server-sent event with its empty line.
    private(set) lazy var event = ServerSentEvents.event(type: self.message.type, id: self.message.cursor, data: self.message.payload)

    /// The same without the line that makes a client come back to it.
    private(set) lazy var eventWithoutID = ServerSentEvents.event(type: self.message.type, id: nil, data: self.message.payload)
}

@available(*, unavailable)
extension PushedMessage: Sendable {}
