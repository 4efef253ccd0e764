package import NIOCore
import ScreenPop
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

/// Distributes the log inside this instance: one reader, any number of subscribers, the newest entries kept for those who come back.
package final class Hub: Sendable {
    package init(store: Store, keep: Int = 4096) {}

    /// The cursor of the newest entry that was distributed.
    package var end: Cursor { .zero }

    /// `receive` is called on `eventLoop`, in order. A subscriber serves many desktops: one for each event loop, webhooks, connectors.
    /// Returns once live messages are flowing to it.
    package func subscribe(on eventLoop: any EventLoop, receive: @escaping @Sendable (HubDelivery) -> Void) -> HubSubscription {
        HubSubscription(id: 0)
    }

    package func unsubscribe(_ subscription: HubSubscription) {}

    /// From memory when it reaches back far enough, else from Redis.
    package func resume(after cursor: Cursor, limit: Int) async -> Resumption { .gap }
}

package struct HubSubscription: Sendable, Hashable {
    package let id: Int
}
