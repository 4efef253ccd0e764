package import NIOCore
package import ScreenPop
package import ScreenPopStore
import Synchronization

/// Distributes the log inside this instance: one reader, any number of subscribers, the newest entries kept for those who come back.
package final class Hub: Sendable {
    private struct Subscriber {
        var eventLoop: any EventLoop
        var receive: @Sendable (HubDelivery) -> Void
    }

    private struct State {
        var ring: MessageRing
        var subscribers: [Int: Subscriber] = [:]
        var lastID = 0
    }

    private let store: Store
    private let state: Mutex<State>

    package init(store: Store, keep: Int = 4096) {
        self.store = store
        self.state = Mutex(State(ring: MessageRing(keep: keep)))
    }

    /// The cursor of the newest entry that was distributed.
    package var end: Cursor { self.state.withLock { $0.ring.end } }

    // MARK: listeners

    /// `receive` is called on `eventLoop`, in order. A subscriber serves many desktops: one for each event loop, webhooks, connectors.
    /// Returns once live messages are flowing to it.
    package func subscribe(on eventLoop: any EventLoop, receive: @escaping @Sendable (HubDelivery) -> Void) -> HubSubscription {
        self.state.withLock { state in
            state.lastID += 1
            state.subscribers[state.lastID] = Subscriber(eventLoop: eventLoop, receive: receive)
            return HubSubscription(id: state.lastID)
        }
    }

    /// What is on its way to the event loop is still delivered.
    package func unsubscribe(_ subscription: HubSubscription) {
        self.state.withLock { _ = $0.subscribers.removeValue(forKey: subscription.id) }
    }

    /// From memory when it reaches back far enough, else from Redis.
    package func resume(after cursor: Cursor, limit: Int) async -> Resumption {
        let (answer, end) = self.state.withLock { ($0.ring.after(cursor, limit: limit), $0.ring.end) }
        switch answer {
        case .messages(let messages): return .complete(messages, through: end)
        case .tooMany: return .gap
        case .unknown: break
        }
        // The cursor may also be newer than what this instance has read: another one gave it out.
        guard let range = try? await self.store.log(after: cursor, limit: limit).get() else { return .gap }
        switch range {
        case .entries(let entries): return .complete(entries.map { HubMessage($0) }, through: entries.last?.cursor ?? cursor)
        case .gap: return .gap
        }
    }

    // MARK: the reader

    /// Where reading begins.
    package func start(at end: Cursor) {
        self.state.withLock { if !$0.ring.hasStarted { $0.ring.restart(at: end) } }
    }

    /// Entries of the log, in order, from one caller at a time.
    package func distribute(_ entries: [LogEntry]) {
        guard !entries.isEmpty else { return }
        let messages = entries.map { HubMessage($0) }
        let subscribers = self.state.withLock { state in
            state.ring.append(messages)
            return Array(state.subscribers.values)
        }
        self.deliver(.messages(messages), to: subscribers)
    }

    /// What cannot come through the log now, because Redis is away.
    package func show(_ messages: [Message]) {
        guard !messages.isEmpty else { return }
        let subscribers = self.state.withLock { Array($0.subscribers.values) }
        self.deliver(.messages(messages.map { HubMessage($0) }), to: subscribers)
    }

    /// The log was lost; it goes on after `end`.
    package func reset(to end: Cursor) {
        let subscribers = self.state.withLock { state in
            state.ring.restart(at: end)
            return Array(state.subscribers.values)
        }
        self.deliver(.reset(end), to: subscribers)
    }

    /// The log is there as it was, and listeners were shown what it will never tell: they are to look at the views anew.
    func startOver() {
        let (end, subscribers) = self.state.withLock { ($0.ring.end, Array($0.subscribers.values)) }
        self.deliver(.reset(end), to: subscribers)
    }

    private func deliver(_ delivery: HubDelivery, to subscribers: [Subscriber]) {
        for subscriber in subscribers {
            subscriber.eventLoop.execute { subscriber.receive(delivery) }
        }
    }
}

package struct HubSubscription: Sendable, Hashable {
    package let id: Int
}
