import CallCenter
import NIOCore
import ScreenPop

/// The calls themselves, on the node that has them; what events say afterwards is what is answered.
struct CallCommands: CallControl {
    let roster: NodeRoster
    /// The same nodes, in the same order; throws as the roster does.
    let nodes: @Sendable () throws(CommandError) -> [NodePipeline]
    let rules: DialRules

    init(roster: NodeRoster, active: ActiveNodes, rules: DialRules) {
        self.roster = roster
        self.nodes = { () throws(CommandError) in try active.current() }
        self.rules = rules
    }

    init(roster: NodeRoster, nodes: [NodePipeline], rules: DialRules) {
        self.roster = roster
        self.nodes = { () throws(CommandError) in nodes }
        self.rules = rules
    }

    /// How long events may take to show what was done.
    static let patience = TimeAmount.seconds(3)
    /// How long what follows from it may take: it is waited for, so that whoever reads next does not read of before.
    static let aftermath = TimeAmount.seconds(1)

    // MARK: the agent's own call

    func hangUp(agent: String, call: String?, by: Principal) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let (node, inHand) = try await self.find(agent, call)
        let isOffered = inHand.pop.state == .offered
        // An agent on a standing leg keeps it: the caller is hung up.
        let leg = try Self.channel(inHand.isStandby && !isOffered ? inHand.partyLeg : inHand.agentLeg)
        await node.announceHangUp(of: leg.text, by: agent)
        let reply: String
        do {
            reply = try await Self.run(.hangUp(leg, isOffered ? .callRejected : .normalClearing), on: node)
        } catch {
            await node.withdrawHangUp(of: leg.text)
            throw error
        }
        let isGone = await node.settled(within: Self.patience) { !$0.reducer.isAlive(leg.text) }
        // With an attended transfer under way the pop may go on without the agent's leg.
        let pop = inHand.pop.id
        if isGone { _ = await node.settled(within: Self.aftermath) { !$0.reducer.isLive(pop: pop) || $0.actions.liveTransfer(of: agent) != nil } }
        return Self.outcome(["call": .text(leg.text)], reply, ["alive": .flag(!isGone)], applied: isGone, since: start)
    }

    func hold(agent: String, call: String?, by: Principal) async throws(CommandError) -> CommandOutcome {
        try await self.setHeld(true, agent: agent, call: call)
    }

    func resume(agent: String, call: String?, by: Principal) async throws(CommandError) -> CommandOutcome {
        try await self.setHeld(false, agent: agent, call: call)
    }

    private func setHeld(_ isHeld: Bool, agent: String, call: String?) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let (node, inHand) = try await self.find(agent, call)
        let leg = try Self.channel(try Self.answered(inHand).agentLeg)
        let requested: [String: CommandValue] = ["held": .flag(isHeld)]
        if (inHand.pop.heldAt != nil) == isHeld {
            return Self.outcome(requested, "+OK", ["held": .flag(isHeld)], applied: true, since: start)
        }
        try await Self.refuseDuringTransfer(of: agent, on: node)
        await Self.bridge(of: inHand, on: node)
        let reply = try await Self.run(isHeld ? .hold(leg) : .resume(leg), on: node)
        // FreeSWITCH says +OK of a channel that does not exist.
        let pop = inHand.pop.id
        let isSo = await node.settled(within: Self.patience) { ($0.reducer.callInHand(agent: agent, named: pop)?.pop.heldAt != nil) == isHeld }
        return Self.outcome(requested, reply, ["held": .flag(isSo == isHeld)], applied: isSo, since: start)
    }

    /// Waits for it: a moment lies between the start of a talk and its bridge, and whoever is held or sent away in that moment is bridged all the same.
    private static func bridge(of inHand: CallInHand, on node: NodePipeline) async {
        let pop = inHand.pop
        guard pop.kind == .queue, pop.bridgedAt == nil else { return }
        _ = await node.settled(within: Self.aftermath) { view in
            view.reducer.callInHand(agent: pop.agent, named: pop.id).map { $0.pop.bridgedAt != nil } ?? true
        }
    }

    func transfer(agent: String, call: String?, to target: CallTarget, by: Principal) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let (node, inHand) = try await self.find(agent, call)
        let leg = try Self.channel(try Self.answered(inHand).partyLeg)
        let destination = try await self.destination(target, on: node)
        try await Self.refuseDuringTransfer(of: agent, on: node)
        await Self.bridge(of: inHand, on: node)
        await node.announceTransfer(of: leg.text, to: target.text)
        let reply: String
        do {
            reply = try await Self.run(.transfer(leg, destination), on: node)
        } catch {
            await node.withdrawTransfer(of: leg.text)
            throw error
        }
        let pop = inHand.pop.id
        let isGone = await node.settled(within: Self.patience) { !$0.reducer.isLive(pop: pop) }
        // The dialplan that brought the agent's own call may hold the agent's leg.
        if !isGone, inHand.pop.kind != .queue, let own = inHand.agentLeg.flatMap({ try? ChannelUUID($0) }) {
            _ = try? await node.send(.hangUp(own, .normalClearing))
        }
        return Self.outcome(
            ["to": .text(target.text)], reply, ["transferred": .flag(isGone)], applied: isGone, since: start)
    }

    func dial(agent: String, to target: CallTarget, by: Principal) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        guard let number = try self.rules.check(target) else { throw CommandError(.invalidValue, "one dials an extension or a number") }
        let (name, node) = try self.find(agent)
        let phone = try await Self.phone(of: name.text, on: node)
        let id = Self.makeID()
        try await node.beginDial(
            id.text, agent: name.text,
            .dial(name, phone, number, self.rules.context, id: id, seconds: self.rules.ringSeconds, callerID: self.rules.callerID))
        _ = await node.settled(within: Self.patience) { $0.actions.dial(id.text) != .requested }
        let dial = await node.dial(id.text)
        await node.endDial(id.text)
        let requested: [String: CommandValue] = ["to": .text(number.text)]
        switch dial {
        case .ringing(let leg):
            return Self.outcome(requested, "+OK", ["callUUID": .text(leg), "state": "ringing"], applied: true, since: start)
        case .failed(let reason): throw CommandError(.notApplied, "the phone of \(agent) was not reached: \(reason)")
        case .requested, nil: throw CommandError(.timedOut, "FreeSWITCH has not begun to ring the phone of \(agent)")
        }
    }

    // MARK: attended transfer

    func consult(agent: String, call: String?, to target: CallTarget, by: Principal) async throws(CommandError) -> TransferRecord {
        let (node, inHand) = try await self.find(agent, call)
        let answered = try Self.answered(inHand)
        if inHand.isStandby {
            throw CommandError(.wrongState, "an agent on a standing leg cannot consult: completing would end the leg")
        }
        let (own, party) = (try Self.channel(answered.agentLeg), try Self.channel(answered.partyLeg))
        if case .queue = target { throw CommandError(.invalidValue, "nobody can be consulted at a queue; transfer the call to it") }
        let destination = try await self.destination(target, on: node)
        await Self.bridge(of: inHand, on: node)
        let id = Self.makeID()
        let record = TransferRecord(
            id: id.text, node: node.settings.node, agent: agent, pop: inHand.pop, target: target,
            machine: AttendedTransferStateMachine(agentLeg: own.text, callerLeg: party.text), by: by.name, createdAt: WallClock.now())
        try await node.begin(record)
        do {
            // The phone would stay on hold for the consulted one, too.
            if inHand.pop.heldAt != nil { _ = try await Self.run(.resume(own), on: node) }
            _ = try await Self.run(.consult(own, destination, id: id, seconds: self.rules.ringSeconds), on: node)
        } catch {
            await node.refused(id.text)
            throw error
        }
        return await node.transfer(id.text) ?? record
    }

    func transfers(agent: String) async throws(CommandError) -> [TransferRecord] {
        let (name, node) = try self.find(agent)
        return await node.transfers(of: name.text)
    }

    func transfer(agent: String, id: String) async throws(CommandError) -> TransferRecord {
        try await self.find(agent, transfer: id).1
    }

    func complete(agent: String, id: String?, by: Principal) async throws(CommandError) -> TransferRecord {
        let (node, record) = try await self.find(agent, transfer: id)
        do { try await node.completeTransfer(record.id) } catch { throw CommandError(error, record) }
        return await Self.settled(record, on: node)
    }

    func cancel(agent: String, id: String?, by: Principal) async throws(CommandError) -> TransferRecord {
        let (node, record) = try await self.find(agent, transfer: id)
        do { try await node.cancelTransfer(record.id) } catch { throw CommandError(error, record) }
        return await Self.settled(record, on: node)
    }

    private static func settled(_ record: TransferRecord, on node: NodePipeline) async -> TransferRecord {
        _ = await node.settled(within: self.patience) { $0.actions.transfers[record.id]?.isOver ?? true }
        return await node.transfer(record.id) ?? record
    }

    // MARK: finding

    private func find(_ agent: String) throws(CommandError) -> (AgentName, NodePipeline) {
        let (name, _) = try self.roster.find(agent)
        let owner = self.roster.directory.node(of: agent)
        guard let node = try self.nodes().first(where: { owner == nil || $0.settings.node == owner }) else { throw .unknownAgent(agent) }
        return (name, node)
    }

    private func find(_ agent: String, _ call: String?) async throws(CommandError) -> (NodePipeline, CallInHand) {
        let (name, node) = try self.find(agent)
        guard let inHand = await node.callInHand(agent: name.text, named: call) else {
            throw CommandError(.noCall, call == nil ? "\(agent) has no call" : "\(agent) has no such call")
        }
        return (node, inHand)
    }

    private func find(_ agent: String, transfer id: String?) async throws(CommandError) -> (NodePipeline, TransferRecord) {
        let (name, node) = try self.find(agent)
        let transfers = await node.transfers(of: name.text)
        guard let record = transfers.first(where: { id == nil ? !$0.isOver : $0.id == id }) else {
            throw CommandError(.transferNotFound, id == nil ? "\(agent) has no attended transfer under way" : "\(agent) has no such transfer")
        }
        return (node, record)
    }

    private static func answered(_ inHand: CallInHand) throws(CommandError) -> CallInHand {
        guard inHand.pop.state == .answered else { throw CommandError(.wrongState, "the call is not answered yet") }
        return inHand
    }

    private static func refuseDuringTransfer(of agent: String, on node: NodePipeline) async throws(CommandError) {
        if await node.transfers(of: agent).contains(where: { !$0.isOver }) {
            throw CommandError(.wrongState, "an attended transfer is under way; complete or cancel it first")
        }
    }

    static func channel(_ leg: String?) throws(CommandError) -> ChannelUUID {
        guard let leg else { throw CommandError(.noCall, "that side of the call is not known, or gone already") }
        do { return try ChannelUUID(leg) } catch { throw CommandError(.invalidValue, "the channel's uuid cannot stand in a command") }
    }

    private func destination(_ target: CallTarget, on node: NodePipeline) async throws(CommandError) -> TelephonyCommand.Destination {
        if let number = try self.rules.check(target) { return .number(number, self.rules.context) }
        switch target {
        case .queue(let name):
            let queue = try NodeRoster.queueName(name)
            // mod_callcenter would load one that is not, or send the caller away.
            guard self.roster.directory.nodes(ofQueue: queue.text).contains(node.settings.node) else {
                throw CommandError(.queueNotFound, "the queue \(queue) is not loaded on \(node.settings.node)")
            }
            return .queue(queue)
        case .agent(let text):
            let name = try NodeRoster.agentName(text)
            return .phone(try await Self.phone(of: name.text, on: node), of: name)
        case .extension, .number: throw CommandError(.targetNotAllowed, "this may not be dialled")
        }
    }

    static func phone(of agent: String, on node: NodePipeline) async throws(CommandError) -> PhoneAddress {
        guard let contact = await node.contact(of: agent) else { throw .unknownAgent(agent) }
        guard let phone = PhoneAddress(contact: contact) else {
            throw CommandError(.invalidContact, "the contact of \(agent) is none that ScreenPop calls: set it as user, sofia or loopback")
        }
        return phone
    }

    static func makeID() -> ActionID { ActionID(random: UInt64.random(in: 0...UInt64.max)) }

    // MARK: answers

    static func run(_ command: TelephonyCommand, on node: NodePipeline) async throws(CommandError) -> String {
        let text = try await node.send(command)
        do { return try TelephonyReply(text).text } catch { throw CommandError(error) }
    }

    static func outcome(
        _ requested: [String: CommandValue], _ reply: String, _ actual: [String: CommandValue], applied: Bool, since start: ContinuousClock.Instant
    ) -> CommandOutcome {
        CommandOutcome(
            requested: requested, reply: reply, actual: actual, applied: applied, tookMilliseconds: CommandOutcome.milliseconds(since: start))
    }
}

extension CommandError {
    init(_ refusal: TelephonyRefusal) {
        switch refusal {
        case .noSuchChannel: self.init(.noCall, "the call is over")
        case .operationFailed: self.init(.wrongState, "the call is not in a state for that")
        case .notReached(let cause): self.init(.notApplied, "the phone was not reached: \(cause)")
        case .permissionDenied: self.init(.refused, "the event socket user may not run the command: see esl-allowed-api")
        case .commandNotFound: self.init(.nodeUnavailable, "mod_commands is not loaded")
        case .other(let line): self.init(.refused, "FreeSWITCH answered \(line)")
        }
    }

    init(_ refusal: AttendedTransferStateMachine.Refusal, _ record: TransferRecord) {
        switch refusal {
        case .notAnswered: self.init(.wrongState, "\(record.target.text) has not answered; transfer the call blindly, or wait")
        case .tooLate: self.init(.wrongState, "the transfer is \(record.state) already")
        case .ended: self.init(.wrongState, "the transfer is over: \(record.state)")
        }
    }
}
