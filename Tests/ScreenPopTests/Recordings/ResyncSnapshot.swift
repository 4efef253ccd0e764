import CallCenter
import EventSocket
import RecordingsSupport
import ScreenPop
import Testing

/// A second client connects in the middle of the recorded calls and asks for everything: one caller talks, one rings, two wait.
@Suite struct ResyncSnapshot {
    static func snapshot() throws -> SwitchSnapshot {
        let messages = try Recording("resync_mid_call.second_client").messages
        func answer(_ command: String) throws -> String {
            let index = try #require(messages.firstIndex { !$0.isFromFreeSWITCH && $0.text.hasPrefix("api \(command)\n") })
            let reply = try #require(messages[index...].first { $0.isFromFreeSWITCH && $0.hasContentType("api/response") })
            return String(decoding: reply.body, as: UTF8.self)
        }
        let canary = try #require(try Recording("resync_mid_call.second_client").events.first)
        var snapshot = SwitchSnapshot(
            coreUUID: try #require(canary.value("Core-UUID")),
            takenAt: Timestamp(microseconds: try #require(canary.value("Event-Date-Timestamp").flatMap { Int64($0) })))
        snapshot.agents = try AgentRow.rows(in: answer("callcenter_config agent list"))
        snapshot.queues = try QueueRow.rows(in: answer("callcenter_config queue list"))
        snapshot.members = try MemberRow.rows(in: answer("callcenter_config queue list members support@default"))
        snapshot.tiers = [
            TierRow(queue: "support@default", agent: "1001@default", state: "Active Inbound"),
            TierRow(queue: "support@default", agent: "1002@default", state: "Offering"),
        ]
        snapshot.channels = try ChannelRow.rows(in: answer("show channels as json"))
        for channel in snapshot.channels ?? [] {
            snapshot.dumps[channel.uuid] = try ChannelDump.headers(in: answer("uuid_dump \(channel.uuid) json"))
        }
        // The recording asked for the members of one queue only.
        var fourth = MemberRow()
        fourth.queue = "sales@default"
        fourth.uuid = "6dbb9d2e-8f29-4ae3-9ee3-aab756b5d54f"
        fourth.sessionUUID = "1d80df7a-ba95-42b5-bc86-8527a105689a"
        fourth.callerNumber = "0214444444"
        fourth.joinedEpoch = 1_795_388_078
        fourth.state = "Waiting"
        snapshot.members.append(fourth)
        return snapshot
    }

    static let canarySequence = 31_676

    @Test func aStrangerLearnsEverything() throws {
        var play = Play([])
        play.load(try Self.snapshot())
        let talking = try #require(play.pops.first { $0.agent == "1001@default" })
        #expect(talking.state == .answered)
        #expect(talking.queue == "support@default")
        #expect(talking.caller == Pop.Caller(number: "0211111111", name: "Talking Tom"))
        #expect(talking.dialed == "7000")
        #expect(talking.callUUID == "7c8cad68-7df3-48b3-bcea-3198cf1f0ba4")
        #expect(talking.memberUUID == "1dc7bd0e-7503-4f2d-a019-5d85a4684766")
        #expect(talking.agentCallUUID == "d7e15705-77ab-4098-8510-c6b117ebb704")
        #expect(talking.joinedAt?.microseconds == 1_795_388_076_000_000)
        #expect(talking.offeredAt.microseconds == 1_795_388_076_717_399)
        #expect(talking.answeredAt?.microseconds == 1_795_388_077_917_395)
        #expect(talking.bridgedAt?.microseconds == 1_795_388_077_977_389)
        let ringing = try #require(play.pops.first { $0.agent == "1002@default" })
        #expect(ringing.state == .offered)
        #expect(ringing.caller == Pop.Caller(number: "0212222222", name: "Ringing Rita"))
        #expect(ringing.agentCallUUID == "ef197569-f774-4335-b2a0-318610c51ef9")
        #expect(play.pops.count == 2)
        #expect(play.agent("1001@default")?.normalized == .talking)
        #expect(play.agent("1002@default")?.normalized == .reserved)
        #expect(play.agent("q x@default")?.normalized == .loggedOut)
        let support = try #require(play.queue("support@default"))
        #expect(support.waiting == 2)
        #expect(support.answered == 242)
        #expect(support.abandoned == 59)
        #expect(support.agentsTalking == 1)
        #expect(support.agentsLoggedIn == 2)
        #expect(support.longestWaitSince?.microseconds == 1_795_388_078_000_000)
        #expect(play.queue("sales@default")?.waiting == 1)
        #expect(play.members.map(\.caller.number) == ["0211111111", "0212222222", "0213333333", "0214444444"])
    }

    @Test func whoeverListenedAllAlongHearsNothingNew() throws {
        var play = Play(try Self.events(through: Self.canarySequence))
        let before = play.pops
        #expect(before.count == 2)
        play.changes = []
        play.load(try Self.snapshot())
        #expect(play.popLines.isEmpty)
        #expect(!play.changes.contains { if case .memberLeft = $0 { true } else { false } })
        #expect(!play.changes.contains { if case .memberJoined = $0 { true } else { false } })
    }

    @Test func bothTellTheSameEnds() throws {
        var stranger = Play([])
        stranger.load(try Self.snapshot())
        var listener = Play(try Self.events(through: Self.canarySequence))
        let rest = try Self.events(after: Self.canarySequence)
        for event in rest {
            stranger.apply(event)
            listener.apply(event)
        }
        let expected = ["1001@default completed-caller switch", "1002@default caller-abandoned switch"]
        #expect(stranger.ends.sorted() == expected)
        #expect(listener.ends.sorted() == expected)
        #expect(stranger.reducer.holdings.calls == 0)
        #expect(stranger.reducer.holdings.channels == 0)
        #expect(stranger.reducer.holdings.members == 0)
    }

    /// Events from before the snapshot come once more: what it implied is not doubled.
    @Test func eventsOfBeforeChangeNoPopButItsTimes() throws {
        var play = Play([])
        play.load(try Self.snapshot())
        let ids = Set(play.pops.map(\.id))
        for event in try Self.events(through: Self.canarySequence) where event.value("CC-Action") != "agent-state-change" { play.apply(event) }
        #expect(Set(play.pops.map(\.id)) == ids)
        #expect(play.pops.map(\.state) == [.answered, .offered])
        let ringing = try #require(play.pops.first { $0.agent == "1002@default" })
        #expect(ringing.offeredAt.microseconds == 1_795_388_078_097_391)
        #expect(ringing.joinedAt?.microseconds == 1_795_388_078_057_387)
        #expect(play.members.count == 4)
    }

    @Test func restoredPopsKeepTheirIdsAndGoOn() throws {
        let stored = Play(try Self.events(through: Self.canarySequence)).pops.compactMap { Pop(json: $0.json) }
        var play = Play([])
        play.reducer.restore(stored)
        play.load(try Self.snapshot())
        for event in try Self.events(after: Self.canarySequence) { play.apply(event) }
        #expect(Set(play.pops.map(\.id)) == Set(stored.map(\.id)))
        for pop in play.pops {
            let before = try #require(stored.first { $0.id == pop.id })
            #expect(pop.version > before.version)
            #expect(pop.offeredAt == before.offeredAt)
        }
        #expect(play.ends.sorted() == ["1001@default completed-caller switch", "1002@default caller-abandoned switch"])
    }

    @Test func popsThatTheSnapshotDeniesEndAsLostTrack() throws {
        var stored = Play(try Self.events(through: Self.canarySequence)).pops
        stored[0].callUUID = "00000000-0000-4000-8000-000000000001"
        stored[0].memberUUID = "00000000-0000-4000-8000-000000000002"
        stored[0].agentCallUUID = "00000000-0000-4000-8000-000000000003"
        var play = Play([])
        play.reducer.restore(stored)
        let snapshot = try Self.snapshot()
        play.load(snapshot)
        play.apply(Make.heartbeat(snapshot.takenAt.microseconds + 600_000, core: snapshot.coreUUID))
        #expect(play.ends == ["1001@default lost-track -"])
        #expect(play.pops.filter { $0.state == .answered }.map(\.agent) == ["1001@default"])
    }

    @Test func anotherSwitchEndsEverything() throws {
        var play = Play(try Self.events(through: Self.canarySequence))
        var snapshot = SwitchSnapshot(coreUUID: "another", takenAt: Timestamp(microseconds: 1_795_388_090_000_000))
        snapshot.agents = try Self.snapshot().agents.map { row in
            var row = row
            row.state = .waiting
            return row
        }
        snapshot.queues = try Self.snapshot().queues
        play.load(snapshot)
        #expect(play.ends == ["1001@default lost-track switch", "1002@default lost-track switch"])
        #expect(play.agent("1001@default")?.normalized == .ready)
        #expect(play.reducer.holdings.members == 0)
        #expect(play.reducer.holdings.channels == 0)
        #expect(play.reducer.coreUUID == "another")
        #expect(play.reducer.sequence == 0)
    }

    @Test func answeredMembersWithoutAChannelAreStale() throws {
        var snapshot = try Self.snapshot()
        var stale = MemberRow()
        stale.queue = "support@default"
        stale.uuid = "00000000-0000-4000-8000-00000000000a"
        stale.sessionUUID = "00000000-0000-4000-8000-00000000000b"
        stale.joinedEpoch = 1_795_000_000
        stale.bridgeEpoch = 1_795_000_001
        stale.servingAgent = "1001@default"
        stale.state = "Answered"
        snapshot.members.append(stale)
        var play = Play([])
        play.load(snapshot)
        #expect(play.pops.count == 2)
        #expect(play.members.count == 4)
    }

    @Test func anIdleSwitchHasNoPopForARowThatStayedBehind() {
        var snapshot = SwitchSnapshot(coreUUID: "core-1", takenAt: Timestamp(microseconds: 1_795_388_090_000_000))
        var agent = AgentRow()
        agent.name = "1001@default"
        snapshot.agents = [agent]
        var stale = MemberRow()
        stale.queue = "support@default"
        stale.uuid = "00000000-0000-4000-8000-00000000000a"
        stale.sessionUUID = "00000000-0000-4000-8000-00000000000b"
        stale.servingAgent = "1001@default"
        stale.state = "Answered"
        snapshot.members = [stale]
        var play = Play([])
        play.load(snapshot)
        #expect(play.pops.isEmpty)
        #expect(play.members.isEmpty)
        // Where the node does not tell its channels, the row is all there is.
        snapshot.channels = nil
        var blind = Play([])
        blind.load(snapshot)
        #expect(blind.pops.map(\.state) == [.answered])
    }

    @Test func aNodeWithoutAListOfChannelsEndsNoDirectCall() throws {
        let events = try Recorded.events("direct_answered")
        let answered = try #require(events.firstIndex { $0.name == "CHANNEL_BRIDGE" })
        var play = Play(Array(events[...answered]))
        #expect(play.pops.map(\.kind) == [.direct])
        let last = try #require(events[answered].timestampMicroseconds)
        let core = try #require(events[answered].coreUUID)
        play.load(SwitchSnapshot(coreUUID: core, takenAt: Timestamp(microseconds: last + 1), channels: nil))
        play.apply(Make.heartbeat(last + 2_000_000, core: core))
        #expect(play.ends.isEmpty)
        for event in events[(answered + 1)...] { play.apply(event) }
        #expect(play.ends.map { $0.split(separator: " ")[1] } == ["completed-caller"])
    }

    @Test func loadingTheSameTwiceSaysNothing() throws {
        var play = Play([])
        play.load(try Self.snapshot())
        play.changes = []
        play.load(try Self.snapshot())
        #expect(play.changes.isEmpty)
    }

    @Test func agentsAndQueuesComeAndGoBetweenSnapshots() throws {
        var play = Play([])
        var snapshot = try Self.snapshot()
        play.load(snapshot)
        play.changes = []
        snapshot.agents.removeAll { $0.name == "q x@default" }
        snapshot.queues.append(QueueRow(name: "new@default"))
        play.load(snapshot)
        #expect(play.changes.contains(.agentRemoved("q x@default")))
        #expect(play.changes.contains(.configuration(Change.Configuration(what: .agentRemoved, node: "fs1", agent: "q x@default"))))
        #expect(play.changes.contains(.configuration(Change.Configuration(what: .queueAdded, node: "fs1", queue: "new@default"))))
    }

    private static func events(through sequence: Int) throws -> [Event] {
        try Recorded.events("resync_mid_call").filter { $0.value("Event-Sequence").flatMap { Int($0) } ?? 0 <= sequence }
    }

    private static func events(after sequence: Int) throws -> [Event] {
        try Recorded.events("resync_mid_call").filter { $0.value("Event-Sequence").flatMap { Int($0) } ?? 0 > sequence }
    }
}
