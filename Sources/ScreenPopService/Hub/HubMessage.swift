package import NIOCore
package import ScreenPop
package import ScreenPopStore

/// A message as everybody reads it from the log.
package struct HubMessage: Sendable, Equatable {
    /// `nil` for a provisional message, which did not come through the log.
    package var cursor: Cursor?
    package var type: String
    package var agent: String?
    package var queue: String?
    /// The whole JSON object, with its cursor in it: built once for all listeners.
    package var payload: ByteBuffer

    package init(cursor: Cursor?, type: String, agent: String?, queue: String?, payload: ByteBuffer) {
        self.cursor = cursor
        self.type = type
        self.agent = agent
        self.queue = queue
        self.payload = payload
    }

    /// An entry of the log, with its cursor put in behind the type.
    package init(_ entry: LogEntry) {
        self.init(
            cursor: entry.cursor, type: entry.type, agent: entry.agent, queue: entry.queue,
            payload: Self.splice(entry.cursor, into: entry.json, type: entry.type))
    }

    /// A message that did not come through the log.
    package init(_ message: Message) {
        self.init(cursor: nil, type: message.type, agent: message.agent, queue: message.queue, payload: ByteBuffer(bytes: message.json))
    }

    private static func splice(_ cursor: Cursor, into json: ByteBuffer, type: String) -> ByteBuffer {
        let head = #"{"type":"\#(type)""#
        // Whoever wrote something else into the log gets it out as it is.
        guard json.readableBytesView.starts(with: head.utf8) else { return json }
        let text = #","cursor":"\#(cursor)""#
        var payload = ByteBufferAllocator().buffer(capacity: json.readableBytes + text.utf8.count)
        payload.writeString(head)
        payload.writeString(text)
        payload.writeBytes(json.readableBytesView.dropFirst(head.utf8.count))
        return payload
    }
}

/// What a listener that comes back with a cursor gets.
package enum Resumption: Sendable, Equatable {
    /// All messages after its cursor up to and including `through`; live messages after `through` follow to whoever is subscribed already.
    case complete([HubMessage], through: Cursor)
    /// The log cannot tell all that happened since.
    case gap
}

/// What a listener hears. `reset`: the log was lost or rewritten; whoever stands on a cursor must take a snapshot.
package enum HubDelivery: Sendable {
    case messages([HubMessage])
    case reset(Cursor)
}
