import CallCenter
import EventSocket
import NIOCore
import Testing

@testable import ScreenPopService

/// Every event in every state, and what is particular to some.
struct NodeStateMachineTests {
    typealias Machine = NodeStateMachine

    static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    static let later = start + .seconds(3600)

    enum Place: String, CaseIterable {
        case idle, waiting, connecting, subscribing, firstCanary, firstCanaryAgain, snapshot, secondCanary, module, live, leaving, failed, stopped
    }

    /// A machine in that place. In `firstCanary` number 1 is awaited, in `secondCanary` number 2, in `firstCanaryAgain` number 3.
    static func machine(_ place: Place) -> Machine {
        var machine = Machine()
        func connect() {
            #expect(machine.start() == .connect(session: 1))
            #expect(machine.connected(session: 1) == .subscribe)
        }
        func toFirstCanary() {
            connect()
            #expect(machine.subscribed(session: 1, now: start) == .sendCanary(1))
        }
        func toSnapshot() {
            toFirstCanary()
            #expect(receive(&machine, canary(1)) == .takeSnapshot(request))
        }
        func toLive() {
            toSnapshot()
            #expect(machine.snapshotTaken(session: 1, snapshot) == .sendCanary(2))
            #expect(receive(&machine, canary(2)) == .goLive(.init(before: [], snapshot: snapshot, after: [], isResync: false)))
        }
        switch place {
        case .idle: break
        case .waiting:
            connect()
            #expect(machine.failed(session: 1, error: .closed("x"), retryAt: start + .seconds(1)) == .retry(reason: "closed the connection: x"))
        case .connecting: #expect(machine.start() == .connect(session: 1))
        case .subscribing: connect()
        case .firstCanary: toFirstCanary()
        case .firstCanaryAgain:
            toLive()
            #expect(machine.resyncWanted(now: start) == .resync(canary: 3))
        case .snapshot: toSnapshot()
        case .secondCanary:
            toSnapshot()
            #expect(machine.snapshotTaken(session: 1, snapshot) == .sendCanary(2))
        case .module:
            toSnapshot()
            #expect(machine.moduleMissing(session: 1, now: start) == .wait)
        case .live: toLive()
        case .leaving:
            toLive()
            #expect(receive(&machine, .shutdown) == .apply)
        case .failed:
            connect()
            guard case .giveUp = machine.failed(session: 1, error: .authenticationRefused("-ERR invalid"), retryAt: start) else {
                Issue.record("a wrong password must be given up")
                break
            }
        case .stopped: #expect(machine.stop() == .finish)
        }
        return machine
    }

    static let request = Machine.SnapshotRequest(coreUUID: "core-1", takenAt: Timestamp(microseconds: 7))
    static let snapshot = SwitchSnapshot(coreUUID: "core-1", takenAt: Timestamp(microseconds: 7))
    static let event = Event(plain: ByteBuffer(string: "Event-Name: CHANNEL_CREATE\n\n"))

    static func canary(_ number: Int, core: String = "core-1") -> Machine.Signal {
        .canary(number: number, coreUUID: core, at: Timestamp(microseconds: 7))
    }

    static func receive(
        _ machine: inout Machine, _ signal: Machine.Signal, event: Event = event, session: Int = 1, now: NIODeadline = start
    ) -> Machine.EventAction {
        machine.received(session: session, event, signal, now: now, retryAt: now + .seconds(1))
    }

    // MARK: all pairs

    enum Input: String, CaseIterable {
        case start, connected, subscribed, closed, refusedPassword, snapshotTaken, moduleMissing, other, canary, shutdown, moduleLoaded, confirmed
        case eventsLost, clockSet, resyncWanted, tickEarly, tickLate, stop
    }

