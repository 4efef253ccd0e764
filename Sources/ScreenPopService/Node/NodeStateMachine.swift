import CallCenter
import EventSocket
import NIOCore

/// Where one node's two connections and its snapshot are, and what comes next.
///
/// A *session* is one pair of connections; what arrives late from an earlier session is ignored by its number. A snapshot has no order relation
/// to the event stream, so it stands between two canary events that went through the same queue as all others: what comes after the first is
/// kept and replayed on the snapshot, and the node is live once the second has come back.
struct NodeStateMachine {
    struct Configuration {
        var canaryRhythm: TimeAmount = .milliseconds(250)
        /// A canary that FreeSWITCH has accepted and that is not back after that is a gap.
        var canaryDeadline: TimeAmount = .seconds(1)
        /// How long a connection's very first canary may take. A node that gives none back in that time is followed without them.
        var canaryPatience: TimeAmount = .seconds(3)
        /// How long the way from the first canary to live may take before the connections are made anew.
        var barrierDeadline: TimeAmount = .seconds(30)
        /// How often to look whether mod_callcenter has been loaded.
        var moduleRhythm: TimeAmount = .seconds(5)
        /// `Lost [n] events!` does not say whose events; at most one resync in that time answers it.
        var lossRhythm: TimeAmount = .seconds(5)
        /// How long a node that said SHUTDOWN may take to close the connection.
        var leaveDeadline: TimeAmount = .seconds(30)
        var maximumBufferedEvents = 8192
    }

    /// What an event is to the machine; to the domain every event is the same.
    enum Signal: Equatable {
        /// One of our own canaries; those of other instances are `other`.
        case canary(number: Int, coreUUID: String, at: Timestamp)
        case shutdown
        /// mod_callcenter was loaded: agents, tiers and members were reset without an event for each.
        case callCenterLoaded
        case other
    }

    /// Both come from the first canary; without one, from the newest event, and are `nil` while there was no event.
    struct SnapshotRequest: Equatable {
        var coreUUID: String?
        var takenAt: Timestamp?
    }

    /// Whether this pair of connections sends canaries back.
    private enum Canaries: Equatable {
        case untried, returning
        /// None was sent back, or none may be sent: there is no barrier around a snapshot, and a gap is not seen.
        case missing(reason: String)
    }

    /// Everything the domain needs to be up to date.
    struct Catchup: Equatable {
        /// What came before the first canary: to be applied before the snapshot, and only by who knows this Core-UUID already.
        var before: [Event]
        var snapshot: SwitchSnapshot
        /// What came after the first canary: to be applied on top of the snapshot.
        var after: [Event]
        /// Whether this node was live before.
        var isResync: Bool
    }

    private struct Live {
        var coreUUID: String
        var since: NIODeadline
        /// `nil` for a node that sends none back.
        var nextCanary: NIODeadline?
        /// Sent and not yet confirmed by FreeSWITCH: the next one waits for it.
        var unconfirmed: (number: Int, sent: NIODeadline)?
        /// Confirmed and not yet back, oldest first.
        var outstanding: [(number: Int, sent: NIODeadline, confirmed: NIODeadline)] = []
        var resync: (at: NIODeadline, reason: String)?
    }

    private enum State {
        case idle
        case waiting(until: NIODeadline, reason: String)
        case connecting
        case subscribing
        /// `isApplying`: the domain was live when this resync began, so events go straight to it until the canary is back.
        case awaitingFirstCanary(Int, deadline: NIODeadline, isApplying: Bool)
        case takingSnapshot(SnapshotRequest, deadline: NIODeadline, isStale: Bool)
        case awaitingSecondCanary(Int, SwitchSnapshot, deadline: NIODeadline, isStale: Bool)
        case awaitingModule(retryAt: NIODeadline)
        case live(Live)
        case leaving(deadline: NIODeadline)
        case failed(String)
        case stopped
    }

