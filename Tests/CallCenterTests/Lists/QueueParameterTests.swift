import CallCenter
import Testing

@Suite struct QueueParameterTests {
    /// As a real FreeSWITCH listed it.
    private static let listed = """
        name|strategy|moh_sound|time_base_score|tier_rules_apply|tier_rule_wait_second|tier_rule_wait_multiply_level|tier_rule_no_agent_no_wait|\
        discard_abandoned_after|abandoned_resume_allowed|max_wait_time|max_wait_time_with_no_agent|max_wait_time_with_no_agent_time_reached|\
        record_template|calls_answered|calls_abandoned|ring_progressively_delay|skip_agents_with_external_calls|agent_no_answer_status
        sales@default|ring-all|tone_stream://%(400,4600,440);loops=-1|queue|false|0|false|true|60|false|20|5|5||7|8|0|true|On Break
        +OK
        """

    @Test func `every column but the counts is a parameter, typed`() throws {
        let row = try #require(try QueueRow.rows(in: Self.listed).first)
        let values = Dictionary(uniqueKeysWithValues: QueueParameter.all(of: row).map { ($0.name, $0.value) })
        #expect(
            values == [
                "strategy": .text("ring-all"), "mohSound": .text("tone_stream://%(400,4600,440);loops=-1"), "timeBaseScore": .text("queue"),
                "tierRulesApply": .flag(false), "tierRuleWaitSecond": .number(0), "tierRuleWaitMultiplyLevel": .flag(false),
                "tierRuleNoAgentNoWait": .flag(true), "discardAbandonedAfter": .number(60), "abandonedResumeAllowed": .flag(false),
                "maxWaitTime": .number(20), "maxWaitTimeWithNoAgent": .number(5), "maxWaitTimeWithNoAgentTimeReached": .number(5),
                "recordTemplate": .none, "ringProgressivelyDelay": .number(0), "skipAgentsWithExternalCalls": .flag(true),
                "agentNoAnswerStatus": .text("On Break"),
            ])
        #expect(QueueParameter.all(of: row).map(\.name) == values.keys.sorted())
    }

    @Test func `what is not of its type, or of a newer FreeSWITCH, is a text`() {
        let row = QueueRow(name: "q", parameters: ["name": "q", "max_wait_time": "soon", "tier_rules_apply": "maybe", "new_thing": "5"])
        #expect(
            QueueParameter.all(of: row) == [
                QueueParameter(name: "maxWaitTime", value: .text("soon")), QueueParameter(name: "newThing", value: .text("5")),
                QueueParameter(name: "tierRulesApply", value: .text("maybe")),
            ])
    }
}
