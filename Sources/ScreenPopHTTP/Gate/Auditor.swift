import CallCenter
import CoreMetrics
import DequeModule
import Logging
import NIOCore
import ScreenPopService
import ScreenPopStore
import Synchronization

/// Keeps who did what: one line each in the log, and the site's audit in Redis.
///
/// Whoever acts hands in an entry and goes on. Entries wait in a bounded queue until Redis has them; while Redis is away the newest beyond the bound
/// are dropped, counted, and said to be (their lines are in the log all the same).
///
/// Neither a password nor a token goes into any member of an entry; `request` is an `AuditSummary`, or `nil`.
final class Auditor: Sendable {
    private struct Queue {
        var entries: Deque<AuditEntry> = []
        var number: UInt64 = 0
        /// Since the last time it was said.
        var dropped = 0
        var isFinished = false
    }

    private static let batch = 256

    private let store: any GateStoring
    private let limit: Int
    private let logger: Logger
    /// Part of the entries' ids.
    private let instance = String(UInt64.random(in: .min ... .max), radix: 16)
    private let queue = Mutex(Queue())
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// - Parameter limit: entries that may wait.
    init(store: any GateStoring, limit: Int, logger: Logger) {
        self.store = store
        self.limit = limit
        self.logger = logger
        (self.wakes, self.wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Never waits, never fails. From any thread.
    func record(_ entry: AuditEntry) {
        var entry = entry
        let isFirstDrop: Bool? = self.queue.withLock { queue in
            queue.number += 1
            entry.id = "\(self.instance)-\(queue.number)"
            guard queue.entries.count < self.limit else {
                queue.dropped += 1
                return queue.dropped == 1
            }
            queue.entries.append(entry)
            GateMetrics.auditWaiting.record(queue.entries.count)
            return nil
        }
        self.log(entry)
        if let isFirstDrop {
            GateMetrics.auditDropped.increment()
            if isFirstDrop {
                self.logger.error("the audit is full: entries are dropped until Redis takes them", metadata: ["waiting": "\(self.limit)"])
            }
        }
        self.wake.yield()
    }

    /// Writes until `finish`, and then what is left, as far as Redis takes it.
    func run() async {
        for await _ in self.wakes {
            guard await self.writeAll() else { return }
        }
        _ = await self.writeAll()
    }

    func finish() {
        self.queue.withLock { $0.isFinished = true }
        self.wake.finish()
    }

    /// True when nothing is left, false when there is no point in trying any longer.
    private func writeAll() async -> Bool {
        var pause = Duration.milliseconds(50)
        while true {
            let (batch, isFinished) = self.queue.withLock { (Array($0.entries.prefix(Self.batch)), $0.isFinished) }
            guard !batch.isEmpty else { return true }
            do {
                try await self.store.append(audit: batch).get()
            } catch {
                guard !isFinished, !Task.isCancelled else {
                    self.logger.error("the service ends with audit entries that Redis did not take", metadata: ["count": "\(self.waiting)"])
                    return false
                }
                self.logger.debug("the audit cannot be written now", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .milliseconds(500))
                continue
            }
            pause = .milliseconds(50)
            let dropped = self.queue.withLock { queue in
                // Only this task takes from the front.
                queue.entries.removeFirst(batch.count)
                GateMetrics.auditWaiting.record(queue.entries.count)
                defer { queue.dropped = 0 }
                return queue.dropped
            }
            if dropped > 0 { self.logger.error("audit entries were dropped; their lines are in this log", metadata: ["count": "\(dropped)"]) }
        }
    }

    var waiting: Int { self.queue.withLock { $0.entries.count } }

    private func log(_ entry: AuditEntry) {
        var metadata: Logger.Metadata = [
            "audit.id": "\(entry.id)", "audit.operation": "\(entry.operation)", "audit.way": "\(entry.way.rawValue)",
            "audit.status": "\(entry.status)",
        ]
        for target in entry.targets { metadata["audit.\(target.kind)"] = "\(target.name)" }
        func put(_ name: String, _ value: String?) {
            if let value { metadata["audit.\(name)"] = "\(value)" }
        }
        put("principal", entry.principal)
        put("name", entry.name)
        put("role", entry.role)
        put("from", entry.from)
        put("code", entry.code)
        put("replayed", entry.isReplayed ? "true" : nil)
        put("request", entry.request.map { String(decoding: $0, as: UTF8.self) })
        self.logger.notice("audit", metadata: metadata)
    }
}

/// What the gate needs of Redis, so that what goes wrong there can be tested without it.
protocol GateStoring: Sendable {
    func append(audit entries: [AuditEntry]) -> EventLoopFuture<Void>
    func audit(limit: Int, before: Cursor?) -> EventLoopFuture<(items: [ByteBuffer], next: Cursor?)>
    func claim(_ request: IdempotentRequest, deadline: TimeAmount) -> EventLoopFuture<IdempotencyClaim>
    func keep(_ answer: KeptAnswer, isRefusal: Bool, of request: IdempotentRequest) -> EventLoopFuture<Bool>
    func renew(_ request: IdempotentRequest, deadline: TimeAmount) -> EventLoopFuture<Void>
    func release(_ request: IdempotentRequest) -> EventLoopFuture<Void>
}

extension Store: GateStoring {}
