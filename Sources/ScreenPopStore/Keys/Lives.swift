/// How long and how much is kept: the "life" column of the contract. Times in milliseconds.
enum Lives {
    static let day: Int64 = 24 * 60 * 60 * 1000

    /// Entries of the log. Trimmed a little late (`MAXLEN ~`), never early.
    static let logEntries: Int64 = 100_000
    static let agentPops: Int64 = 200
    static let agentReasons: Int64 = 200
    /// After the agent is gone. While it exists its last pops and reasons stay however old they are.
    static let agentPopsOfRemoved = 90 * day
    static let callEnded = day
    /// Of a call whose end nobody saw, so that it does not stay for ever.
    static let callLive = 7 * day
    static let trace = day
    static let traceEntries: Int64 = 1000
    static let callerCalls: Int64 = 50
    static let callerCallsUnused = 90 * day
    static let dismissed = day
    static let auditEntries: Int64 = 100_000
    static let idempotency = day
    /// Of a refusal after which nothing was done.
    static let idempotencyOfRefusal: Int64 = 5 * 60 * 1000
    /// Of an agent's desks that nobody looks after any more; renewed hourly while somebody does.
    static let desks = day
    /// After which an instance that does not say that it lives holds no desks; it says so every five seconds.
    static let instance: Int64 = 15_000
    static let endedInstance: Int64 = 5000
    /// Answers of the append script that are kept for repetitions; more than a writer ever has outstanding.
    static let batches: Int64 = 128
}
