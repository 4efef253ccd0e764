import CoreMetrics
import NIOCore
import ScreenPop
import ScreenPopStore
import Synchronization

/// A desktop that listens by server-sent events: fed on an event loop, read by the request's task, bounded between the two.
final class EventStream: PushTransport {
    /// Bytes that were written and not yet taken by the connection.
    final class Debt: Sendable {
        private let bytes = Atomic<Int>(0)

        func add(_ count: Int) -> Int { self.bytes.add(count, ordering: .relaxed).newValue }
        /// True when by this the connection takes more again.
        func pay(_ count: Int) -> Bool {
            let (before, after) = self.bytes.subtract(count, ordering: .relaxed)
            return before > Self.enough && after <= Self.enough
        }

        var isEnough: Bool { self.bytes.load(ordering: .relaxed) > Self.enough }

        /// As much as is written before the connection has taken some of it.
        private static let enough = 32 * 1024
    }

    private let continuation: AsyncStream<ByteBuffer>.Continuation
    private let debt: Debt
    private let limit: Int
    private let heartbeat: TimeAmount
    private let patience: TimeAmount
    private var lastBeat: NIODeadline
    /// Bytes of the largest chunk so far: one of them, as the snapshot of a large site, is no sign of a slow listener.
    private var largest = 0
    private var fullSince: NIODeadline?

    static let maximumChunks = 1024

    init(_ continuation: AsyncStream<ByteBuffer>.Continuation, debt: Debt, limit: Int, patience: TimeAmount, heartbeat: TimeAmount, now: NIODeadline)
    {
        self.continuation = continuation
        self.debt = debt
        self.limit = limit
        self.patience = patience
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

    var takesMore: Bool { !self.debt.isEnough }
    var canBeDesk: Bool { false }

    func tooSlow() {
        // It comes back with Last-Event-ID.
        HTTPMetrics.slowSessions.increment()
        self.continuation.finish()
    }

    func tick(now: NIODeadline) {
        if self.takesMore {
            self.fullSince = nil
        } else {
            let since = self.fullSince ?? now
            self.fullSince = since
            guard now - since < self.patience else { return self.tooSlow() }
        }
        guard now - self.lastBeat >= self.heartbeat else { return }
        self.lastBeat = now
        self.yield(ServerSentEvents.comment)
    }

    func goAway() {
        self.continuation.finish()
    }

    func expel(_ reason: Expulsion) {
        self.write(type: "error", cursor: nil, payload: JSONWriter.error("unauthorized", reason.text))
        self.continuation.finish()
    }

    private func yield(_ chunk: ByteBuffer) {
        self.largest = max(self.largest, chunk.readableBytes)
        if self.debt.add(chunk.readableBytes) <= self.limit + self.largest {
            switch self.continuation.yield(chunk) {
            case .enqueued, .terminated: return
            case .dropped: break
            @unknown default: break
            }
        }
        self.tooSlow()
    }
}

@available(*, unavailable)
extension EventStream: Sendable {}
