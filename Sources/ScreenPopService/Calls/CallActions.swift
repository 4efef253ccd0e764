import CallCenter
import NIOCore
import ScreenPop

/// The transfers, supervisions and calls being dialled on one node, and what is to be done next about them. No I/O: orders come out.
struct CallActions {
    enum Order: Equatable {
        case hangUp([String])
        /// Those who were consulted, by that agent.
        case hangUpConsulted([String], agent: String)
        case bridge(String, String)
        /// The agent is out of the call; to be told to the reducer before it hears of it.
        case announceTransfer(leg: String, target: String, agentLeg: String)
        /// Nobody talks to the caller: back to the queue he came from, or hung up.
        case rescue(leg: String, queue: String?)
        case publish(Message)
    }

    enum Dial: Equatable {
        case requested
        case ringing(leg: String)
        /// FreeSWITCH's words.
        case failed(String)
    }

    /// Kept until its job has ended, and until nobody waits for its answer any more.
    private struct Dialling {
        let agent: String
        var dial = Dial.requested
        var isWaitedFor = true
        var isRunning = true
    }

    /// Of those that are over.
    static let mostEnded = 256
    /// How long a leg may take to appear that nobody wants any more: an `originate` waits for gateways, names and scripts.
    static let lateLegs = TimeAmount.minutes(2)

    let ringSeconds: Int
    private(set) var transfers: [String: TransferRecord] = [:]
    private(set) var supervisions: [String: SupervisionRecord] = [:]
    private var dials: [String: Dialling] = [:]
    /// Those that are over, oldest first.
    private var ended: [String] = []
    private var deadlines: [String: NIODeadline] = [:]
    private var live: Set<String> = []
    /// Those that were over before FreeSWITCH had done all of it: what it begins for them still is hung up. Until when that may be.
    private var unwanted: [String: NIODeadline] = [:]

    init(ringSeconds: Int) {
        self.ringSeconds = ringSeconds
    }

    /// Whether events are of interest.
    var isActive: Bool { !self.live.isEmpty || !self.unwanted.isEmpty }
    var deadline: NIODeadline? {
        guard let next = self.deadlines.values.min() else { return self.unwanted.values.min() }
        return self.unwanted.values.min().map { min($0, next) } ?? next
    }

    func transfers(of agent: String) -> [TransferRecord] {
        self.transfers.values.filter { $0.agent == agent }.sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
    }

    func liveTransfer(of agent: String) -> TransferRecord? {
        self.transfers.values.first { $0.agent == agent && !$0.isOver }
    }

    func liveSupervision(call: String, supervisor: String) -> SupervisionRecord? {
        self.supervisions.values.first { $0.call == call && $0.supervisor == supervisor && !$0.isOver }
    }

    // MARK: beginnings

    mutating func begin(_ transfer: TransferRecord, now: NIODeadline) -> [Order] {
        self.transfers[transfer.id] = transfer
        self.live.insert(transfer.id)
        self.setDeadline(transfer, now: now)
        return [.publish(transfer.message)]
    }

    mutating func begin(_ supervision: SupervisionRecord) -> [Order] {
        self.supervisions[supervision.id] = supervision
        self.live.insert(supervision.id)
        return [.publish(supervision.message)]
    }

    mutating func beginDial(_ id: String, agent: String) {
        self.dials[id] = Dialling(agent: agent)
        self.live.insert(id)
    }

    func dial(_ id: String) -> Dial? { self.dials[id]?.dial }

    /// Whether the agent's phone is rung, or about to be.
    func isDialling(agent: String) -> Bool { self.dials.values.contains { $0.agent == agent && $0.isRunning } }

    /// Its answer was given: nobody asks any more.
    mutating func endDial(_ id: String) {
        self.dials[id]?.isWaitedFor = false
        self.forgetDial(id)
    }

    /// The phone was answered, or not reached.
    mutating func dialJobEnded(_ id: String) {
        self.dials[id]?.isRunning = false
        self.forgetDial(id)
    }

    private mutating func forgetDial(_ id: String) {
        guard let dialling = self.dials[id], !dialling.isWaitedFor, !dialling.isRunning else { return }
        self.dials[id] = nil
        self.live.remove(id)
    }

    // MARK: events

