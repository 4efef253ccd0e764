/// One event of the simulated switch: its headers in wire order, decoded.
package struct SwitchEvent: Sendable, Equatable {
    package struct Header: Sendable, Equatable {
        package var name: String
        package var value: String
    }

    /// `CHANNEL_CREATE`, `CUSTOM`, ...
    package var name: String
    /// `callcenter::info` and the like; only of a `CUSTOM` event.
    package var subclass: String?
    package var headers: [Header] = []
    package var body: String?

    /// The first value of a header.
    package func value(_ name: String) -> String? {
        self.headers.first { $0.name == name }?.value
    }

    mutating func append(_ name: String, _ value: String) {
        self.headers.append(Header(name: name, value: value))
    }

    mutating func append(_ headers: KeyValuePairs<String, String>) {
        for (name, value) in headers { self.append(name, value) }
    }
}

/// Where in FreeSWITCH's source an event comes from; real events carry it, so ours do.
struct EventSource: Sendable {
    var file: String
    var function: String
    var line: Int

    static let channelCreate = EventSource(file: "switch_core_state_machine.c", function: "switch_core_session_run", line: 626)
    static let channelProgress = EventSource(file: "switch_channel.c", function: "switch_channel_perform_mark_ring_ready_value", line: 3505)
    static let channelAnswer = EventSource(file: "switch_channel.c", function: "switch_channel_perform_mark_answered", line: 3846)
    static let channelBridge = EventSource(file: "switch_ivr_bridge.c", function: "switch_ivr_multi_threaded_bridge", line: 1689)
    static let channelPark = EventSource(file: "switch_ivr.c", function: "switch_ivr_park", line: 998)
    static let channelUnbridge = EventSource(file: "switch_ivr_bridge.c", function: "switch_ivr_multi_threaded_bridge", line: 1879)
    static let channelHold = EventSource(file: "switch_ivr.c", function: "switch_ivr_hold", line: 1558)
    static let channelUnhold = EventSource(file: "switch_ivr.c", function: "switch_ivr_unhold", line: 1638)
    static let channelHangup = EventSource(file: "switch_channel.c", function: "switch_channel_perform_hangup", line: 3445)
    static let channelHangupComplete = EventSource(
        file: "switch_core_state_machine.c", function: "switch_core_session_reporting_state", line: 943)
    static let channelDestroy = EventSource(file: "switch_core_session.c", function: "switch_core_session_perform_destroy", line: 1584)
    static let dtmf = EventSource(file: "switch_channel.c", function: "switch_channel_dequeue_dtmf", line: 677)
    static let heartbeat = EventSource(file: "switch_core.c", function: "send_heartbeat", line: 95)
    static let shutdown = EventSource(file: "switch_core.c", function: "switch_core_destroy", line: 3040)
    static let reloadXML = EventSource(file: "switch_xml.c", function: "switch_xml_open_root", line: 2385)
    static let sendevent = EventSource(file: "mod_event_socket.c", function: "parse_command", line: 2275)
    static let backgroundJob = EventSource(file: "mod_event_socket.c", function: "api_exec", line: 1572)
    static let uuidDump = EventSource(file: "mod_commands.c", function: "uuid_dump_function", line: 6468)

    static let agentAdd = callcenter("cc_agent_add", 915)
    static let agentGet = callcenter("cc_agent_get", 970)
    static let agentStatus = callcenter("cc_agent_update", 1043)
    static let agentState = callcenter("cc_agent_update", 1067)
    static let agentContact = callcenter("cc_agent_update", 1091)
    static let membersCount = callcenter("cc_queue_count", 878)
    static let memberStart = callcenter("callcenter_function", 3113)
    static let memberCancel = callcenter("callcenter_function", 3274)
    static let agentOffering = callcenter("outbound_agent_thread_run", 1717)
    static let bridgeStart = callcenter("outbound_agent_thread_run", 1934)
    static let bridgeEnd = callcenter("outbound_agent_thread_run", 2062)
    static let memberEnd = callcenter("outbound_agent_thread_run", 2098)
    static let maxNoAnswer = callcenter("outbound_agent_thread_run", 2176)
    static let bridgeFail = callcenter("outbound_agent_thread_run", 2200)

    private static func callcenter(_ function: String, _ line: Int) -> EventSource {
        EventSource(file: "mod_callcenter.c", function: function, line: line)
    }
}
