import CallCenter
import Logging
import NIOCore
import ScreenPop

/// What is kept until an offer, a call or a wrap-up is over: the pipeline knows when that is.
extension NodePipeline {
    // MARK: asked by commands

    /// Keeps a change when an offer or a call is in its way, and returns the agent with it; `nil`: carry it out now.
    func hold(_ change: PendingChange, agent: String, isForced: Bool) throws(CommandError) -> AgentRecord? {
        // Nothing is kept for a node that is away: nobody knows what goes on there.
        guard self.takesCommands else { throw self.unavailable() }
        defer { self.deskChanged() }
        return self.reducer.hold(change, agent: agent, isForced: isForced, to: &self.changes)
    }

    /// The status was set in the middle of a call, and `row` was read then: keeps what is left until the call is over. `nil`: it is over.
    func holdState(_ change: PendingChange, agent: String, as row: AgentRow) async -> AgentRecord? {
        // Events have a connection of their own, and what the row shows may not have come yet.
        _ = await self.settled(within: .milliseconds(500)) { view in
            view.reducer.record(of: agent).map { $0.status == row.status && $0.state == row.state } ?? true
        }
        defer { self.deskChanged() }
        return self.reducer.holdState(change, agent: agent, to: &self.changes)
    }

    func isReceivingNothing(agent: String) -> Bool { self.reducer.isReceivingNothing(agent: agent) }

    func cancelPending(agent: String) {
        self.reducer.cancelPending(agent: agent, to: &self.changes)
        self.deskChanged()
    }

    func record(of agent: String) -> AgentRecord? { self.reducer.record(of: agent) }

    /// The switch's time of day.
    func now() -> Timestamp { self.clock.time(at: .now()) ?? WallClock.now() }

    /// `nil` while the agent has a call of a queue.
    func extendedWrapUp(agent: String, by seconds: Int) -> WrapUp? {
        self.reducer.extendedWrapUp(agent: agent, by: seconds, at: self.now())
    }

    func setWrapUp(_ wrapUp: WrapUp, agent: String) {
        self.reducer.setWrapUp(wrapUp, agent: agent, to: &self.changes)
        self.deskChanged()
    }

    func rememberWrapUpTime(_ ended: EndedWrapUp, agent: String) {
        self.reducer.rememberWrapUpTime(ended, agent: agent, to: &self.changes)
        self.deskChanged()
    }

    func forgetEndedWrapUp(agent: String) -> EndedWrapUp? {
        defer { self.deskChanged() }
        return self.reducer.forgetEndedWrapUp(agent: agent, to: &self.changes)
    }

    func clearWrapUp(agent: String) {
        self.reducer.clearWrapUp(agent: agent, to: &self.changes)
        self.deskChanged()
    }

    private func deskChanged() {
        self.flush()
        self.arm()
    }

    // MARK: what falls due

    /// Takes what the reducer says is to be done now. One step carries out all of it, one after the other.
    func collectDue() {
        guard !self.outbox.isFenced else { return }
        let due = self.reducer.takeDue()
        guard !due.isEmpty else { return }
        self.due += due
        guard !self.isCarryingOut else { return }
        self.isCarryingOut = true
        self.yield(.carryOutDue)
    }

    func carryOutDue() async {
        while !self.due.isEmpty, !self.outbox.isFenced {
            let action = self.due.removeFirst()
            if self.reducer.begin(action, to: &self.changes) { self.finish(action, await self.carryOut(action)) } else { self.deskChanged() }
        }
        self.isCarryingOut = false
    }

    private enum Carried {
        case done
        /// The status was set; the state is waited for.
        case halfDone
        case failed(CommandError)
    }

    private func carryOut(_ action: DeskAction) async -> Carried {
        do throws(CommandError) {
            switch action {
            case .setStatus(let agent, let change):
                guard let status = change.status else { return .done }
                let name = try NodeRoster.agentName(agent)
                let row =
                    change.state == .waiting
                    ? try await self.makeReady(name, by: change.by).row : try await self.set(status, reason: change.reason, by: change.by, name).row
                guard row.status == status else { throw CommandError(.notApplied, "FreeSWITCH says \(row.status.text) afterwards") }
                if change.state == .waiting, row.isBusy { return .halfDone }
            case .leave(let agent, let change):
                let name = try NodeRoster.agentName(agent)
                var queues: [QueueName] = []
                for queue in change.leave { queues.append(try NodeRoster.queueName(queue)) }
                _ = try await self.leave(queues, by: change.by, name)
            case .restoreWrapUpTime(let agent, let seconds):
                _ = try await self.run(.setNumber(try NodeRoster.agentName(agent), .wrapUpTime, seconds))
            }
            return .done
        } catch {
            return .failed(error)
        }
    }

