import NIOCore
import ScreenPopService
import ScreenPopStore

/// All sessions of one event loop: the one listener of the hub there, who listens to what, and the one timer.
final class PushShard {
    let eventLoop: any EventLoop
    let source: any MessageSource
    let reader: SnapshotReader
    let jobs: JobQueue
    let limits: HTTPService.Configuration.Limits
    let heartbeat: TimeAmount
    let gauge: SessionGauge
    let authenticator: Authenticator
    let desks: DeskBook

    private var sessions: [ObjectIdentifier: PushSession] = [:]
    private var listeners: [Topic: [PushSession]] = [:]
    private var stamp: UInt64 = 0
    private var sweep: Scheduled<Void>?
    private var drained: EventLoopPromise<Void>?
    private var isDraining = false

    init(
        eventLoop: any EventLoop, source: any MessageSource, reader: SnapshotReader, jobs: JobQueue, gauge: SessionGauge,
        authenticator: Authenticator, desks: DeskBook, limits: HTTPService.Configuration.Limits, heartbeat: TimeAmount
    ) {
        self.eventLoop = eventLoop
        self.source = source
        self.reader = reader
        self.jobs = jobs
        self.gauge = gauge
        self.authenticator = authenticator
        self.desks = desks
        self.limits = limits
        self.heartbeat = heartbeat
    }

    // MARK: members

    func add(_ session: PushSession) {
        self.sessions[ObjectIdentifier(session)] = session
        self.gauge.opened()
        self.startSweep()
        // Too late: it would hold up the end.
        if self.isDraining { self.eventLoop.assumeIsolated().execute { session.goAway() } }
    }

    func remove(_ session: PushSession, topics: [Topic]) {
        guard self.sessions.removeValue(forKey: ObjectIdentifier(session)) != nil else { return }
        for topic in topics { self.unindex(session, topic) }
        self.gauge.closed()
        guard self.sessions.isEmpty else { return }
        self.sweep?.cancel()
        self.sweep = nil
        self.drained?.succeed()
        self.drained = nil
    }

    func index(_ session: PushSession, _ topic: Topic) {
        guard topic != .everybody, !(self.listeners[topic]?.contains { $0 === session } ?? false) else { return }
        self.listeners[topic, default: []].append(session)
    }

    func unindex(_ session: PushSession, _ topic: Topic) {
        guard let index = self.listeners[topic]?.firstIndex(where: { $0 === session }) else { return }
        self.listeners[topic]?.remove(at: index)
        if self.listeners[topic]?.isEmpty ?? false { self.listeners[topic] = nil }
    }

    // MARK: fan-out

    func receive(_ delivery: HubDelivery) {
        switch delivery {
        case .messages(let messages):
            var written: [ObjectIdentifier: PushSession] = [:]
            for message in messages.map(PushedMessage.init) {
                if let credential = message.revokedCredential {
                    self.revoke(credential)
                } else {
                    self.fanOut(message, written: &written)
                }
            }
            for session in written.values { session.flush() }
        case .reset:
            self.authenticator.forgetAll()
            for session in Array(self.sessions.values) { session.reset() }
        }
    }

    private func fanOut(_ message: PushedMessage, written: inout [ObjectIdentifier: PushSession]) {
        self.stamp &+= 1
        let audience = message.audience
        if audience.isEverybody {
            for session in Array(self.sessions.values) { self.offer(message, to: session, written: &written) }
            return
        }
        if let agent = audience.agent {
            for topic in [Topic.agent(agent), .agents] {
                for session in self.listeners[topic] ?? [] { self.offer(message, to: session, written: &written) }
            }
        }
        if let queue = audience.queue {
            for topic in [Topic.queue(queue), .queues] {
                for session in self.listeners[topic] ?? [] { self.offer(message, to: session, written: &written) }
            }
        }
    }

    private func offer(_ message: PushedMessage, to session: PushSession, written: inout [ObjectIdentifier: PushSession]) {
        if session.receive(message, stamp: self.stamp) { written[ObjectIdentifier(session)] = session }
    }

    /// Noted first, for whoever is being authenticated at this moment; then looked for among those who are here.
    private func revoke(_ credential: String) {
        self.authenticator.revoke(credential)
        for session in Array(self.sessions.values) { session.revoked(credential) }
    }

    // MARK: time

    private func startSweep() {
        guard self.sweep == nil else { return }
        let interval = TimeAmount.nanoseconds(min(1_000_000_000, max(self.heartbeat.nanoseconds / 2, 1_000_000)))
        self.sweep = self.eventLoop.assumeIsolated().scheduleTask(in: interval) { [weak self] in
            guard let self else { return }
            self.sweep = nil
            self.tick()
            if !self.sessions.isEmpty { self.startSweep() }
        }
    }

    private func tick() {
        let now = self.eventLoop.now
        for session in Array(self.sessions.values) { session.tick(now: now) }
    }

    // MARK: ending

    /// Sends all desktops away, some at a time: thousands of closing handshakes at once would stall the loop.
    func drain() -> EventLoopFuture<Void> {
        self.isDraining = true
        guard !self.sessions.isEmpty else { return self.eventLoop.makeSucceededVoidFuture() }
        if let drained = self.drained { return drained.futureResult }
        let promise = self.eventLoop.makePromise(of: Void.self)
        self.drained = promise
        self.sendAway(Array(self.sessions.values).shuffled()[...])
        return promise.futureResult
    }

    private func sendAway(_ sessions: ArraySlice<PushSession>) {
        for session in sessions.prefix(Self.batch) { session.goAway() }
        let rest = sessions.dropFirst(Self.batch)
        guard !rest.isEmpty else { return }
        self.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(.random(in: 10...50))) { self.sendAway(rest) }
    }

    private static let batch = 200
}

@available(*, unavailable)
extension PushShard: Sendable {}
