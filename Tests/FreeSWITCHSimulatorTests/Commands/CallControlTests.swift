import FreeSWITCHSimulator
import Testing

/// What the functions that do something to a call lead to; the replies are those of a real FreeSWITCH 1.10.12.
@Suite struct CallControlTests {
    private static let nobody = "00000000-0000-0000-0000-000000000000"

    /// A caller talking to 1001, and both legs.
    private func talk(_ scene: inout Scene) throws -> (caller: String, leg: String) {
        scene.logIn("1001")
        let caller = scene.dial("1", "A", to: "7000")
        scene.wait(0.3)
        #expect(scene.act { $0.answer(agent: "1001@default") })
        scene.wait(0.3)
        return (caller, try #require(scene.telephony.talkingLeg(of: "1001@default")))
    }

    private func actions(_ scene: Scene, since count: Int) -> [String] {
        scene.events.dropFirst(count).map { $0.value("CC-Action") ?? $0.name }
    }

    @Test(arguments: [
        ("uuid_kill", "-USAGE: <uuid> [cause]\n"), ("uuid_kill \(nobody)", "-ERR No such channel!\n"),
        ("uuid_hold", "-USAGE: [off|toggle] <uuid> [<display>]\n-ERR Operation failed\n"), ("uuid_hold \(nobody)", "+OK Success\n"),
        ("uuid_hold off \(nobody)", "+OK Success\n"), ("uuid_hold off", "+OK Success\n"),
        ("uuid_transfer", "-USAGE: <uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]\n"),
        ("uuid_transfer \(nobody)", "-USAGE: <uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]\n"),
        ("uuid_transfer \(nobody) 1001 XML default", "-ERR No such channel!\n"),
        ("uuid_dual_transfer \(nobody) a b", "-ERR No such channel!\n"), ("uuid_bridge \(nobody)", "-USAGE: <uuid> <other_uuid>\n"),
        ("uuid_bridge \(nobody) \(nobody)", "-ERR Invalid uuid\n"), ("uuid_park", "-ERR No such channel!\n"),
        ("uuid_setvar", "-USAGE: <uuid> <var> [value]\n"), ("uuid_setvar \(nobody) a b", "-ERR No such channel!\n"),
        ("uuid_getvar", "-USAGE: <uuid> <var>\n"), ("uuid_getvar \(nobody) a", "-ERR No such channel!\n"), ("uuid_exists", "false"),
        ("uuid_exists \(nobody)", "false"), ("uuid_send_dtmf", "-USAGE: <uuid> <dtmf_data>\n"),
        ("uuid_send_dtmf \(nobody) 1", "-ERR Cannot locate session!\n"), ("uuid_break \(nobody)", "-ERR No such channel!\n"),
        ("originate user/9999 &park()", "-ERR SUBSCRIBER_ABSENT\n"), ("originate nosuch/1 &park()", "-ERR CHAN_NOT_IMPLEMENTED\n"),
        ("originate error/user_busy &park()", "-ERR USER_BUSY\n"), ("module_exists mod_callcenter", "true"), ("module_exists nope", "false"),
        ("callcenter_break", "-ERR Usage: callcenter_break agent <uuid>\n"), ("callcenter_config AGENT LIST", "+OK\n"),
        ("callcenter_config agent list a b", "-ERR Invalid!\n"), ("callcenter_config queue list bogus", "-ERR Invalid!\n"),
        ("callcenter_config tier set level support@default nobody 1", "-ERR Unknown Error!\n"),
    ]) func repliesAreThoseOfARealOne(line: String, reply: String) {
        var scene = Scene()
        #expect(scene.command(line) == reply)
    }

    @Test func variablesAndExistence() throws {
        var scene = Scene()
        let (caller, leg) = try self.talk(&scene)
        #expect(scene.command("uuid_exists \(leg)") == "true")
        #expect(scene.command("uuid_getvar \(caller) direction") == "inbound")
        #expect(scene.command("uuid_getvar \(caller) nosuch") == "_undef_")
        #expect(scene.command("uuid_setvar \(caller) note 'a b'") == "+OK\n")
        #expect(scene.command("uuid_getvar \(caller) note") == "a b")
        #expect(scene.command("uuid_send_dtmf \(leg) 12") == "+OK \(leg) sent DTMF 12.\n")
    }

    @Test func holdTwiceAndUnholdTwiceAreRefused() throws {
        var scene = Scene()
        let (_, leg) = try self.talk(&scene)
        #expect(scene.command("uuid_hold \(leg)") == "+OK Success\n")
        #expect(scene.command("uuid_hold \(leg)") == "-ERR Operation failed\n")
        #expect(scene.command("show channels as json").contains("\"HELD\""))
        #expect(scene.command("uuid_hold off \(leg)") == "+OK Success\n")
        #expect(scene.command("uuid_hold off \(leg)") == "-ERR Operation failed\n")
        #expect(scene.command("uuid_hold toggle \(leg)") == "+OK Success\n")
    }

    @Test func aTransferToAnAgentRingsThatAgentsPhone() throws {
        var scene = Scene()
        let (caller, leg) = try self.talk(&scene)
        scene.logIn("1002")
        #expect(scene.command("uuid_transfer \(leg) -bleg 1002 XML default") == "+OK\n")
        scene.wait(0.5)
        #expect(scene.telephony.agent(named: "1001@default")?.state == "Waiting")
        #expect(scene.command("uuid_exists \(leg)") == "false")
        #expect(scene.act { $0.answer(agent: "1002@default") })
        scene.wait(0.2)
        let bridge = scene.events.last { $0.name == "CHANNEL_BRIDGE" }
        #expect(bridge?.value("Bridge-A-Unique-ID") == caller)
        #expect(bridge?.value("Other-Leg-Callee-ID-Number") == "1002")
        #expect(scene.command("uuid_kill \(caller)") == "+OK\n")
        scene.wait(1)
        #expect(scene.command("show channels as json") == "{\"row_count\": 0}\n")
    }

    @Test func anInlineTransferPutsTheCallerIntoTheQueue() throws {
        var scene = Scene()
        let (caller, leg) = try self.talk(&scene)
        scene.logIn("1002", queue: "sales@default")
        let count = scene.events.count
        #expect(scene.command("uuid_transfer \(leg) -bleg set:crm_id=crm-9,callcenter:sales@default inline") == "+OK\n")
        scene.wait(0.5)
        #expect(
            self.actions(scene, since: count).filter { $0.contains("-") } == [
                "member-queue-start", "members-count", "agent-state-change", "agent-offering", "bridge-agent-end", "member-queue-end",
                "agent-state-change",
            ])
        #expect(scene.telephony.ringingLeg(of: "1002@default") != nil)
        #expect(scene.command("uuid_getvar \(caller) crm_id") == "crm-9")
        scene.act { _ = $0.hangUp(caller, by: .caller) }
        scene.wait(1)
        #expect(scene.command("show channels as json") == "{\"row_count\": 0}\n")
    }

