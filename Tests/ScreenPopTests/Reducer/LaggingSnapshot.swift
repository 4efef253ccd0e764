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

    /// On a busy node somebody has always just called. His events are heard; what the first look lacked is what the second one is for.
    @Test func whatIsNewSinceTheFirstLookIsNotLookedAtAgain() {
        var play = self.waiting(joined: 9_500_000)
        play.load(self.snapshot)
        var later = self.snapshot
        later.takenAt = Timestamp(microseconds: 13_000_000)
        let second = [("Queue", "support@default"), ("Member-UUID", "second"), ("Member-Session-UUID", "next"), ("Member-CID-Number", "0212")]
        play.apply(Make.channel("CREATE", 12_400_000, "next", "inbound", "sofia/external/0212@203.0.113.5"))
        play.apply(Make.callCenter("member-queue-start", 12_500_000, second))
        #expect(play.reducer.holdings.members == 2)
        var other = play
        play.load(later, isSecondLook: true)
        #expect(!play.reducer.wantsSnapshot)
        // Whom the first look lacked is gone, who is new stays.
        #expect(play.reducer.holdings.members == 1)
        play.apply(Make.callCenter("agent-offering", 14_000_000, [("Agent", "1001@default")] + second))
        #expect(play.popLines == ["pop.offered 1001@default support@default"])
        // After a loss of events he is doubted like everybody.
        other.load(later)
        #expect(other.reducer.wantsSnapshot)
    }

    /// A clock that was set back makes everything look new.
    @Test func whatIsMissingTwiceIsLookedAtAgain() {
        var play = self.waiting(joined: 9_500_000)
        play.load(self.snapshot)
        play.load(self.snapshot, isSecondLook: true)
        #expect(play.reducer.wantsSnapshot)
        #expect(play.reducer.holdings.members == 1)
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

    /// The call was answered while the lists were being read, or before anybody listened.
    @Test func aCallThatIsAnsweredAlreadyBeginsWithItsOffer() throws {
        var row = MemberRow()
        (row.queue, row.uuid, row.sessionUUID, row.state) = ("support@default", "member", "caller", "Answered")
        (row.joinedEpoch, row.bridgeEpoch, row.servingAgent) = (5, 7, "1001@default")
        var snapshot = self.snapshot
        snapshot.members = [row]
        snapshot.channels?[0].uuid = "caller"
        snapshot.agents[0].lastOfferedCall = 6
        var play = Play([])
        play.load(snapshot)
        #expect(play.popLines == ["pop.offered 1001@default support@default", "pop.answered 1001@default support@default"])
        let steps = play.changes.compactMap { change -> Pop? in if case .pop(_, let pop) = change { pop } else { nil } }
        #expect(steps.map(\.version) == [1, 2])
        #expect(steps.map(\.state) == [.offered, .answered])
        #expect(steps.first?.answeredAt == nil)
        #expect(steps.last?.answeredAt?.microseconds == 7_000_000)
        // An answer whose offer was not heard.
        let heard = Play(
            Make.agent("1001@default", contact: "user/1001@example.org", 1_000_000) + [
                Make.offer("bridge-agent-start", 8_000_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "6")])
            ])
        #expect(heard.popLines == ["pop.offered 1001@default support@default", "pop.answered 1001@default support@default"])
    }
}
