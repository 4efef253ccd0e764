import OrderedCollections

/// `callcenter_config`, with the replies a real one gave.
extension SimulatedSwitch {
    mutating func callCenterConfig(_ argument: String) -> String {
        let words = ArgumentTokens.split(argument)
        guard !argument.isEmpty else { return "-USAGE: \n\(Self.syntax)\n" }
        guard words.count > 1 else { return Self.invalid }
        let rest = Array(words.dropFirst(2))
        switch (words[0].lowercased(), words[1].lowercased()) {
        case ("agent", "add"): return self.addAgent(rest)
        case ("agent", "del"): return self.deleteAgent(rest)
        case ("agent", "set"): return self.setAgent(rest)
        case ("agent", "get"): return self.getAgent(rest)
        case ("agent", "list"):
            return rest.count > 1 ? Self.invalid : self.agentList(self.agents.values.filter { rest.isEmpty || $0.name == rest[0] })
        case ("agent", "reload"): return rest.isEmpty ? Self.invalid : Self.ok
        case ("tier", "reload"): return self.reloadTiers(rest)
        case ("tier", "add"): return self.addTier(rest)
        case ("tier", "set"): return self.setTier(rest)
        case ("tier", "del"): return self.deleteTier(rest)
        case ("tier", "list"): return self.tierList(self.tiers)
        case ("queue", "list"): return self.queueList(rest)
        case ("queue", "count"): return self.queueCount(rest)
        case ("queue", "load"): return self.loadQueue(rest)
        case ("queue", "reload"):
            if let name = rest.first { self.queues[name] = nil }
            return self.loadQueue(rest)
        case ("queue", "unload"):
            if let name = rest.first { self.queues[name] = nil }
            return rest.isEmpty ? Self.invalid : Self.ok
        default: return "-ERR no reply\n"
        }
    }

    private static let ok = "+OK\n"
    private static let invalid = "-ERR Invalid!\n"
    private static let unknownError = "-ERR Unknown Error!\n"
    private static let agentNotFound = "-ERR Agent not found!\n"
    /// What `callcenter_config` says of itself.
    static let syntax = """
        callcenter_config <target> <args>,
        \tcallcenter_config agent add [name] [type] | 
        \tcallcenter_config agent del [name] | 
        \tcallcenter_config agent reload [name] | 
        \tcallcenter_config agent set status [agent_name] [status] | 
        \tcallcenter_config agent set state [agent_name] [state] | 
        \tcallcenter_config agent set contact [agent_name] [contact] | 
        \tcallcenter_config agent set ready_time [agent_name] [wait till epoch] | 
        \tcallcenter_config agent set reject_delay_time [agent_name] [wait second] | 
        \tcallcenter_config agent set busy_delay_time [agent_name] [wait second] | 
        \tcallcenter_config agent set no_answer_delay_time [agent_name] [wait second] | 
        \tcallcenter_config agent get status [agent_name] | 
        \tcallcenter_config agent get state [agent_name] | 
        \tcallcenter_config agent get uuid [agent_name] | 
        \tcallcenter_config agent list [[agent_name]] | 
        \tcallcenter_config tier add [queue_name] [agent_name] [[level]] [[position]] | 
        \tcallcenter_config tier set state [queue_name] [agent_name] [state] | 
        \tcallcenter_config tier set level [queue_name] [agent_name] [level] | 
        \tcallcenter_config tier set position [queue_name] [agent_name] [position] | 
        \tcallcenter_config tier del [queue_name] [agent_name] | 
        \tcallcenter_config tier reload [queue_name] [agent_name] | 
        \tcallcenter_config tier list | 
        \tcallcenter_config queue load [queue_name] | 
        \tcallcenter_config queue unload [queue_name] | 
        \tcallcenter_config queue reload [queue_name] | 
        \tcallcenter_config queue list | 
        \tcallcenter_config queue list agents [queue_name] [status] [state] | 
        \tcallcenter_config queue list members [queue_name] | 
        \tcallcenter_config queue list tiers [queue_name] | 
        \tcallcenter_config queue count | 
        \tcallcenter_config queue count agents [queue_name] [status] [state] | 
        \tcallcenter_config queue count members [queue_name] | 
        \tcallcenter_config queue count tiers [queue_name]
        """

    private static let agentTypes = ["callback": "Callback", "uuid-standby": "uuid-standby"]
    private static let statuses = ["logged out", "available", "available (on demand)", "on break"]
    private static let states = ["waiting", "receiving", "in a queue call", "idle", "reserved"]
    private static let tierStates = ["no answer", "ready", "offering", "active inbound", "standby"]

