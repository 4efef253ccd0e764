import HTTPTypes
import NIOCore
import Synchronization

/// A bucket for each of many, whoever they are: principals by id, strangers by network.
///
/// Holds a bounded number of buckets in two generations. Whoever has not asked for a whole generation is forgotten, and begins with a full bucket;
/// no entry is ever looked for to be removed.
final class RateLimiter: Sendable {
    private struct Table {
        var recent: [String: TokenBucket] = [:]
        var older: [String: TokenBucket] = [:]
    }

    private let limit: TokenBucket.Limit
    private let generation: Int
    private let now: @Sendable () -> NIODeadline
    private let table = Mutex(Table())

    /// - Parameter entries: buckets at the same time.
    init(_ limit: TokenBucket.Limit, entries: Int, now: @escaping @Sendable () -> NIODeadline = { .now() }) {
        self.limit = limit
        self.generation = max(1, entries / 2)
        self.now = now
    }

    func take(_ key: String, cost: Int = 1) -> TokenBucket.OnTake {
        self.take(key, cost: cost, keeps: { _ in true })
    }

    /// False leaves no trace: whoever is told so comes again, to be told why.
    func takeIfThere(_ key: String, cost: Int = 1) -> Bool {
        self.take(key, cost: cost, keeps: { $0 == .taken }) == .taken
    }

    private func take(_ key: String, cost: Int, keeps: (TokenBucket.OnTake) -> Bool) -> TokenBucket.OnTake {
        let now = self.now()
        return self.table.withLock { table in
            var bucket = table.recent[key] ?? table.older[key] ?? TokenBucket(self.limit, now: now)
            let outcome = bucket.take(cost, now: now)
            guard keeps(outcome) else { return outcome }
            if table.recent.count >= self.generation, table.recent[key] == nil {
                table.older = table.recent
                table.recent = [:]
            }
            table.recent[key] = bucket
            return outcome
        }
    }

    var count: Int { self.table.withLock { $0.recent.count + $0.older.count } }
}

extension Problem {
    static func tooManyRequests(_ retryAfter: TimeAmount) -> Problem {
        let seconds = Self.seconds(retryAfter)
        return Problem(
            .tooManyRequests, "too-many-requests", "That was too much at once; try again in \(seconds) s.", headers: [.retryAfter: String(seconds)])
    }

    static func tooManyIdempotencyKeys(_ retryAfter: TimeAmount) -> Problem {
        let seconds = Self.seconds(retryAfter)
        return Problem(
            .tooManyRequests, "too-many-idempotency-keys",
            "Too many requests with an Idempotency-Key, whose answers are kept; nothing was done. Try again in \(seconds) s, or without a key.",
            headers: [.retryAfter: String(seconds)])
    }

    /// A whole number, and not 0.
    private static func seconds(_ time: TimeAmount) -> Int64 { max(1, (time.nanoseconds + 999_999_999) / 1_000_000_000) }
}
