import CallCenter
import ScreenPop

/// The flat fields of a hash, as `HGETALL` shows them: snake_case names, an unknown value is left out, `json` holds the whole record.
struct Fields {
    private(set) var items: [(name: String, value: [UInt8])] = []

    mutating func set(_ name: String, _ text: String?) {
        // mod_callcenter's way to say "none" is an empty text; ours is no field.
        guard let text, !text.isEmpty else { return }
        self.items.append((name, Array(text.utf8)))
    }

    mutating func set(_ name: String, _ number: Int?) { self.set(name, number.map(String.init)) }
    mutating func set(_ name: String, _ time: Timestamp?) { self.set(name, time?.rfc3339) }
    mutating func set(_ name: String, json: [UInt8]) { self.items.append((name, json)) }

    mutating func set(attributes: [String: String]) {
        var writer = JSONWriter(capacity: 128)
        writer.object { writer in
            for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
                writer.name(escaping: name)
                writer.value(value)
            }
        }
        self.set("attributes", json: writer.bytes)
    }
}

extension Fields {
    init(_ pop: Pop, json: [UInt8]) {
        self.set("id", pop.id)
        self.set("version", pop.version)
        self.set("kind", pop.kind.rawValue)
        self.set("state", pop.state.rawValue)
        self.set("agent", pop.agent)
        self.set("node", pop.node)
        self.set("queue", pop.queue)
        self.set("caller_number", pop.caller.number)
        self.set("caller_name", pop.caller.name)
        self.set("dialed", pop.dialed)
        self.set("call_uuid", pop.callUUID)
        self.set("member_uuid", pop.memberUUID)
        self.set("agent_call_uuid", pop.agentCallUUID)
        self.set("joined_at", pop.joinedAt)
        self.set("offered_at", pop.offeredAt)
        self.set("answered_at", pop.answeredAt)
        self.set("bridged_at", pop.bridgedAt)
        self.set("held_at", pop.heldAt)
        self.set("ended_at", pop.endedAt)
        self.set("wait_seconds", pop.waitSeconds)
        self.set("end_reason", pop.endReason?.rawValue)
        self.set("ended_by", pop.endedBy?.rawValue)
        self.set("transferred_to", pop.transferredTo)
        self.set("url", pop.url)
        self.set(attributes: pop.attributes)
        self.set("json", json: json)
    }

    init(_ agent: AgentRecord) {
        self.set("name", agent.name)
        self.set("node", agent.node)
        self.set("type", agent.type)
        self.set("contact", agent.contact)
        self.set("status", agent.status.text)
        self.set("state", agent.state.text)
        self.set("normalized", agent.normalized.rawValue)
        self.set("reason", agent.reason)
        self.set("reason_by", agent.reasonBy)
        self.set("reason_since", agent.reasonSince)
        self.set("reason_source", agent.reasonSource?.rawValue)
        if let pending = agent.pending { self.set("pending", json: pending.json) }
        self.set("status_changed_at", agent.statusChangedAt)
        self.set("state_changed_at", agent.stateChangedAt)
        self.set("wrap_up_since", agent.wrapUp?.since)
        self.set("wrap_up_until", agent.wrapUpUntil)
        self.set("pop", agent.pops.first)
        self.set("max_no_answer", agent.maxNoAnswer)
        self.set("wrap_up_time", agent.wrapUpTime)
        self.set("reject_delay_time", agent.rejectDelayTime)
        self.set("busy_delay_time", agent.busyDelayTime)
        self.set("no_answer_delay_time", agent.noAnswerDelayTime)
        self.set("ready_time", agent.readyTime)
        self.set("no_answer_count", agent.noAnswerCount)
        self.set("calls_answered", agent.callsAnswered)
        self.set("talk_time", agent.talkTime)
        self.set("json", json: agent.json)
    }

    init(_ queue: QueueRecord) {
        self.set("name", queue.name)
        self.set("node", queue.node)
        self.set("strategy", queue.strategy)
        self.set("waiting", queue.waiting)
        self.set("agents_ready", queue.agentsReady)
        self.set("agents_talking", queue.agentsTalking)
        self.set("agents_logged_in", queue.agentsLoggedIn)
        self.set("longest_wait_since", queue.longestWaitSince)
        self.set("answered", queue.answered)
        self.set("abandoned", queue.abandoned)
        self.set("parameters", json: queue.parametersJSON)
        self.set("json", json: queue.json)
    }

    init(_ call: CallRecord, json: [UInt8]) {
        self.set("uuid", call.uuid)
        self.set("node", call.node)
        self.set("kind", call.kind.rawValue)
        self.set("caller_number", call.caller.number)
        self.set("caller_name", call.caller.name)
        self.set("dialed", call.dialed)
        self.set("queue", call.queue)
        self.set("agent", call.agent)
        self.set("started_at", call.startedAt)
        self.set("answered_at", call.answeredAt)
        self.set("ended_at", call.endedAt)
        self.set("end_reason", call.endReason?.rawValue)
        self.set("ended_by", call.endedBy?.rawValue)
        self.set(attributes: call.attributes)
        self.set("json", json: json)
    }

    init(_ entry: TraceEntry) {
        self.set("at", entry.at)
        self.set("kind", entry.kind.rawValue)
        self.set("what", entry.what)
        self.set("agent", entry.agent)
        self.set("queue", entry.queue)
        self.set("detail", entry.detail)
        self.set("json", json: entry.json)
    }
}
