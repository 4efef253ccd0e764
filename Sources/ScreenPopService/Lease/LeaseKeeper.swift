import CoreMetrics
import Hiredis
import Logging
import Metrics
import NIOCore
import ScreenPopStore

/// Does what `LeaseStateMachine` decides: asks Redis, starts pipelines, takes them down, says so.
///
/// Lives on the event loop of the Redis connection it asks on, so that what it hears of the connection and of its questions is in order.
actor LeaseKeeper {
    struct Settings: Sendable {
        var nodes: [String]
        /// `HOST:PID`
        var owner: String
        /// Nobody else can use this Redis: a lease in it is of a process that is gone.
        var isRedisOurs = false
        var machine = LeaseStateMachine.Configuration()
    }

    nonisolated let eventLoop: any EventLoop
    /// The pipelines to run, one set after the other: the next comes after `termEnded`. Finished when the instance is to end.
    nonisolated let terms: AsyncStream<[NodePipeline]>
    nonisolated private let termsInput: AsyncStream<[NodePipeline]>.Continuation
    nonisolated private let settings: Settings
    nonisolated private let store: Store
    nonisolated private let hub: Hub
    nonisolated private let active: ActiveNodes
    nonisolated private let logger: Logger
    nonisolated private let makePipelines: @Sendable (_ isLeased: Bool) -> [NodePipeline]
    nonisolated private let isActive = Gauge(label: "screenpop_instance_active")

    private var machine: LeaseStateMachine
    private var timer: (due: NIODeadline, scheduled: Scheduled<Void>)?
    private var lastError: String?

    nonisolated var unownedExecutor: UnownedSerialExecutor { self.eventLoop.executor.asUnownedSerialExecutor() }

    /// - Parameter makePipelines: makes a fresh one for each node.
    init(
        settings: Settings, store: Store, hub: Hub, active: ActiveNodes, logger: Logger,
        makePipelines: @escaping @Sendable (_ isLeased: Bool) -> [NodePipeline]
    ) {
        self.eventLoop = store.client.eventLoop
        self.settings = settings
        self.store = store
        self.hub = hub
        self.active = active
        self.logger = logger
        self.makePipelines = makePipelines
        self.machine = LeaseStateMachine(configuration: settings.machine)
        // One set at a time.
        (self.terms, self.termsInput) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    // MARK: life

    func start() {
        self.isActive.record(0)
        self.machine.start(now: .now())
        self.arm()
    }

    /// From any thread: the pipelines end, then `terms` does.
    nonisolated func beginShutdown() {
        self.eventLoop.execute {
            self.assumeIsolated { keeper in
                switch keeper.machine.stop() {
                case .endPipelines: keeper.active.beginShutdown()
                case .nothing: break
                }
                keeper.termsInput.finish()
                keeper.arm()
            }
        }
    }

    /// What the last pipelines owed is written.
    /// - Parameter releases: whether the lease is given back, so that whoever stands by need not wait for its end.
    func end(releases: Bool) async {
        self.machine.end()
        self.timer?.scheduled.cancel()
        self.timer = nil
        self.isActive.record(0)
        guard releases, !self.settings.nodes.isEmpty else { return }
        do {
            try await self.store.releaseLease(of: self.settings.nodes).get()
        } catch {
            self.logger.debug("the lease of the nodes was not given back; it runs out", metadata: ["error": "\(error)"])
        }
    }

    // MARK: what happens

    /// On the event loop.
    nonisolated func redisChanged(isConnected: Bool) {
        self.assumeIsolated { keeper in
            if isConnected {
                keeper.ask(keeper.machine.connected(now: .now()))
            } else {
                keeper.machine.disconnected()
                keeper.active.setProblem(nil)
                keeper.active.setWritable(false)
            }
            keeper.arm()
        }
    }

    /// From any thread: another instance writes for a node of ours.
    nonisolated func fenced() {
        self.eventLoop.execute {
            self.assumeIsolated { keeper in
                if keeper.machine.fenced(now: .now()) { keeper.retire(nil) }
                keeper.arm()
            }
        }
    }

    /// From any thread: the pipelines of the last set have ended.
    nonisolated func termEnded() {
        self.eventLoop.execute {
            self.assumeIsolated { keeper in
                // What desktops were shown past the log nobody takes back any more. Not before now: until its end a pipeline may show something.
                if keeper.machine.isRetiring { keeper.hub.startOver() }
                keeper.ask(keeper.machine.retired(now: .now()))
                keeper.arm()
            }
        }
    }

    private func ask(_ question: LeaseStateMachine.Question?) {
        guard let question else { return }
        guard !self.settings.nodes.isEmpty else { return self.answered(question.number, .success(.held)) }
        // A renewal stays one: with any other claim the batches would be counted anew under the pipelines that write them.
        let claim = self.settings.isRedisOurs && question.claim == .acquire ? .seize : question.claim
        self.store.claimLease(of: self.settings.nodes, owner: self.settings.owner, life: self.settings.machine.life, claim)
            .hop(to: self.eventLoop).whenComplete { result in
                self.assumeIsolated { $0.answered(question.number, result) }
            }
    }

    private func answered(_ number: Int, _ result: Result<LeaseAnswer, any Error>) {
        let answer: LeaseStateMachine.Answer
        switch result {
        case .success(.held): answer = .held
        case .success(.refused(let holder)): answer = .refused(holder)
        case .failure(let error):
            answer = .failed
            self.report(error)
        }
        if answer != .failed { self.forgetError() }
        switch self.machine.answered(number, answer, now: .now()) {
        case .start: self.begin(isLeased: true)
        case .confirmed: self.active.setWritable(true)
        case .standBy(let holder): self.standBy(holder)
        case .retire(let holder): self.retire(holder)
        case .nothing: break
        }
        self.arm()
    }

    // MARK: what is done

    private func begin(isLeased: Bool) {
        self.logger.notice(
            isLeased ? "this instance is active" : "this instance is active, though Redis has not given it the lease of its nodes",
            metadata: ["nodes": "\(NodeRoster.list(self.settings.nodes))"])
        self.isActive.record(1)
        let pipelines = self.makePipelines(isLeased)
        self.active.begin(pipelines, isWritable: isLeased)
        if case .dropped = self.termsInput.yield(pipelines) {
            self.logger.critical("pipelines were dropped: the instance stands still")
        }
    }

    private func standBy(_ holder: LeaseHolder) {
        self.isActive.record(0)
        self.active.standBy(Self.standbyLine(holder.owner, nodes: self.settings.nodes))
        let seconds = (Double(holder.remaining.nanoseconds) / 1_000_000_000).rounded(.up)
        self.logger.notice(
            "standing by: waiting for the lease of \(holder.owner), at most \(Int(seconds)) s unless it is renewed",
            metadata: ["nodes": "\(NodeRoster.list(self.settings.nodes))"])
    }

    private func retire(_ holder: LeaseHolder?) {
        self.isActive.record(0)
        self.active.standBy(Self.standbyLine(holder?.owner, nodes: self.settings.nodes))
        self.logger.warning(
            "another instance has taken the nodes over; this one stands by",
            metadata: ["other": "\(holder?.owner ?? "unknown")", "nodes": "\(NodeRoster.list(self.settings.nodes))"])
    }

    static func standbyLine(_ owner: String?, nodes: [String]) -> String {
        guard let owner else { return "this instance is standing by; another one has its nodes" }
        return "this instance is standing by; \(owner) holds node\(nodes.count == 1 ? "" : "s") \(NodeRoster.list(nodes))"
    }

    // MARK: what Redis says

    private func report(_ error: any Error) {
        switch error as? RedisError {
        // The connection's end is told by itself.
        case .unavailable, .connectionLost, .timedOut, .tooManyPending: return
        case .invalidURL, .server, .protocolViolation, .unexpectedReply, .commandTooLarge, nil: break
        }
        let text = "\(error)"
        self.active.setProblem("Redis does not let the node be taken over: \(text)")
        guard text != self.lastError else { return }
        self.lastError = text
        self.logger.error("Redis does not give the lease of the nodes; trying on", metadata: ["error": "\(text)"])
    }

    private func forgetError() {
        self.lastError = nil
        self.active.setProblem(nil)
    }

    // MARK: time

    private func arm() {
        guard let due = self.machine.deadline else { return }
        if let timer = self.timer {
            if timer.due <= due { return }
            timer.scheduled.cancel()
        }
        let scheduled = self.eventLoop.scheduleTask(deadline: due) { self.assumeIsolated { $0.fired() } }
        self.timer = (due, scheduled)
    }

    private func fired() {
        self.timer = nil
        switch self.machine.ticked(now: .now()) {
        case .ask(let question): self.ask(question)
        case .startWithout: self.begin(isLeased: false)
        case .nothing: break
        }
        self.arm()
    }
}
