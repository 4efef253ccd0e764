import CallCenter
import EventSocket
import Logging
import NIOCore
import ScreenPop

/// What somebody changed past us, and no event announces: found by reading the lists now and then.
extension NodePipeline {
    private static let soon = TimeAmount.milliseconds(100)
    /// Between two looks, however many commands fail.
    private static let pause = TimeAmount.seconds(2)

    /// Over the commands' connection: a node that is slow to list its agents loses that one at most.
    @discardableResult
    func reconcile(_ origin: Change.Configuration.Origin) async throws(CommandError) -> SwitchLists {
        let reading = self.reducer.beginReading()
        var lists: SwitchLists
        do {
            lists = try await self.readLists()
        } catch {
            self.reducer.abandonReading(reading)
            throw error
        }
        self.reducer.endReading(reading, lists, origin, to: &self.changes)
        self.showInherited()
        self.reconciledAt = .now()
        self.flush()
        self.arm()
        // The 0 of a wrap-up that was ended early is no setting.
        for index in lists.agents.indices where lists.agents[index].wrapUpTime == 0 {
            guard let ended = self.reducer.record(of: lists.agents[index].name)?.endedWrapUp else { continue }
            lists.agents[index].wrapUpTime = ended.wrapUpTime
        }
        return lists
    }

    private func readLists() async throws(CommandError) -> SwitchLists {
        var lists = SwitchLists()
        let queues = try await self.list(.listQueues)
        let agents = try await self.list(.listAgents())
        let tiers = try await self.list(.listTiers)
        do throws(ListError) {
            lists.queues = try QueueRow.rows(in: queues)
            lists.agents = try AgentRow.rows(in: agents)
            lists.tiers = try TierRow.rows(in: tiers)
        } catch {
            throw CommandError(.refused, "FreeSWITCH's answer cannot be read: \(error)")
        }
        return lists
    }

    private func list(_ command: CallCenterCommand) async throws(CommandError) -> String {
        let call: APICall
        do { call = try command.call() } catch { throw CommandError(.invalidValue, "the command cannot be written: \(error)") }
        let text = try await self.send(call)
        do {
            return try CallCenterReply(text).text
        } catch {
            if error == .commandNotFound { self.lostModule() }
            throw CommandError(error)
        }
    }

    /// mod_callcenter was unloaded: the snapshot that is taken now finds that out and says so.
    private func lostModule() {
        switch self.machine.resyncWanted(now: .now()) {
        case .resync(let canary): self.resync(canary, reason: "mod_callcenter does not answer")
        case .ignore: break
        }
    }

    // MARK: when

    /// The switch may be other than it is thought to be: a command of ours failed, or nobody knows whether it did.
    func lookAgain() {
        let due = max(.now() + Self.soon, self.reconciledAt.map { $0 + Self.pause } ?? .uptimeNanoseconds(0))
        self.reconcileAt = self.reconcileAt.map { min($0, due) } ?? due
        self.arm()
    }

    func reconcileLater() {
        self.reconcileAt = self.settings.reconcileRhythm.map { .now() + $0 }
        self.arm()
    }

    /// The time has come.
    func reconcileIfNeeded(_ now: NIODeadline) {
        guard let due = self.reconcileAt, due <= now else { return }
        self.reconcileAt = nil
        // One that does not take commands is about to take a snapshot, and one that loads a queue is read afterwards.
        guard self.takesCommands, !self.isBusyWithSlowCommand else { return self.reconcileLater() }
        self.yield(.reconcile)
    }

    func reconcileByItself() async {
        do {
            try await self.reconcile(.external)
        } catch {
            self.logger.debug("the node's lists were not read", metadata: ["reason": "\(error.message)"])
        }
        if self.reconcileAt == nil { self.reconcileLater() }
    }

    /// What another node had first and has no more is ours to show.
    private func showInherited() {
        let (agents, queues) = self.directory.takeInherited(by: self.settings.node)
        guard !agents.isEmpty || !queues.isEmpty else { return }
        self.sharedAgents.subtract(agents)
        self.sharedQueues.subtract(queues)
        self.reducer.giveOutAgain(agents: agents, queues: queues, to: &self.changes)
    }
}
