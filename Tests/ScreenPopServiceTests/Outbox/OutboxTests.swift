import CallCenter
import NIOCore
import ScreenPop
import ScreenPopStore
import Testing

@testable import ScreenPopService

struct OutboxTests {
    static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    static func pop(_ id: String, version: Int = 1) -> Pop {
        var pop = Pop(id: id, kind: .queue, agent: "1001@default", node: "fs1", offeredAt: Timestamp(microseconds: 1))
        pop.version = version
        return pop
    }

    static func agent(_ name: String, state: AgentState) -> Change {
        var agent = AgentRecord(name: name, node: "fs1")
        agent.state = state
        return .agent(agent)
    }

    static func trace(_ what: String) -> Change {
        .trace(call: "c", TraceEntry(at: Timestamp(microseconds: 1), kind: .seen, what: what))
    }

    /// An outbox whose first batch is written: the window is open.
    static func open(_ configuration: Outbox.Configuration = .init()) -> Outbox {
        var outbox = Outbox(node: "fs1", configuration: configuration)
        outbox.connected(fence: 7)
        #expect(outbox.add([self.trace("first")], coreUUID: nil, sequence: 0, now: Self.start) == [])
        if let first = outbox.next(now: self.start) { outbox.written(first) }
        #expect(outbox.isEmpty)
        return outbox
    }

    static func drain(_ outbox: inout Outbox, now: NIODeadline = start) -> [Outbox.Sending] {
        var all: [Outbox.Sending] = []
        while let next = outbox.next(now: now) { all.append(next) }
        return all
    }

    @Test func `a batch carries node, fence, number, place and changes`() throws {
        var outbox = Self.open()
        let change = Change.pop(.offered, Self.pop("p-1"))
        #expect(outbox.add([change], coreUUID: "core-1", sequence: 42, now: Self.start) == [])
        let batch = try outbox.send(now: Self.start).batch
        #expect(batch.node == "fs1")
        #expect(batch.fence == 7)
        #expect(batch.number == 2)
        #expect(batch.coreUUID == "core-1")
        #expect(batch.sequence == 42)
        #expect(batch.changes == [change])
        #expect(outbox.next(now: Self.start) == nil)
        #expect(outbox.depth == 1)
    }

    @Test func `the first batch of a connection goes alone, then as many as the window holds`() throws {
        var configuration = Outbox.Configuration()
        configuration.maximumInFlight = 3
        configuration.maximumChangesPerBatch = 1
        var outbox = Outbox(node: "fs1", configuration: configuration)
        outbox.connected(fence: 1)
        _ = outbox.add((1...6).map { Self.trace("\($0)") }, coreUUID: nil, sequence: 0, now: Self.start)
        let first = Self.drain(&outbox)
        #expect(first.map(\.batch.number) == [1])
        outbox.written(first[0])
        let window = Self.drain(&outbox)
        #expect(window.map(\.batch.number) == [2, 3, 4])
        outbox.written(window[0])
        #expect(Self.drain(&outbox).map(\.batch.number) == [5])
    }

    @Test func `while Redis is away changes wait and are shown`() throws {
        var outbox = Outbox(node: "fs1")
        let change = Change.pop(.offered, Self.pop("p-1"))
        #expect(outbox.add([change], coreUUID: nil, sequence: 0, now: Self.start) == [change])
        #expect(outbox.next(now: Self.start) == nil)
        outbox.connected(fence: 1)
        #expect(try outbox.send(now: Self.start).batch.changes == [change])
    }

    @Test func `after a loss every batch without an answer is shown and repeated word for word, before anything new`() throws {
        var configuration = Outbox.Configuration()
        configuration.maximumChangesPerBatch = 1
        var outbox = Self.open(configuration)
        let changes = ["a", "b"].map { Change.pop(.offered, Self.pop($0)) }
        _ = outbox.add(changes, coreUUID: "core-1", sequence: 5, now: Self.start)
        let sent = Self.drain(&outbox)
        #expect(sent.map(\.batch.number) == [2, 3])
        outbox.written(sent[0])

        #expect(outbox.disconnected() == [changes[1]])
        #expect(outbox.disconnected() == [])
        let new = Change.pop(.offered, Self.pop("c"))
        #expect(outbox.add([new], coreUUID: "core-1", sequence: 6, now: Self.start) == [new])
        // An answer that was on its way means nothing any more.
        outbox.written(sent[1])
        #expect(outbox.failed(sent[1], .unknown, now: Self.start) == .wait)

        outbox.connected(fence: 7)
        let again = Self.drain(&outbox)
        #expect(again.map(\.batch.number) == [3])
        #expect(again[0].batch.changes == [changes[1]])
        #expect(again[0].batch.sequence == 5)
        outbox.written(again[0])
        let rest = Self.drain(&outbox)
        #expect(rest.map(\.batch.number) == [4])
        #expect(rest[0].batch.changes == [new])
    }