    /// The action by name; `-` is "nothing".
    static func act(_ machine: inout Machine, _ input: Input, in place: Place) -> String {
        let awaited = [Place.firstCanary: 1, .secondCanary: 2, .firstCanaryAgain: 3][place] ?? 99
        switch input {
        case .start: return machine.start() == .ignore ? "-" : "connect"
        case .connected: return machine.connected(session: machine.session) == .subscribe ? "subscribe" : "close"
        case .subscribed: return machine.subscribed(session: machine.session, now: start) == .ignore ? "-" : "canary"
        case .closed, .refusedPassword:
            let error: EventSocketError = input == .closed ? .closed("x") : .authenticationRefused("x")
            switch machine.failed(session: machine.session, error: error, retryAt: later) {
            case .retry: return "retry"
            case .giveUp: return "give up"
            case .ignore: return "-"
            }
        case .snapshotTaken: return machine.snapshotTaken(session: machine.session, snapshot) == .ignore ? "-" : "canary"
        case .moduleMissing: return machine.moduleMissing(session: machine.session, now: start) == .ignore ? "-" : "wait"
        case .other: return name(receive(&machine, .other, session: machine.session))
        case .canary: return name(receive(&machine, canary(awaited), session: machine.session))
        case .shutdown: return name(receive(&machine, .shutdown, session: machine.session))
        case .moduleLoaded: return name(receive(&machine, .callCenterLoaded, session: machine.session))
        case .confirmed:
            machine.canaryConfirmed(session: machine.session, number: awaited, now: start)
            return "-"
        case .eventsLost: return machine.eventsLost(session: machine.session, now: later) == .ignore ? "-" : "resync"
        case .clockSet: return machine.clockSet(now: later) == .ignore ? "-" : "resync"
        case .resyncWanted: return machine.resyncWanted(now: start) == .ignore ? "-" : "resync"
        case .tickEarly: return name(machine.ticked(now: start, retryAt: later))
        case .tickLate: return name(machine.ticked(now: later, retryAt: later + .seconds(1)))
        case .stop: return machine.stop() == .disconnect ? "disconnect" : "finish"
        }
    }

    static func name(_ action: Machine.EventAction) -> String {
        switch action {
        case .apply: "apply"
        case .keep: "keep"
        case .discard: "discard"
        case .canaryReturned: "returned"
        case .takeSnapshot: "snapshot"
        case .goLive: "live"
        case .applyAndResync: "resync"
        case .startOver: "over"
        case .disconnect: "disconnect"
        }
    }

    static func name(_ action: Machine.TickAction) -> String {
        switch action {
        case .none: "-"
        case .connect: "connect"
        case .sendCanary: "canary"
        case .resync: "resync"
        case .takeSnapshot: "without"
        case .disconnect: "disconnect"
        }
    }

