import CallCenter
import Testing

@Suite struct QueueDefinitionTests {
    @Test func `every column of a recorded queue list has a parameter, and each its three names`() throws {
        // `queue list` of a real FreeSWITCH 1.10.12, without the columns that are counts and the name.
        let columns = """
            strategy|moh_sound|time_base_score|tier_rules_apply|tier_rule_wait_second|tier_rule_wait_multiply_level|tier_rule_no_agent_no_wait|\
            discard_abandoned_after|abandoned_resume_allowed|max_wait_time|max_wait_time_with_no_agent|max_wait_time_with_no_agent_time_reached|\
            record_template|ring_progressively_delay|skip_agents_with_external_calls|agent_no_answer_status
            """
        let known = Set(QueueSetting.all.map(\.column))
        for column in columns.split(separator: "|") { #expect(known.contains(String(column)), "\(column)") }
        #expect(known.count == columns.split(separator: "|").count + 2, "announce-sound and announce-frequency are not listed")
        let one = try #require(QueueSetting.named("max-wait-time-with-no-agent"))
        #expect(one.memberName == "maxWaitTimeWithNoAgent")
        #expect(QueueSetting.named("maxWaitTimeWithNoAgent") == one)
        #expect(QueueSetting.named("max_wait_time_with_no_agent") == one)
        for parameter in QueueSetting.all {
            #expect(parameter.standard.isEmpty || (try? parameter.checked(parameter.standard)) == parameter.standard)
        }
    }

    @Test func `a queue's XML says every value, and nothing where there is none`() throws {
        let queue = try QueueDefinition(
            name: "vip@default", values: ["strategy": "RING-ALL", "moh-sound": "local_stream://moh", "maxWaitTime": "90", "tier_rules_apply": "true"])
        let xml = queue.xml()
        #expect(xml.hasPrefix(#"<queue name="vip@default">"#))
        #expect(xml.contains(#"<param name="strategy" value="ring-all"/>"#))
        #expect(xml.contains(#"<param name="max-wait-time" value="90"/>"#))
        #expect(xml.contains(#"<param name="tier-rules-apply" value="true"/>"#))
        #expect(xml.contains(#"<param name="agent-no-answer-status" value="On Break"/>"#))
        #expect(!xml.contains("record-template"))
        let explained = queue.xml(explained: true)
        for parameter in QueueSetting.all { #expect(explained.contains(parameter.meaning)) }
    }

    @Test(arguments: [
        ("strategy", "fastest"), ("max-wait-time", "-1"), ("max-wait-time", "86401"), ("max-wait-time", "1 day"), ("tier-rules-apply", "yes"),
        ("moh-sound", "shell_stream:///bin/sh"), ("moh-sound", "${system(id)}"), ("moh-sound", "$${unclosed"), ("moh-sound", "a\nb"),
        ("moh-sound", "../../etc/passwd"), ("record-template", "/r/${system(touch x)}.wav"), ("record-template", "/r/${strftime(%Y)}/../x.wav"),
        ("record-template", "/r/${caller_id_name}.wav"), ("record-template", "/r/${strftime(${uuid})}.wav"), ("record-template", "/r/a;b.wav"),
        ("agent-no-answer-status", "Lunch"),
        // Passwords are globals, too, and whoever lists the queues would read them.
        ("moh-sound", "$${event_socket_password}"), ("record-template", "/r/$${screenpop_token}.wav"), ("moh-sound", "$${Hold_Music}"),
        ("moh-sound", "$${hold_music }"), ("moh-sound", "$${hold_music\u{345}}"), ("moh-sound", "$${hold_music}\u{345}$${default_password}"),
        // An accent that counts as a letter, and a global that is not set.
        ("moh-sound", "/X-PRE-PROCESS\u{345}"), ("record-template", "/x-pre-process\u{345}.wav"), ("moh-sound", "/X-PRE$${sound_prefix}-PROCESS"),
        ("moh-sound", "/a/.$${sound_prefix}./b.wav"), ("moh-sound", "../\u{345}"),
    ])
    func `a value that would do something else is refused`(parameter: String, value: String) {
        #expect(throws: QueueDefinitionError.self) { try QueueDefinition(name: "q@default", values: [parameter: value]) }
    }

    @Test(arguments: [
        ("moh-sound", "$${hold_music}"), ("moh-sound", "tone_stream://%(400,4600,440);loops=-1"), ("moh-sound", "/var/sounds/等待.wav"),
        ("moh-sound", "$${sounds_dir}/music/$${domain}.wav"), ("moh-sound", "$${prompts}/x-pre.wav"),
        ("record-template", "$${recordings_dir}/${strftime(%Y-%m-%d-%H-%M-%S)}.${destination_number}.${caller_id_number}.${uuid}.wav"),
        ("agent-no-answer-status", "logged out"),
    ])
    func `what people write is taken`(parameter: String, value: String) throws {
        let queue = try QueueDefinition(name: "q@default", values: [parameter: value])
        #expect(queue.values[parameter]?.lowercased() == value.lowercased())
    }

    @Test func `an unknown parameter and an illegal name are told`() {
        #expect(throws: QueueDefinitionError.unknownParameter("max-wait")) { try QueueDefinition(name: "q", values: ["max-wait": "1"]) }
        #expect(throws: QueueDefinitionError.self) { try QueueDefinition(name: "q|x") }
        for name in ["X-PRE-PROCESS", "x-Pre-Process\u{301}"] {
            #expect(throws: QueueDefinitionError.reservedName("X-PRE-PROCESS"), "\(name)") { try QueueDefinition(name: name) }
        }
    }
}
