import NIOCore
import NIOPosix
import ScreenPopStore
import Synchronization

@testable import ScreenPopHTTP

/// An audit in memory, that can be away; keeps no answers.
final class FakeRecords: GateStoring {
    private struct State {
        var entries: [AuditEntry] = []
        var isAway = false
        var waiting: [(count: Int, promise: EventLoopPromise<[AuditEntry]>)] = []
    }

    struct Away: Error {}

    private let state = Mutex(State())
    private let eventLoop = MultiThreadedEventLoopGroup.singleton.any()

    var entries: [AuditEntry] { self.state.withLock { $0.entries } }

    func setAway(_ isAway: Bool) { self.state.withLock { $0.isAway = isAway } }

    /// When there are so many.
    func entries(_ count: Int, isolation: isolated (any Actor)? = #isolation) async throws -> [AuditEntry] {
        let promise = self.eventLoop.makePromise(of: [AuditEntry].self)
        self.state.withLock { $0.waiting.append((count, promise)) }
        self.answer()
        return try await promise.futureResult.get()
    }

    private func answer() {
        let ready = self.state.withLock { state in
            let ready = state.waiting.filter { $0.count <= state.entries.count }
            state.waiting.removeAll { $0.count <= state.entries.count }
            return ready.map { ($0.promise, state.entries) }
        }
        for (promise, entries) in ready { promise.succeed(entries) }
    }

    func append(audit entries: [AuditEntry]) -> EventLoopFuture<Void> {
        let isAway = self.state.withLock { state in
            if !state.isAway { state.entries += entries }
            return state.isAway
        }
        self.answer()
        return isAway ? self.eventLoop.makeFailedFuture(Away()) : self.eventLoop.makeSucceededVoidFuture()
    }

    func audit(limit: Int, before: Cursor?) -> EventLoopFuture<(items: [ByteBuffer], next: Cursor?)> {
        self.eventLoop.makeSucceededFuture((self.entries.reversed().prefix(limit).map { ByteBuffer(bytes: $0.json) }, nil))
    }

    func claim(_ request: IdempotentRequest, deadline: TimeAmount) -> EventLoopFuture<IdempotencyClaim> { self.eventLoop.makeFailedFuture(Away()) }
    func keep(_ answer: KeptAnswer, isRefusal: Bool, of request: IdempotentRequest) -> EventLoopFuture<Bool> {
        self.eventLoop.makeFailedFuture(Away())
    }
    func renew(_ request: IdempotentRequest, deadline: TimeAmount) -> EventLoopFuture<Void> { self.eventLoop.makeFailedFuture(Away()) }
    func release(_ request: IdempotentRequest) -> EventLoopFuture<Void> { self.eventLoop.makeFailedFuture(Away()) }
}
