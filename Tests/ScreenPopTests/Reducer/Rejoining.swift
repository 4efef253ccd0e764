import CallCenter
import EventSocket
import ScreenPop
import Testing

/// A caller who leaves the queue and comes back within the same call: with `abandoned-resume-allowed` as the same member.
@Suite struct Rejoining {
    private func end(_ at: Int64, _ reason: String = "TIMEOUT") -> Event {
        Make.offer("member-queue-end", at, [("Cause", "Cancel"), ("Cancel-Reason", reason)])
    }

    private var firstStay: [Event] {
        Make.agent("1001@default", contact: "user/1001@example.org", 1_000_000) + [
            Make.channel("CREATE", 4_000_000, "caller", "inbound", "sofia/external/0211@203.0.113.5"),
            Make.offer("member-queue-start", 5_000_000),
            Make.offer("agent-offering", 6_000_000),
            self.end(9_000_000),
        ]
    }

    @Test(arguments: ["TIMEOUT", "NO_AGENT_TIMEOUT", "EXIT_WITH_KEY", "BREAK_OUT"], ["member-queue-resume", "member-queue-start"])
    func popsAgain(reason: String, action: String) {
        var events = self.firstStay
        events[events.count - 1] = self.end(9_000_000, reason)
        let play = Play(
            events + [
                Make.offer(action, 20_000_000),
                Make.offer("agent-offering", 21_000_000),
                Make.offer("bridge-agent-start", 24_000_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "21")]),
            ])
        #expect(play.pops.map(\.state) == [.ended, .answered])
        #expect(play.pops.last?.joinedAt?.microseconds == 20_000_000)
        #expect(play.reducer.holdings.members == 1)
    }

    @Test func theEndOfTheSecondStayIsTold() {
        let play = Play(
            self.firstStay + [
                Make.offer("member-queue-resume", 20_000_000), Make.offer("agent-offering", 21_000_000), self.end(30_000_000, "EXIT_WITH_KEY"),
            ])
        #expect(play.ends == ["1001@default queue-timeout switch", "1001@default exit-key caller"])
        #expect(play.reducer.holdings.members == 0)
    }

    @Test func whatIsRepeatedOfTheFirstStayChangesNothing() {
        let resumed = [Make.offer("member-queue-resume", 20_000_000), Make.offer("agent-offering", 21_000_000)]
        let play = Play(self.firstStay + resumed)
        let again = Play(self.firstStay + resumed + self.firstStay)
        #expect(again.pops == play.pops)
        #expect(again.reducer.holdings.members == 1)
    }

    @Test func anOlderJoiningBringsNobodyBack() {
        let play = Play(self.firstStay + [Make.offer("member-queue-start", 5_000_000), Make.offer("member-queue-resume", 8_000_000)])
        #expect(play.reducer.holdings.members == 0)
    }

    @Test func anEndThatComesAfterTheResumeIsOfTheFirstStay() {
        var events = self.firstStay
        events.removeLast()
        let play = Play(events + [Make.offer("member-queue-resume", 9_100_000), self.end(9_000_000), Make.offer("agent-offering", 10_000_000)])
        #expect(play.pops.map(\.state) == [.ended, .offered])
        #expect(play.reducer.holdings.members == 1)
    }

    @Test func aSnapshotKnowsWhoCameBack() {
        var play = Play(self.firstStay)
        var row = MemberRow()
        row.queue = "support@default"
        row.uuid = "member"
        row.sessionUUID = "caller"
        row.joinedEpoch = 5
        row.rejoinedEpoch = 20
        row.state = "Waiting"
        var snapshot = SwitchSnapshot(coreUUID: Make.core, takenAt: Timestamp(microseconds: 40_000_000))
        snapshot.queues = [QueueRow(name: "support@default")]
        var channel = ChannelRow()
        channel.uuid = "caller"
        channel.direction = "inbound"
        snapshot.channels = [channel]
        snapshot.members = [row]
        play.load(snapshot)
        #expect(play.reducer.holdings.members == 1)
        // A list that was read before the caller left.
        var other = Play(self.firstStay)
        snapshot.members[0].rejoinedEpoch = 0
        other.load(snapshot)
        #expect(other.reducer.holdings.members == 0)
    }
}
