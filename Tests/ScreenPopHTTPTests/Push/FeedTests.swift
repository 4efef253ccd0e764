import ScreenPopStore
import Testing

@testable import ScreenPopHTTP
@testable import ScreenPopService

@Suite struct FeedTests {
    private func message(_ number: UInt64?, _ type: String = "agent.state", agent: String? = "a", queue: String? = nil) -> PushedMessage {
        PushedMessage(.test(number, type, agent: agent, queue: queue))
    }

    private func cursor(_ number: UInt64) -> Cursor { Cursor(milliseconds: number, sequence: 0) }

    private func numbers(_ outcome: Feed.OnSnapshot) -> [UInt64]? {
        if case .deliver(let messages) = outcome { messages.map { $0.cursor?.milliseconds ?? 0 } } else { nil }
    }

    private func numbers(_ outcome: Feed.OnResumed) -> [UInt64]? {
        if case .deliver(let messages) = outcome { messages.map { $0.cursor?.milliseconds ?? 0 } } else { nil }
    }

    @Test func `only subscribed topics and what is for everybody are sent`() {
        var feed = Feed(topicLimit: 4)
        #expect(feed.receive(self.message(1)) == .skip)
        #expect(feed.receive(self.message(2, "system.degraded", agent: nil)) == .send)
        let read = Feed.Read(topic: .agent("a"), generation: 0)
        #expect(feed.subscribe(.agent("a")) == .read(read))
        #expect(feed.receive(self.message(3)) == .hold)
        #expect(feed.receive(self.message(4, agent: "b")) == .skip)
        #expect(self.numbers(feed.snapshotRead(read, through: self.cursor(2))) == [3])
        #expect(feed.receive(self.message(5)) == .send)
        feed.unsubscribe(.agent("a"))
        #expect(feed.receive(self.message(6)) == .skip)
        #expect(feed.receive(self.message(7, "system.recovered", agent: nil)) == .send)
    }

    @Test func `entries the snapshot has are not sent again, whether they come before or after it`() {
        var feed = Feed(topicLimit: 4)
        _ = feed.subscribe(.agents)
        #expect(feed.receive(self.message(10)) == .hold)
        #expect(feed.receive(self.message(12)) == .hold)
        #expect(self.numbers(feed.snapshotRead(Feed.Read(topic: .agents, generation: 0), through: self.cursor(11))) == [12])
        #expect(feed.receive(self.message(11)) == .skip)
        #expect(feed.receive(self.message(13)) == .send)
    }

    @Test func `provisional messages wait for nothing`() {
        var feed = Feed(topicLimit: 4)
        #expect(feed.receive(self.message(nil)) == .skip)
        _ = feed.subscribe(.agent("a"))
        #expect(feed.receive(self.message(nil)) == .send)
    }

