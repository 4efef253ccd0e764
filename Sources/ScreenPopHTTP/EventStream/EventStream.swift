import CoreMetrics
import NIOCore
import ScreenPopStore
import Synchronization

/// A desktop that listens by server-sent events: fed on an event loop, read by the request's task, bounded between the two.
final class EventStream: PushTransport {
    /// Bytes that were written and not yet taken by the connection.
    final class Debt: Sendable {
        private let bytes = Atomic<Int>(0)

        func add(_ count: Int) -> Int { self.bytes.add(count, ordering: .relaxed).newValue }
        func pay(_ count: Int) { self.bytes.subtract(count, ordering: .relaxed) }
    }

    private let continuation: AsyncStream<ByteBuffer>.Continuation
    private let debt: Debt
    private let limit: Int
    private let heartbeat: TimeAmount
    private var lastBeat: NIODeadline

    static let maximumChunks = 1024

    init(_ continuation: AsyncStream<ByteBuffer>.Continuation, debt: Debt, limit: Int, heartbeat: TimeAmount, now: NIODeadline) {
        self.continuation = continuation
        self.debt = debt
        self.limit = limit
        self.heartbeat = heartbeat
        self.lastBeat = now
    }

    func write(_ message: PushedMessage, isResumable: Bool) {
        self.yield(isResumable ? message.event : message.eventWithoutID)
    }

    func write(type: String, cursor: Cursor?, payload: ByteBuffer) {
        self.yield(ServerSentEvents.event(type: type, id: cursor, data: payload))
    }

    func flush() {}

    func tick(now: NIODeadline) {
        guard now - self.lastBeat >= self.heartbeat else { return }
        self.lastBeat = now
        self.yield(ServerSentEvents.comment)
    }

    func goAway() {
        self.continuation.finish()
    }

    private func yield(_ chunk: ByteBuffer) {
        if self.debt.add(chunk.readableBytes) <= self.limit {
            switch self.continuation.yield(chunk) {
            case .enqueued, .terminated: return
            case .dropped: break
            @unknown default: break
            }
        }
        // It does not read. It comes back with Last-Event-ID.
        HTTPMetrics.slowSessions.increment()
        self.continuation.finish()
    }
}

@available(*, unavailable)
extension EventStream: Sendable {}
