import CallCenter
import CoreMetrics
import EventSocket
import Logging
import NIOCore
import ScreenPop

/// What comes from the switch.
extension NodePipeline {
    // MARK: connections

    func openConnections(session: Int) async {
        do {
            let events = try await self.connect(self.eventLoop, .following) { delivery in
                self.assumeIsolated { $0.receivedOnEvents(delivery, session: session) }
            }
            guard session == self.machine.session else { return await events.close() }
            self.open.append(events)
            let commands = try await self.connect(self.eventLoop, .following) { delivery in
                self.assumeIsolated { $0.receivedOnCommands(delivery, session: session) }
            }
            guard session == self.machine.session else { return await commands.close() }
            self.open.append(commands)
            switch self.machine.connected(session: session) {
            case .subscribe:
                let connections = Connections(events: events, commands: commands)
                self.connections = connections
                self.yield(.subscribe(session: session, connections))
                self.publishStatus()
            case .close: self.closeConnections()
            }
        } catch {
            self.lost(error, session: session)
        }
    }

    func closeConnections() {
        self.connections = nil
        if let commands = self.takeCommandConnection() { self.open.append(commands) }
        if let slow = self.slowConnection { self.open.append(slow) }
        self.slowConnection = nil
        guard !self.open.isEmpty else { return }
        self.yield(.close(self.open))
        self.open = []
    }

    func subscribe(session: Int, _ connections: Connections) async {
        do {
            try await self.watchLog(on: connections.commands)
            let refused = try await Subscription.subscribe(connections.events)
            if !refused.isEmpty {
                self.logger.notice("the node refuses some events", metadata: ["events": "\(refused.joined(separator: " "))"])
            }
            switch self.machine.subscribed(session: session, now: .now()) {
            case .sendCanary(let number):
                if refused.contains(EventClassifier.canarySubclass) {
                    self.goWithoutCanary("the event \(EventClassifier.canarySubclass) is refused", session: session)
                } else {
                    self.requestCanary(number)
                }
            case .ignore: break
            }
            self.publishStatus()
            self.arm()
        } catch {
            self.lost(error, session: session)
        }
    }

    private func watchLog(on commands: any NodeConnection) async throws(EventSocketError) {
        do {
            try await commands.log(level: "crit")
        } catch {
            guard case .refused = error else { throw error }
            self.logger.notice("the node does not show its log; lost events are seen by missing canaries alone")
        }
    }

    /// A connection, or a command without which the node cannot be followed, has failed.
    func lost(_ error: EventSocketError, session: Int) {
        var backoff = self.backoff
        let retryAt = NIODeadline.now() + Self.next(&backoff)
        switch self.machine.failed(session: session, error: error, retryAt: retryAt) {
        case .retry(let reason):
            self.backoff = backoff
            self.went(reason)
        case .giveUp(let line):
            self.closeConnections()
            self.announceLoss(line)
            self.giveUp(line)
        case .ignore: break
        }
        self.publishStatus()
        self.arm()
    }

    private func went(_ reason: String) {
        // Once, not once for each try.
        if reason != self.lastReason { self.logger.notice("the node is away", metadata: ["reason": "\(reason)"]) }
        self.lastReason = reason
        self.closeConnections()
        self.announceLoss(reason)
        self.loseCallActions()
        self.flush()
    }

    /// At most a second whether or not the port is open: to knock at a closed port costs nothing, and a node that is back is wanted back.
    private static func next(_ backoff: inout ReconnectBackoff) -> TimeAmount {
        var random = SystemRandomNumberGenerator()
        return backoff.next(portWasOpen: true, using: &random)
    }

    private func announceLoss(_ reason: String) {
        guard self.isAnnounced else { return }
        self.isAnnounced = false
        self.changes.append(.system(.init(what: .degraded, part: "freeswitch", node: self.settings.node, detail: reason, at: WallClock.now())))
    }

    // MARK: deliveries

    func receivedOnEvents(_ delivery: EventSocketDelivery, session: Int) {
        switch delivery {
        case .event(let event): self.received(event, session: session)
        case .log: break
        case .readComplete:
            if self.eventCount > 0 {
                self.metrics.events.increment(by: self.eventCount)
                self.eventCount = 0
                self.hearClock()
            }
            self.flush()
            self.wakeCallWaiters()
            self.publishStatus()
            self.arm()
        case .closed(let error): self.lost(error, session: session)
        }
    }

