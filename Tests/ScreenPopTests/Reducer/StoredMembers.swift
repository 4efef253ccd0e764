import CallCenter
import EventSocket
import ScreenPop
import Testing

/// Who waited when an earlier process stored it, held against what the switch says now.
@Suite struct StoredMembers {
    private func stored(_ uuid: String = "member", call: String = "caller", queue: String = "support@default", node: String = "fs1") -> MemberRecord {
        var member = MemberRecord(uuid: uuid, queue: queue, node: node, joinedAt: Timestamp(microseconds: 5_250_000))
        member.callUUID = call
        member.caller = Pop.Caller(number: "0211", name: "Ann")
        return member
    }

    private func row(call: String = "caller", rejoined: Int64 = 0) -> MemberRow {
        var row = MemberRow()
        row.queue = "support@default"
        row.uuid = "member"
        row.sessionUUID = call
        row.callerNumber = "0211"
        row.callerName = "Ann"
        row.joinedEpoch = 5
        row.rejoinedEpoch = rejoined
        row.state = "Waiting"
        return row
    }

    private func snapshot(_ members: [MemberRow], at: Int64 = 40_000_000) -> SwitchSnapshot {
        var snapshot = SwitchSnapshot(coreUUID: Make.core, takenAt: Timestamp(microseconds: at))
        snapshot.queues = [QueueRow(name: "support@default")]
        snapshot.channels = members.map { row in
            var channel = ChannelRow()
            channel.uuid = row.sessionUUID
            channel.direction = "inbound"
            channel.callerNumber = row.callerNumber
            return channel
        }
        snapshot.members = members
        return snapshot
    }

    private func play(_ stored: [MemberRecord], _ members: [MemberRow]) -> Play {
        var play = Play([])
        play.reducer.restore(stored)
        play.load(self.snapshot(members))
        return play
    }

    /// What was said of members, in order.
    private func lines(_ play: Play) -> [String] {
        play.changes.compactMap { change in
            switch change {
            case .memberJoined(let member): "joined \(member.uuid) \(member.callUUID ?? "-")"
            case .memberUpdated(let member): "updated \(member.uuid) \(member.callUUID ?? "-")"
            case .memberLeft(let member): "left \(member.uuid) \(member.callUUID ?? "-") \(member.leaveReason?.rawValue ?? "-")"
            default: nil
            }
        }
    }

    @Test func whoIsGoneLeftAndNobodySawHow() throws {
        var play = self.play([self.stored()], [])
        #expect(self.lines(play) == ["left member caller lost-track"])
        let left = try #require(play.changes.compactMap { if case .memberLeft(let member) = $0 { member } else { nil } }.first)
        #expect(left.leftAt?.microseconds == 40_000_000 && left.state == .left && left.caller.name == "Ann")
        #expect(play.queue("support@default")?.waiting == 0)
        // Once.
        play.load(self.snapshot([], at: 50_000_000))
        #expect(self.lines(play).count == 1)
    }

    @Test func ofWhoWaitsOnNothingIsSaidUntilTheEnd() {
        var play = self.play([self.stored()], [self.row()])
        #expect(self.lines(play) == [])
        #expect(play.queue("support@default")?.waiting == 1)
        #expect(play.queue("support@default")?.longestWaitSince?.microseconds == 5_250_000)
        play.apply(Make.offer("member-queue-end", 45_000_000, [("Cause", "Cancel"), ("Cancel-Reason", "TIMEOUT")]))
        #expect(self.lines(play) == ["left member caller queue-timeout"])
    }

    @Test func whatIsNewOfHimIsSaid() {
        var row = self.row()
        row.state = "Trying"
        row.servingAgent = "1001@default"
        #expect(self.lines(self.play([self.stored()], [row])) == ["updated member caller"])
    }

    @Test func heLeavesAQueueThatIsListedNoMore() {
        #expect(self.lines(self.play([self.stored(queue: "closed@default")], [])) == ["left member caller lost-track"])
    }

    @Test func anotherNodesAreNotTouched() {
        #expect(self.lines(self.play([self.stored(node: "fs2")], [])) == [])
    }

    /// mod_callcenter gives one who calls again the member that he was.
    @Test func whoCalledAgainLeftFirst() {
        let play = self.play([self.stored()], [self.row(call: "again", rejoined: 30)])
        #expect(self.lines(play) == ["left member caller lost-track", "joined member again"])
        #expect(play.reducer.holdings.members == 1)
    }

    @Test func whoCameBackWithinTheCallLeftFirst() {
        let play = self.play([self.stored()], [self.row(rejoined: 30)])
        #expect(self.lines(play) == ["left member caller lost-track", "joined member caller"])
        #expect(play.queue("support@default")?.longestWaitSince?.microseconds == 30_000_000)
    }

    @Test func whoJoinedAMomentBeforeIsSparedAndLookedAtAgain() {
        var play = Play([])
        play.reducer.restore([self.stored()])
        play.load(self.snapshot([], at: 6_000_000))
        #expect(self.lines(play) == [])
        #expect(play.reducer.wantsSnapshot)
        play.load(self.snapshot([], at: 9_000_000))
        #expect(self.lines(play) == ["left member caller lost-track"])
    }

    /// The end of the stay before was lost: the views go by the uuid, so it must not come after the joining.
    @Test func aSecondJoiningWithoutAnEndSaysTheLeavingFirst() {
        let play = Play([Make.offer("member-queue-start", 5_000_000), Make.offer("member-queue-resume", 20_000_000)])
        #expect(self.lines(play) == ["joined member caller", "left member caller lost-track", "joined member caller"])
    }

    @Test func aMemberIsReadAsItWasWritten() {
        var member = self.stored()
        #expect(MemberRecord(json: member.json) == member)
        member.state = .left
        member.servingAgent = "1001@default"
        member.leftAt = Timestamp(microseconds: 9_000_000)
        member.leaveReason = .lostTrack
        #expect(MemberRecord(json: member.json) == member)
        for text in ["", "nonsense", "{}", "[]", #"{"uuid":7}"#] { #expect(MemberRecord(json: text.utf8) == nil) }
        let text = String(decoding: member.json, as: UTF8.self)
        for (part, other) in [(#""left""#, #""elsewhere""#), ("1970-", "197-"), ("lost-track", "lost")] {
            #expect(MemberRecord(json: text.replacing(part, with: other).utf8) == nil, "\(other)")
        }
    }
}