    private let configuration: Configuration
    private var state = State.idle
    // Beside the state, because a payload would be copied with each event that is added.
    private var before: [Event] = []
    private var after: [Event] = []
    private var lastCanary = 0
    private var wasLive = false
    private var canaries = Canaries.untried
    /// Where the newest event comes from, for as long as no canary has told.
    private var newest: (coreUUID: String, at: Timestamp)?
    /// The pair of connections that counts.
    private(set) var session = 0

    init(configuration: Configuration = Configuration()) {
        self.configuration = configuration
    }

    // MARK: looking

    var status: NodeStatus {
        switch self.state {
        case .idle, .connecting: .connecting(nil)
        case .waiting(_, let reason): .connecting(reason)
        case .subscribing, .awaitingFirstCanary, .takingSnapshot, .awaitingSecondCanary: .synchronizing
        case .awaitingModule: .connecting("mod_callcenter is not loaded: load mod_callcenter")
        case .live(let live): .live(coreUUID: live.coreUUID, detail: self.missingCanaries)
        case .leaving: .connecting("FreeSWITCH is shutting down")
        case .failed(let line): .failed(line)
        case .stopped: .connecting("stopped")
        }
    }

    /// Why the node is followed without canaries, if it is.
    var missingCanaries: String? {
        switch self.canaries {
        case .missing(let reason): reason
        case .untried, .returning: nil
        }
    }

    /// Whether commands may go out: the connections stand and the node's agents are known.
    var takesCommands: Bool {
        switch self.state {
        case .live: true
        case .awaitingFirstCanary(_, _, let isApplying): isApplying
        case .takingSnapshot, .awaitingSecondCanary: self.wasLive
        case .idle, .waiting, .connecting, .subscribing, .awaitingModule, .leaving, .failed, .stopped: false
        }
    }

    /// When `ticked` is to be called next.
    var deadline: NIODeadline? {
        switch self.state {
        case .waiting(let until, _): until
        case .awaitingFirstCanary(_, let deadline, _), .takingSnapshot(_, let deadline, _), .awaitingSecondCanary(_, _, let deadline, _): deadline
        case .awaitingModule(let retryAt): retryAt
        case .leaving(let deadline): deadline
        case .live(let live): self.deadline(of: live)
        case .idle, .connecting, .subscribing, .failed, .stopped: nil
        }
    }

    private func deadline(of live: Live) -> NIODeadline? {
        // While a canary is unconfirmed its command's own deadline rules.
        var earliest = live.unconfirmed == nil ? live.nextCanary : nil
        for other in [live.outstanding.first.map { $0.confirmed + self.configuration.canaryDeadline }, live.resync?.at] {
            if let other { earliest = earliest.map { min($0, other) } ?? other }
        }
        return earliest
    }

    // MARK: connecting

    enum StartAction: Equatable {
        case connect(session: Int)
        case ignore
    }

    mutating func start() -> StartAction {
        switch self.state {
        case .idle: self.connect()
        case .waiting, .connecting, .subscribing, .awaitingFirstCanary, .takingSnapshot, .awaitingSecondCanary, .awaitingModule, .live, .leaving,
            .failed, .stopped:
            .ignore
        }
    }

    private mutating func connect() -> StartAction {
        self.session += 1
        self.state = .connecting
        self.canaries = .untried
        self.newest = nil
        self.before = []
        self.after = []
        return .connect(session: self.session)
    }

    enum ConnectedAction: Equatable {
        case subscribe
        /// Nobody wants these connections any more.
        case close
    }

    mutating func connected(session: Int) -> ConnectedAction {
        guard session == self.session else { return .close }
        switch self.state {
        case .connecting:
            self.state = .subscribing
            return .subscribe
        case .idle, .waiting, .subscribing, .awaitingFirstCanary, .takingSnapshot, .awaitingSecondCanary, .awaitingModule, .live, .leaving, .failed,
            .stopped:
            return .close
        }
    }

    enum SubscribedAction: Equatable {
        case sendCanary(Int)
        case ignore
    }

    mutating func subscribed(session: Int, now: NIODeadline) -> SubscribedAction {
        guard session == self.session else { return .ignore }
        switch self.state {
        case .subscribing: return .sendCanary(self.awaitFirstCanary(isApplying: false, now: now))
        case .idle, .waiting, .connecting, .awaitingFirstCanary, .takingSnapshot, .awaitingSecondCanary, .awaitingModule, .live, .leaving, .failed,
            .stopped:
            return .ignore
        }
    }

