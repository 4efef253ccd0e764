import CoreMetrics
import Hiredis
import Logging
import NIOCore
import ScreenPop
import ScreenPopStore

/// What goes to the store, and to the desktops while the store is away.
extension NodePipeline {
    // MARK: changes

    /// Hands what was collected to the outbox: once for each read of the socket.
    func flush() {
        self.collectDue()
        guard !self.changes.isEmpty else { return }
        let changes = self.changes
        self.changes = []
        let given = changes.filter { self.follow($0) }
        self.metrics.changes.increment(by: given.count)
        self.show(self.outbox.add(given, coreUUID: self.reducer.coreUUID, sequence: self.reducer.sequence, now: .now()))
        self.pump()
    }

    /// - Returns: whether the change is given out: of an agent or a queue that two nodes have, one node's is shown.
    private func follow(_ change: Change) -> Bool {
        let node = self.settings.node
        switch change {
        case .pop(.ended, let pop):
            self.livePops[pop.id] = nil
            self.pastPops.insert(pop)
        case .pop(.offered, let pop), .pop(.updated, let pop), .pop(.answered, let pop): self.livePops[pop.id] = pop
        case .agent(let agent):
            let nodes = self.directory.add(agent.name, node: node)
            guard nodes.first != node else { break }
            // Said once.
            if self.sharedAgents.insert(agent.name).inserted {
                self.logger.error(
                    "two nodes have the same agent; it takes no commands, and the first one's is shown. Give each node a database of its own",
                    metadata: ["agent": "\(agent.name)", "other": "\(nodes.first ?? "")"])
            }
            return false
        case .agentRemoved(let name):
            self.sharedAgents.remove(name)
            return self.directory.remove(name, node: node).isEmpty
        case .queue(let queue):
            let nodes = self.directory.addQueue(queue.name, node: node)
            guard nodes.first != node else { break }
            if self.sharedQueues.insert(queue.name).inserted {
                self.logger.notice(
                    "two nodes have a queue of the same name; the first one's counts are shown",
                    metadata: ["queue": "\(queue.name)", "other": "\(nodes.first ?? "")"])
            }
            return false
        case .queueRemoved(let name):
            self.sharedQueues.remove(name)
            return self.directory.removeQueue(name, node: node).isEmpty
        case .memberLeft(let member): self.keptMembers.removeAll { $0.uuid == member.uuid }
        case .currentPop, .pending, .reasonEnded, .memberJoined, .memberUpdated, .call, .trace, .configuration, .system, .notice: break
        }
        return true
    }

    /// Shows changes to the desktops of this instance, pops marked as provisional.
    func show(_ changes: [Change]) {
        guard !changes.isEmpty else { return }
        self.hub.show(
            changes.compactMap { change in
                guard case .pop(let transition, var pop) = change else { return change.message }
                pop.provisional = true
                return Change.pop(transition, pop).message
            })
    }

    // MARK: batches

    func pump() {
        while let sending = self.outbox.next(now: .now()) {
            self.metrics.batches.increment()
            self.writer.append(sending.batch).hop(to: self.eventLoop).whenComplete { result in
                self.assumeIsolated { $0.answered(sending, result.map { _ in }) }
            }
        }
        self.metrics.outboxDepth.record(self.outbox.depth)
    }

    private func answered(_ sending: Outbox.Sending, _ result: Result<Void, any Error>) {
        switch result {
        case .success:
            self.outbox.written(sending)
            self.rewriteIfOwed()
        case .failure(let error): self.failed(sending, error)
        }
        self.pump()
        self.publishStatus()
        self.finishIfDone()
        self.arm()
    }

    /// Changes were given up, and Redis writes again.
    func rewriteIfOwed() {
        guard self.outbox.owesRewrite(now: .now()) else { return }
        self.logger.warning("changes were given up; everything is written anew")
        self.needsRewrite = true
        // What ended with those changes is still in Redis, and is read there first.
        self.reclaim()
    }