    @Test func `a snapshot older than what was sent past it is read again`() {
        var feed = Feed(topicLimit: 4)
        _ = feed.subscribe(.agent("a"))
        _ = feed.snapshotRead(Feed.Read(topic: .agent("a"), generation: 0), through: self.cursor(5))
        let read = Feed.Read(topic: .agents, generation: 0)
        #expect(feed.subscribe(.agents) == .read(read))
        // Live by the one topic: sent at once, so a snapshot of the other from before it would take the desktop back.
        #expect(feed.receive(self.message(8)) == .send)
        if case .read(let again) = feed.snapshotRead(read, through: self.cursor(7)) { #expect(again == read) } else { Issue.record("not read again") }
        #expect(self.numbers(feed.snapshotRead(read, through: self.cursor(8))) == [])
        #expect(feed.receive(self.message(9)) == .send)
    }

    @Test func `a message that two topics wait for is sent once`() {
        var feed = Feed(topicLimit: 4)
        _ = feed.subscribe(.agent("a"))
        _ = feed.subscribe(.agents)
        #expect(feed.receive(self.message(8)) == .hold)
        #expect(self.numbers(feed.snapshotRead(Feed.Read(topic: .agent("a"), generation: 0), through: self.cursor(5))) == [8])
        #expect(self.numbers(feed.snapshotRead(Feed.Read(topic: .agents, generation: 0), through: self.cursor(9))) == [])
        #expect(feed.held.isEmpty)
    }

    @Test func `what is held is bounded: a newer snapshot says the same`() {
        var feed = Feed(topicLimit: 4, heldLimit: 100)
        let read = Feed.Read(topic: .agent("a"), generation: 0)
        _ = feed.subscribe(.agent("a"))
        for number in 1...10 { #expect(feed.receive(self.message(UInt64(number))) == .hold) }
        #expect(feed.held.count <= 3)
        if case .read = feed.snapshotRead(read, through: self.cursor(1)) {} else { Issue.record("an old snapshot was taken") }
        #expect(self.numbers(feed.snapshotRead(read, through: self.cursor(10))) == [])
    }

    @Test func `a resumption delivers what was missed, then what came meanwhile`() {
        var feed = Feed(topicLimit: 4)
        feed.awaitResumption(topics: [.agent("a")])
        #expect(feed.receive(self.message(4)) == .hold)
        #expect(feed.receive(self.message(5)) == .hold)
        #expect(feed.receive(self.message(5, agent: "b")) == .skip)
        let missed = [self.message(2), self.message(3, agent: "b"), self.message(3, "system.resync", agent: nil), self.message(4)]
        #expect(self.numbers(feed.resumed(missed, through: self.cursor(4), all: false)) == [2, 3, 4, 5])
        #expect(feed.receive(self.message(4)) == .skip)
        #expect(feed.receive(self.message(6)) == .send)
    }

    @Test func `a gap makes every topic be read`() {
        var feed = Feed(topicLimit: 4)
        feed.awaitResumption(topics: [.agent("a"), .queues])
        let outcome = feed.resumed(nil, through: nil, all: false)
        guard case .read(let reads) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(reads == [.init(topic: .agent("a"), generation: 1), .init(topic: .queues, generation: 1)])
    }

    @Test func `after a rewritten log only new snapshots count, and smaller cursors are news`() {
        var feed = Feed(topicLimit: 4)
        let old = Feed.Read(topic: .agent("a"), generation: 0)
        _ = feed.subscribe(.agent("a"))
        _ = feed.snapshotRead(old, through: self.cursor(500))
        let reads = feed.restart()
        #expect(reads == [.init(topic: .agent("a"), generation: 1)])
        #expect(feed.receive(self.message(3)) == .hold)
        if case .ignore = feed.snapshotRead(old, through: self.cursor(500)) {} else { Issue.record("a snapshot of the old log was taken") }
        #expect(self.numbers(feed.snapshotRead(reads[0], through: self.cursor(2))) == [3])
        #expect(feed.receive(self.message(4)) == .send)
    }

    @Test func `topics are limited`() {
        var feed = Feed(topicLimit: 1)
        _ = feed.subscribe(.agents)
        #expect(feed.subscribe(.queues) == .tooMany)
        #expect(feed.subscribe(.agents) == .wait)
    }

    @Test func `a topic is read once at a time, however often it is asked for`() {
        var feed = Feed(topicLimit: 4)
        let read = Feed.Read(topic: .agents, generation: 0)
        #expect(feed.subscribe(.agents) == .read(read))
        #expect(feed.subscribe(.agents) == .wait)
        #expect(self.numbers(feed.snapshotRead(read, through: self.cursor(1))) == [])
        // Once it is here it may be asked for again.
        #expect(feed.subscribe(.agents) == .read(read))
        // Left and asked for anew: what came in between is not in the snapshot under way, so another one follows that.
        feed.unsubscribe(.agents)
        #expect(feed.receive(self.message(2)) == .skip)
        #expect(feed.subscribe(.agents) == .wait)
        if case .read(let again) = feed.snapshotRead(read, through: self.cursor(1)) { #expect(again == read) } else { Issue.record("too old") }
        #expect(self.numbers(feed.snapshotRead(read, through: self.cursor(2))) == [])
        // One that failed and that nobody wants is under way no more.
        #expect(feed.subscribe(.agents) == .read(read))
        feed.unsubscribe(.agents)
        let isAskedAfterLeaving = feed.readFailed(read)
        #expect(!isAskedAfterLeaving)
        #expect(feed.subscribe(.agents) == .read(read))
        let isAsked = feed.readFailed(read)
        #expect(isAsked)
        #expect(feed.subscribe(.agents) == .wait)
    }

    /// Against a model: whatever the order of snapshots and deliveries, a desktop that applies what it is sent ends with the newest state, and
    /// sees each entry after its snapshot exactly once.
    @Test(arguments: [1, 2, 3, 5, 8, 13, 21, 34]) func `random orders neither lose nor double`(seed: UInt64) {
        var random = Generator(state: seed)
        for _ in 0..<200 {
            var feed = Feed(topicLimit: 4, heldLimit: 400)
            var log: UInt64 = 10
            var distributed: UInt64 = 10
            var pending: [(Feed.Read, UInt64)] = []
            var sent: [UInt64] = []
            var since: UInt64?
            func take(_ outcome: Feed.OnSnapshot, _ read: Feed.Read, _ at: UInt64) {
                switch outcome {
                case .deliver(let messages):
                    if read.topic == .agent("a"), since == nil { since = at }
                    sent += messages.map { $0.cursor?.milliseconds ?? 0 }
                case .read(let again): pending.append((again, log))
                case .ignore: break
                }
            }
            for topic in [Topic.agent("a"), .agents].shuffled(using: &random) {
                if case .read(let read) = feed.subscribe(topic) { pending.append((read, log)) }
                for _ in 0..<Int.random(in: 0...12, using: &random) {
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: log += 1
                    case 1 where distributed < log:
                        distributed += 1
                        let message = PushedMessage(.test(distributed, "agent.state", agent: "a"))
                        if feed.receive(message) == .send { sent.append(distributed) }
                    default:
                        guard !pending.isEmpty else { continue }
                        let (read, at) = pending.removeFirst()
                        take(feed.snapshotRead(read, through: Cursor(milliseconds: at, sequence: 0)), read, at)
                    }
                }
            }
            while distributed < log {
                distributed += 1
                if feed.receive(PushedMessage(.test(distributed, "agent.state", agent: "a"))) == .send { sent.append(distributed) }
            }
            while !pending.isEmpty {
                let (read, _) = pending.removeFirst()
                take(feed.snapshotRead(read, through: Cursor(milliseconds: log, sequence: 0)), read, log)
            }
            #expect(Set(sent).count == sent.count, "doubled: \(sent), seed \(seed)")
            #expect(sent == sent.sorted(), "out of order: \(sent), seed \(seed)")
            let from = since ?? log
            #expect(Set(sent).isSuperset(of: from < log ? Set((from + 1)...log) : []), "lost after \(from) of \(log): \(sent), seed \(seed)")
        }
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return self.state ^ self.state >> 29
        }
    }
}