    // MARK: agents

    private mutating func addAgent(_ words: [String]) -> String {
        guard words.count >= 2 else { return Self.invalid }
        guard let type = Self.agentTypes[words[1].lowercased()] else { return "-ERR Agent type invalid!\n" }
        guard self.agents[words[0]] == nil else { return "-ERR Agent already exist!\n" }
        var agent = SimulatedAgent(name: words[0])
        agent.type = type
        self.agents[words[0]] = agent
        self.emitCallCenter(.agentAdd, ["CC-Agent": words[0], "CC-Agent-Type": type, "CC-Action": "agent-add"])
        return Self.ok
    }

    private mutating func deleteAgent(_ words: [String]) -> String {
        guard let name = words.first else { return Self.invalid }
        self.agents[name] = nil
        self.tiers.removeAll { $0.agent == name }
        return Self.ok
    }

    private mutating func setAgent(_ words: [String]) -> String {
        guard words.count >= 3 else { return Self.invalid }
        let (key, name, value) = (words[0], words[1], words[2])
        guard self.agents[name] != nil else { return Self.agentNotFound }
        switch key.lowercased() {
        case "status": return self.changeStatus(value, of: name)
        case "state":
            guard Self.states.contains(value.lowercased()) else { return "-ERR Invalid Agent State!\n" }
            if value.lowercased() == "receiving" { self.agents[name]?.lastOfferedCall = self.now }
            self.setState(value, of: name)
        case "type":
            guard Self.agentTypes[value.lowercased()] != nil else { return "-ERR Invalid Agent Type!\n" }
            self.agents[name]?.type = value
        case "contact":
            self.agents[name]?.contact = value
            self.emitCallCenter(.agentContact, ["CC-Agent": name, "CC-Action": "agent-contact-change", "CC-Agent-Contact": value])
        case "uuid": self.agents[name]?.uuid = value
        case "max_no_answer": self.agents[name]?.maxNoAnswer = Int(value) ?? 0
        case "wrap_up_time": self.agents[name]?.wrapUpTime = Int(value) ?? 0
        case "reject_delay_time": self.agents[name]?.rejectDelayTime = Int(value) ?? 0
        case "busy_delay_time": self.agents[name]?.busyDelayTime = Int(value) ?? 0
        case "no_answer_delay_time": self.agents[name]?.noAnswerDelayTime = Int(value) ?? 0
        case "ready_time": self.agents[name]?.readyTime = Int64(value) ?? 0
        default: return "-ERR Invalid Agent Update KEY!\n"
        }
        self.scheduleDispatch()
        return Self.ok
    }

    private mutating func changeStatus(_ status: String, of name: String) -> String {
        guard Self.statuses.contains(status.lowercased()) else { return "-ERR Invalid Agent Status!\n" }
        // Any status but plain Available takes back what rings, On Demand too; offers of a ring-all race are not found and ring on.
        let pending =
            status.lowercased() == "available" ? [] : self.offers.values.filter { $0.agent == name && self.members[$0.member]?.servingAgent == name }
        for offer in pending { self.hangUpLeg(offer.leg, cause: "ORIGINATOR_CANCEL", disposition: .cancelled) }
        self.setStatus(status, of: name)
        for offer in pending {
            _ = self.takeOffer(offer.leg)
            self.finishFailedLeg(offer.leg, disposition: .cancelled)
            self.reportFailedOffer(offer, cause: "ORIGINATOR_CANCEL")
            self.releaseAgent(of: offer, cause: "ORIGINATOR_CANCEL")
        }
        self.scheduleDispatch()
        return Self.ok
    }

    private mutating func getAgent(_ words: [String]) -> String {
        guard words.count >= 2 else { return Self.invalid }
        guard let agent = self.agents[words[1]] else { return Self.agentNotFound }
        switch words[0].lowercased() {
        case "status":
            self.emitCallCenter(.agentGet, ["CC-Agent": agent.name, "CC-Action": "agent-status-get", "CC-Agent-Status": agent.status])
            return agent.status
        case "state":
            self.emitCallCenter(.agentGet, ["CC-Agent": agent.name, "CC-Action": "agent-state-get", "CC-Agent-State": agent.state])
            return agent.state
        case "uuid":
            self.emitCallCenter(
                .agentGet, ["CC-Agent": agent.name, "CC-Action": "agent-uuid-get", "CC-Agent-UUID": agent.uuid.isEmpty ? nil : agent.uuid])
            return agent.uuid.isEmpty ? "-ERR no reply\n" : agent.uuid
        default: return "-ERR Invalid Agent Update KEY!\n"
        }
    }

