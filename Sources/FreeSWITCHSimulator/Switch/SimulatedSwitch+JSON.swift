import OrderedCollections

/// `json {"command":"callcenter_config","data":{...}}`: the JSON form of the lists. Changes have none.
extension SimulatedSwitch {
    func jsonAPI(_ argument: String) -> String {
        guard case .object(var request)? = JSONValue(argument), let command = JSONValue.object(request)["command"]?.text else {
            return "-ERR\n"
        }
        func answer(_ members: KeyValuePairs<String, JSONValue>) -> String {
            request += members.map { JSONValue.Member(name: $0.key, value: $0.value) }
            let value = JSONValue.object(request)
            return (value["format"]?.text == "pretty" ? value.pretty() : value.compact) + "\n"
        }
        guard command == "callcenter_config", self.isCallCenterLoaded else {
            return answer(["status": .string("error"), "message": .string("Unknown command")])
        }
        let data = JSONValue.object(request)["data"]
        switch self.list(data?["arguments"]?.text ?? "", queue: data?["queue_name"]?.text) {
        case .rows(let rows): return answer(["status": .string("success"), "response": .array(rows)])
        case .failure(let response):
            return answer(["status": .string("error"), "message": .string("The command returned an error"), "response": response])
        }
    }

    private enum ListAnswer {
        case rows([JSONValue])
        case failure(JSONValue)
    }

    private func list(_ arguments: String, queue: String?) -> ListAnswer {
        func ofQueue(_ rows: (String) -> [JSONValue]) -> ListAnswer {
            queue.map { .rows(rows($0)) } ?? .failure(.object(["error": .string("Missing data attribute: queue_name")]))
        }
        switch arguments {
        case "agent list": return .rows(self.agents.values.map(Self.row))
        case "tier list": return .rows(Self.sorted(self.tiers).map(Self.row))
        case "queue list": return .rows(self.sortedQueues.map(Self.row))
        case "member list": return .rows(self.members.values.map(self.row))
        case "queue list agents": return ofQueue { self.agents(ofQueue: $0).map(Self.row) }
        case "queue list tiers": return ofQueue { queue in Self.sorted(self.tiers).filter { $0.queue == queue }.map(Self.row) }
        case "queue list members": return ofQueue { queue in self.members.values.filter { $0.queue == queue }.map(self.row) }
        default: return .failure(.null)
        }
    }

    private static func row(_ agent: SimulatedAgent) -> JSONValue {
        func seconds(_ time: Int64) -> JSONValue { .string(String(time / 1_000_000)) }
        func text(_ number: Int) -> JSONValue { .string(String(number)) }
        let row: KeyValuePairs<String, JSONValue> = [
            "name": .string(agent.name), "instance_id": .string("single_box"), "uuid": .string(agent.uuid), "type": .string(agent.type),
            "contact": .string(agent.contact), "status": .string(agent.status), "state": .string(agent.state),
            "max_no_answer": text(agent.maxNoAnswer), "wrap_up_time": text(agent.wrapUpTime), "reject_delay_time": text(agent.rejectDelayTime),
            "busy_delay_time": text(agent.busyDelayTime), "no_answer_delay_time": text(agent.noAnswerDelayTime),
            "last_bridge_start": seconds(agent.lastBridgeStart), "last_bridge_end": seconds(agent.lastBridgeEnd),
            "last_offered_call": seconds(agent.lastOfferedCall), "last_status_change": seconds(agent.lastStatusChange),
            "no_answer_count": text(agent.noAnswerCount), "calls_answered": text(agent.callsAnswered), "talk_time": text(agent.talkTime),
            "ready_time": .string(String(agent.readyTime)), "external_calls_count": text(agent.externalCalls),
        ]
        // An empty column is left out.
        return .object(row.filter { $0.value != .string("") }.map { JSONValue.Member(name: $0.key, value: $0.value) })
    }

    private static func row(_ tier: SimulatedTier) -> JSONValue {
        .object([
            "queue": .string(tier.queue), "agent": .string(tier.agent), "state": .string(tier.state), "level": .string(String(tier.level)),
            "position": .string(String(tier.position)),
        ])
    }

    private static func row(_ queue: SimulatedQueue) -> JSONValue {
        .object([
            "name": .string(queue.name), "strategy": .string(queue.strategy.rawValue), "moh_sound": .string(queue.shown("moh-sound")),
            "time_base_score": .string(queue.timeBaseScore), "tier_rules_apply": .string(queue.shown("tier-rules-apply")),
            "tier_rule_wait_second": .number(queue.shown("tier-rule-wait-second")),
            "tier_rule_wait_multiply_level": .string(queue.shown("tier-rule-wait-multiply-level")),
            "tier_rule_no_agent_no_wait": .string(queue.shown("tier-rule-no-agent-no-wait")),
            "discard_abandoned_after": .number(String(queue.discardAbandonedAfter)),
            "abandoned_resume_allowed": .string(String(queue.abandonedResumeAllowed)), "max_wait_time": .number(String(queue.maxWaitTime)),
            "max_wait_time_with_no_agent": .number(String(queue.maxWaitTimeWithNoAgent)),
            "max_wait_time_with_no_agent_time_reached": .number(queue.shown("max-wait-time-with-no-agent-time-reached")),
            "skip_agents_with_external_calls": .string(queue.shown("skip-agents-with-external-calls")),
            "agent_no_answer_status": .string(queue.agentNoAnswerStatus),
        ])
    }

    private func row(_ member: SimulatedMember) -> JSONValue {
        let joined = String(member.joined / 1_000_000)
        let row: KeyValuePairs<String, String> = [
            "queue": member.queue, "instance_id": "single_box", "uuid": member.uuid, "session_uuid": member.channel, "cid_number": member.number,
            "cid_name": member.name, "system_epoch": joined, "joined_epoch": joined, "rejoined_epoch": "0",
            "bridge_epoch": String(member.bridged / 1_000_000), "abandoned_epoch": String(member.abandoned / 1_000_000), "base_score": "0",
            "skill_score": "0", "serving_agent": member.servingAgent, "state": member.state.rawValue,
            "score": String((self.now - member.joined) / 1_000_000),
        ]
        return .object(row.filter { !$0.value.isEmpty }.map { JSONValue.Member(name: $0.key, value: .string($0.value)) })
    }
}
