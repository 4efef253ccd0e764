import CallCenter
import EventSocket
import Logging
import NIOCore
import ScreenPop

/// A command that waits for the calls to become what it asked for.
struct CallWaiter {
    let isSo: @Sendable (NodePipeline.CallView) -> Bool
    let continuation: CheckedContinuation<Bool, Never>
}

/// What agents and supervisors do with calls.
extension NodePipeline {
    /// The calls as they are known at this moment.
    struct CallView {
        let reducer: NodeReducer
        let actions: CallActions
    }

    var callView: CallView { CallView(reducer: self.reducer, actions: self.callActions) }

    // MARK: looking

    func callInHand(agent: String, named name: String?) -> CallInHand? { self.reducer.callInHand(agent: agent, named: name) }
    func callInHand(channel uuid: String) -> CallInHand? { self.reducer.callInHand(channel: uuid) }
    func isLive(call uuid: String) -> Bool { self.reducer.isLive(call: uuid) }
    var liveCalls: [CallRecord] { self.reducer.liveCalls }
    func contact(of agent: String) -> String? { self.reducer.contact(of: agent) }
    func transfers(of agent: String) -> [TransferRecord] { self.callActions.transfers(of: agent) }
    func transfer(_ id: String) -> TransferRecord? { self.callActions.transfers[id] }
    func supervision(_ id: String) -> SupervisionRecord? { self.callActions.supervisions[id] }

    func liveSupervision(call: String, supervisor: String) -> SupervisionRecord? {
        self.callActions.liveSupervision(call: call, supervisor: supervisor)
    }

    /// Waits for events to show that it is so.
    /// - Returns: whether it came to be so in time.
    func settled(within patience: TimeAmount, _ isSo: @escaping @Sendable (CallView) -> Bool) async -> Bool {
        if isSo(self.callView) { return true }
        return await withCheckedContinuation { continuation in
            self.lastCallWaiter += 1
            let id = self.lastCallWaiter
            self.callWaiters[id] = CallWaiter(isSo: isSo, continuation: continuation)
            _ = self.eventLoop.scheduleTask(in: patience) {
                self.assumeIsolated { $0.callWaiters.removeValue(forKey: id)?.continuation.resume(returning: false) }
            }
        }
    }

    func wakeCallWaiters() {
        guard !self.callWaiters.isEmpty else { return }
        let view = self.callView
        for (id, waiter) in self.callWaiters where waiter.isSo(view) {
            self.callWaiters[id] = nil
            waiter.continuation.resume(returning: true)
        }
    }

    func endCallWaiters() {
        let waiters = self.callWaiters.values
        self.callWaiters = [:]
        for waiter in waiters { waiter.continuation.resume(returning: false) }
    }

    // MARK: what a command is about to do

    func announceTransfer(of leg: String, to target: String) { self.reducer.announceTransfer(of: leg, to: target) }
    func withdrawTransfer(of leg: String) { self.reducer.withdrawTransfer(of: leg) }
    func announceHangUp(of leg: String, by agent: String) { self.reducer.announceHangUp(of: leg, by: agent) }
    func withdrawHangUp(of leg: String) { self.reducer.withdrawHangUp(of: leg) }

    // MARK: beginnings

    /// Sends the command; the answer as it came.
    func send(_ command: TelephonyCommand) async throws(CommandError) -> String {
        let call: APICall
        do {
            call = try command.call()
        } catch {
            throw CommandError(.invalidValue, "the command cannot be written: \(error)")
        }
        return try await self.send(call)
    }

    func begin(_ transfer: TransferRecord) throws(CommandError) {
        guard self.takesCommands else { throw self.unavailable() }
        guard self.callActions.liveTransfer(of: transfer.agent) == nil else {
            throw CommandError(.wrongState, "\(transfer.agent) has an attended transfer under way already")
        }
        self.carryOut(self.callActions.begin(transfer, now: .now()))
    }

    func refused(_ id: String) {
        self.carryOut(self.callActions.refused(id, at: WallClock.now(), now: .now()))
    }

    func begin(_ supervision: SupervisionRecord, _ command: TelephonyCommand) throws(CommandError) {
        guard self.callActions.liveSupervision(call: supervision.call, supervisor: supervision.supervisor) == nil else {
            throw CommandError(.wrongState, "\(supervision.supervisor) is on that call already; change the mode instead")
        }
        guard self.takesCommands, let commands = self.connections?.commands else { throw self.unavailable() }
        self.carryOut(self.callActions.begin(supervision))
        Attempt.markSent()
        self.yield(.job(command, id: supervision.id, commands))
    }

    /// In one step, so that of several at once one is begun.
    func beginDial(_ id: String, agent: String, _ command: TelephonyCommand) throws(CommandError) {
        guard self.reducer.callInHand(agent: agent) == nil else {
            throw CommandError(.wrongState, "\(agent) has a call; hang it up, or consult with an attended transfer")
        }
        guard !self.callActions.isDialling(agent: agent) else {
            throw CommandError(.wrongState, "the phone of \(agent) is being rung for another call already")
        }
        guard self.takesCommands, let commands = self.connections?.commands else { throw self.unavailable() }
        self.callActions.beginDial(id, agent: agent)
        Attempt.markSent()
        self.yield(.job(command, id: id, commands))
    }