    // MARK: tiers

    private mutating func addTier(_ words: [String]) -> String {
        guard words.count >= 2 else { return Self.invalid }
        guard self.queues[words[0]] != nil else { return "-ERR Queue not found!\n" }
        guard self.agents[words[1]] != nil else { return Self.agentNotFound }
        guard self.tierIndex(words[0], words[1]) == nil else { return "-ERR Tier already exist!\n" }
        let level = words.count > 2 ? Int(words[2]) ?? 0 : 1
        let position = words.count > 3 ? Int(words[3]) ?? 0 : 1
        self.tiers.append(SimulatedTier(queue: words[0], agent: words[1], level: level, position: position))
        self.scheduleDispatch()
        return Self.ok
    }

    private mutating func setTier(_ words: [String]) -> String {
        guard words.count >= 4 else { return Self.invalid }
        // The words for a tier that is not there are missing in the module; an unknown queue it calls an unknown agent.
        guard let index = self.tierIndex(words[1], words[2]) else { return Self.unknownError }
        guard self.agents[words[2]] != nil, self.queues[words[1]] != nil else { return Self.agentNotFound }
        switch words[0].lowercased() {
        case "state":
            guard Self.tierStates.contains(words[3].lowercased()) else { return "-ERR Invalid Tier State!\n" }
            self.tiers[index].state = words[3]
        case "level": self.tiers[index].level = Int(words[3]) ?? 0
        case "position": self.tiers[index].position = Int(words[3]) ?? 0
        default: return "-ERR Invalid Tier Update KEY!\n"
        }
        return Self.ok
    }

    private mutating func deleteTier(_ words: [String]) -> String {
        guard words.count >= 2 else { return Self.invalid }
        self.tiers.removeAll { $0.queue == words[0] && $0.agent == words[1] }
        return Self.ok
    }

    /// The simulator has no tiers in a file, so there is none to take up again.
    private func reloadTiers(_ words: [String]) -> String { words.isEmpty ? Self.invalid : Self.unknownError }

    private func tierIndex(_ queue: String, _ agent: String) -> Int? { self.tiers.firstIndex { $0.queue == queue && $0.agent == agent } }

    // MARK: queues

    private mutating func loadQueue(_ words: [String]) -> String {
        guard let name = words.first else { return Self.invalid }
        return self.loadQueueFromFile(name)
    }

    mutating func loadQueueFromFile(_ name: String) -> String {
        if self.queues[name] == nil {
            guard let known = self.configuration.queues.first(where: { $0.name == name }) else { return "-ERR Invalid Queue not found!\n" }
            self.queues[name] = known
        }
        return Self.ok
    }

    private func queueList(_ words: [String]) -> String {
        guard let kind = words.first else { return self.queueTable() }
        let queue = words.count > 1 ? words[1] : ""
        switch kind.lowercased() {
        case "agents": return self.agentList(self.agents(ofQueue: queue, words.dropFirst(2)))
        case "members":
            // Of all queues when none is named.
            return self.memberList(self.members.values.filter { words.count < 2 || $0.queue == queue })
        case "tiers": return self.tierList(self.tiers.filter { $0.queue == queue })
        default: return Self.invalid
        }
    }

    private func queueCount(_ words: [String]) -> String {
        guard let kind = words.first else { return "\(self.queues.count)\n" }
        let queue = words.count > 1 ? words[1] : ""
        switch kind.lowercased() {
        case "agents": return "\(self.agents(ofQueue: queue, words.dropFirst(2)).count)\n"
        case "members": return "\(self.members.values.count { $0.queue == queue })\n"
        case "tiers": return "\(self.tiers.count { $0.queue == queue })\n"
        default: return Self.invalid
        }
    }

    /// - Parameter filters: a status, and a state.
    func agents(ofQueue queue: String, _ filters: ArraySlice<String> = []) -> [SimulatedAgent] {
        let names = Set(self.tiers.filter { $0.queue == queue }.map(\.agent))
        return self.agents.values.filter { agent in
            names.contains(agent.name) && (filters.first.map { agent.status == $0 } ?? true)
                && (filters.dropFirst().first.map { agent.state == $0 } ?? true)
        }
    }

