import CallCenter
import RecordingsSupport
import Testing

/// The answers that a recorded FreeSWITCH gave to a command, in order.
private func answers(_ recording: String, to command: String) throws -> [String] {
    let messages = try Recording(recording).messages
    return messages.indices.filter { !messages[$0].isFromFreeSWITCH && messages[$0].text == "api \(command)\n\n" }.compactMap { index in
        messages[(index + 1)...].first { $0.hasContentType("api/response") }.map { String(decoding: $0.body, as: UTF8.self) }
    }
}

private let agentHeader =
    "name|instance_id|uuid|type|contact|status|state|max_no_answer|wrap_up_time|reject_delay_time|busy_delay_time|no_answer_delay_time|"
    + "last_bridge_start|last_bridge_end|last_offered_call|last_status_change|no_answer_count|calls_answered|talk_time|ready_time|external_calls_count"
private let memberHeader =
    "queue|instance_id|uuid|session_uuid|cid_number|cid_name|system_epoch|joined_epoch|rejoined_epoch|bridge_epoch|abandoned_epoch|base_score|"
    + "skill_score|serving_agent|serving_system|state|score"
private let queueHeader =
    "name|strategy|moh_sound|time_base_score|tier_rules_apply|tier_rule_wait_second|tier_rule_wait_multiply_level|tier_rule_no_agent_no_wait|"
    + "discard_abandoned_after|abandoned_resume_allowed|max_wait_time|max_wait_time_with_no_agent|max_wait_time_with_no_agent_time_reached|"
    + "record_template|calls_answered|calls_abandoned|ring_progressively_delay|skip_agents_with_external_calls|agent_no_answer_status"

@Suite struct AgentListTests {
    @Test func readsARecordedListOfATalkingARingingAndAnIdleAgent() throws {
        let text = try #require(answers("resync_mid_call.second_client", to: "callcenter_config agent list").first)
        let agents = try AgentRow.rows(in: text)
        #expect(agents.map(\.name) == ["q x@default", "1001@default", "1002@default"])
        var talking = AgentRow()
        talking.name = "1001@default"
        talking.uuid = "d7e15705-77ab-4098-8510-c6b117ebb704"
        talking.contact = "[call_timeout=10]sofia/internal/1001@127.0.0.1:6001"
        talking.status = .available
        talking.state = .inAQueueCall
        talking.maxNoAnswer = 3
        talking.wrapUpTime = 2
        talking.rejectDelayTime = 2
        talking.busyDelayTime = 2
        talking.noAnswerDelayTime = 2
        talking.lastBridgeStart = 1_795_388_077
        talking.lastOfferedCall = 1_795_388_076
        talking.lastStatusChange = 1_795_388_075
        talking.callsAnswered = 1
        #expect(agents.dropFirst().first == talking)
        #expect(agents.last?.state == .receiving)
        #expect(agents.first?.contact == "")
        #expect(agents.first?.uuid == nil)
    }

    @Test func takesARecordedContactWithASeparatorApartFromBothEnds() throws {
        let lists = try answers("commands", to: "callcenter_config agent list")
        #expect(lists.count == 2)
        #expect(try AgentRow.rows(in: lists[0]) == [])
        let agents = try AgentRow.rows(in: lists[1])
        #expect(agents.map(\.name) == ["1001@default", "1002@default"])
        #expect(agents[1].contact == "[leg_timeout=5]sofia/internal/1002@127.0.0.1|sofia/internal/1003@127.0.0.1")
        #expect(agents[1].status == .loggedOut)
        #expect(agents[1].type == "uuid-standby")
        // A status is stored as somebody wrote it.
        #expect(agents[0].status == .other("available"))
    }

    @Test func continuesARowWhoseContactHoldsALineFeed() throws {
        let agents = try AgentRow.rows(
            in: agentHeader + "\na@d|single_box||Callback|user/1\n+OK|2|Available|Waiting|0|0|0|0|0|0|0|0|0|0|7|0|0|0\n+OK\n")
        #expect(agents.map(\.contact) == ["user/1\n+OK|2"])
        #expect(agents.map(\.callsAnswered) == [7])
    }

