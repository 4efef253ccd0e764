import NIOCore

/// How much somebody may ask for: a stock that is spent and fills up again.
struct TokenBucket: Equatable {
    typealias Limit = HTTPService.Configuration.RateLimit

    enum OnTake: Equatable {
        case taken
        /// - Parameters:
        ///   - retryAfter: until there will be one.
        ///   - isFirst: nobody was refused since the last one was taken.
        case refused(retryAfter: TimeAmount, isFirst: Bool)
    }

    private let limit: Limit
    private var stock: Double
    private var filledAt: NIODeadline
    private var hasRefused = false

    init(_ limit: Limit, now: NIODeadline) {
        self.limit = limit
        self.stock = Double(limit.burst)
        self.filledAt = now
    }

    /// - Parameter cost: no more than there may ever be, or it would never be taken.
    mutating func take(_ cost: Int = 1, now: NIODeadline) -> OnTake {
        let cost = Double(min(cost, max(1, self.limit.burst)))
        if now > self.filledAt {
            let seconds = Double((now - self.filledAt).nanoseconds) / 1e9
            self.stock = min(Double(self.limit.burst), self.stock + seconds * self.limit.perSecond)
            self.filledAt = now
        }
        guard self.stock >= cost else {
            defer { self.hasRefused = true }
            let seconds = self.limit.perSecond > 0 ? (cost - self.stock) / self.limit.perSecond : 3600
            return .refused(retryAfter: .nanoseconds(Int64(min(seconds, 3600) * 1e9)), isFirst: !self.hasRefused)
        }
        self.stock -= cost
        self.hasRefused = false
        return .taken
    }
}