    @Test func aCallerWhoWaitsCanBeTakenOutOfTheQueue() {
        var scene = Scene()
        scene.logIn("1001")
        let caller = scene.dial("1", "A", to: "7000")
        scene.wait(0.3)
        let count = scene.events.count
        #expect(scene.command("uuid_park \(caller)") == "+OK\n")
        #expect(
            self.actions(scene, since: count) == [
                "CHANNEL_HANGUP", "member-queue-end", "members-count", "CHANNEL_HANGUP_COMPLETE", "CHANNEL_DESTROY", "bridge-agent-fail",
                "agent-state-change", "CHANNEL_PARK",
            ])
        scene.wait(1)
        #expect(scene.command("uuid_exists \(caller)") == "true")
        #expect(scene.callcenter("queue count members support@default") == "1\n", "abandoned, until it is discarded")
    }

    /// The way of an agent who asks somebody first: the caller parks, the agent's leg talks to the other, the caller is joined to the other.
    @Test func aConsultationIsCompleted() throws {
        var scene = Scene()
        let (caller, leg) = try self.talk(&scene)
        scene.logIn("1002")
        #expect(scene.command("uuid_setvar \(caller) park_after_bridge true") == "+OK\n")
        #expect(scene.command("bgapi") == "-ERR bgapi Command not found!\n")
        #expect(scene.command("originate {origination_uuid=aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee}user/1002 &park()") == "")
        scene.wait(0.5)
        #expect(scene.act { $0.answer(agent: "1002@default") })
        let other = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
        #expect(scene.act { $0.takeAnswers().map(\.text) } == ["+OK \(other)\n"])
        #expect(scene.command("uuid_bridge \(leg) \(other)") == "+OK \(other)\n")
        scene.wait(0.2)
        #expect(scene.events.last { $0.name == "CHANNEL_BRIDGE" }?.value("Bridge-A-Unique-ID") == leg)
        #expect(scene.events.last { $0.name == "CHANNEL_PARK" }?.value("Unique-ID") == caller)
        #expect(scene.telephony.agent(named: "1001@default")?.state == "In a queue call")
        #expect(scene.command("uuid_bridge \(caller) \(other)") == "+OK \(other)\n")
        scene.wait(0.5)
        #expect(scene.command("uuid_exists \(leg)") == "false")
        #expect(scene.telephony.agent(named: "1001@default")?.state == "Waiting")
        #expect(scene.events.count { $0.value("CC-Action") == "bridge-agent-end" } == 1)
        #expect(scene.events.count { $0.value("CC-Action") == "member-queue-end" } == 1)
        scene.act { _ = $0.hangUp(other, by: .agent) }
        scene.wait(0.5)
        // It was set to park when it is left.
        #expect(scene.command("uuid_exists \(caller)") == "true")
        #expect(scene.command("uuid_kill \(caller)") == "+OK\n")
        scene.wait(0.5)
        #expect(scene.command("show channels as json") == "{\"row_count\": 0}\n")
    }

    @Test func aCallToAPhoneIsConnectedToANumberOutside() {
        var scene = Scene()
        scene.logIn("1001")
        scene.act { $0.setPhone(.answers, of: "1001@default") }
        let call = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
        #expect(scene.command("originate {origination_uuid=\(call),origination_caller_id_number=02087654321}user/1001 02087654321 XML default") == "")
        scene.wait(0.5)
        #expect(scene.act { $0.takeAnswers().map(\.text) } == ["+OK \(call)\n"])
        #expect(scene.act { $0.answerFarEnd(call: call) })
        scene.wait(0.2)
        #expect(scene.events.last { $0.name == "CHANNEL_BRIDGE" }?.value("Bridge-A-Unique-ID") == call)
        #expect(scene.telephony.talkingLeg(of: "1001@default") != nil)
        #expect(scene.command("uuid_kill \(call)") == "+OK\n")
        scene.wait(0.5)
        #expect(scene.command("show channels as json") == "{\"row_count\": 0}\n")
    }

    /// What mod_callcenter knows of a call that is none of its own, and what a queue makes of it.
    @Test func whoTalksElsewhereIsOfferedNothing() {
        var scene = Scene()
        scene.logIn("1001")
        let call = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
        func count() -> Substring? {
            scene.callcenter("agent list 1001@default").split(separator: "\n").dropFirst().first?.split(separator: "|").last
        }
        let variables = "{origination_uuid=\(call),execute_on_answer=callcenter_track 1001@default}"
        #expect(scene.command("originate '\(variables)user/1001' 02087654321 XML default") == "")
        #expect(count() == "0", "it rings")
        #expect(scene.act { $0.answer(agent: "1001@default") })
        #expect(count() == "1")
        _ = scene.dial("1", "A", to: "7000")
        scene.wait(2)
        #expect(!scene.events.contains { $0.value("CC-Action") == "agent-offering" })
        #expect(scene.command("unload mod_callcenter") == "-ERR [Module in use.]\n")
        #expect(scene.command("uuid_kill \(call)") == "+OK\n")
        scene.wait(0.5)
        #expect(count() == "0")
        #expect(scene.events.contains { $0.value("CC-Action") == "agent-offering" })
    }

    @Test(arguments: [(SimulatedSwitch.Phone.rejects, "CALL_REJECTED"), (.isBusy, "USER_BUSY"), (.isUnregistered, "USER_NOT_REGISTERED")])
    func aPhoneThatDoesNotTakeTheCall(phone: SimulatedSwitch.Phone, cause: String) {
        var scene = Scene()
        scene.logIn("1001")
        scene.act { $0.setPhone(phone, of: "1001@default") }
        #expect(scene.command("originate user/1001 &park()") == "-ERR \(cause)\n")
        #expect(scene.command("show channels as json") == "{\"row_count\": 0}\n")
    }

    @Test func aPhoneThatNobodyAnswers() {
        var scene = Scene()
        scene.logIn("1001")
        #expect(scene.command("originate {originate_timeout=2}user/1001 &park()") == "")
        scene.wait(1.9)
        #expect(scene.act { $0.takeAnswers().map(\.text) } == [])
        scene.wait(0.2)
        #expect(scene.act { $0.takeAnswers().map(\.text) } == ["-ERR NO_ANSWER\n"])
        #expect(scene.command("show channels as json") == "{\"row_count\": 0}\n")
    }

    @Test func whoListensEndsWithTheCall() throws {
        var scene = Scene()
        let (caller, leg) = try self.talk(&scene)
        scene.act { $0.setPhone(.answers, of: "2000") }
        #expect(scene.command("originate user/2000 &eavesdrop(\(leg))") == "")
        scene.wait(0.5)
        let listener = try #require(scene.act { $0.takeAnswers().first?.text.dropFirst(4).dropLast().description })
        #expect(scene.command("show channels as json").contains("\"eavesdrop\""))
        scene.act { _ = $0.hangUp(caller, by: .caller) }
        scene.wait(0.5)
        #expect(scene.command("uuid_exists \(listener)") == "false")
        #expect(scene.command("show channels as json") == "{\"row_count\": 0}\n")
    }

    @Test func bothLegsOfACallGoDifferentWays() throws {
        var scene = Scene()
        let (caller, leg) = try self.talk(&scene)
        #expect(scene.command("uuid_dual_transfer \(caller) park/inline park/inline") == "+OK\n")
        scene.wait(0.5)
        #expect(scene.command("uuid_exists \(caller)") == "true")
        #expect(scene.command("uuid_exists \(leg)") == "true")
        #expect(scene.events.count { $0.name == "CHANNEL_PARK" } == 2)
        // mod_callcenter waits for the agent's leg.
        #expect(scene.telephony.agent(named: "1001@default")?.state == "In a queue call")
        #expect(scene.command("uuid_kill \(leg)") == "+OK\n")
        scene.wait(0.5)
        #expect(scene.telephony.agent(named: "1001@default")?.state == "Waiting")
        #expect(scene.command("uuid_exists \(caller)") == "true")
    }

    @Test func aCallToAQueueThatIsNotLoadedLoadsIt() {
        var scene = Scene()
        #expect(scene.callcenter("queue unload support@default") == "+OK\n")
        let caller = scene.dial("1", "A", to: "7000")
        #expect(scene.callcenter("queue list").contains("support@default|"))
        #expect(scene.events.contains { $0.value("CC-Action") == "member-queue-start" && $0.value("CC-Member-Session-UUID") == caller })
    }

    /// The application ends without having answered, and with it the extension.
    @Test func aCallToAQueueThatThereIsNotEndsWithTheDialplan() {
        var scene = Scene { $0.queues.removeAll { $0.name == "sales@default" } }
        let caller = scene.dial("1", "A", to: "7001")
        #expect(scene.command("uuid_exists \(caller)") == "false")
        #expect(scene.events.last { $0.name == "CHANNEL_HANGUP_COMPLETE" }?.value("Hangup-Cause") == "NORMAL_CLEARING")
        #expect(!scene.events.contains { $0.name == "CHANNEL_ANSWER" || $0.value("CC-Action") == "member-queue-start" })
        // From the menu, where the call was answered before.
        let other = scene.dial("2", "B", to: "5000")
        scene.wait(0.1)
        #expect(scene.act { $0.dtmf("1", call: other) })
        #expect(scene.command("uuid_exists \(other)") == "false")
        #expect(scene.callcenter("queue count members sales@default") == "0\n")
    }

    @Test func aQueueTakenOutOfTheFileIsGoneAfterAReload() {
        var scene = Scene()
        scene.act { telephony in telephony.writeQueueFile(telephony.configuration.queues.filter { $0.name != "sales@default" }) }
        #expect(scene.callcenter("queue count") == "2\n")
        #expect(scene.callcenter("queue reload sales@default") == "-ERR Invalid Queue not found!\n")
        #expect(scene.callcenter("queue count") == "1\n")
        #expect(scene.callcenter("queue unload support@default") == "+OK\n")
        #expect(scene.callcenter("queue unload support@default") == "+OK\n")
        #expect(scene.callcenter("queue load support@default") == "+OK\n")
    }

    @Test func withoutTheModuleThereIsNoCommand() {
        var scene = Scene()
        scene.logIn("1001")
        #expect(scene.command("unload mod_callcenter") == "+OK\n")
        #expect(scene.callcenter("queue list") == "-ERR callcenter_config Command not found!\n")
        #expect(scene.command("load mod_callcenter") == "+OK Reloading XML\n+OK\n")
        #expect(scene.callcenter("agent get status 1001@default") == "Available")
    }
}