    mutating func observe(_ event: SwitchEvent, now: NIODeadline) -> [Order] {
        guard self.isActive, case .channel(let kind, let facts) = event.content else { return [] }
        var orders: [Order] = []
        if kind == .create, let id = facts.actionID, self.live.contains(id) || self.unwanted[id] != nil {
            orders += self.created(id, leg: facts.uuid, at: event.at, now: now)
        }
        switch kind {
        case .answer: self.answered(facts.uuid, at: event.at, now: now, to: &orders)
        case .bridge: if let legs = facts.bridge { self.bridged(legs.a, legs.b, at: event.at, now: now, to: &orders) }
        case .hangup, .hangupComplete, .destroy: self.hungUp(facts.uuid, cause: facts.hangupCause, at: event.at, now: now, to: &orders)
        case .create, .progress, .progressMedia, .unbridge, .hold, .unhold: break
        }
        return orders
    }

    private mutating func created(_ id: String, leg: String, at: Timestamp, now: NIODeadline) -> [Order] {
        if self.dial(id) == .requested { self.dials[id]?.dial = .ringing(leg: leg) }
        var orders: [Order] = []
        self.change(transfer: id, at: at, now: now, to: &orders) { machine in
            switch machine.targetCreated(leg) {
            case .none: []
            case .hangUp(let leg): [.hangUp([leg])]
            }
        }
        self.change(supervision: id, at: at, now: now, to: &orders) { machine in
            switch machine.legCreated(leg) {
            case .none: []
            case .hangUp(let leg): [.hangUp([leg])]
            }
        }
        return orders
    }

    private mutating func answered(_ leg: String, at: Timestamp, now: NIODeadline, to orders: inout [Order]) {
        for id in self.live.sorted() where self.supervisions[id]?.machine.concerns(leg) == true {
            self.change(supervision: id, at: at, now: now, to: &orders) { machine in
                machine.answered(leg)
                return []
            }
        }
    }

    private mutating func bridged(_ a: String, _ b: String, at: Timestamp, now: NIODeadline, to orders: inout [Order]) {
        for id in self.live.sorted() where self.transfers[id]?.machine.concerns(a) == true || self.transfers[id]?.machine.concerns(b) == true {
            self.change(transfer: id, at: at, now: now, to: &orders) { machine in
                machine.bridged(a, b)
                return []
            }
        }
    }

    private mutating func hungUp(_ leg: String, cause: String?, at: Timestamp, now: NIODeadline, to orders: inout [Order]) {
        for id in self.live.sorted() {
            if let record = self.transfers[id], record.machine.concerns(leg) {
                self.change(transfer: id, at: at, now: now, to: &orders) { machine in
                    switch machine.hungUp(leg, cause: cause) {
                    case .none: []
                    case .hangUp(let legs): [.hangUpConsulted(legs, agent: record.agent)]
                    case .rescueCaller: [.rescue(leg: record.machine.callerLeg, queue: record.queue)]
                    }
                }
            }
            if self.supervisions[id]?.machine.concerns(leg) == true {
                self.change(supervision: id, at: at, now: now, to: &orders) { machine in
                    switch machine.hungUp(leg) {
                    case .none: []
                    case .hangUp(let legs): [.hangUp(legs)]
                    }
                }
            }
        }
    }

    // MARK: commands

    mutating func complete(_ id: String, at: Timestamp, now: NIODeadline) throws(AttendedTransferStateMachine.Refusal) -> [Order] {
        var orders: [Order] = []
        var refusal: AttendedTransferStateMachine.Refusal?
        self.change(transfer: id, at: at, now: now, to: &orders) { machine in
            switch machine.complete() {
            case .hangUpAgent(let leg): return [.hangUp([leg])]
            case .refuse(let reason):
                refusal = reason
                return []
            }
        }
        if let refusal { throw refusal }
        return orders
    }

    mutating func cancel(_ id: String, at: Timestamp, now: NIODeadline) throws(AttendedTransferStateMachine.Refusal) -> [Order] {
        var orders: [Order] = []
        var refusal: AttendedTransferStateMachine.Refusal?
        let agent = self.transfers[id]?.agent ?? ""
        self.change(transfer: id, at: at, now: now, to: &orders) { machine in
            switch machine.cancel() {
            case .hangUp(let legs): return legs.isEmpty ? [] : [.hangUpConsulted(legs, agent: agent)]
            case .refuse(let reason):
                refusal = reason
                return []
            }
        }
        if let refusal { throw refusal }
        return orders
    }