    private func failed(_ sending: Outbox.Sending, _ error: any Error) {
        if case StoreError.halfWay(let text) = error, self.lastHalfWritten != sending.batch.number {
            self.lastHalfWritten = sending.batch.number
            self.logger.error(
                "Redis wrote a part of a batch and refused the rest; it is asked again",
                metadata: ["batch": "\(sending.batch.number)", "changes": "\(sending.batch.changes.count)", "error": "\(text)"])
        }
        switch self.outbox.failed(sending, Outbox.Failure(error), now: .now()) {
        case .wait: self.logger.debug("a batch was not written", metadata: ["error": "\(error)"])
        case .look: self.reclaim()
        case .takeOver:
            self.logger.warning("Redis does not have any more what it confirmed; everything is written anew")
            self.needsRewrite = true
            self.reclaim()
        case .dropped(let count):
            self.logger.error(
                "Redis refuses a batch; its changes are given up, and everything is written anew when it writes again",
                metadata: ["changes": "\(count)", "error": "\(error)"])
        }
        self.show(self.outbox.show(now: .now()))
        self.metrics.outboxLost.record(self.outbox.lost)
        self.metrics.outboxSuperseded.record(self.outbox.superseded)
    }

    /// Takes the node again, unless another instance has it: then nothing is written from here any more.
    private func reclaim() {
        guard !self.outbox.isFenced else { return }
        // What goes out under the old token before the new one is known would be refused for good.
        self.outbox.hold()
        self.fence = nil
        if self.isTakingOver { self.takesOverAgain = true }
        if self.redisIsConnected { self.yield(.takeOver) }
    }

    // MARK: Redis comes and goes

    /// From any thread, in order.
    nonisolated func redisChanged(isConnected: Bool) {
        self.eventLoop.execute { self.assumeIsolated { $0.redisIs(connected: isConnected) } }
    }

    /// The store does not have any more what was written to it. From any thread.
    nonisolated func rewrite() {
        self.eventLoop.execute {
            self.assumeIsolated { pipeline in
                pipeline.needsRewrite = true
                pipeline.reclaim()
                pipeline.arm()
            }
        }
    }

    private func redisIs(connected: Bool) {
        self.redisIsConnected = connected
        self.takeOverAt = nil
        if !connected {
            self.show(self.outbox.disconnected())
        } else if let fence = self.fence {
            self.outbox.connected(fence: fence)
            self.pump()
        } else {
            self.yield(.takeOver)
        }
        self.arm()
    }

    func takeOver() async {
        guard self.redisIsConnected, self.fence == nil, !self.isTakingOver, !self.outbox.isFenced else { return }
        self.isTakingOver = true
        defer { self.isTakingOver = false }
        do {
            self.takesOverAgain = false
            let fence = try await self.writer.takeOver(
                node: self.settings.node, owner: self.settings.owner
            ).get()
            let agents = self.isRestored ? [] : try await self.writer.keptAgents(node: self.settings.node).get()
            // A Redis that came back as it was some time ago, or that was not told everything, has what ended since, too.
            let stored = !self.isRestored || self.needsRewrite ? try await self.readStored() : nil
            if self.takesOverAgain { return self.takeOverLater(at: .now()) }
            self.took(fence: fence, stored: stored, agents: agents)
        } catch StoreError.fenced {
            self.logger.warning("another instance has taken this node over; nothing is written from here any more")
            self.endFenced()
        } catch {
            let text = "\(error)"
            if text != self.lastTakeOverError {
                self.logger.error("the node cannot be taken over in Redis; trying again every second", metadata: ["error": "\(text)"])
            }
            self.lastTakeOverError = text
            // Nobody knows how long that lasts: until then desktops hear at once.
            self.show(self.outbox.disconnected())
            self.takeOverLater(at: .now() + .seconds(1))
            self.publishStatus()
        }
    }

