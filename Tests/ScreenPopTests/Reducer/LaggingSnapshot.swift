import CallCenter
import EventSocket
import ScreenPop
import Testing

/// A snapshot's lists are read one after the other, and the list of channels is written late.
@Suite struct LaggingSnapshot {
    private func waiting(joined: Int64) -> Play {
        Play(
            Make.agent("1001@default", contact: "user/1001@example.org", 1_000_000) + [
                Make.channel("CREATE", joined - 100_000, "caller", "inbound", "sofia/external/0211@203.0.113.5"),
                Make.offer("member-queue-start", joined),
            ])
    }

    /// Lists in which the caller is not.
    private var snapshot: SwitchSnapshot {
        var row = AgentRow()
        row.name = "1001@default"
        row.contact = "user/1001@example.org"
        row.status = .available
        row.state = .waiting
        var snapshot = SwitchSnapshot(coreUUID: Make.core, takenAt: Timestamp(microseconds: 10_000_000))
        snapshot.agents = [row]
        snapshot.queues = [QueueRow(name: "support@default")]
        var channel = ChannelRow()
        channel.uuid = "another"
        channel.direction = "inbound"
        snapshot.channels = [channel]
        return snapshot
    }

    @Test func whoIsMissingFromItAndStillWaitsPopsNevertheless() {
        var play = self.waiting(joined: 5_000_000)
        play.load(self.snapshot)
        #expect(play.reducer.holdings.members == 0)
        play.apply(Make.offer("agent-offering", 11_000_000))
        #expect(play.popLines == ["pop.offered 1001@default support@default"])
        #expect(play.reducer.holdings.members == 1)
    }

    @Test func whoJoinedAMomentBeforeIsSpared() {
        var play = self.waiting(joined: 9_500_000)
        play.changes = []
        play.load(self.snapshot)
        #expect(!play.changes.contains { if case .memberLeft = $0 { true } else { false } })
        #expect(play.reducer.holdings.members == 1)
        #expect(play.reducer.holdings.channels == 2)
    }

    /// What was spared may be over all the same: nothing but another snapshot, taken later, can tell.
    @Test func whatIsSparedIsLookedAtAgain() {
        var play = self.waiting(joined: 9_500_000)
        play.load(self.snapshot)
        #expect(play.reducer.wantsSnapshot)
        var later = self.snapshot
        later.takenAt = Timestamp(microseconds: 13_000_000)
        play.load(later)
        #expect(!play.reducer.wantsSnapshot)
        #expect(play.reducer.holdings.members == 0)
    }

    @Test func anOfferOfAMomentBeforeIsSpared() {
        var play = self.waiting(joined: 5_000_000)
        play.apply(Make.offer("agent-offering", 9_900_000))
        var snapshot = self.snapshot
        var row = MemberRow()
        row.queue = "support@default"
        row.uuid = "member"
        row.sessionUUID = "caller"
        row.joinedEpoch = 5
        row.state = "Waiting"
        snapshot.members = [row]
        snapshot.channels?[0].uuid = "caller"
        play.load(snapshot)
        play.apply(Make.heartbeat(11_000_000))
        #expect(play.ends == [])
        // One that is older is denied.
        snapshot.takenAt = Timestamp(microseconds: 13_000_000)
        play.load(snapshot)
        play.apply(Make.heartbeat(14_000_000))
        #expect(play.ends.count == 1)
    }
}