    /// FreeSWITCH did not take the command that begins it.
    mutating func refused(_ id: String, at: Timestamp, now: NIODeadline) -> [Order] {
        var orders: [Order] = []
        self.change(transfer: id, at: at, now: now, to: &orders) { machine in
            machine.refused(.failed)
            return []
        }
        self.change(supervision: id, at: at, now: now, to: &orders) { machine in
            machine.notReached()
            return []
        }
        return orders
    }

    /// The job that rings a phone has ended without success.
    mutating func jobFailed(_ id: String, _ text: String, at: Timestamp, now: NIODeadline) -> [Order] {
        self.dials[id]?.dial = .failed(text)
        return self.refused(id, at: at, now: now)
    }

    mutating func set(_ mode: SupervisionMode, of id: String) -> [Order] {
        guard self.supervisions[id]?.mode != mode else { return [] }
        self.supervisions[id]?.mode = mode
        return self.supervisions[id].map { [.publish($0.message)] } ?? []
    }

    mutating func endSupervision(_ id: String, at: Timestamp, now: NIODeadline) -> [Order] {
        var orders: [Order] = []
        self.change(supervision: id, at: at, now: now, to: &orders) { machine in
            switch machine.end() {
            case .hangUp(let legs): legs.isEmpty ? [] : [.hangUp(legs)]
            case .tooLate: []
            }
        }
        return orders
    }

    // MARK: time and loss

    mutating func ticked(at: Timestamp, now: NIODeadline, areJoined: (String, String) -> Bool) -> [Order] {
        var orders: [Order] = []
        self.unwanted = self.unwanted.filter { $0.value > now }
        for (id, due) in self.deadlines.sorted(by: { $0.key < $1.key }) where due <= now {
            self.deadlines[id] = nil
            guard let record = self.transfers[id] else { continue }
            self.change(transfer: id, at: at, now: now, to: &orders) { machine in
                switch machine.timedOut(areJoined: areJoined) {
                case .none: []
                case .hangUp(let legs): [.hangUpConsulted(legs, agent: record.agent)]
                case .hangUpAndRescueCaller(let legs):
                    [.hangUpConsulted(legs, agent: record.agent), .rescue(leg: machine.callerLeg, queue: record.queue)]
                case .bridge(let a, let b): [.bridge(a, b)]
                }
            }
        }
        return orders
    }

    /// The connection to the node is gone.
    mutating func lost(at: Timestamp, now: NIODeadline) -> [Order] {
        var orders: [Order] = []
        for id in self.live.sorted() {
            self.dials[id]?.dial = .failed("the connection was lost")
            self.dialJobEnded(id)
            self.change(transfer: id, at: at, now: now, to: &orders) { machine in
                machine.lost()
                return []
            }
            self.change(supervision: id, at: at, now: now, to: &orders) { machine in
                machine.lost()
                return []
            }
        }
        return orders
    }

    /// Events were lost, and a snapshot was loaded into the reducer since.
    mutating func review(_ reducer: NodeReducer, _ snapshot: SwitchSnapshot, now: NIODeadline) -> [Order] {
        var orders: [Order] = []
        let at = snapshot.takenAt
        for (leg, id) in snapshot.legsOfActions where (self.live.contains(id) || self.unwanted[id] != nil) && reducer.isAlive(leg) {
            // Of one that is over even a leg that was seen is hung up: the first time it was not heard.
            let isKnown = self.transfers[id]?.machine.concerns(leg) == true || self.supervisions[id]?.machine.concerns(leg) == true
            if isKnown, self.live.contains(id) { continue }
            orders += self.created(id, leg: leg, at: at, now: now)
        }
        let view = AttendedTransferStateMachine.View(
            isAlive: { reducer.isAlive($0) }, areJoined: { reducer.areJoined($0, $1) },
            // Of more channels than are looked into, nobody knows whom they talk to.
            isAlone: { snapshot.dumps[$0] != nil && reducer.isAlone($0) })
        for id in self.live.sorted() {
            if let record = self.transfers[id] {
                self.change(transfer: id, at: at, now: now, to: &orders) { machine in
                    switch machine.reviewed(view) {
                    case .none: []
                    case .hangUp(let legs): [.hangUpConsulted(legs, agent: record.agent)]
                    case .rescueCaller: [.rescue(leg: record.machine.callerLeg, queue: record.queue)]
                    }
                }
            }
            self.change(supervision: id, at: at, now: now, to: &orders) { machine in
                switch machine.reviewed(isAlive: { reducer.isAlive($0) }, isAnswered: { reducer.isAnswered($0) }) {
                case .none: []
                case .hangUp(let legs): [.hangUp(legs)]
                }
            }
        }
        return orders
    }