    /// One line for each input, one column for each place, in the order of `Place`.
    static let table: [(Input, [String])] = [
        //               idle       waiting    connecting    subscribing   first         again       snapshot      second        module        live        leaving       failed     stopped
        (.start, ["connect", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-"]),
        (.connected, ["close", "close", "subscribe", "close", "close", "close", "close", "close", "close", "close", "close", "close", "close"]),
        (.subscribed, ["-", "-", "-", "canary", "-", "-", "-", "-", "-", "-", "-", "-", "-"]),
        (.closed, ["-", "-", "retry", "retry", "retry", "retry", "retry", "retry", "retry", "retry", "retry", "-", "-"]),
        (
            .refusedPassword,
            ["-", "-", "give up", "give up", "give up", "give up", "give up", "give up", "give up", "give up", "give up", "-", "-"]
        ),
        (.snapshotTaken, ["-", "-", "-", "-", "-", "-", "canary", "-", "-", "-", "-", "-", "-"]),
        (.moduleMissing, ["-", "-", "-", "-", "-", "-", "wait", "-", "-", "-", "-", "-", "-"]),
        (
            .other,
            ["discard", "discard", "keep", "keep", "keep", "apply", "keep", "keep", "discard", "apply", "apply", "discard", "discard"]
        ),
        (
            .canary,
            ["discard", "discard", "keep", "keep", "snapshot", "snapshot", "keep", "live", "discard", "apply", "apply", "discard", "discard"]
        ),
        (
            .shutdown,
            [
                "discard", "discard", "disconnect", "disconnect", "disconnect", "apply", "disconnect", "disconnect", "disconnect", "apply", "apply",
                "discard", "discard",
            ]
        ),
        (
            .moduleLoaded,
            ["discard", "discard", "keep", "keep", "keep", "apply", "keep", "keep", "over", "resync", "apply", "discard", "discard"]
        ),
        (.confirmed, ["-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-"]),
        (.eventsLost, ["-", "-", "-", "-", "-", "-", "-", "-", "-", "resync", "-", "-", "-"]),
        (.clockSet, ["-", "-", "-", "-", "-", "-", "-", "-", "-", "resync", "-", "-", "-"]),
        (.resyncWanted, ["-", "-", "-", "-", "-", "-", "-", "-", "-", "resync", "-", "-", "-"]),
        (.tickEarly, ["-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-"]),
        (
            .tickLate,
            ["-", "connect", "-", "-", "without", "disconnect", "disconnect", "disconnect", "canary", "canary", "disconnect", "-", "-"]
        ),
        (
            .stop,
            [
                "finish", "finish", "finish", "disconnect", "disconnect", "disconnect", "disconnect", "disconnect", "disconnect", "disconnect",
                "disconnect", "finish", "finish",
            ]
        ),
    ]

    @Test func `every event in every state`() {
        #expect(Set(Self.table.map { $0.0 }) == Set(Input.allCases))
        for (input, expected) in Self.table {
            #expect(expected.count == Place.allCases.count)
            for (place, wanted) in zip(Place.allCases, expected) {
                var machine = Self.machine(place)
                #expect(Self.act(&machine, input, in: place) == wanted, "\(input) in \(place)")
            }
        }
    }

    @Test(arguments: [
        (Place.idle, NodeStatus.connecting(nil)), (.waiting, .connecting("closed the connection: x")), (.connecting, .connecting(nil)),
        (.subscribing, .synchronizing), (.firstCanary, .synchronizing), (.firstCanaryAgain, .synchronizing), (.snapshot, .synchronizing),
        (.secondCanary, .synchronizing), (.module, .connecting("mod_callcenter is not loaded: load mod_callcenter")),
        (.live, .live(coreUUID: "core-1")), (.leaving, .connecting("FreeSWITCH is shutting down")), (.stopped, .connecting("stopped")),
    ])
    func status(of place: Place, is status: NodeStatus) {
        #expect(Self.machine(place).status == status)
    }

    @Test func `a wrong password says what to do`() {
        guard case .failed(let line) = Self.machine(.failed).status else {
            Issue.record("not failed")
            return
        }
        #expect(line == "FreeSWITCH refused the password (-ERR invalid): correct it in the node's URL or in event_socket.conf.xml")
    }

    @Test func `commands go out while live and while a live node is synchronized again`() {
        let open = Place.allCases.filter { Self.machine($0).takesCommands }
        #expect(open == [.firstCanaryAgain, .live])
        var again = Self.machine(.firstCanaryAgain)
        #expect(Self.receive(&again, Self.canary(3)) == .takeSnapshot(Self.request))
        #expect(again.takesCommands)
    }

    @Test func `what an earlier session delivers is ignored`() {
        var machine = Self.machine(.waiting)
        #expect(machine.ticked(now: Self.later, retryAt: Self.later) == .connect(session: 2))
        #expect(machine.connected(session: 1) == .close)
        #expect(machine.connected(session: 2) == .subscribe)
        #expect(Self.receive(&machine, .other) == .discard)
        #expect(machine.failed(session: 1, error: .closed("late"), retryAt: Self.later) == .ignore)
        #expect(machine.subscribed(session: 1, now: Self.later) == .ignore)
        #expect(machine.eventsLost(session: 1, now: Self.later) == .ignore)
        #expect(machine.status == .synchronizing)
    }

    // MARK: the snapshot

    static func numbered(_ number: Int) -> Event { Event(plain: ByteBuffer(string: "Event-Name: N\nEvent-Sequence: \(number)\n\n")) }

    @Test func `what comes before the first canary and after it is kept apart`() {
        var machine = Self.machine(.firstCanary)
        #expect(Self.receive(&machine, .other, event: Self.numbered(1)) == .keep)
        #expect(Self.receive(&machine, Self.canary(1)) == .takeSnapshot(Self.request))
        #expect(Self.receive(&machine, .other, event: Self.numbered(2)) == .keep)
        #expect(machine.snapshotTaken(session: 1, Self.snapshot) == .sendCanary(2))
        #expect(Self.receive(&machine, .other, event: Self.numbered(3)) == .keep)
        #expect(
            Self.receive(&machine, Self.canary(2))
                == .goLive(
                    .init(before: [Self.numbered(1)], snapshot: Self.snapshot, after: [Self.numbered(2), Self.numbered(3)], isResync: false)))
    }

    @Test func `another instance's canary is no barrier`() {
        var machine = Self.machine(.firstCanary)
        #expect(Self.receive(&machine, .other) == .keep)
        #expect(Self.receive(&machine, Self.canary(0)) == .keep)
        #expect(machine.status == .synchronizing)
    }

    @Test func `a snapshot taken while mod_callcenter was loaded is not used`() {
        var machine = Self.machine(.snapshot)
        #expect(Self.receive(&machine, .callCenterLoaded) == .keep)
        #expect(machine.snapshotTaken(session: 1, Self.snapshot) == .sendCanary(2))
        #expect(Self.receive(&machine, Self.canary(2)) == .startOver(canary: 3, reason: "mod_callcenter was loaded meanwhile"))
        #expect(Self.receive(&machine, Self.canary(3)) == .takeSnapshot(Self.request))
    }

    @Test func `mod_callcenter that was loaded while it was missed is looked for at once`() {
        var machine = Self.machine(.snapshot)
        #expect(Self.receive(&machine, .callCenterLoaded) == .keep)
        #expect(machine.moduleMissing(session: 1, now: Self.start) == .wait)
        #expect(machine.deadline == Self.start)
        #expect(machine.ticked(now: Self.start, retryAt: Self.later) == .sendCanary(2))
    }

    @Test func `too many events during the snapshot start it over`() {
        var machine = Machine(
            configuration: {
                var c = Machine.Configuration(); c.maximumBufferedEvents = 2; return c
            }())
        _ = machine.start()
        _ = machine.connected(session: 1)
        _ = machine.subscribed(session: 1, now: Self.start)
        #expect(Self.receive(&machine, Self.canary(1)) == .takeSnapshot(Self.request))
        #expect(Self.receive(&machine, .other) == .keep)
        #expect(Self.receive(&machine, .other) == .keep)
        #expect(Self.receive(&machine, .other) == .startOver(canary: 2, reason: "too many events during the snapshot"))
        #expect(machine.snapshotTaken(session: 1, Self.snapshot) == .ignore)
    }

    @Test func `before the first canary a storm costs the oldest events`() {
        var machine = Machine(
            configuration: {
                var c = Machine.Configuration(); c.maximumBufferedEvents = 4; return c
            }())
        _ = machine.start()
        _ = machine.connected(session: 1)
        _ = machine.subscribed(session: 1, now: Self.start)
        for number in 1...5 { #expect(Self.receive(&machine, .other, event: Self.numbered(number)) == .keep) }
        _ = Self.receive(&machine, Self.canary(1))
        _ = machine.snapshotTaken(session: 1, Self.snapshot)
        #expect(
            Self.receive(&machine, Self.canary(2))
                == .goLive(.init(before: [Self.numbered(4), Self.numbered(5)], snapshot: Self.snapshot, after: [], isResync: false)))
    }

    @Test func `a second time live is a resync`() {
        var machine = Self.machine(.firstCanaryAgain)
        #expect(Self.receive(&machine, .other) == .apply)
        #expect(Self.receive(&machine, Self.canary(3)) == .takeSnapshot(Self.request))
        #expect(Self.receive(&machine, .other) == .keep)
        #expect(machine.snapshotTaken(session: 1, Self.snapshot) == .sendCanary(4))
        #expect(
            Self.receive(&machine, Self.canary(4)) == .goLive(.init(before: [], snapshot: Self.snapshot, after: [Self.event], isResync: true)))
    }