    @Test func `while Redis is away newer replaces older where only the newest counts`() throws {
        var outbox = Outbox(node: "fs1")
        let offered = Change.pop(.offered, Self.pop("p-1"))
        let answered = Change.pop(.answered, Self.pop("p-1", version: 3))
        let lastUpdate = Change.pop(.updated, Self.pop("p-1", version: 4))
        _ = outbox.add(
            [
                Self.agent("1001@default", state: .waiting), offered, Change.pop(.updated, Self.pop("p-1", version: 2)),
                .currentPop(agent: "1001@default", Self.pop("p-1")),
            ], coreUUID: nil, sequence: 1, now: Self.start)
        _ = outbox.add([Self.agent("1001@default", state: .receiving), answered, lastUpdate], coreUUID: nil, sequence: 2, now: Self.start)
        _ = outbox.add(
            [Self.agent("1001@default", state: .inAQueueCall), .currentPop(agent: "1001@default", nil)], coreUUID: nil, sequence: 3, now: Self.start)
        #expect(outbox.superseded == 4)
        #expect(outbox.lost == 0)
        outbox.connected(fence: 1)
        #expect(
            try outbox.send(now: Self.start).batch.changes
                == [offered, answered, lastUpdate, Self.agent("1001@default", state: .inAQueueCall), .currentPop(agent: "1001@default", nil)])
    }

    @Test func `while Redis is there every change is written`() throws {
        var outbox = Self.open()
        let both = [Self.agent("1001@default", state: .waiting), Self.agent("1001@default", state: .receiving)]
        _ = outbox.add(both, coreUUID: nil, sequence: 1, now: Self.start)
        #expect(try outbox.send(now: Self.start).batch.changes == both)
        #expect(outbox.superseded == 0)
    }

    @Test func `beyond the bound traces go first, then what ended pops went through, then the oldest`() throws {
        var configuration = Outbox.Configuration()
        configuration.maximumPending = 4
        var outbox = Outbox(node: "fs1", configuration: configuration)
        let ends = ["a", "b", "c"].map { Change.pop(.ended, Self.pop($0, version: 9)) }
        _ = outbox.add(
            [Self.trace("x"), .pop(.offered, Self.pop("a")), ends[0], .pop(.offered, Self.pop("d"))], coreUUID: nil, sequence: 1, now: Self.start)
        _ = outbox.add([ends[1]], coreUUID: nil, sequence: 2, now: Self.start)
        #expect(outbox.lost == 1)
        #expect(outbox.superseded == 1)
        #expect(outbox.depth == 3)
        _ = outbox.add([ends[2], .pop(.ended, Self.pop("e"))], coreUUID: nil, sequence: 3, now: Self.start)
        // Down to three quarters of the bound.
        #expect(outbox.lost == 3)
        outbox.connected(fence: 1)
        let sending = try outbox.send(now: Self.start)
        #expect(sending.batch.changes == [ends[1], ends[2], .pop(.ended, Self.pop("e"))])
        // More than traces was lost: once there is room again, all has to be written anew, once.
        #expect(outbox.owesRewrite(now: Self.start) == false)
        outbox.written(sending)
        #expect(outbox.owesRewrite(now: Self.start) == true)
        #expect(outbox.owesRewrite(now: Self.start) == false)
    }

    @Test func `lost traces are no reason to write everything anew`() throws {
        var configuration = Outbox.Configuration()
        configuration.maximumPending = 4
        var outbox = Outbox(node: "fs1", configuration: configuration)
        _ = outbox.add((1...5).map { Self.trace("\($0)") }, coreUUID: nil, sequence: 1, now: Self.start)
        #expect(outbox.lost == 5)
        outbox.connected(fence: 1)
        _ = outbox.add([Self.trace("x")], coreUUID: nil, sequence: 1, now: Self.start)
        outbox.written(try outbox.send(now: Self.start))
        #expect(outbox.owesRewrite(now: Self.start) == false)
    }

    @Test func `an unwilling Redis is asked again after a second`() throws {
        var outbox = Self.open()
        let change = Change.pop(.offered, Self.pop("p-1"))
        _ = outbox.add([change], coreUUID: nil, sequence: 1, now: Self.start)
        let sending = try outbox.send(now: Self.start)
        #expect(outbox.failed(sending, .unwilling, now: Self.start) == .wait)
        #expect(outbox.deadline == Self.start + .seconds(1))
        #expect(outbox.next(now: Self.start) == nil)
        // Meanwhile desktops hear at once.
        #expect(outbox.show(now: Self.start) == [change])
        let other = Change.pop(.offered, Self.pop("p-2"))
        #expect(outbox.add([other], coreUUID: nil, sequence: 1, now: Self.start) == [other])
        _ = outbox.ticked(now: Self.start + .milliseconds(999))
        #expect(outbox.next(now: Self.start) == nil)
        _ = outbox.ticked(now: Self.start + .seconds(1))
        let again = try outbox.send(now: Self.start + .seconds(1))
        #expect(again.batch.number == sending.batch.number)
        #expect(again.batch.changes == [change])
    }

    @Test func `a batch that Redis refuses for good leaves its number behind, so that others follow`() throws {
        var outbox = Self.open()
        _ = outbox.add([Self.trace("bad")], coreUUID: nil, sequence: 1, now: Self.start)
        var now = Self.start
        for attempt in 1...3 {
            let sending = try outbox.send(now: now)
            #expect(sending.batch.number == 2)
            #expect(outbox.failed(sending, .refused, now: now) == (attempt == 3 ? .dropped(1) : .wait))
            now = now + .seconds(1)
            _ = outbox.ticked(now: now)
        }
        #expect(outbox.lost == 1)
        let empty = try outbox.send(now: now)
        #expect(empty.batch.number == 2)
        #expect(empty.batch.changes == [])
        outbox.written(empty)
        #expect(outbox.isEmpty)
    }

    /// Has Redis refuse a change for good, until it is given up and Redis writes again.
    private static func give(up change: Change, _ outbox: inout Outbox, at now: inout NIODeadline) throws {
        _ = outbox.add([change], coreUUID: nil, sequence: 1, now: now)
        var answer = Outbox.FailureAction.wait
        while answer == .wait {
            let sending = try outbox.send(now: now)
            answer = outbox.failed(sending, .refused, now: now)
            now = now + .seconds(1)
            _ = outbox.ticked(now: now)
        }
        #expect(answer == .dropped(1))
        #expect(outbox.owesRewrite(now: now) == false)
        // An empty batch has nothing to give up, however long it is refused.
        for _ in 0..<4 {
            let sending = try outbox.send(now: now)
            #expect(outbox.failed(sending, .refused, now: now) == .wait)
            now = now + .seconds(1)
            _ = outbox.ticked(now: now)
        }
        let sending = try outbox.send(now: now)
        outbox.written(sending)
    }

    @Test func `after a batch that was given up all is written anew, at once and then with longer and longer pauses`() throws {
        var outbox = Self.open()
        var now = Self.start
        try Self.give(up: Self.trace("history"), &outbox, at: &now)
        #expect(outbox.owesRewrite(now: now) == false)
        try Self.give(up: .currentPop(agent: "1001@default", nil), &outbox, at: &now)
        #expect(outbox.owesRewrite(now: now) == true)
        #expect(outbox.owesRewrite(now: now) == false)
        for pause: Int64 in [10, 20, 40, 80, 160, 300, 300] {
            let last = now
            try Self.give(up: .currentPop(agent: "1001@default", nil), &outbox, at: &now)
            let due = last + .seconds(pause)
            #expect(outbox.deadline == due)
            #expect(outbox.owesRewrite(now: due - .nanoseconds(1)) == false)
            now = max(now, due)
            #expect(outbox.owesRewrite(now: now) == true)
        }
        // All was well for a long time.
        now = now + .minutes(10)
        try Self.give(up: .currentPop(agent: "1001@default", nil), &outbox, at: &now)
        #expect(outbox.owesRewrite(now: now) == true)
    }

    @Test func `what ends without Redis having confirmed it is known`() throws {
        var outbox = Self.open()
        let member = MemberRecord(uuid: "m-1", queue: "support@default", node: "fs1", joinedAt: Timestamp(microseconds: 1))
        _ = outbox.add([.pop(.ended, Self.pop("a")), .memberLeft(member)], coreUUID: nil, sequence: 1, now: Self.start)
        let sending = try outbox.send(now: Self.start)
        _ = outbox.add([.pop(.ended, Self.pop("b")), .pop(.offered, Self.pop("c"))], coreUUID: nil, sequence: 2, now: Self.start)
        #expect(outbox.endings.pops == ["a", "b"])
        #expect(outbox.endings.members == ["m-1"])
        outbox.written(sending)
        #expect(outbox.endings.pops == ["b"])
        #expect(outbox.endings.members == [])
    }

    @Test func `a batch that was written half-way fails as what stopped it`() {
        #expect(Outbox.Failure(StoreError.halfWay("OOM command not allowed when used memory > 'maxmemory'.")) == .unwilling)
        #expect(Outbox.Failure(StoreError.halfWay("@user_script: 60: -OOM command not allowed")) == .unwilling)
        #expect(Outbox.Failure(StoreError.halfWay("ERR The user executing the script can't run this command or subcommand")) == .refused)
    }

    @Test func `fenced means silence`() throws {
        var outbox = Self.open()
        let change = Change.pop(.offered, Self.pop("p-1"))
        _ = outbox.add([change], coreUUID: nil, sequence: 1, now: Self.start)
        let sending = try outbox.send(now: Self.start)
        #expect(outbox.failed(sending, .fenced, now: Self.start) == .look)
        outbox.takenOver()
        #expect(outbox.isFenced)
        #expect(outbox.isEmpty)
        #expect(outbox.add([change], coreUUID: nil, sequence: 2, now: Self.start) == [])
        outbox.connected(fence: 9)
        #expect(outbox.next(now: Self.start) == nil)
        #expect(outbox.disconnected() == [])
    }

    @Test func `a batch without an answer for half a second is shown once`() throws {
        var outbox = Self.open()
        let change = Change.pop(.offered, Self.pop("p-1"))
        _ = outbox.add([change], coreUUID: nil, sequence: 1, now: Self.start)
        let sending = try outbox.send(now: Self.start)
        #expect(outbox.deadline == Self.start + .milliseconds(500))
        #expect(outbox.ticked(now: Self.start + .milliseconds(499)) == [])
        #expect(outbox.ticked(now: Self.start + .milliseconds(500)) == [change])
        #expect(outbox.ticked(now: Self.start + .milliseconds(600)) == [])
        #expect(outbox.deadline == nil)
        outbox.written(sending)
        #expect(outbox.isEmpty)
    }

    @Test func `a batch that a full Redis does not take is shown, with what waits behind it`() throws {
        var configuration = Outbox.Configuration()
        configuration.maximumInFlight = 1
        var outbox = Self.open(configuration)
        let changes = ["a", "b"].map { Change.pop(.offered, Self.pop($0)) }
        _ = outbox.add([changes[0]], coreUUID: nil, sequence: 1, now: Self.start)
        let sending = try outbox.send(now: Self.start)
        _ = outbox.add([changes[1]], coreUUID: nil, sequence: 2, now: Self.start)
        #expect(outbox.next(now: Self.start) == nil)
        #expect(outbox.show(now: Self.start) == [])
        #expect(outbox.failed(sending, .unwilling, now: Self.start) == .wait)
        #expect(outbox.show(now: Self.start) == changes)
        #expect(outbox.show(now: Self.start) == [])
        #expect(outbox.disconnected() == [])
    }

    @Test func `what waits behind a full window for half a second is shown, once`() throws {
        var configuration = Outbox.Configuration()
        configuration.maximumInFlight = 1
        var outbox = Self.open(configuration)
        let changes = ["a", "b", "c"].map { Change.pop(.offered, Self.pop($0)) }
        _ = outbox.add([changes[0]], coreUUID: nil, sequence: 1, now: Self.start)
        let first = try outbox.send(now: Self.start)
        _ = outbox.add([changes[1]], coreUUID: nil, sequence: 2, now: Self.start + .milliseconds(100))
        _ = outbox.add([changes[2]], coreUUID: nil, sequence: 3, now: Self.start + .milliseconds(300))
        #expect(outbox.deadline == Self.start + .milliseconds(500))
        #expect(outbox.ticked(now: Self.start + .milliseconds(500)) == [changes[0]])
        #expect(outbox.deadline == Self.start + .milliseconds(600))
        #expect(outbox.ticked(now: Self.start + .milliseconds(600)) == [changes[1]])
        // Both go into one batch; of it only what was not shown yet is shown.
        outbox.written(first)
        #expect(try outbox.send(now: Self.start + .milliseconds(700)).batch.changes == [changes[1], changes[2]])
        #expect(outbox.deadline == Self.start + .milliseconds(800))
        #expect(outbox.ticked(now: Self.start + .milliseconds(800)) == [changes[2]])
        #expect(outbox.deadline == nil)
    }

    @Test func `what is added while the first batch after a pause is on its way is shown when that hangs`() throws {
        var outbox = Self.open()
        _ = outbox.add([Self.trace("x")], coreUUID: nil, sequence: 1, now: Self.start)
        #expect(outbox.failed(try outbox.send(now: Self.start), .unwilling, now: Self.start) == .wait)
        _ = outbox.show(now: Self.start)
        let later = Self.start + .seconds(1)
        #expect(outbox.ticked(now: later) == [])
        _ = try outbox.send(now: later)
        let change = Change.pop(.offered, Self.pop("p-1"))
        #expect(outbox.add([change], coreUUID: nil, sequence: 2, now: later) == [])
        #expect(outbox.ticked(now: later + .milliseconds(500)) == [change])
    }

    @Test func `a loss shows what waits, too`() throws {
        var configuration = Outbox.Configuration()
        configuration.maximumInFlight = 1
        var outbox = Self.open(configuration)
        let changes = ["a", "b"].map { Change.pop(.offered, Self.pop($0)) }
        _ = outbox.add([changes[0]], coreUUID: nil, sequence: 1, now: Self.start)
        _ = try outbox.send(now: Self.start)
        _ = outbox.add([changes[1]], coreUUID: nil, sequence: 2, now: Self.start)
        #expect(outbox.disconnected() == changes)
    }

    @Test func `a newer change in the place of one that waits to be shown is shown when that was due`() throws {
        var outbox = Outbox(node: "fs1")
        outbox.connected(fence: 1)
        _ = outbox.add([Self.trace("x")], coreUUID: nil, sequence: 1, now: Self.start)
        _ = try outbox.send(now: Self.start)
        _ = outbox.add([Self.agent("1001@default", state: .waiting)], coreUUID: nil, sequence: 1, now: Self.start)
        _ = outbox.add([Self.agent("1001@default", state: .receiving)], coreUUID: nil, sequence: 1, now: Self.start + .milliseconds(400))
        #expect(
            outbox.ticked(now: Self.start + .milliseconds(500)) == [Self.trace("x"), Self.agent("1001@default", state: .receiving)])
    }

    @Test func `a batch that is given up is shown`() throws {
        var outbox = Self.open()
        let change = Change.pop(.offered, Self.pop("p-1"))
        _ = outbox.add([change], coreUUID: nil, sequence: 1, now: Self.start)
        #expect(outbox.failed(try outbox.send(now: Self.start), .refused, now: Self.start) == .wait)
        #expect(outbox.show(now: Self.start) == [change])
    }

    @Test func `on hold nothing is sent, answers still count, and the next token carries the rest`() throws {
        var configuration = Outbox.Configuration()
        configuration.maximumChangesPerBatch = 1
        var outbox = Self.open(configuration)
        let changes = ["a", "b", "c"].map { Change.pop(.offered, Self.pop($0)) }
        _ = outbox.add(Array(changes[0...1]), coreUUID: nil, sequence: 1, now: Self.start)
        let sent = Self.drain(&outbox)
        outbox.hold()
        #expect(outbox.add([changes[2]], coreUUID: nil, sequence: 2, now: Self.start) == [])
        #expect(outbox.next(now: Self.start) == nil)
        outbox.written(sent[0])
        #expect(outbox.failed(sent[1], .fenced, now: Self.start) == .wait)
        #expect(outbox.next(now: Self.start) == nil)
        outbox.connected(fence: 8)
        let again = try outbox.send(now: Self.start)
        #expect(again.batch.fence == 8)
        #expect(again.batch.changes == [changes[1]])
        outbox.written(again)
        #expect(try outbox.send(now: Self.start).batch.changes == [changes[2]])
    }

    @Test func `of batches out of order only the first says that Redis lost what it confirmed`() throws {
        var configuration = Outbox.Configuration()
        configuration.maximumChangesPerBatch = 1
        var outbox = Self.open(configuration)
        _ = outbox.add([Self.trace("a"), Self.trace("b")], coreUUID: nil, sequence: 1, now: Self.start)
        let sent = Self.drain(&outbox)
        #expect(outbox.failed(sent[1], .outOfOrder, now: Self.start) == .wait)
        #expect(outbox.failed(sent[0], .outOfOrder, now: Self.start) == .takeOver)
        #expect(outbox.next(now: Self.start) == nil)
        outbox.connected(fence: 7)
        #expect(try outbox.send(now: Self.start).batch.number == 2)
    }

    @Test func `a new token goes with what is repeated`() throws {
        var outbox = Self.open()
        _ = outbox.add([Self.trace("x")], coreUUID: nil, sequence: 1, now: Self.start)
        _ = try outbox.send(now: Self.start)
        _ = outbox.disconnected()
        outbox.connected(fence: 8)
        #expect(try outbox.send(now: Self.start).batch.fence == 8)
    }

    /// Whatever comes and goes: what Redis was given in order, each number once, is what was added, in order.
    @Test func `nothing is lost, doubled or overtaken whatever fails`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = SplitMix(state: seed)
        for _ in 0..<200 {
            var configuration = Outbox.Configuration()
            configuration.maximumInFlight = 3
            configuration.maximumChangesPerBatch = 2
            var outbox = Outbox(node: "fs1", configuration: configuration)
            var redis: [Change] = []
            var lastNumber: Int64 = 0
            var added: [Change] = []
            var now = Self.start
            var flying: [Outbox.Sending] = []
            func carry(_ sending: Outbox.Sending) -> Bool {
                if sending.batch.number <= lastNumber { return true }
                guard sending.batch.number == lastNumber + 1 else { return false }
                lastNumber += 1
                redis += sending.batch.changes
                return true
            }
            outbox.connected(fence: 1)
            for round in 0..<60 {
                switch random.next() % 6 {
                case 0, 1:
                    let change = Change.pop(.offered, Self.pop("p-\(round)"))
                    added.append(change)
                    _ = outbox.add([change], coreUUID: nil, sequence: 0, now: Self.start)
                case 2:
                    if !flying.isEmpty {
                        let sending = flying.removeFirst()
                        if carry(sending) { outbox.written(sending) } else { _ = outbox.failed(sending, .unwilling, now: now) }
                    }
                case 3:
                    if !flying.isEmpty { _ = outbox.failed(flying.removeFirst(), .unwilling, now: now) }
                case 4:
                    // The connection ends; some of what was flying had arrived.
                    for sending in flying.prefix(Int(random.next() % 4)) { _ = carry(sending) }
                    flying = []
                    _ = outbox.disconnected()
                    outbox.connected(fence: 1)
                default:
                    now = now + .seconds(1)
                    _ = outbox.ticked(now: now)
                }
                flying += Self.drain(&outbox, now: now)
            }
            for _ in 0..<300 where !outbox.isEmpty {
                now = now + .seconds(1)
                _ = outbox.ticked(now: now)
                flying += Self.drain(&outbox, now: now)
                for sending in flying { if carry(sending) { outbox.written(sending) } else { _ = outbox.failed(sending, .unwilling, now: now) } }
                flying = []
            }
            try #require(outbox.isEmpty)
            try #require(redis == added)
        }
    }
}

extension Outbox {
    mutating func send(now: NIODeadline) throws -> Sending {
        guard let sending = self.next(now: now) else { throw NeverHappened(description: "a batch to send") }
        return sending
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
