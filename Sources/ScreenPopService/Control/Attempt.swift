import Hiredis
import Synchronization

/// What is known of a request that is under way: whether anything was sent for it to FreeSWITCH, or written to Redis, that may have had an effect.
///
/// Whoever sends marks it: of a failure that nobody has marked it is certain that nothing was done.
package final class Attempt: Sendable {
    /// Of the request that this task carries out.
    @TaskLocal package static var current: Attempt?

    private let sent = Atomic(false)

    package init() {}

    package var hasSent: Bool { self.sent.load(ordering: .acquiring) }

    /// To be called before it is sent.
    package static func markSent() { self.current?.sent.store(true, ordering: .releasing) }

    /// After a failure of Redis: only when there was no connection is it certain that it did nothing.
    package static func markUnlessUnsent(_ error: any Error) {
        switch error as? RedisError {
        case .unavailable, .tooManyPending, .commandTooLarge: break
        default: self.markSent()
        }
    }
}
