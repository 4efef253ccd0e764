import FreeSWITCHSimulator
import Testing

/// `att_xfer`: the orders of events are those of a real FreeSWITCH 1.10.12.
@Suite struct ConsultationTests {
    private struct Talk {
        var scene: Scene
        var caller: String
        var leg: String
        var begun: Int

        /// Names of events with the parts that the three legs have in them.
        func events(target: String) -> [String] {
            let names = [self.caller: "caller", self.leg: "agent", target: "target"]
            return self.scene.events.dropFirst(self.begun).compactMap { event in
                if let action = event.value("CC-Action") { return action }
                guard event.name.hasPrefix("CHANNEL_") else { return nil }
                let name = event.name.dropFirst(8).lowercased()
                guard let a = event.value("Bridge-A-Unique-ID"), let b = event.value("Bridge-B-Unique-ID") else {
                    return "\(name) \(names[event.value("Unique-ID") ?? ""] ?? "?")"
                }
                return "\(name) \(names[a] ?? "?") \(names[b] ?? "?")"
            }
        }
    }

    /// 1001 talks to a caller of a queue, and 1002 has a phone.
    private func talk() throws -> Talk {
        var scene = Scene()
        scene.logIn("1001")
        let caller = scene.dial("1", "A", to: "7000")
        scene.wait(0.3)
        #expect(scene.act { $0.answer(agent: "1001@default") })
        scene.wait(0.3)
        scene.logIn("1002", status: "Logged Out")
        let leg = try #require(scene.telephony.talkingLeg(of: "1001@default"))
        return Talk(scene: scene, caller: caller, leg: leg, begun: scene.events.count)
    }

    private func consult(_ talk: inout Talk, seconds: Int = 20) -> String? {
        let variables = "{ignore_early_media=true,originate_timeout=\(seconds),screenpop_id=abcd}"
        #expect(talk.scene.command("uuid_broadcast '\(talk.leg)' 'att_xfer::\(variables)user/1002' 'aleg,holdb'") == "+OK Message sent\n")
        talk.scene.wait(0.1)
        return talk.scene.telephony.ringingLeg(of: "1002@default")
    }

    private func consultAndAnswer(_ talk: inout Talk) throws -> String {
        let target = try #require(self.consult(&talk))
        #expect(talk.scene.act { $0.answer(agent: "1002@default") })
        talk.scene.wait(0.1)
        #expect(talk.events(target: target) == ["create target", "progress target", "answer target", "bridge agent target"])
        #expect(talk.scene.telephony.talkingLeg(of: "1002@default") == target)
        talk.begun = talk.scene.events.count
        return target
    }

    private func hangUpAll(_ talk: inout Talk) {
        _ = talk.scene.command("hupall")
        talk.scene.wait(2)
        #expect(talk.scene.command("show channels as json") == "{\"row_count\": 0}\n")
        #expect(talk.scene.telephony.agent(named: "1001@default")?.state == "Waiting")
        #expect(talk.scene.events.count { $0.value("CC-Action") == "bridge-agent-end" } == 1)
    }