    /// The switch's time, as the events told it last.
    private func hearClock() {
        let now = NIODeadline.now()
        guard self.reducer.takeClockSet() else { return self.clock.hear(self.reducer.time, at: now) }
        self.logger.notice("FreeSWITCH's clock was set", metadata: ["microseconds": "\(self.reducer.time.microseconds)"])
        self.clock.begin(self.reducer.time, isTold: true, at: now)
        switch self.machine.clockSet(now: now) {
        case .resync(let canary): self.resync(canary, reason: NodeStateMachine.clockReason)
        case .ignore: break
        }
    }

    func receivedOnCommands(_ delivery: EventSocketDelivery, session: Int) {
        switch delivery {
        case .log(_, let text):
            guard text.contains("Lost [") && text.contains("] events!") else { return }
            self.logger.warning("FreeSWITCH lost events of one of its clients")
            switch self.machine.eventsLost(session: session, now: .now()) {
            case .resync(let canary): self.resync(canary, reason: "FreeSWITCH lost events")
            case .ignore: break
            }
            self.arm()
        case .closed(let error): self.lost(error, session: session)
        case .event, .readComplete: break
        }
    }

    private func received(_ event: Event, session: Int) {
        self.eventCount += 1
        // Before the reducer: a transfer that is completed by the end of the agent's leg is none of that leg's own.
        self.observeCalls(event, session: session)
        let now = NIODeadline.now()
        switch self.machine.received(session: session, event, self.classifier.signal(of: event), now: now, retryAt: now + .seconds(1)) {
        case .apply: self.reducer.apply(event, to: &self.changes)
        case .keep, .discard: break
        case .canaryReturned(let delay):
            self.metrics.canaryDelay.recordNanoseconds(delay.nanoseconds)
            self.reducer.apply(event, to: &self.changes)
        case .takeSnapshot(let request):
            if let commands = self.connections?.commands { self.yield(.takeSnapshot(session: session, request, commands)) }
        case .goLive(let catchup): self.goLive(catchup)
        case .applyAndResync(let canary, let reason):
            self.reducer.apply(event, to: &self.changes)
            self.resync(canary, reason: reason)
        case .startOver(let canary, let reason): self.resync(canary, reason: reason)
        case .disconnect(let reason): self.went(reason)
        }
    }

    // MARK: canaries and snapshots

    func requestCanary(_ number: Int) {
        guard let commands = self.connections?.commands else { return }
        if let reason = self.machine.missingCanaries {
            self.goWithoutCanary(reason, session: self.machine.session)
            return
        }
        self.yield(.sendCanary(session: self.machine.session, number: number, commands))
    }

    /// - Returns: whether that is possible.
    @discardableResult
    private func goWithoutCanary(_ reason: String, session: Int) -> Bool {
        switch self.machine.canaryUnavailable(session: session, reason: reason, now: .now()) {
        case .takeSnapshot(let request): self.takeSnapshotWithoutCanary(request)
        case .goLive(let catchup): self.goLive(catchup)
        case .fail: return false
        case .ignore: break
        }
        self.publishStatus()
        self.arm()
        return true
    }

    private func takeSnapshotWithoutCanary(_ request: NodeStateMachine.SnapshotRequest) {
        guard let reason = self.machine.missingCanaries, let commands = self.connections?.commands else { return }
        if reason != self.lastMissingCanaries {
            self.logger.warning(
                "the node is followed without canary events: a snapshot may miss what happens meanwhile, and lost events are not noticed",
                metadata: ["reason": "\(reason)"])
        }
        self.lastMissingCanaries = reason
        self.yield(.takeSnapshot(session: self.machine.session, request, commands))
    }

    func resync(_ canary: Int, reason: String) {
        self.logger.notice("a snapshot is needed", metadata: ["reason": "\(reason)"])
        self.resyncReason = reason
        self.requestCanary(canary)
        self.publishStatus()
    }

    func sendCanary(session: Int, number: Int, on commands: any NodeConnection) async {
        do {
            try await commands.sendEvent("CUSTOM", headers: self.classifier.canaryHeaders(number: number))
            self.machine.canaryConfirmed(session: session, number: number, now: .now())
            self.arm()
        } catch {
            if case .refused(let text) = error, self.goWithoutCanary("sendevent is refused: \(text)", session: session) { return }
            self.lost(error, session: session)
        }
    }