    @Test func findsColumnsByNameAndReads0ForWhatIsNoNumber() throws {
        let agents = try AgentRow.rows(in: "state|new_column|status|name|max_no_answer\nIdle|x|On Break|1001@default|many\n+OK\n")
        #expect(agents.map(\.name) == ["1001@default"])
        #expect(agents.map(\.status) == [.onBreak])
        #expect(agents.map(\.state) == [.idle])
        #expect(agents.map(\.maxNoAnswer) == [0])
    }

    @Test(arguments: [
        ("-ERR no reply\n", ListError.refused(list: "agent list", reply: "-ERR no reply")),
        ("-USAGE: \ncallcenter_config <target>\n", .refused(list: "agent list", reply: "-USAGE: ")),
        ("", .truncated(list: "agent list")),
        ("name|status|state\n1001@default|Avail", .truncated(list: "agent list")),
        ("name|status\n1001@default|Available\n+OK\n", .missingColumn(list: "agent list", column: "state")),
        ("name|status|state\nx|Idle\n+OK\n", .malformedRow(list: "agent list", line: 2, columns: 3, found: 2)),
    ])
    func saysWhatIsWrongAndWhere(text: String, error: ListError) {
        #expect(throws: error) { try AgentRow.rows(in: text) }
    }

    /// Whoever adds an agent past ScreenPop may call him what he likes; one such name kept the whole node away.
    @Test(arguments: ["p|p", "|", "a|single_box||b", "nl\nx", "+OK", "-ERR", "name"])
    func aNameChangesNoOtherColumn(name: String) throws {
        let rows = ["\(name)|single_box||Callback|sofia/internal/1|2@x|y", "1001@default|single_box|uuid|uuid-standby|user/1001"]
        let text = rows.map { "\($0)|On Break|Idle|3|0|1|2|4|5|6|7|8|9|10|11|12|0" }.joined(separator: "\n")
        let agents = try AgentRow.rows(in: "\(agentHeader)\n\(text)\n+OK\n")
        #expect(agents.map(\.name) == [name, "1001@default"])
        #expect(agents.map(\.contact) == ["sofia/internal/1|2@x|y", "user/1001"])
        #expect(agents.map(\.type) == ["Callback", "uuid-standby"])
        #expect(agents.allSatisfy { $0.status == .onBreak && $0.readyTime == 12 })
    }

    @Test func givesUpOnARowThatNeverEnds() {
        let text = "name|status|state\n" + String(repeating: "x\n", count: 100) + "+OK\n"
        #expect(throws: ListError.malformedRow(list: "agent list", line: 2, columns: 3, found: 1)) { try AgentRow.rows(in: text) }
    }
}

@Suite struct TierListTests {
    @Test func readsTheRecordedList() throws {
        let text = try #require(answers("commands", to: "callcenter_config tier list").first)
        #expect(
            try TierRow.rows(in: text) == [
                TierRow(queue: "sales@default", agent: "1002@default", state: "Ready", level: 1, position: 1),
                TierRow(queue: "support@default", agent: "1001@default", state: "Ready", level: 2, position: 3),
            ])
        #expect(try TierRow.rows(in: "+OK\n") == [])
    }

    @Test(arguments: ["p|p", "||", "nl\nx", "+OK", "agent"]) func anAgentsNameChangesNoOtherColumn(name: String) throws {
        let text = "queue|agent|state|level|position\nsales@default|\(name)|No Answer|2|3\nsales@default|1001@default|Ready|1|1\n+OK\n"
        #expect(
            try TierRow.rows(in: text) == [
                TierRow(queue: "sales@default", agent: name, state: "No Answer", level: 2, position: 3),
                TierRow(queue: "sales@default", agent: "1001@default", state: "Ready", level: 1, position: 1),
            ])
    }
}