    @Test func theAgentHangsUpAndLeavesTheTwoTogether() throws {
        var talk = try self.talk()
        let target = try self.consultAndAnswer(&talk)
        let create = talk.scene.events.last { $0.name == "CHANNEL_CREATE" }
        #expect(create?.value("variable_screenpop_id") == "abcd")
        #expect(create?.value("variable_originator") == talk.leg)
        #expect(talk.scene.command("uuid_kill \(talk.leg) NORMAL_CLEARING") == "+OK\n")
        talk.scene.wait(0.3)
        #expect(
            talk.events(target: target) == [
                "hangup agent", "unbridge agent target", "unbridge caller agent", "bridge-agent-end", "member-queue-end", "agent-state-change",
                "bridge target caller", "hangup_complete agent", "destroy agent",
            ])
        #expect(talk.scene.telephony.talkingLeg(of: "1002@default") == target)
        self.hangUpAll(&talk)
    }

    @Test func theTargetHangsUpAndTheCallerIsBack() throws {
        var talk = try self.talk()
        let target = try self.consultAndAnswer(&talk)
        #expect(talk.scene.command("uuid_kill \(target)") == "+OK\n")
        talk.scene.wait(0.3)
        #expect(
            talk.events(target: target) == [
                "hangup target", "hangup_complete target", "unbridge agent target", "destroy target", "unbridge caller agent", "bridge agent caller",
            ])
        #expect(talk.scene.telephony.agent(named: "1001@default")?.state == "In a queue call")
        // It may be done again.
        talk.begun = talk.scene.events.count
        _ = try self.consultAndAnswer(&talk)
        self.hangUpAll(&talk)
    }

    @Test(arguments: [SimulatedSwitch.Phone.isBusy, .rejects]) func aPhoneThatDoesNotTakeItChangesNothing(phone: SimulatedSwitch.Phone) throws {
        var talk = try self.talk()
        talk.scene.act { $0.setPhone(phone, of: "1002@default") }
        #expect(self.consult(&talk) == nil)
        let events = talk.scene.events.dropFirst(talk.begun)
        #expect(events.map(\.name) == ["CHANNEL_CREATE", "CHANNEL_HANGUP", "CHANNEL_HANGUP_COMPLETE", "CHANNEL_DESTROY"])
        #expect(events.dropFirst().allSatisfy { $0.value("Hangup-Cause") == (phone == .isBusy ? "USER_BUSY" : "CALL_REJECTED") })
        #expect(talk.scene.telephony.talkingLeg(of: "1001@default") == talk.leg)
        self.hangUpAll(&talk)
    }

    @Test func whoCannotBeCalledShowsInNoEvent() throws {
        var talk = try self.talk()
        talk.scene.act { $0.setPhone(.isUnregistered, of: "1002@default") }
        #expect(self.consult(&talk) == nil)
        #expect(talk.scene.events.count == talk.begun)
        #expect(talk.scene.command("uuid_broadcast nosuch att_xfer::user/1002") == "-ERR invalid uuid\n")
        #expect(talk.scene.command("uuid_broadcast \(talk.leg)") == "-USAGE: <uuid> <path> [aleg|bleg|holdb|both]\n")
        self.hangUpAll(&talk)
    }

    @Test func nobodyAnswers() throws {
        var talk = try self.talk()
        let target = try #require(self.consult(&talk, seconds: 2))
        talk.scene.wait(2)
        #expect(talk.events(target: target) == ["create target", "progress target", "hangup target", "hangup_complete target", "destroy target"])
        #expect(talk.scene.events.last?.value("Hangup-Cause") == "NO_ANSWER")
        self.hangUpAll(&talk)
    }

    @Test func theAgentLeavesWhileItRings() throws {
        var talk = try self.talk()
        let target = try #require(self.consult(&talk))
        talk.begun = talk.scene.events.count
        #expect(talk.scene.command("uuid_kill \(talk.leg)") == "+OK\n")
        talk.scene.wait(0.3)
        #expect(talk.scene.act { $0.answer(agent: "1002@default") })
        talk.scene.wait(0.3)
        #expect(
            talk.events(target: target) == [
                "hangup agent", "bridge-agent-end", "member-queue-end", "agent-state-change", "hangup_complete agent", "unbridge caller agent",
                "answer target", "destroy agent", "bridge caller target",
            ])
        self.hangUpAll(&talk)
    }

    @Test func theCallerLeavesAndTheTwoTalkOn() throws {
        var talk = try self.talk()
        let target = try self.consultAndAnswer(&talk)
        #expect(talk.scene.act { $0.hangUp(talk.caller, by: .caller) })
        talk.scene.wait(0.5)
        #expect(talk.events(target: target) == ["hangup caller"])
        talk.begun = talk.scene.events.count
        #expect(talk.scene.command("uuid_kill \(target)") == "+OK\n")
        talk.scene.wait(0.5)
        #expect(
            talk.events(target: target) == [
                "hangup target", "hangup_complete target", "unbridge agent target", "destroy target", "hangup agent", "hangup_complete agent",
                "unbridge caller agent", "hangup_complete caller", "bridge-agent-end", "member-queue-end", "agent-state-change", "destroy caller",
                "destroy agent",
            ])
        self.hangUpAll(&talk)
    }
}
