extension AgentRow {
    /// Reads the answer of `agent list` or `queue list agents QUEUE`.
    public static func rows(in text: String) throws(ListError) -> [AgentRow] {
        let table = try PipeTable(text, list: "agent list", free: ["name", "contact"]) { column, value in
            column != "type" || value == "Callback" || value == "uuid-standby"
        }
        try table.require("name", "status", "state")
        return table.rows.map { row in
            var agent = AgentRow()
            agent.name = table.text(row, "name")
            agent.uuid = table.optional(row, "uuid")
            agent.type = table.text(row, "type")
            agent.contact = table.text(row, "contact")
            agent.status = AgentStatus(table.text(row, "status"))
            agent.state = AgentState(table.text(row, "state"))
            agent.maxNoAnswer = table.int(row, "max_no_answer")
            agent.wrapUpTime = table.int(row, "wrap_up_time")
            agent.rejectDelayTime = table.int(row, "reject_delay_time")
            agent.busyDelayTime = table.int(row, "busy_delay_time")
            agent.noAnswerDelayTime = table.int(row, "no_answer_delay_time")
            agent.lastBridgeStart = table.int(row, "last_bridge_start")
            agent.lastBridgeEnd = table.int(row, "last_bridge_end")
            agent.lastOfferedCall = table.int(row, "last_offered_call")
            agent.lastStatusChange = table.int(row, "last_status_change")
            agent.noAnswerCount = table.int(row, "no_answer_count")
            agent.callsAnswered = table.int(row, "calls_answered")
            agent.talkTime = table.int(row, "talk_time")
            agent.readyTime = table.int(row, "ready_time")
            agent.externalCallsCount = table.int(row, "external_calls_count")
            return agent
        }
    }
}

extension TierRow {
    /// Reads the answer of `tier list` or `queue list tiers QUEUE`.
    public static func rows(in text: String) throws(ListError) -> [TierRow] {
        let table = try PipeTable(text, list: "tier list", free: ["agent"])
        try table.require("queue", "agent", "state")
        return table.rows.map { row in
            TierRow(
                queue: table.text(row, "queue"), agent: table.text(row, "agent"), state: table.text(row, "state"), level: table.int(row, "level"),
                position: table.int(row, "position"))
        }
    }
}

extension QueueRow {
    /// Reads the answer of `queue list`.
    public static func rows(in text: String) throws(ListError) -> [QueueRow] {
        let table = try PipeTable(text, list: "queue list", free: ["moh_sound", "record_template"]) { column, value in
            switch column {
            case "time_base_score": value == "queue" || value == "system"
            case "tier_rules_apply", "tier_rule_wait_multiply_level", "tier_rule_no_agent_no_wait", "abandoned_resume_allowed":
                value == "true" || value == "false"
            default: Int64(value) != nil
            }
        }
        try table.require("name", "strategy")
        return table.rows.map { row in
            QueueRow(
                name: table.text(row, "name"), strategy: table.text(row, "strategy"), callsAnswered: table.int(row, "calls_answered"),
                callsAbandoned: table.int(row, "calls_abandoned"),
                parameters: Dictionary(zip(table.columns, row), uniquingKeysWith: { first, _ in first }))
        }
    }
}

extension MemberRow {
    /// Reads the answer of `queue list members QUEUE`.
    public static func rows(in text: String) throws(ListError) -> [MemberRow] {
        let table = try PipeTable(text, list: "queue list members", free: ["cid_number", "cid_name"])
        try table.require("queue", "uuid", "session_uuid", "state")
        return table.rows.map { row in
            var member = MemberRow()
            member.queue = table.text(row, "queue")
            member.uuid = table.text(row, "uuid")
            member.sessionUUID = table.text(row, "session_uuid")
            member.callerNumber = table.optional(row, "cid_number")
            member.callerName = table.optional(row, "cid_name")
            member.joinedEpoch = table.int(row, "joined_epoch")
            member.rejoinedEpoch = table.int(row, "rejoined_epoch")
            member.bridgeEpoch = table.int(row, "bridge_epoch")
            member.abandonedEpoch = table.int(row, "abandoned_epoch")
            member.servingAgent = table.optional(row, "serving_agent")
            member.state = table.text(row, "state")
            member.score = table.int(row, "score")
            return member
        }
    }
}