    private mutating func nextCanary() -> Int {
        self.lastCanary += 1
        return self.lastCanary
    }

    private mutating func awaitFirstCanary(isApplying: Bool, now: NIODeadline) -> Int {
        // What was kept for a snapshot that will not be used came before the one that will.
        self.before += self.after
        self.after = []
        let number = self.nextCanary()
        let patience = self.canaries == .untried ? self.configuration.canaryPatience : self.configuration.barrierDeadline
        self.state = .awaitingFirstCanary(number, deadline: now + patience, isApplying: isApplying)
        return number
    }

    enum FailureAction: Equatable {
        /// Close what is open and wait.
        case retry(reason: String)
        /// Close what is open; trying again would not help.
        case giveUp(line: String)
        case ignore
    }

    /// A connection could not be made, was lost, or one of the node's own commands (subscribe, canary, snapshot) failed.
    mutating func failed(session: Int, error: EventSocketError, retryAt: NIODeadline) -> FailureAction {
        guard session == self.session else { return .ignore }
        switch self.state {
        case .connecting, .subscribing, .awaitingFirstCanary, .takingSnapshot, .awaitingSecondCanary, .awaitingModule, .live, .leaving:
            switch error {
            case .authenticationRefused(let text):
                return self.giveUp("FreeSWITCH refused the password (\(text)): correct it in the node's URL or in event_socket.conf.xml")
            case .accessDenied(let text):
                return self.giveUp("FreeSWITCH's access list refused this host (\(text)): see apply-inbound-acl in event_socket.conf.xml")
            case .refused(let text):
                guard self.isSettingUp else { return self.retry("refused \(text)", at: retryAt) }
                return self.giveUp("FreeSWITCH refused \(text): give the user the events and the functions that ScreenPop needs")
            case .invalidURL(let text): return self.giveUp("not an event socket's URL: \(text)")
            case .illegalCommand(let text): return self.giveUp("not a command: \(text)")
            case .unreachable(let text): return self.retry("cannot be reached: \(text)", at: retryAt)
            case .protocolViolation(let text): return self.retry("sent what is no event socket frame: \(text)", at: retryAt)
            case .timedOut(let text): return self.retry("did not answer in time: \(text)", at: retryAt)
            case .closed(let text): return self.retry("closed the connection: \(text)", at: retryAt)
            }
        case .idle, .waiting, .failed, .stopped: return .ignore
        }
    }

    /// A refusal now is a matter of rights; later it is a matter of the moment.
    private var isSettingUp: Bool {
        switch self.state {
        case .connecting, .subscribing, .awaitingFirstCanary, .takingSnapshot, .awaitingSecondCanary: !self.wasLive
        case .idle, .waiting, .awaitingModule, .live, .leaving, .failed, .stopped: false
        }
    }

    private mutating func giveUp(_ line: String) -> FailureAction {
        self.state = .failed(line)
        self.before = []
        self.after = []
        return .giveUp(line: line)
    }

    private mutating func retry(_ reason: String, at: NIODeadline) -> FailureAction {
        self.state = .waiting(until: at, reason: reason)
        self.before = []
        self.after = []
        return .retry(reason: reason)
    }

    // MARK: without canaries

    enum NoCanaryAction: Equatable {
        /// Said once for a pair of connections.
        case takeSnapshot(SnapshotRequest)
        case goLive(Catchup)
        /// Canaries came back before: this is a matter of the moment.
        case fail
        case ignore
    }