@Suite struct QueueListTests {
    @Test func readsTheRecordedList() throws {
        let text = try #require(answers("resync_mid_call.second_client", to: "callcenter_config queue list").first)
        let queues = try QueueRow.rows(in: text)
        #expect(queues.map(\.name) == ["sales@default", "support@default"])
        #expect(queues.map(\.strategy) == ["ring-all", "longest-idle-agent"])
        #expect(queues.map(\.callsAnswered) == [23, 242])
        #expect(queues.map(\.callsAbandoned) == [33, 59])
        #expect(queues[0].parameters["max_wait_time"] == "20")
        #expect(queues[0].parameters["moh_sound"] == "tone_stream://%(400,4600,440);loops=-1")
        #expect(queues[1].parameters["name"] == "support@default")
        #expect(queues[1].parameters["agent_no_answer_status"] == "On Break")
    }

    @Test(arguments: [
        ("local_stream://a|b", ""), ("local_stream://a", "/tmp/x|y"), ("a|b|c", "d|e"), ("|", "|"), ("a|system", "b|0"),
    ])
    func findsTheEndsOfBothFreeTexts(music: String, template: String) throws {
        let row = "q@d|top-down|\(music)|system|false|0|false|true|60|true|0|0|5|\(template)|3|4|0|true|On Break"
        let queue = try #require(QueueRow.rows(in: "\(queueHeader)\n\(row)\n+OK\n").first)
        #expect(queue.parameters["moh_sound"] == music)
        #expect(queue.parameters["record_template"] == template)
        #expect(queue.parameters["time_base_score"] == "system")
        #expect(queue.callsAnswered == 3)
        #expect(queue.callsAbandoned == 4)
    }

    @Test func refusesARowOfWhichNoReadingFits() {
        let row = "q@d|top-down|music|x|y|false|0|false|true|60|true|0|0|5||3|4|0|true|On Break"
        #expect(throws: ListError.malformedRow(list: "queue list", line: 2, columns: 19, found: 20)) {
            try QueueRow.rows(in: "\(queueHeader)\n\(row)\n+OK\n")
        }
    }
}

@Suite struct MemberListTests {
    @Test func readsTheRecordedList() throws {
        let text = try #require(answers("resync_mid_call.second_client", to: "callcenter_config queue list members support@default").first)
        let members = try MemberRow.rows(in: text)
        #expect(members.map(\.callerName) == ["Talking Tom", "Ringing Rita", "Waiting Walt"])
        #expect(members.map(\.state) == ["Answered", "Trying", "Waiting"])
        #expect(members.map(\.servingAgent) == ["1001@default", "1002@default", nil])
        #expect(members[0].uuid == "1dc7bd0e-7503-4f2d-a019-5d85a4684766")
        #expect(members[0].sessionUUID == "7c8cad68-7df3-48b3-bcea-3198cf1f0ba4")
        #expect(members[0].callerNumber == "0211111111")
        #expect(members[0].joinedEpoch == 1_795_388_076)
        #expect(members[0].bridgeEpoch == 1_795_388_077)
        #expect(members[0].score == 3)
    }

    @Test(arguments: ["O'Brien | Sons", "|", "a||b", "\u{301}accent first", "name\r"])
    func leavesSeparatorsInTheCallersName(name: String) throws {
        let row = "q@d|single_box|u1|s1|0211|\(name)|1|2|3|4|5|0|0||single_box|Waiting|9"
        let member = try #require(MemberRow.rows(in: "\(memberHeader)\n\(row)\n+OK\n").first)
        #expect(member.callerNumber == "0211")
        #expect(member.callerName.map { Array($0.utf8) } == Array(name.utf8))
        #expect(member.joinedEpoch == 2)
        #expect(member.rejoinedEpoch == 3)
        #expect(member.abandonedEpoch == 5)
        #expect(member.servingAgent == nil)
        #expect(member.score == 9)
    }
}