    func takeSnapshot(session: Int, _ request: NodeStateMachine.SnapshotRequest, on commands: any NodeConnection) async {
        do {
            let snapshot = try await SnapshotReader(connection: commands, logger: self.logger).read(request)
            switch self.machine.snapshotTaken(session: session, snapshot) {
            case .sendCanary(let number): self.requestCanary(number)
            case .ignore: break
            }
        } catch {
            switch error {
            case .connection(let error): self.lost(error, session: session)
            case .unreadable(let text): self.lost(.protocolViolation(text), session: session)
            case .moduleMissing:
                switch self.machine.moduleMissing(session: session, now: .now()) {
                case .wait:
                    self.logger.error("mod_callcenter is not loaded: load mod_callcenter, or add it to modules.conf.xml")
                    self.announceLoss("mod_callcenter is not loaded")
                    self.flush()
                case .ignore: break
                }
            }
        }
        self.publishStatus()
        self.arm()
    }

    private func goLive(_ catchup: NodeStateMachine.Catchup) {
        let isRewritten = self.needsRewrite
        if isRewritten {
            // A reducer that knows nothing says everything.
            self.needsRewrite = false
            let pops = self.livePops.values.sorted { $0.id < $1.id }
            let agents = self.keptAgents + self.reducer.keptRecords
            self.keptAgents = []
            self.reducer = NodeReducer(
                node: self.settings.node, attributes: self.settings.attributes, popURL: self.settings.popURL)
            self.reducer.restore(pops)
            self.reducer.restore(agents)
            self.reducer.restore(self.keptMembers)
            self.keptMembers = []
            for pop in pops {
                self.changes.append(.pop(.updated, pop))
                self.changes.append(.currentPop(agent: pop.agent, pop))
            }
        } else if self.reducer.coreUUID == catchup.snapshot.coreUUID {
            for event in catchup.before { self.reducer.apply(event, to: &self.changes) }
        }
        self.reducer.load(catchup.snapshot, to: &self.changes)
        // If it was set before, this snapshot is the one that is wanted then.
        _ = self.reducer.takeClockSet()
        for event in catchup.after { self.reducer.apply(event, to: &self.changes) }
        self.reviewCallActions(catchup.snapshot, isTold: !isRewritten)
        // It could tell: the next doubt need not wait.
        if !self.reducer.doubtsAnOffer { self.doubtedAt = nil }
        let hasCanaries = self.machine.missingCanaries == nil
        self.clock.begin(hasCanaries ? self.reducer.time : WallClock.now(), isTold: hasCanaries, at: .now())
        self.listedNames = (Set(catchup.snapshot.agents.map(\.name)), Set(catchup.snapshot.queues.map(\.name)))
        self.removeLeftovers()
        if self.reducer.wantsSnapshot { self.machine.lookAgain(at: .now() + .seconds(Int64(SwitchSnapshot.lagSeconds) + 1)) }
        let at = hasCanaries ? catchup.snapshot.takenAt : WallClock.now()
        if !self.isAnnounced, self.wasAnnounced { self.announce(.recovered, at: at) }
        if catchup.isResync {
            self.metrics.resyncs.increment()
            self.announce(.resync, at: at)
        }
        self.isAnnounced = true
        self.wasAnnounced = true
        self.resyncReason = nil
        self.backoff.reset()
        self.lastReason = nil
        self.logger.info(
            "the node is live",
            metadata: [
                "agents": "\(catchup.snapshot.agents.count)", "queues": "\(catchup.snapshot.queues.count)",
                "channels": "\(catchup.snapshot.channels?.count ?? 0)", "replayed": "\(catchup.after.count)",
            ])
        self.flush()
        self.wakeCallWaiters()
        self.reconcileLater()
        self.publishStatus()
        self.settings.wentLive(self.settings.node)
    }

    private func announce(_ what: Change.System.What, at: Timestamp) {
        self.changes.append(.system(.init(what: what, part: "freeswitch", node: self.settings.node, detail: self.resyncReason, at: at)))
    }

    func tick(_ now: NIODeadline) {
        var backoff = self.backoff
        switch self.machine.ticked(now: now, retryAt: now + Self.next(&backoff)) {
        case .none: break
        case .connect(let session): self.yield(.connect(session: session))
        case .sendCanary(let number): self.requestCanary(number)
        case .resync(let canary, let reason): self.resync(canary, reason: reason)
        case .takeSnapshot(let request): self.takeSnapshotWithoutCanary(request)
        case .disconnect(let reason):
            self.backoff = backoff
            self.went(reason)
        }
    }
}