    /// The canary that is to be sent now cannot be sent, or not be heard.
    mutating func canaryUnavailable(session: Int, reason: String, now: NIODeadline) -> NoCanaryAction {
        guard session == self.session else { return .ignore }
        switch self.canaries {
        case .untried: self.canaries = .missing(reason: reason)
        case .missing: break
        case .returning: return .fail
        }
        switch self.state {
        case .awaitingFirstCanary: return .takeSnapshot(self.takeWithoutCanary(now: now))
        case .awaitingSecondCanary(_, let snapshot, _, let isStale):
            guard !isStale else {
                _ = self.awaitFirstCanary(isApplying: false, now: now)
                return .takeSnapshot(self.takeWithoutCanary(now: now))
            }
            return .goLive(self.goLive(snapshot, now: now))
        case .idle, .waiting, .connecting, .subscribing, .takingSnapshot, .awaitingModule, .live, .leaving, .failed, .stopped: return .ignore
        }
    }

    private mutating func takeWithoutCanary(now: NIODeadline) -> SnapshotRequest {
        let request = SnapshotRequest(coreUUID: self.newest?.coreUUID, takenAt: self.newest?.at)
        self.state = .takingSnapshot(request, deadline: now + self.configuration.barrierDeadline, isStale: false)
        return request
    }

    // MARK: the snapshot

    enum SnapshotAction: Equatable {
        case sendCanary(Int)
        case ignore
    }

    mutating func snapshotTaken(session: Int, _ snapshot: SwitchSnapshot) -> SnapshotAction {
        guard session == self.session else { return .ignore }
        switch self.state {
        case .takingSnapshot(_, let deadline, let isStale):
            let number = self.nextCanary()
            self.state = .awaitingSecondCanary(number, snapshot, deadline: deadline, isStale: isStale)
            return .sendCanary(number)
        case .idle, .waiting, .connecting, .subscribing, .awaitingFirstCanary, .awaitingSecondCanary, .awaitingModule, .live, .leaving, .failed,
            .stopped:
            return .ignore
        }
    }

    enum ModuleAction: Equatable {
        /// Say it once, and look again later or when the module is loaded.
        case wait
        case ignore
    }

    /// The snapshot found no `callcenter_config`.
    mutating func moduleMissing(session: Int, now: NIODeadline) -> ModuleAction {
        guard session == self.session else { return .ignore }
        switch self.state {
        case .takingSnapshot(_, _, let isStale):
            self.before = []
            self.after = []
            // Loaded while we looked: the load's own event is what made this snapshot stale.
            self.state = .awaitingModule(retryAt: isStale ? now : now + self.configuration.moduleRhythm)
            return .wait
        case .idle, .waiting, .connecting, .subscribing, .awaitingFirstCanary, .awaitingSecondCanary, .awaitingModule, .live, .leaving, .failed,
            .stopped:
            return .ignore
        }
    }

    // MARK: events

    enum EventAction: Equatable {
        /// The domain takes it now.
        case apply
        /// Kept here until the snapshot is there.
        case keep
        case discard
        /// One of ours came back; the domain takes it as a tick of the clock.
        case canaryReturned(after: TimeAmount)
        case takeSnapshot(SnapshotRequest)
        case goLive(Catchup)
        /// The domain takes it, and a snapshot is needed.
        case applyAndResync(canary: Int, reason: String)
        /// The snapshot in work will not do.
        case startOver(canary: Int, reason: String)
        case disconnect(reason: String)
    }

