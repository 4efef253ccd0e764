import ScreenPop
import Testing

/// What each recording must give: agents and ends, as Tests/Recordings/README.md lists them.
@Suite struct RecordingEndings {
    @Test(arguments: [
        ("answered", ["1001@default queue completed-caller caller"]),
        ("answered_utf8_name", ["1001@default queue completed-caller caller"]),
        ("ivr_then_queue", ["1001@default queue completed-caller caller"]),
        ("eavesdrop", ["1001@default queue completed-caller caller"]),
        ("user_variables", ["1001@default queue completed-caller caller"]),
        ("status_change_while_talking", ["1001@default queue completed-caller caller"]),
        ("agent_deleted_while_talking", ["1001@default queue completed-caller caller"]),
        ("module_reload_during_call", ["1001@default queue completed-caller caller"]),
        ("node_shutdown", ["1001@default queue completed-caller caller"]),
        ("uuid_standby", ["1077@default queue completed-caller caller"]),
        ("agent_hangs_up_on_demand", ["1001@default queue completed-agent agent"]),
        ("agent_leg_killed", ["1001@default queue completed-agent agent"]),
        ("two_members_one_agent", ["1001@default queue completed-caller caller", "1001@default queue completed-caller caller"]),
        ("abandoned_waiting", []),
        ("abandoned_then_resumed", []),
        ("queue_timeout", []),
        ("heartbeat", []),
        ("registration", []),
        ("background_jobs", []),
        ("commands", []),
        ("userauth", []),
        ("userauth_cut", []),
        ("abandoned_ringing", ["1001@default queue caller-abandoned caller"]),
        ("no_answer_to_break", ["1001@default queue no-answer switch", "1001@default queue no-answer switch"]),
        ("busy_agent", ["1001@default queue busy agent", "1001@default queue busy agent"]),
        ("rejected_then_second_agent", ["1001@default queue rejected agent", "1002@default queue completed-caller caller"]),
        ("agent_logs_out_while_ringing", ["1001@default queue offer-cancelled switch"]),
        (
            "ring_all",
            [
                "1001@default queue completed-caller caller", "1003@default queue answered-elsewhere switch",
                "1002@default queue answered-elsewhere switch",
            ]
        ),
        // The first agent's leg is gone before the second one is offered the call, whatever bridge-agent-end says later.
        ("hold_and_blind_transfer", ["1001@default queue transferred -", "1002@default queue completed-caller caller"]),
        ("attended_transfer", ["1001@default queue transferred -"]),
        ("direct_answered", ["1001@default direct completed-caller caller"]),
        ("direct_no_answer", ["1001@default direct no-answer switch"]),
        ("direct_busy", ["1001@default direct busy agent"]),
        ("outbound_answered", ["1001@default outbound completed-agent agent"]),
        // Two clicks to dial from one phone, both ended by a command: the legs of one were hung up far end first, of the other agent first.
        ("direct_call_between_extensions", ["1001@default outbound completed-caller switch", "1001@default outbound completed-agent switch"]),
        // A command hung up everything: the callers' legs first.
        ("resync_mid_call", ["1001@default queue completed-caller switch", "1002@default queue caller-abandoned switch"]),
    ]) func pops(recording: String, expected: [String]) throws {
        let play = try Play(recording)
        #expect(
            play.pops.map { "\($0.agent) \($0.kind.rawValue) \($0.endReason?.rawValue ?? "live") \($0.endedBy?.rawValue ?? "-")" } == expected)
        // Nothing about a call stays when it is over.
        #expect(play.reducer.holdings.pops == 0)
        #expect(play.reducer.holdings.members == 0)
        #expect(play.reducer.holdings.calls == 0)
    }
}