    func endDial(_ id: String) { self.callActions.endDial(id) }
    func dial(_ id: String) -> CallActions.Dial? { self.callActions.dial(id) }

    func runJob(_ command: TelephonyCommand, id: String, on commands: any NodeConnection) async {
        let result: String
        do {
            result = try await commands.backgroundAPI(command.call())
        } catch {
            result = "-ERR \(error)"
        }
        defer { self.callActions.dialJobEnded(id) }
        guard let refusal = Self.refusal(result) else { return }
        self.carryOut(self.callActions.jobFailed(id, refusal, at: WallClock.now(), now: .now()))
        self.wakeCallWaiters()
    }

    private static func refusal(_ text: String) -> String? {
        do {
            _ = try TelephonyReply(text)
            return nil
        } catch {
            switch error {
            case .notReached(let cause): return cause
            case .noSuchChannel, .operationFailed, .permissionDenied, .commandNotFound, .other: return String(text.prefix { $0 != "\n" })
            }
        }
    }

    // MARK: their course

    func completeTransfer(_ id: String) throws(AttendedTransferStateMachine.Refusal) {
        self.carryOut(try self.callActions.complete(id, at: WallClock.now(), now: .now()))
    }

    func cancelTransfer(_ id: String) throws(AttendedTransferStateMachine.Refusal) {
        self.carryOut(try self.callActions.cancel(id, at: WallClock.now(), now: .now()))
    }

    func setMode(_ mode: SupervisionMode, of id: String) {
        self.carryOut(self.callActions.set(mode, of: id))
    }

    func endSupervision(_ id: String) {
        self.carryOut(self.callActions.endSupervision(id, at: WallClock.now()))
    }

    func observeCalls(_ event: Event, session: Int) {
        guard self.callActions.isActive, session == self.machine.session, let event = SwitchEvent(event) else { return }
        self.carryOut(self.callActions.observe(event, now: .now()), flushes: false)
    }

    func tickCallActions(_ now: NIODeadline) {
        guard let due = self.callActions.deadline, due <= now else { return }
        self.carryOut(self.callActions.ticked(at: WallClock.now(), now: now) { self.reducer.areJoined($0, $1) })
    }

    /// After a snapshot that was taken because events were lost: transfers and supervisions go on from what it shows.
    /// - Parameter isTold: whether the reducer knows more than the snapshot: the events from before it.
    func reviewCallActions(_ snapshot: SwitchSnapshot, isTold: Bool) {
        // Without a list of channels nobody can tell who is gone.
        guard self.callActions.isActive, snapshot.channels != nil else { return }
        guard isTold else {
            // What is newer than the list of channels is in neither: the next one has it.
            self.machine.lookAgain(at: .now() + .seconds(Int64(SwitchSnapshot.lagSeconds) + 1))
            return
        }
        self.carryOut(self.callActions.review(self.reducer, snapshot, now: .now()), flushes: false)
    }

    func loseCallActions() {
        self.carryOut(self.callActions.lost(at: WallClock.now(), now: .now()), flushes: false)
        self.endCallWaiters()
    }

    private func carryOut(_ orders: [CallActions.Order], flushes: Bool = true) {
        for order in orders {
            switch order {
            case .hangUp(let legs): for leg in legs { self.order(leg) { .hangUp($0, .normalClearing) } }
            case .hangUpConsulted(let legs, let agent):
                for leg in legs {
                    self.reducer.announceHangUp(of: leg, by: agent)
                    self.order(leg) { .hangUp($0, .normalClearing) }
                }
            case .bridge(let a, let b): self.order(a) { leg in (try? ChannelUUID(b)).map { .bridge(leg, $0) } }
            case .announceTransfer(let leg, let target, let agentLeg):
                self.reducer.announceTransfer(of: leg, to: target, consultedOn: agentLeg)
            case .rescue(let leg, let queue):
                self.order(leg) { leg in
                    guard let queue, let name = try? QueueName(queue) else { return .hangUp(leg, .normalClearing) }
                    return .transfer(leg, .queue(name))
                }
            case .publish(let message): self.changes.append(.notice(message))
            }
        }
        guard flushes, !orders.isEmpty else { return }
        self.flush()
        self.wakeCallWaiters()
        self.arm()
    }

    private func order(_ leg: String, _ command: (ChannelUUID) -> TelephonyCommand?) {
        guard let commands = self.connections?.commands, let channel = try? ChannelUUID(leg), let command = command(channel) else { return }
        self.yield(.telephone(command, commands))
    }

    func telephone(_ command: TelephonyCommand, on commands: any NodeConnection) async {
        do {
            let text = try await commands.api(command.call())
            do {
                _ = try TelephonyReply(text)
            } catch {
                // A leg that is gone already is what was wanted, or its end is told by its own events.
                self.logger.debug("a command about a call was refused", metadata: ["reply": "\(error)"])
            }
        } catch {
            self.logger.warning("a command about a call failed", metadata: ["error": "\(error)"])
        }
    }
}