    mutating func received(session: Int, _ event: Event, _ signal: Signal, now: NIODeadline, retryAt: NIODeadline) -> EventAction {
        guard session == self.session else { return .discard }
        if self.canaries != .returning, let coreUUID = event.coreUUID, let at = event.timestampMicroseconds {
            self.newest = (coreUUID, Timestamp(microseconds: at))
        }
        switch self.state {
        case .connecting, .subscribing: return self.keepBefore(event, signal, now: now, retryAt: retryAt)
        case .awaitingFirstCanary(let number, let deadline, let isApplying):
            if case .canary(number, let coreUUID, let at) = signal {
                let request = SnapshotRequest(coreUUID: coreUUID, takenAt: at)
                self.canaries = .returning
                self.state = .takingSnapshot(request, deadline: deadline, isStale: false)
                return .takeSnapshot(request)
            }
            guard isApplying else { return self.keepBefore(event, signal, now: now, retryAt: retryAt) }
            if signal == .shutdown { return self.leave(now: now) }
            return .apply
        case .takingSnapshot(let request, let deadline, _):
            switch signal {
            case .shutdown: return self.disconnect("FreeSWITCH is shutting down", at: retryAt)
            case .callCenterLoaded: self.state = .takingSnapshot(request, deadline: deadline, isStale: true)
            case .canary, .other: break
            }
            return self.keepAfter(event, now: now)
        case .awaitingSecondCanary(let number, let snapshot, let deadline, let isStale):
            switch signal {
            case .canary(number, let coreUUID, _):
                guard !isStale, coreUUID == snapshot.coreUUID else {
                    return .startOver(canary: self.awaitFirstCanary(isApplying: false, now: now), reason: "mod_callcenter was loaded meanwhile")
                }
                return .goLive(self.goLive(snapshot, now: now))
            case .shutdown: return self.disconnect("FreeSWITCH is shutting down", at: retryAt)
            case .callCenterLoaded: self.state = .awaitingSecondCanary(number, snapshot, deadline: deadline, isStale: true)
            case .canary, .other: break
            }
            return self.keepAfter(event, now: now)
        case .awaitingModule:
            switch signal {
            case .callCenterLoaded:
                return .startOver(canary: self.awaitFirstCanary(isApplying: false, now: now), reason: "mod_callcenter was loaded")
            case .shutdown: return self.disconnect("FreeSWITCH is shutting down", at: retryAt)
            case .canary, .other: return .discard
            }
        case .live(let live): return self.receivedLive(live, signal, now: now)
        case .leaving: return .apply
        case .idle, .waiting, .failed, .stopped: return .discard
        }
    }

    private mutating func receivedLive(_ before: Live, _ signal: Signal, now: NIODeadline) -> EventAction {
        if let action = self.receivedWithoutCanaries(before, signal, now: now) { return action }
        switch signal {
        case .other: return .apply
        case .shutdown: return self.leave(now: now)
        case .callCenterLoaded:
            return .applyAndResync(canary: self.awaitFirstCanary(isApplying: true, now: now), reason: "mod_callcenter was loaded")
        case .canary(let number, let coreUUID, _):
            guard coreUUID == before.coreUUID else {
                return .startOver(canary: self.awaitFirstCanary(isApplying: false, now: now), reason: "another Core-UUID")
            }
            var live = before
            var sent: NIODeadline?
            if let unconfirmed = live.unconfirmed, unconfirmed.number == number {
                // Back before its reply, which comes on the other connection.
                sent = unconfirmed.sent
                live.unconfirmed = nil
            } else if let index = live.outstanding.firstIndex(where: { $0.number == number }) {
                sent = live.outstanding.remove(at: index).sent
            }
            self.state = .live(live)
            return sent.map { .canaryReturned(after: now - $0) } ?? .apply
        }
    }

    /// What canaries tell otherwise: that FreeSWITCH is another one, and that there are canaries after all.
    private mutating func receivedWithoutCanaries(_ before: Live, _ signal: Signal, now: NIODeadline) -> EventAction? {
        guard self.missingCanaries != nil, signal != .shutdown else { return nil }
        if case .canary = signal {
            self.canaries = .returning
            return .applyAndResync(canary: self.awaitFirstCanary(isApplying: true, now: now), reason: "a canary came back late")
        }
        guard let coreUUID = self.newest?.coreUUID, coreUUID != before.coreUUID else { return nil }
        if !before.coreUUID.isEmpty {
            return .applyAndResync(canary: self.awaitFirstCanary(isApplying: true, now: now), reason: "another Core-UUID")
        }
        var live = before
        live.coreUUID = coreUUID
        self.state = .live(live)
        return signal == .other ? .apply : nil
    }

    private mutating func keepBefore(_ event: Event, _ signal: Signal, now: NIODeadline, retryAt: NIODeadline) -> EventAction {
        if signal == .shutdown { return self.disconnect("FreeSWITCH is shutting down", at: retryAt) }
        // These only sharpen how calls ended; the snapshot holds what counts. So a storm costs the oldest of them.
        if self.before.count >= self.configuration.maximumBufferedEvents { self.before.removeFirst(self.before.count / 2 + 1) }
        self.before.append(event.detached)
        return .keep
    }

