import Synchronization

/// Work that a session starts from its event loop and that must wait for something: carried out as children of the service's `run`.
final class JobQueue: Sendable {
    typealias Job = @Sendable () async -> Void

    private let jobs: AsyncStream<Job>
    private let continuation: AsyncStream<Job>.Continuation
    private let running = Atomic<Int>(0)
    private let limit: Int

    /// - Parameter limit: Jobs waiting and running at the same time.
    init(limit: Int) {
        self.limit = limit
        (self.jobs, self.continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(limit))
    }

    /// False when there are too many already, or when the service is ending; then the job will not run.
    func submit(_ job: @escaping Job) -> Bool {
        guard self.running.add(1, ordering: .relaxed).newValue <= self.limit else {
            self.running.subtract(1, ordering: .relaxed)
            return false
        }
        switch self.continuation.yield(job) {
        case .enqueued: return true
        case .dropped, .terminated:
            self.running.subtract(1, ordering: .relaxed)
            return false
        @unknown default: return false
        }
    }

    /// Until `finish`, and until all jobs have ended.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await job in self.jobs {
                group.addTask {
                    await job()
                    self.running.subtract(1, ordering: .relaxed)
                }
            }
        }
    }

    func finish() {
        self.continuation.finish()
    }
}