    @Test func `refused events are a matter of rights while setting up and of the moment later`() {
        var first = Self.machine(.subscribing)
        #expect(
            first.failed(session: 1, error: .refused("the events"), retryAt: Self.later)
                == .giveUp(line: "FreeSWITCH refused the events: give the user the events and the functions that ScreenPop needs"))
        var live = Self.machine(.live)
        #expect(live.failed(session: 1, error: .refused("sendevent"), retryAt: Self.later) == .retry(reason: "refused sendevent"))
    }

    // MARK: without canaries

    /// Live without canaries, as `core`.
    static func machineWithoutCanaries(_ core: String) -> Machine {
        var machine = Self.machine(.firstCanary)
        #expect(machine.deadline == Self.start + .seconds(3))
        #expect(machine.ticked(now: Self.start + .seconds(3), retryAt: Self.later) == .takeSnapshot(.init()))
        var snapshot = Self.snapshot
        snapshot.coreUUID = core
        guard case .sendCanary = machine.snapshotTaken(session: 1, snapshot) else {
            Issue.record("a second canary is due")
            return machine
        }
        let live = machine.canaryUnavailable(session: 1, reason: "unused", now: Self.start)
        #expect(live == .goLive(.init(before: [], snapshot: snapshot, after: [], isResync: false)))
        return machine
    }

    static func event(core: String, at: Int64 = 9) -> Event {
        Event(plain: ByteBuffer(string: "Event-Name: HEARTBEAT\nCore-UUID: \(core)\nEvent-Date-Timestamp: \(at)\n\n"))
    }

    @Test func `without canaries the newest event tells which FreeSWITCH it is`() {
        var machine = Self.machine(.firstCanary)
        #expect(Self.receive(&machine, .other, event: Self.event(core: "core-5", at: 70)) == .keep)
        let request = Machine.SnapshotRequest(coreUUID: "core-5", takenAt: Timestamp(microseconds: 70))
        #expect(machine.canaryUnavailable(session: 1, reason: "refused", now: Self.start) == .takeSnapshot(request))
    }

    @Test func `without canaries none is sent any more`() {
        var machine = Self.machineWithoutCanaries("core-1")
        #expect(machine.deadline == nil)
        #expect(machine.ticked(now: Self.later, retryAt: Self.later) == .none)
        #expect(machine.status == .live(coreUUID: "core-1", detail: "no canary event came back"))
    }

    @Test func `without canaries another Core-UUID brings a snapshot, and the first one none`() {
        var machine = Self.machineWithoutCanaries("")
        #expect(Self.receive(&machine, .other, event: Self.event(core: "core-1")) == .apply)
        #expect(Self.receive(&machine, .other, event: Self.event(core: "core-1")) == .apply)
        #expect(machine.status == .live(coreUUID: "core-1", detail: "no canary event came back"))
        #expect(
            Self.receive(&machine, .other, event: Self.event(core: "core-2")) == .applyAndResync(canary: 3, reason: "another Core-UUID"))
        let request = Machine.SnapshotRequest(coreUUID: "core-2", takenAt: Timestamp(microseconds: 9))
        #expect(machine.canaryUnavailable(session: 1, reason: "as before", now: Self.start) == .takeSnapshot(request))
    }

    @Test func `a canary that comes late brings canaries back`() {
        var machine = Self.machineWithoutCanaries("core-1")
        #expect(Self.receive(&machine, Self.canary(1)) == .applyAndResync(canary: 3, reason: "a canary came back late"))
        #expect(machine.missingCanaries == nil)
        #expect(machine.canaryUnavailable(session: 1, reason: "refused", now: Self.start) == .fail)
    }

    @Test func `what is connected after the stop is closed`() {
        var machine = Self.machine(.connecting)
        #expect(machine.stop() == .finish)
        #expect(machine.session == 2)
        #expect(machine.connected(session: 1) == .close)
    }

    // MARK: canaries

    @Test func `a canary goes out every 250 ms, the next one when the last was accepted`() {
        var machine = Self.machine(.live)
        #expect(machine.deadline == Self.start + .milliseconds(250))
        #expect(machine.ticked(now: Self.start + .milliseconds(249), retryAt: Self.later) == .none)
        #expect(machine.ticked(now: Self.start + .milliseconds(250), retryAt: Self.later) == .sendCanary(3))
        #expect(machine.deadline == nil)
        #expect(machine.ticked(now: Self.start + .milliseconds(500), retryAt: Self.later) == .none)
        machine.canaryConfirmed(session: 1, number: 3, now: Self.start + .milliseconds(510))
        #expect(Self.receive(&machine, Self.canary(3), now: Self.start + .milliseconds(520)) == .canaryReturned(after: .milliseconds(270)))
        #expect(machine.ticked(now: Self.start + .milliseconds(520), retryAt: Self.later) == .sendCanary(4))
    }

    @Test func `a canary may be back before its reply`() {
        var machine = Self.machine(.live)
        let sent = Self.start + .milliseconds(250)
        #expect(machine.ticked(now: sent, retryAt: Self.later) == .sendCanary(3))
        #expect(Self.receive(&machine, Self.canary(3), now: sent + .milliseconds(1)) == .canaryReturned(after: .milliseconds(1)))
        machine.canaryConfirmed(session: 1, number: 3, now: sent + .milliseconds(2))
        #expect(machine.ticked(now: sent + .milliseconds(250), retryAt: Self.later) == .sendCanary(4))
        #expect(machine.ticked(now: sent + .seconds(5), retryAt: Self.later) == .none)
    }

    @Test func `a canary that is missing for a second is a gap`() {
        var machine = Self.machine(.live)
        let sent = Self.start + .milliseconds(250)
        #expect(machine.ticked(now: sent, retryAt: Self.later) == .sendCanary(3))
        machine.canaryConfirmed(session: 1, number: 3, now: sent)
        #expect(machine.ticked(now: sent + .milliseconds(250), retryAt: Self.later) == .sendCanary(4))
        machine.canaryConfirmed(session: 1, number: 4, now: sent + .milliseconds(250))
        #expect(Self.receive(&machine, Self.canary(4), now: sent + .milliseconds(251)) == .canaryReturned(after: .milliseconds(1)))
        #expect(machine.ticked(now: sent + .milliseconds(500), retryAt: Self.later) == .sendCanary(5))
        #expect(machine.ticked(now: sent + .seconds(1), retryAt: Self.later) == .resync(canary: 6, reason: "a canary event is missing"))
        #expect(machine.ticked(now: sent + .seconds(2), retryAt: Self.later) == .none)
    }

    @Test func `another Core-UUID on a live connection is a fresh start`() {
        var machine = Self.machine(.live)
        #expect(Self.receive(&machine, Self.canary(9, core: "core-2")) == .startOver(canary: 3, reason: "another Core-UUID"))
        #expect(!machine.takesCommands)
    }

    @Test func `lost events bring one resync in five seconds`() {
        var machine = Self.machine(.live)
        #expect(machine.eventsLost(session: 1, now: Self.start + .seconds(1)) == .ignore)
        #expect(machine.eventsLost(session: 1, now: Self.start + .seconds(2)) == .ignore)
        #expect(machine.ticked(now: Self.start + .seconds(4), retryAt: Self.later) == .sendCanary(3))
        _ = Self.receive(&machine, Self.canary(3), now: Self.start + .seconds(4))
        #expect(machine.ticked(now: Self.start + .seconds(5), retryAt: Self.later) == .resync(canary: 4, reason: "FreeSWITCH lost events"))
    }

    @Test func `a clock that is set again and again brings one resync in five seconds`() {
        var machine = Self.machine(.live)
        #expect(machine.clockSet(now: Self.start + .seconds(1)) == .ignore)
        #expect(machine.clockSet(now: Self.start + .seconds(2)) == .ignore)
        #expect(machine.ticked(now: Self.start + .seconds(4), retryAt: Self.later) == .sendCanary(3))
        _ = Self.receive(&machine, Self.canary(3), now: Self.start + .seconds(4))
        #expect(machine.ticked(now: Self.start + .seconds(5), retryAt: Self.later) == .resync(canary: 4, reason: "FreeSWITCH's clock was set"))
    }

    @Test func `a snapshot that came too early for something is followed by another`() {
        var machine = Self.machine(.live)
        machine.lookAgain(at: Self.start + .seconds(3))
        #expect(machine.ticked(now: Self.start + .seconds(2), retryAt: Self.later) == .sendCanary(3))
        _ = Self.receive(&machine, Self.canary(3), now: Self.start + .seconds(2))
        let action = machine.ticked(now: Self.start + .seconds(3), retryAt: Self.later)
        #expect(action == .resync(canary: 4, reason: "the last one came too early for the newest calls"))
    }

    @Test func `a module load brings one resync, though it is announced once for each interface`() {
        var machine = Self.machine(.live)
        #expect(Self.receive(&machine, .callCenterLoaded) == .applyAndResync(canary: 3, reason: "mod_callcenter was loaded"))
        for _ in 1...4 { #expect(Self.receive(&machine, .callCenterLoaded) == .apply) }
        #expect(Self.receive(&machine, Self.canary(3)) == .takeSnapshot(Self.request))
    }
}