    private mutating func keepAfter(_ event: Event, now: NIODeadline) -> EventAction {
        guard self.after.count < self.configuration.maximumBufferedEvents else {
            self.before = []
            self.after = []
            return .startOver(canary: self.awaitFirstCanary(isApplying: false, now: now), reason: "too many events during the snapshot")
        }
        self.after.append(event.detached)
        return .keep
    }

    private mutating func disconnect(_ reason: String, at retryAt: NIODeadline) -> EventAction {
        _ = self.retry(reason, at: retryAt)
        return .disconnect(reason: reason)
    }

    private mutating func leave(now: NIODeadline) -> EventAction {
        self.state = .leaving(deadline: now + self.configuration.leaveDeadline)
        return .apply
    }

    private mutating func goLive(_ snapshot: SwitchSnapshot, now: NIODeadline) -> Catchup {
        let catchup = Catchup(before: self.before, snapshot: snapshot, after: self.after, isResync: self.wasLive)
        self.before = []
        self.after = []
        self.wasLive = true
        let nextCanary = self.missingCanaries == nil ? now + self.configuration.canaryRhythm : nil
        self.state = .live(Live(coreUUID: snapshot.coreUUID, since: now, nextCanary: nextCanary))
        return catchup
    }

    // MARK: gaps

    /// FreeSWITCH has accepted a canary.
    mutating func canaryConfirmed(session: Int, number: Int, now: NIODeadline) {
        guard session == self.session else { return }
        switch self.state {
        case .live(var live):
            guard let unconfirmed = live.unconfirmed, unconfirmed.number == number else { return }
            live.unconfirmed = nil
            live.outstanding.append((number, unconfirmed.sent, now))
            self.state = .live(live)
        case .idle, .waiting, .connecting, .subscribing, .awaitingFirstCanary, .takingSnapshot, .awaitingSecondCanary, .awaitingModule, .leaving,
            .failed, .stopped:
            return
        }
    }

    enum ResyncAction: Equatable {
        case resync(canary: Int)
        case ignore
    }

    /// FreeSWITCH wrote `Lost [n] events!` into its log.
    mutating func eventsLost(session: Int, now: NIODeadline) -> ResyncAction {
        guard session == self.session else { return .ignore }
        switch self.state {
        case .live(var live):
            let due = live.since + self.configuration.lossRhythm
            if due <= now { return .resync(canary: self.awaitFirstCanary(isApplying: true, now: now)) }
            live.resync = (due, "FreeSWITCH lost events")
            self.state = .live(live)
            return .ignore
        case .takingSnapshot(let request, let deadline, _):
            self.state = .takingSnapshot(request, deadline: deadline, isStale: true)
            return .ignore
        case .awaitingSecondCanary(let number, let snapshot, let deadline, _):
            self.state = .awaitingSecondCanary(number, snapshot, deadline: deadline, isStale: true)
            return .ignore
        case .idle, .waiting, .connecting, .subscribing, .awaitingFirstCanary, .awaitingModule, .leaving, .failed, .stopped: return .ignore
        }
    }

    static let clockReason = "FreeSWITCH's clock was set"

    /// A clock that never rests costs no more snapshots than events that are lost.
    mutating func clockSet(now: NIODeadline) -> ResyncAction {
        switch self.state {
        case .live(var live):
            let due = live.since + self.configuration.lossRhythm
            if due <= now { return .resync(canary: self.awaitFirstCanary(isApplying: true, now: now)) }
            live.resync = live.resync ?? (due, Self.clockReason)
            self.state = .live(live)
            return .ignore
        // A snapshot is on its way anyway.
        case .idle, .waiting, .connecting, .subscribing, .awaitingFirstCanary, .takingSnapshot, .awaitingSecondCanary, .awaitingModule, .leaving,
            .failed, .stopped:
            return .ignore
        }
    }