    // MARK: records

    private mutating func change(
        transfer id: String, at: Timestamp, now: NIODeadline, to orders: inout [Order], _ body: (inout AttendedTransferStateMachine) -> [Order]
    ) {
        guard var record = self.transfers[id] else { return }
        let before = record.machine.state
        let shown = (record.state.description, record.failure)
        let done = body(&record.machine)
        guard record.machine != self.transfers[id]?.machine else {
            orders += done
            return
        }
        if case .consulting = record.machine.state, record.answeredAt == nil { record.answeredAt = at }
        if record.isOver, record.endedAt == nil { record.endedAt = at }
        self.transfers[id] = record
        // The reducer must know before it hears the agent's leg end.
        switch record.machine.state {
        case .joining(_, isRepeated: false) where before != record.machine.state, .unattended where before != .unattended:
            orders.append(.announceTransfer(leg: record.machine.callerLeg, target: record.target.text, agentLeg: record.machine.agentLeg))
        case .requested, .ringing, .consulting, .unattended, .joining, .cancelling, .returning, .talkingOn, .ended: break
        }
        orders += done
        if before != record.machine.state {
            self.setDeadline(record, now: now)
            if shown != (record.state.description, record.failure) { orders.append(.publish(record.message)) }
        }
        if case .ended(let outcome) = record.machine.state {
            self.retire(id, canStillBegin: Self.canStillBegin(outcome, after: before, isAnswered: record.answeredAt != nil), now: now)
        }
    }

    private mutating func change(
        supervision id: String, at: Timestamp, now: NIODeadline, to orders: inout [Order], _ body: (inout SupervisionStateMachine) -> [Order]
    ) {
        guard var record = self.supervisions[id] else { return }
        let before = (record.state.description, record.outcome)
        orders += body(&record.machine)
        if case .active = record.machine.state, record.answeredAt == nil { record.answeredAt = at }
        if record.isOver, record.endedAt == nil { record.endedAt = at }
        self.supervisions[id] = record
        if before != (record.state.description, record.outcome) { orders.append(.publish(record.message)) }
        // A supervisor whose phone was not answered may be rung at his next one, and one who is not listed as hearing must not hear.
        if record.isOver { self.retire(id, canStillBegin: record.answeredAt == nil, now: now) }
    }

    /// Whether FreeSWITCH may ring a phone for it still, for nobody.
    private static func canStillBegin(
        _ outcome: AttendedTransferStateMachine.Outcome, after before: AttendedTransferStateMachine.State, isAnswered: Bool
    ) -> Bool {
        switch outcome {
        case .cancelled: return !isAnswered
        case .failed(let failure):
            switch before {
            // Where the agent hung up, the caller waits for the target by FreeSWITCH's own doing.
            case .requested: return failure != .agentHungUp
            case .cancelling: return true
            case .ringing, .consulting, .unattended, .joining, .returning, .talkingOn, .ended: return false
            }
        // With the view of the call it is lost whether they talk.
        case .completed, .lost: return false
        }
    }

    private mutating func setDeadline(_ record: TransferRecord, now: NIODeadline) {
        self.deadlines[record.id] = record.machine.patience(ringing: self.ringSeconds).map { now + .seconds(Int64($0)) }
    }

    private mutating func retire(_ id: String, canStillBegin: Bool, now: NIODeadline) {
        guard self.live.remove(id) != nil else { return }
        self.deadlines[id] = nil
        if canStillBegin { self.unwanted[id] = now + Self.lateLegs }
        self.ended.append(id)
        guard self.ended.count > Self.mostEnded else { return }
        let oldest = self.ended.removeFirst()
        self.transfers[oldest] = nil
        self.supervisions[oldest] = nil
        self.unwanted[oldest] = nil
    }
}
