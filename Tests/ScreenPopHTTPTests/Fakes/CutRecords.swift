import Hiredis
import NIOCore
import ScreenPopStore
import Synchronization

@testable import ScreenPopHTTP

/// What is in Redis, behind a line that can be cut.
final class CutRecords: GateStoring {
    struct Cut: Error {}

    private let store: Store
    private let isCut = Atomic(false)

    init(_ store: Store) {
        self.store = store
    }

    func setCut(_ isCut: Bool) { self.isCut.store(isCut, ordering: .releasing) }

    private func ask<T: Sendable>(_ question: (Store) -> EventLoopFuture<T>) -> EventLoopFuture<T> {
        guard self.isCut.load(ordering: .acquiring) else { return question(self.store) }
        return self.store.client.eventLoop.makeFailedFuture(Cut())
    }

    func append(audit entries: [AuditEntry]) -> EventLoopFuture<Void> { self.ask { $0.append(audit: entries) } }
    func audit(limit: Int, before: Cursor?) -> EventLoopFuture<(items: [ByteBuffer], next: Cursor?)> {
        self.ask { $0.audit(limit: limit, before: before) }
    }
    func claim(_ request: IdempotentRequest, deadline: TimeAmount) -> EventLoopFuture<IdempotencyClaim> {
        self.ask { $0.claim(request, deadline: deadline) }
    }
    func keep(_ answer: KeptAnswer, isRefusal: Bool, of request: IdempotentRequest) -> EventLoopFuture<Bool> {
        self.ask { $0.keep(answer, isRefusal: isRefusal, of: request) }
    }
    func renew(_ request: IdempotentRequest, deadline: TimeAmount) -> EventLoopFuture<Void> { self.ask { $0.renew(request, deadline: deadline) } }
    func release(_ request: IdempotentRequest) -> EventLoopFuture<Void> { self.ask { $0.release(request) } }
}
