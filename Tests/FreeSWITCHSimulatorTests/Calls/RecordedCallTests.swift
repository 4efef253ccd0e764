import FreeSWITCHSimulator
import Testing

/// Each recorded call played again on the simulated switch: the same events in the same order, with the same facts, and no header missing.
@Suite struct RecordedCallTests {
    static let scenes: [(recording: String, play: @Sendable (inout Scene) -> Void)] = [
        ("answered", { Self.answered(&$0, number: "13800138000", name: "Alice Liddell") }),
        ("answered_utf8_name", { Self.answered(&$0, number: Self.utf8Caller.number, name: Self.utf8Caller.name) }),
        (
            "agent_hangs_up_on_demand",
            { scene in
                scene.logIn("1001", status: "Available (On Demand)")
                _ = scene.dial("02055506666", "Ivan", to: "7000")
                scene.wait(0.3)
                #expect(scene.act { $0.answer(agent: "1001@default") })
                scene.wait(2)
                if let leg = scene.telephony.talkingLeg(of: "1001@default") { scene.act { _ = $0.hangUp(leg, by: .agent) } }
                scene.wait(1)
            }
        ),
        (
            "abandoned_waiting",
            { scene in
                let call = scene.dial("02055501234", "Bob", to: "7000")
                scene.wait(2)
                scene.act { _ = $0.hangUp(call, by: .caller) }
                scene.wait(1)
            }
        ),
        (
            "abandoned_ringing",
            { scene in
                scene.logIn("1001")
                let call = scene.dial("02055505678", "Carol", to: "7000")
                scene.wait(3)
                scene.act { _ = $0.hangUp(call, by: .caller) }
                scene.wait(1)
            }
        ),
        (
            "queue_timeout",
            { scene in
                _ = scene.dial("0210000001", "Timeout Tim", to: "7001")
                scene.wait(12)
            }
        ),
        (
            "no_answer_to_break",
            { scene in
                scene.logIn("1001", maxNoAnswer: 2)
                _ = scene.callcenter("agent set contact 1001@default [leg_timeout=4]sofia/internal/1001@127.0.0.1:6001")
                let call = scene.dial("02055501111", "Erin", to: "7000")
                scene.wait(13)
                #expect(scene.act { $0.kill(call) })
                scene.wait(1)
            }
        ),
        (
            "busy_agent",
            { scene in
                scene.logIn("1001")
                scene.act { $0.setPhone(.isBusy, of: "1001@default") }
                let call = scene.dial("02055503333", "Grace", to: "7000")
                scene.wait(1.9)
                #expect(scene.act { $0.kill(call) })
                scene.wait(1)
            }
        ),
        (
            "rejected_then_second_agent",
            { scene in
                scene.logIn("1001")
                scene.logIn("1002")
                scene.act { $0.setPhone(.rejects, of: "1001@default") }
                let call = scene.dial("02055502222", "Frank", to: "7000")
                scene.wait(0.5)
                #expect(scene.act { $0.answer(agent: "1002@default") })
                scene.wait(6)
                scene.act { _ = $0.hangUp(call, by: .caller) }
                scene.wait(1)
            }
        ),
        (
            "agent_logs_out_while_ringing",
            { scene in
                scene.logIn("1001")
                let call = scene.dial("02055513333", "Olivia", to: "7000")
                scene.wait(1)
                _ = scene.callcenter("agent set status 1001@default 'Logged Out'")
                scene.wait(4)
                #expect(scene.act { $0.kill(call) })
                scene.wait(1)
            }
        ),
        (
            "ring_all",
            { scene in
                for number in ["1001", "1002", "1003"] { scene.logIn(number, queue: "sales@default") }
                let call = scene.dial("02055504444", "Heidi", to: "7001")
                scene.wait(1.2)
                #expect(scene.act { $0.answer(agent: "1001@default") })
                scene.wait(5)
                scene.act { _ = $0.hangUp(call, by: .caller) }
                scene.wait(1)
            }
        ),
        (
            "ivr_then_queue",
            { scene in
                scene.logIn("1001")
                let call = scene.dial("02055508888", "Judy", to: "5000")
                scene.wait(1.5)
                #expect(scene.act { $0.dtmf("2", call: call) })
                scene.wait(1)
                #expect(scene.act { $0.answer(agent: "1001@default") })
                scene.wait(5)
                scene.act { _ = $0.hangUp(call, by: .caller) }
                scene.wait(1)
            }
        ),
        (
            "two_members_one_agent",
            { scene in
                scene.logIn("1001")
                let first = scene.dial("02055512222", "Niaj", to: "7000")
                scene.wait(1)
                let second = scene.dial("02055511111", "Mallory", to: "7000")
                scene.wait(0.3)
                #expect(scene.act { $0.answer(agent: "1001@default") })
                scene.wait(3)
                scene.act { _ = $0.hangUp(first, by: .caller) }
                scene.wait(4)
                #expect(scene.act { $0.answer(agent: "1001@default") })
                scene.wait(3)
                scene.act { _ = $0.hangUp(second, by: .caller) }
                scene.wait(1)
            }
        ),
        (
            "direct_answered",
            { scene in
                scene.logIn("1001")
                let call = scene.dial("02123456789", "Direct Dee", to: "1001")
                scene.wait(1)
                #expect(scene.act { $0.answer(agent: "1001@default") })
                scene.wait(4)
                scene.act { _ = $0.hangUp(call, by: .caller) }
                scene.wait(1)
            }
        ),
        (
            "direct_no_answer",
            { scene in
                scene.logIn("1001")
                _ = scene.dial("02123456789", "Direct Dee", to: "1001")
                scene.wait(7)
            }
        ),
        (
            "direct_busy",
            { scene in
                scene.logIn("1001")
                scene.act { $0.setPhone(.isBusy, of: "1001@default") }
                _ = scene.dial("02123456789", "Direct Dee", to: "1001")
                scene.wait(1)
            }
        ),
        (
            "outbound_answered",
            { scene in
                scene.logIn("1001")
                guard
                    let call = scene.act({
                        $0.dialOut(agent: "1001@default", number: "02087654321", name: "Agent One", variables: [("sip_h_X-CRM-Id", "crm-1")])
                    })
                else { return }
                scene.wait(1)
                #expect(scene.act { $0.answerFarEnd(call: call) })
                scene.wait(4)
                scene.act { _ = $0.hangUp(call, by: .caller) }
                scene.wait(1)
            }
        ),
        (
            "agent_leg_killed",
            { scene in
                scene.logIn("1001")
                _ = scene.dial("0217777777", "Killed Kim", to: "7000")
                scene.wait(1)
                #expect(scene.act { $0.answer(agent: "1001@default") })
                scene.wait(1)
                #expect(scene.command("uuid_kill \(scene.telephony.talkingLeg(of: "1001@default") ?? "")") == "+OK\n")
                scene.wait(1)
            }
        ),
        (
            "hold_and_blind_transfer",
            { scene in
                scene.logIn("1001")
                scene.logIn("1002", queue: "sales@default")
                let call = scene.dial("02055509999", "Kate", to: "7000")
                scene.wait(1)
                #expect(scene.act { $0.answer(agent: "1001@default") })
                scene.wait(1)
                let leg = scene.telephony.talkingLeg(of: "1001@default") ?? ""
                #expect(scene.command("uuid_hold \(leg)") == "+OK Success\n")
                scene.wait(1)
                #expect(scene.command("uuid_hold off \(leg)") == "+OK Success\n")
                scene.wait(1)
                #expect(scene.command("uuid_transfer \(leg) -bleg 7001 XML default") == "+OK\n")
                scene.wait(1.2)
                #expect(scene.act { $0.answer(agent: "1002@default") })
                scene.wait(6)
                scene.act { _ = $0.hangUp(call, by: .caller) }
                scene.wait(1)
            }
        ),
        (
            "attended_transfer",
            { scene in
                scene.logIn("1001")
                let call = scene.dial("0216666666", "Attended Ann", to: "7000")
                scene.wait(1)
                #expect(scene.act { $0.answer(agent: "1001@default") })
                scene.wait(1)
                let consulted = "cccccccc-bbbb-4ccc-8ddd-eeeeeeeeeeee"
                #expect(scene.command("originate {origination_uuid=\(consulted)}sofia/internal/1088@127.0.0.1:6021 &park()") == "")
                scene.wait(1.2)
                #expect(scene.act { $0.answer(agent: "1088") })
                #expect(scene.act { $0.takeAnswers().map(\.text) } == ["+OK \(consulted)\n"])
                scene.wait(2)
                #expect(scene.command("uuid_bridge \(call) \(consulted)") == "+OK \(consulted)\n")
                scene.wait(3)
                #expect(scene.command("hupall") == "+OK hangup all channels with cause MANAGER_REQUEST\n")
                scene.wait(1)
            }
        ),
        (
            "eavesdrop",
            { scene in
                scene.logIn("1001")
                let call = scene.dial("02055510000", "Leo", to: "7000")
                scene.wait(1)
                #expect(scene.act { $0.answer(agent: "1001@default") })
                scene.wait(1)
                let leg = scene.telephony.talkingLeg(of: "1001@default") ?? ""
                let variables = "{origination_caller_id_name=Supervisor,eavesdrop_enable_dtmf=true}"
                #expect(scene.command("originate \(variables)sofia/internal/2000@127.0.0.1:6009 &eavesdrop(\(leg))") == "")
                scene.wait(1.2)
                #expect(scene.act { $0.answer(agent: "2000") })
                scene.wait(5)
                scene.act { _ = $0.hangUp(call, by: .caller) }
                // The recording was ended right here.
                scene.wait(0.1)
            }
        ),
        (
            "uuid_standby",
            { scene in
                let leg = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
                #expect(scene.command("originate {origination_uuid=\(leg)}sofia/internal/1077@127.0.0.1:6020 &park()") == "")
                scene.wait(1.2)
                #expect(scene.act { $0.answer(agent: "1077") })
                scene.wait(2)
                for command in [
                    "agent add 1077@default uuid-standby", "agent set uuid 1077@default \(leg)", "agent set status 1077@default Available",
                    "agent set state 1077@default Waiting", "tier add support@default 1077@default 1 1",
                ] { #expect(scene.callcenter(command) == "+OK\n") }
                let call = scene.dial("0215555555", "Standby Sam", to: "7000")
                scene.wait(5)
                scene.act { _ = $0.hangUp(call, by: .caller) }
                scene.wait(1)
            }
        ),
        (
            "module_reload_during_call",
            { scene in
                scene.logIn("1001")
                let call = scene.dial("02055514444", "Peggy", to: "7000")
                scene.wait(1)
                #expect(scene.act { $0.answer(agent: "1001@default") })
                scene.wait(1)
                #expect(scene.command("reload mod_callcenter").contains("-ERR unloading module [Module in use.]"))
                scene.wait(3)
                scene.act { _ = $0.hangUp(call, by: .caller) }
                scene.wait(1)
                #expect(scene.command("reload mod_callcenter") == "+OK Reloading XML\n+OK module unloaded\n+OK module loaded\n")
            }
        ),
    ]

    /// Who calls in `answered_utf8_name`, read from the recording so that this file need not repeat its bytes.
    static let utf8Caller: (number: String, name: String) = {
        let facts = (try? Trace(recording: "answered_utf8_name"))?.steps.first { $0.what == "CHANNEL_CREATE" }?.facts ?? []
        func value(_ name: String) -> String { facts.first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) } ?? "" }
        return (value("Caller-Caller-ID-Number"), value("Caller-Caller-ID-Name"))
    }()

    private static func answered(_ scene: inout Scene, number: String, name: String) {
        scene.logIn("1001")
        let call = scene.dial(number, name, to: "7000")
        scene.wait(1)
        #expect(scene.act { $0.answer(agent: "1001@default") })
        scene.wait(3)
        scene.act { _ = $0.hangUp(call, by: .caller) }
        scene.wait(1)
    }

    /// Headers a recorded event may have that the simulated one lacks: what depends on the moment a thread looked.
    private static func mayLack(_ name: String) -> Bool {
        [
            "variable_playback_last_offset_pos", "variable_playback_seconds", "variable_playback_ms", "variable_playback_samples",
            "variable_sip_cseq",
            "variable_sip_to_tag", "variable_call_timeout", "variable_leg_timeout",
        ].contains(name)
    }

    @Test(arguments: scenes.indices) func isPlayedAgain(index: Int) throws {
        let (name, play) = Self.scenes[index]
        var scene = Scene { $0.directCallTimeout = 6 }
        play(&scene)
        let recorded = try Trace(recording: name).steps
        let simulated = Trace(scene.events, count: name == "eavesdrop" ? recorded.count : nil).steps
        #expect(simulated.map(\.what) == recorded.map(\.what), "\(name)")
        for (ours, theirs) in zip(simulated, recorded) {
            #expect(ours.facts == theirs.facts, "\(name): \(theirs.what)")
            let missing = theirs.names.subtracting(ours.names).filter { !Self.mayLack($0) }.sorted()
            #expect(missing == [], "\(name): \(theirs.what) lacks headers")
        }
    }
}
