import FreeSWITCHSimulator
import RecordingsSupport
import Testing

/// The recorded session of commands sent again: the same replies, byte for byte.
@Suite struct RecordedCommandTests {
    @Test func callcenterConfigAnswersAsRecorded() throws {
        let messages = try Recording("commands").messages
        var scene = Scene()
        var compared = 0
        for (index, message) in messages.enumerated() where !message.isFromFreeSWITCH {
            guard message.text.hasPrefix("api "), let reply = messages[index...].first(where: { $0.hasContentType("api/response") }) else { continue }
            let line = String(message.text.dropFirst(4).prefix { $0 != "\n" })
            let ours = scene.act { $0.api(line) }
            // The JSON API is not simulated, the figures of `status` are the machine's own, and the usage text is shorter.
            if line.hasPrefix("json ") || line == "status" || line == "callcenter_config" || line.hasPrefix("callcenter_break") { continue }
            let theirs = String(decoding: reply.body, as: UTF8.self)
            #expect(Self.withoutTimes(ours) == Self.withoutTimes(theirs), "\(line)")
            compared += 1
        }
        #expect(compared == 78)
    }

    /// The events that the commands fire carry the recorded headers.
    @Test func commandsFireTheRecordedEvents() throws {
        let messages = try Recording("commands").messages
        var scene = Scene()
        for message in messages
        where !message.isFromFreeSWITCH && (message.text.hasPrefix("api callcenter_config") || message.text.hasPrefix("bgapi")) {
            let line = message.text.split(separator: "\n")[0].split(separator: " ", maxSplits: 1)[1]
            _ = scene.act { $0.api(String(line)) }
        }
        let ours = Trace(scene.events).steps.map(\.description)
        // What came as JSON and XML is not in the list of plain events.
        let theirs = try Trace(recording: "commands").steps.filter { $0.what != "BACKGROUND_JOB" }.map(\.description)
        #expect(Array(ours.prefix(theirs.count)) == theirs)
    }

    private static func withoutTimes(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).map { $0.count == 10 && $0.hasPrefix("1795") ? "time" : String($0) }.joined(
            separator: "|")
    }
}

@Suite struct SwitchBehaviourTests {
    @Test func wrapUpTimeAndDelaysKeepAnAgentFreeOfOffers() {
        var scene = Scene()
        scene.logIn("1001")
        _ = scene.callcenter("agent set wrap_up_time 1001@default 5")
        let first = scene.dial("1", "A", to: "7000")
        scene.wait(0.2)
        #expect(scene.act { $0.answer(agent: "1001@default") })
        scene.wait(1)
        _ = scene.dial("2", "B", to: "7000")
        scene.act { _ = $0.hangUp(first, by: .caller) }
        scene.wait(3.5)
        #expect(scene.telephony.ringingLeg(of: "1001@default") == nil)
        scene.wait(3)
        #expect(scene.telephony.ringingLeg(of: "1001@default") != nil)
        #expect(scene.act { $0.reject(agent: "1001@default") })
        scene.wait(0.5)
        #expect(scene.telephony.ringingLeg(of: "1001@default") == nil)
        scene.wait(2.5)
        #expect(scene.telephony.ringingLeg(of: "1001@default") != nil)
    }

    /// mod_callcenter offers nothing while `last_bridge_end + wrap_up_time >= now` or `ready_time > now`, and leaves a ready time that somebody set.
    @Test func aReadyTimeThatSomebodySetIsHonoured() {
        var scene = Scene()
        scene.logIn("1001")
        _ = scene.callcenter("agent set reject_delay_time 1001@default 0")
        _ = scene.callcenter("agent set ready_time 1001@default \(Scene.start / 1_000_000 + 4)")
        _ = scene.dial("1", "A", to: "7000")
        scene.wait(3)
        #expect(scene.telephony.ringingLeg(of: "1001@default") == nil)
        scene.wait(1.5)
        #expect(scene.telephony.ringingLeg(of: "1001@default") != nil)
        #expect(scene.act { $0.reject(agent: "1001@default") })
        #expect(scene.telephony.agent(named: "1001@default")?.readyTime == Scene.start / 1_000_000 + 4)
    }

    @Test func onDemandCountsAsItWasWhenTheAgentWasCalled() {
        for (before, after, state) in [("Available (On Demand)", "Available", "Idle"), ("Available", "Available (On Demand)", "Waiting")] {
            var scene = Scene()
            scene.logIn("1001", status: before)
            let call = scene.dial("1", "A", to: "7000")
            scene.wait(0.3)
            #expect(scene.act { $0.answer(agent: "1001@default") })
            scene.wait(0.3)
            #expect(scene.callcenter("agent set status 1001@default '\(after)'") == "+OK\n")
            scene.act { _ = $0.hangUp(call, by: .caller) }
            scene.wait(0.5)
            #expect(scene.telephony.agent(named: "1001@default")?.state == state)
        }
    }

