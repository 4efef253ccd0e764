import NIOCore
import ScreenPopStore
import Synchronization

@testable import ScreenPopHTTP
@testable import ScreenPopService

/// A hub that says what the test says.
final class FakeSource: MessageSource {
    private struct State {
        var end = Cursor(milliseconds: 100, sequence: 0)
        var subscribers: [Int: @Sendable (HubDelivery) -> Void] = [:]
        var loops: [Int: any EventLoop] = [:]
        var next = 1
        var resumption = Resumption.gap
        var resumedAfter: [Cursor] = []
    }

    private let state = Mutex(State())

    var end: Cursor { self.state.withLock { $0.end } }
    var subscriberCount: Int { self.state.withLock { $0.subscribers.count } }
    var resumedAfter: [Cursor] { self.state.withLock { $0.resumedAfter } }

    func answer(_ resumption: Resumption) { self.state.withLock { $0.resumption = resumption } }

    func subscribe(on eventLoop: any EventLoop, receive: @escaping @Sendable (HubDelivery) -> Void) -> HubSubscription {
        self.state.withLock { state in
            defer { state.next += 1 }
            state.subscribers[state.next] = receive
            state.loops[state.next] = eventLoop
            return HubSubscription(id: state.next)
        }
    }

    func unsubscribe(_ subscription: HubSubscription) {
        self.state.withLock { state in
            state.subscribers[subscription.id] = nil
            state.loops[subscription.id] = nil
        }
    }

    func resume(after cursor: Cursor, limit: Int) async -> Resumption {
        self.state.withLock { state in
            state.resumedAfter.append(cursor)
            return state.resumption
        }
    }

    func deliver(_ delivery: HubDelivery) {
        let receivers = self.state.withLock { state in
            if case .messages(let messages) = delivery, let cursor = messages.last?.cursor { state.end = cursor }
            return state.subscribers.compactMap { id, receive in state.loops[id].map { ($0, receive) } }
        }
        for (loop, receive) in receivers { loop.execute { receive(delivery) } }
    }
}

extension HubMessage {
    /// `{"type":"...","cursor":"N-0",...}`
    static func test(_ number: UInt64?, _ type: String, agent: String? = nil, queue: String? = nil, more: String = "") -> HubMessage {
        let cursor = number.map { Cursor(milliseconds: $0, sequence: 0) }
        let part = cursor.map { ",\"cursor\":\"\($0)\"" } ?? ""
        return HubMessage(
            cursor: cursor, type: type, agent: agent, queue: queue, payload: ByteBuffer(string: "{\"type\":\"\(type)\"\(part)\(more)}"))
    }
}