    private func finish(_ action: DeskAction, _ carried: Carried) {
        switch carried {
        case .done: self.reducer.finish(action, nil, to: &self.changes)
        case .halfDone:
            // The end of the call may have been told while the command was under way; what was not, is told by its event.
            self.reducer.postpone(action)
            self.remindAt = self.remindAt ?? .now() + Self.reminderDelay
        case .failed(let error): self.failed(action, error)
        }
        self.deskChanged()
    }

    private func failed(_ action: DeskAction, _ error: CommandError) {
        switch (action, error.code) {
        case (.restoreWrapUpTime, .agentNotFound): self.reducer.finish(action, nil, to: &self.changes)
        case (_, .nodeUnavailable):
            // A node that is away tells of all its agents when it is back; one that is there may tell nothing for long.
            self.reducer.postpone(action)
            self.remindAt = self.remindAt ?? .now() + Self.reminderDelay
        case (.restoreWrapUpTime(let agent, _), _):
            self.logger.warning(
                "the wrap-up time of an agent could not be set again; trying in five seconds",
                metadata: ["agent": "\(agent)", "error": "\(error.message)"])
            self.reducer.retryRestoring(agent: agent, at: self.now().adding(microseconds: 5_000_000))
        case (.setStatus(let agent, _), _), (.leave(let agent, _), _):
            self.logger.warning(
                "what was kept for the end of a call could not be carried out",
                metadata: ["agent": "\(agent)", "code": "\(error.code.rawValue)"])
            self.reducer.finish(action, PendingFailure(code: error.code.rawValue, message: error.message), to: &self.changes)
        }
    }

    // MARK: looking again

    private static let reminderDelay = TimeAmount.seconds(5)
    /// Longer than an offer's event may be on its way.
    private static let doubtDelay = TimeAmount.seconds(3)
    /// A snapshot is dear on a busy node, and one that could not tell will seldom be followed by one that can.
    private static let doubtPause = TimeAmount.seconds(60)

    /// What could not be carried out although the node is there.
    func remindIfNeeded(_ now: NIODeadline) {
        guard let due = self.remindAt, due <= now else { return }
        self.remindAt = nil
        // One that is away reminds of it by its snapshot.
        guard self.takesCommands else { return }
        self.reducer.remindOfDue(to: &self.changes)
        self.flush()
    }

    /// When to find out whether there is an offer that something is kept for; `nil`: there is no doubt.
    func watchDoubts() {
        guard self.reducer.doubtsAnOffer, self.takesCommands else {
            self.doubtAt = nil
            return
        }
        self.doubtAt = self.doubtAt ?? max(.now() + Self.doubtDelay, self.doubtedAt.map { $0 + Self.doubtPause } ?? .uptimeNanoseconds(0))
    }

    func doubtIfNeeded(_ now: NIODeadline) {
        guard let due = self.doubtAt, due <= now else { return }
        self.doubtAt = nil
        guard self.reducer.doubtsAnOffer else { return }
        self.doubtedAt = now
        switch self.machine.resyncWanted(now: now) {
        case .resync(let canary): self.resync(canary, reason: "an agent is Receiving and no offer is known")
        case .ignore: break
        }
    }

    // MARK: the end of wrap-ups

    var wrapUpDeadline: NIODeadline? { self.reducer.nextWrapUpEnd.flatMap { self.clock.deadline(of: $0) } }

    /// No event tells it.
    func endWrapUps(_ now: NIODeadline) {
        guard let end = self.reducer.nextWrapUpEnd, let time = self.clock.time(at: now), end <= time else { return }
        self.reducer.endWrapUps(at: time, to: &self.changes)
        self.flush()
    }
}