    /// Why what happens on the node does not get into Redis, though Redis is there; one line for `readyz`.
    var writingProblem: String? {
        guard self.redisIsConnected else { return nil }
        if self.fence == nil, let error = self.lastTakeOverError { return "Redis does not let the node be taken over: \(error)" }
        return self.outbox.isRefused ? "Redis does not write what happens on the node; see the log" : nil
    }

    private func takeOverLater(at: NIODeadline) {
        self.takeOverAt = at
        self.arm()
    }

    /// What Redis has of this node that ends by a change of its own.
    private struct Stored {
        var pops: [Pop]
        var members: [MemberRecord]
        var names: (agents: [String], queues: [String])
    }

    private func readStored() async throws -> Stored {
        let node = self.settings.node
        let pops = try await self.writer.livePops(node: node).get()
        let members = try await self.writer.members(node: node).get()
        return Stored(pops: pops, members: members, names: try await self.writer.names(node: node).get())
    }

    private func took(fence: Int64, stored: Stored?, agents: [AgentRecord]) {
        self.fence = fence
        self.lastTakeOverError = nil
        // What ends with changes that are yet to be written is not told a second time.
        let endings = self.outbox.endings
        let pops = stored?.pops.filter { !endings.pops.contains($0.id) } ?? []
        let members = stored?.members.filter { !endings.members.contains($0.uuid) } ?? []
        if let stored { self.storedNames = stored.names }
        if !self.isRestored {
            self.isRestored = true
            for pop in pops where self.livePops[pop.id] == nil { self.livePops[pop.id] = pop }
            if self.reducer.coreUUID == nil, !self.wasAnnounced {
                self.reducer.restore(pops)
                self.reducer.restore(agents)
                self.reducer.restore(members)
            } else {
                // Live before Redis was there: the pops of an earlier process come to a reducer that has begun without them.
                self.keptAgents = agents
                self.keptMembers = members
                self.needsRewrite = true
            }
        } else if stored != nil {
            self.keptMembers = members
            // What is live is in memory: of the others it is known that they are over.
            self.forgottenPops = pops.filter { self.livePops[$0.id] == nil }
        }
        if self.redisIsConnected {
            self.outbox.connected(fence: fence)
            self.pump()
        }
        self.begin()
        self.removeLeftovers()
        self.flush()
        if self.needsRewrite { self.wantRewrite() }
        self.arm()
    }

    /// Agents and queues that an earlier process wrote and that the node does not have any more: nothing else would ever remove their keys.
    func removeLeftovers() {
        guard let stored = self.storedNames, let listed = self.listedNames else { return }
        self.storedNames = nil
        let node = self.settings.node
        for name in stored.agents where !listed.agents.contains(name) && self.directory.node(of: name) == nil {
            self.changes.append(.agentRemoved(name))
            self.changes.append(.configuration(.init(what: .agentRemoved, node: node, agent: name)))
        }
        for name in stored.queues where !listed.queues.contains(name) && self.directory.nodes(ofQueue: name).isEmpty {
            self.changes.append(.queueRemoved(name))
            self.changes.append(.configuration(.init(what: .queueRemoved, node: node, queue: name)))
        }
    }

    private func wantRewrite() {
        guard case .resync(let canary) = self.machine.resyncWanted(now: .now()) else { return }
        self.resync(canary, reason: "the store is written anew")
    }
}

extension Outbox.Failure {
    /// Errors of Redis that pass by themselves.
    private static let passing = ["LOADING", "OOM", "MISCONF", "READONLY", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS", "NOSCRIPT"]

    init(_ error: any Error) {
        switch error {
        case StoreError.fenced: self = .fenced
        case StoreError.outOfOrder: self = .outOfOrder
        case RedisError.server(let text), StoreError.halfWay(let text):
            self = Self.passing.contains { text.hasPrefix($0) || text.contains("-\($0) ") } ? .unwilling : .refused
        default: self = .unknown
        }
    }
}