    @Test func otherTiersStandByDuringAnOfferAndAMissedOneIsKept() {
        var scene = Scene()
        scene.logIn("1001")
        _ = scene.callcenter("tier add sales@default 1001@default 1 1")
        _ = scene.callcenter("agent set contact 1001@default [leg_timeout=2]sofia/internal/1001@127.0.0.1:6001")
        let call = scene.dial("1", "A", to: "7000")
        scene.wait(0.3)
        #expect(scene.telephony.tiers.map(\.state) == ["Offering", "Standby"])
        scene.wait(2)
        #expect(scene.telephony.tiers.map(\.state) == ["No Answer", "Ready"])
        scene.act { _ = $0.hangUp(call, by: .caller) }
    }

    @Test func whoBecomesAvailableCountsAnew() {
        var scene = Scene()
        scene.logIn("1001")
        let call = scene.dial("1", "A", to: "7000")
        scene.wait(0.3)
        #expect(scene.act { $0.answer(agent: "1001@default") })
        scene.wait(0.3)
        scene.act { _ = $0.hangUp(call, by: .caller) }
        scene.wait(0.5)
        _ = scene.callcenter("agent set status 1001@default Available")
        #expect(scene.telephony.agent(named: "1001@default")?.callsAnswered == 1)
        _ = scene.callcenter("agent set status 1001@default 'On Break'")
        _ = scene.callcenter("agent set status 1001@default Available")
        #expect(scene.telephony.agent(named: "1001@default")?.callsAnswered == 0)
    }

    @Test func anAgentThatIsIdleOrOnBreakGetsNoCall() {
        for command in ["agent set state 1001@default Idle", "agent set status 1001@default 'On Break'", "agent set status 1001@default available"] {
            var scene = Scene()
            scene.logIn("1001")
            #expect(scene.callcenter(command) == "+OK\n")
            _ = scene.dial("1", "A", to: "7000")
            scene.wait(2)
            #expect(scene.telephony.ringingLeg(of: "1001@default") == nil, "\(command)")
        }
    }

    @Test func holdAndUnholdAreTold() {
        var scene = Scene()
        scene.logIn("1001")
        _ = scene.dial("1", "A", to: "7000")
        scene.wait(0.2)
        #expect(!scene.act { $0.hold(agent: "1001@default", true) })
        #expect(scene.act { $0.answer(agent: "1001@default") })
        scene.wait(0.2)
        #expect(scene.act { $0.hold(agent: "1001@default", true) })
        #expect(!scene.act { $0.hold(agent: "1001@default", true) })
        scene.wait(1)
        #expect(scene.act { $0.hold(agent: "1001@default", false) })
        let held = scene.events.filter { $0.name == "CHANNEL_HOLD" || $0.name == "CHANNEL_UNHOLD" }
        #expect(held.map { $0.value("Channel-Call-State") } == ["HELD", "UNHELD"])
        #expect(held.map { $0.value("Call-Direction") } == ["outbound", "outbound"])
        #expect(held.last?.value("Caller-Channel-Hold-Accum") == "1000000")
    }

    @Test func aRestartEndsAllCallsAndKeepsTheAgents() {
        var scene = Scene()
        scene.logIn("1001")
        _ = scene.dial("1", "A", to: "7000")
        scene.wait(0.2)
        #expect(scene.act { $0.answer(agent: "1001@default") })
        scene.wait(0.2)
        let before = scene.telephony.coreUUID
        scene.act { $0.restart() }
        #expect(scene.telephony.coreUUID != before)
        #expect(scene.act { $0.api("show channels as json") } == "{\"row_count\": 0}\n")
        #expect(scene.telephony.agent(named: "1001@default")?.state == "Waiting")
        #expect(scene.telephony.agent(named: "1001@default")?.status == "Available")
        #expect(scene.callcenter("queue list members support@default") == "+OK\n")
        _ = scene.dial("2", "B", to: "7000")
        scene.wait(0.3)
        #expect(scene.telephony.ringingLeg(of: "1001@default") != nil)
    }

    @Test func aCallCanBeDrivenByHand() throws {
        var scene = Scene()
        scene.logIn("1001")
        let reply = scene.act { $0.api("simulate call +8613900139000 'O\\'Brien | Sons' 7000 crm_id=crm-7") }
        let call = try #require(reply.hasPrefix("+OK ") ? reply.dropFirst(4).dropLast().description : nil)
        scene.wait(0.3)
        #expect(scene.callcenter("queue list members support@default").contains("|+8613900139000|O'Brien | Sons|"))
        #expect(scene.act { $0.api("simulate answer 1001@default") } == "+OK\n")
        #expect(scene.act { $0.api("simulate answer 1001@default") } == "-ERR nothing rings at 1001@default\n")
        scene.wait(0.3)
        let leg = scene.events.first { $0.name == "CHANNEL_CREATE" && $0.value("Call-Direction") == "outbound" }
        #expect(leg?.value("variable_crm_id") == "crm-7")
        #expect(scene.act { $0.api("simulate hangup \(call)") } == "+OK\n")
        #expect(scene.act { $0.api("simulate hangup nobody") } == "-ERR no such call\n")
        #expect(scene.act { $0.api("simulate dance") }.hasPrefix("-USAGE"))
    }
}