    /// Somebody else needs the whole state again: the store was found empty, say.
    mutating func resyncWanted(now: NIODeadline) -> ResyncAction {
        switch self.state {
        case .live: return .resync(canary: self.awaitFirstCanary(isApplying: true, now: now))
        case .takingSnapshot(let request, let deadline, _):
            self.state = .takingSnapshot(request, deadline: deadline, isStale: true)
            return .ignore
        case .awaitingSecondCanary(let number, let snapshot, let deadline, _):
            self.state = .awaitingSecondCanary(number, snapshot, deadline: deadline, isStale: true)
            return .ignore
        // A snapshot is on its way anyway.
        case .idle, .waiting, .connecting, .subscribing, .awaitingFirstCanary, .awaitingModule, .leaving, .failed, .stopped: return .ignore
        }
    }

    /// The snapshot came too early for something: another one is due then.
    mutating func lookAgain(at: NIODeadline) {
        switch self.state {
        case .live(var live):
            live.resync = live.resync ?? (at, "the last one came too early for the newest calls")
            self.state = .live(live)
        // A snapshot is on its way anyway.
        case .idle, .waiting, .connecting, .subscribing, .awaitingFirstCanary, .takingSnapshot, .awaitingSecondCanary, .awaitingModule, .leaving,
            .failed, .stopped:
            return
        }
    }

    // MARK: time

    enum TickAction: Equatable {
        case none
        case connect(session: Int)
        case sendCanary(Int)
        case resync(canary: Int, reason: String)
        /// The first canary does not come back.
        case takeSnapshot(SnapshotRequest)
        case disconnect(reason: String)
    }

    mutating func ticked(now: NIODeadline, retryAt: NIODeadline) -> TickAction {
        switch self.state {
        case .waiting(let until, _):
            guard until <= now, case .connect(let session) = self.connect() else { return .none }
            return .connect(session: session)
        case .awaitingFirstCanary(_, let deadline, _), .takingSnapshot(_, let deadline, _), .awaitingSecondCanary(_, _, let deadline, _):
            guard deadline <= now else { return .none }
            if case .awaitingFirstCanary = self.state, self.canaries == .untried {
                self.canaries = .missing(reason: "no canary event came back")
                return .takeSnapshot(self.takeWithoutCanary(now: now))
            }
            _ = self.retry("the snapshot took too long", at: retryAt)
            return .disconnect(reason: "the snapshot took too long")
        case .awaitingModule(let retryAt):
            guard retryAt <= now else { return .none }
            return .sendCanary(self.awaitFirstCanary(isApplying: false, now: now))
        case .leaving(let deadline):
            guard deadline <= now else { return .none }
            _ = self.retry("FreeSWITCH is shutting down", at: retryAt)
            return .disconnect(reason: "FreeSWITCH is shutting down")
        case .live(var live):
            if let oldest = live.outstanding.first, oldest.confirmed + self.configuration.canaryDeadline <= now {
                return .resync(canary: self.awaitFirstCanary(isApplying: true, now: now), reason: "a canary event is missing")
            }
            if let resync = live.resync, resync.at <= now {
                return .resync(canary: self.awaitFirstCanary(isApplying: true, now: now), reason: resync.reason)
            }
            guard live.unconfirmed == nil, let due = live.nextCanary, due <= now else { return .none }
            let number = self.nextCanary()
            live.unconfirmed = (number, now)
            live.nextCanary = now + self.configuration.canaryRhythm
            self.state = .live(live)
            return .sendCanary(number)
        case .idle, .connecting, .subscribing, .failed, .stopped: return .none
        }
    }

    // MARK: the end

    enum StopAction: Equatable {
        /// Close what is open.
        case disconnect
        /// Nothing was open.
        case finish
    }

    mutating func stop() -> StopAction {
        defer {
            self.state = .stopped
            // What is still being connected belongs to nobody: it is closed as soon as it is there.
            self.session += 1
            self.before = []
            self.after = []
        }
        switch self.state {
        case .subscribing, .awaitingFirstCanary, .takingSnapshot, .awaitingSecondCanary, .awaitingModule, .live, .leaving: return .disconnect
        case .idle, .waiting, .connecting, .failed, .stopped: return .finish
        }
    }
}