    // MARK: tables

    private func table(_ header: String, _ rows: [[String]]) -> String {
        rows.isEmpty ? Self.ok : header + "\n" + rows.map { $0.joined(separator: "|") + "\n" }.joined() + Self.ok
    }

    private func agentList(_ agents: [SimulatedAgent]) -> String {
        func seconds(_ time: Int64) -> String { String(time / 1_000_000) }
        return self.table(
            "name|instance_id|uuid|type|contact|status|state|max_no_answer|wrap_up_time|reject_delay_time|busy_delay_time|no_answer_delay_time|"
                + "last_bridge_start|last_bridge_end|last_offered_call|last_status_change|no_answer_count|calls_answered|talk_time|ready_time|external_calls_count",
            agents.map { agent in
                [
                    agent.name, "single_box", agent.uuid, agent.type, agent.contact, agent.status, agent.state, String(agent.maxNoAnswer),
                    String(agent.wrapUpTime), String(agent.rejectDelayTime), String(agent.busyDelayTime), String(agent.noAnswerDelayTime),
                    seconds(agent.lastBridgeStart), seconds(agent.lastBridgeEnd), seconds(agent.lastOfferedCall), seconds(agent.lastStatusChange),
                    String(agent.noAnswerCount), String(agent.callsAnswered), String(agent.talkTime), String(agent.readyTime),
                    String(agent.externalCalls),
                ]
            })
    }

    private func tierList(_ tiers: [SimulatedTier]) -> String {
        self.table(
            "queue|agent|state|level|position", Self.sorted(tiers).map { [$0.queue, $0.agent, $0.state, String($0.level), String($0.position)] })
    }

    /// By level and position, and those alike as they were added.
    static func sorted(_ tiers: [SimulatedTier]) -> [SimulatedTier] {
        tiers.enumerated().sorted {
            ($0.element.level, $0.element.position, $0.offset) < ($1.element.level, $1.element.position, $1.offset)
        }.map(\.element)
    }

    private func memberList(_ members: [SimulatedMember]) -> String {
        self.table(
            "queue|instance_id|uuid|session_uuid|cid_number|cid_name|system_epoch|joined_epoch|rejoined_epoch|bridge_epoch|abandoned_epoch|base_score|"
                + "skill_score|serving_agent|serving_system|state|score",
            members.map { member in
                let joined = String(member.joined / 1_000_000)
                return [
                    member.queue, "single_box", member.uuid, member.channel, member.number, member.name, joined, joined, "0",
                    String(member.bridged / 1_000_000), String(member.abandoned / 1_000_000), "0", "0", member.servingAgent,
                    member.servingAgent.isEmpty || member.servingAgent == "ring-all" ? "" : "single_box", member.state.rawValue,
                    String((self.now - member.joined) / 1_000_000),
                ]
            })
    }

    /// A real one lists them as its hash table has them; the recordings, by name.
    var sortedQueues: [SimulatedQueue] { self.queues.values.sorted { $0.name < $1.name } }

    private func queueTable() -> String {
        self.table(
            "name|strategy|moh_sound|time_base_score|tier_rules_apply|tier_rule_wait_second|tier_rule_wait_multiply_level|tier_rule_no_agent_no_wait|"
                + "discard_abandoned_after|abandoned_resume_allowed|max_wait_time|max_wait_time_with_no_agent|max_wait_time_with_no_agent_time_reached|"
                + "record_template|calls_answered|calls_abandoned|ring_progressively_delay|skip_agents_with_external_calls|agent_no_answer_status",
            self.sortedQueues.map { queue in
                [
                    queue.name, queue.others["strategy"] ?? queue.strategy.rawValue, queue.shown("moh-sound"), queue.timeBaseScore,
                    queue.shown("tier-rules-apply"),
                    queue.shown("tier-rule-wait-second"), queue.shown("tier-rule-wait-multiply-level"), queue.shown("tier-rule-no-agent-no-wait"),
                    String(queue.discardAbandonedAfter), String(queue.abandonedResumeAllowed), String(queue.maxWaitTime),
                    String(queue.maxWaitTimeWithNoAgent), queue.shown("max-wait-time-with-no-agent-time-reached"), queue.shown("record-template"),
                    String(queue.callsAnswered), String(queue.callsAbandoned), queue.shown("ring-progressively-delay"),
                    queue.shown("skip-agents-with-external-calls"), queue.agentNoAnswerStatus,
                ]
            })
    }
}
