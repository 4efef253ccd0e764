import CallCenter

extension AgentRecord {
    /// What `GET /agents/{agent}` returns and `agent.state` carries.
    public var json: [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        self.write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", self.name)
            writer.member("node", self.node)
            writer.member("type", self.type)
            writer.name("contact")
            writer.json(Contact.jsonObject(dialString: self.contact))
            writer.member("status", self.status.text)
            writer.member("state", self.state.text)
            writer.member("normalized", self.normalized.rawValue)
            writer.member("reason", self.reason)
            writer.member("statusChangedAt", self.statusChangedAt)
            writer.member("stateChangedAt", self.stateChangedAt)
            writer.member("reasonBy", self.reasonBy)
            writer.member("reasonSince", self.reasonSince)
            writer.member("reasonSource", self.reasonSource?.rawValue)
            writer.name("wrapUp")
            if let wrapUp = self.wrapUp { wrapUp.write(to: &writer) } else { writer.null() }
            writer.member("wrapUpUntil", self.wrapUpUntil)
            writer.name("endedWrapUp")
            if let ended = self.endedWrapUp { ended.write(to: &writer) } else { writer.null() }
            writer.member("maxNoAnswer", self.maxNoAnswer)
            writer.member("wrapUpTime", self.wrapUpTime)
            writer.member("rejectDelayTime", self.rejectDelayTime)
            writer.member("busyDelayTime", self.busyDelayTime)
            writer.member("noAnswerDelayTime", self.noAnswerDelayTime)
            writer.member("readyTime", self.readyTime)
            writer.member("noAnswerCount", self.noAnswerCount)
            writer.member("callsAnswered", self.callsAnswered)
            writer.member("talkTime", self.talkTime)
            writer.member("pop", self.pops.first)
            writer.name("pops")
            writer.array(self.pops) { $0.value($1) }
            writer.name("queues")
            writer.array(self.tiers) { writer, tier in
                writer.object { writer in
                    writer.member("queue", tier.queue)
                    writer.member("level", tier.level)
                    writer.member("position", tier.position)
                    writer.member("state", tier.state)
                }
            }
            writer.name("pending")
            if let pending = self.pending { pending.write(to: &writer) } else { writer.null() }
        }
    }
}

extension QueueRecord {
    public var json: [UInt8] {
        var writer = JSONWriter()
        self.write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", self.name)
            writer.member("node", self.node)
            writer.member("strategy", self.strategy)
            writer.member("waiting", self.waiting)
            writer.member("longestWaitSince", self.longestWaitSince)
            writer.member("agentsReady", self.agentsReady)
            writer.member("agentsTalking", self.agentsTalking)
            writer.member("agentsLoggedIn", self.agentsLoggedIn)
            writer.member("answered", self.answered)
            writer.member("abandoned", self.abandoned)
            writer.name("parameters")
            self.writeParameters(to: &writer)
        }
    }

    package var parametersJSON: [UInt8] {
        var writer = JSONWriter()
        self.writeParameters(to: &writer)
        return writer.bytes
    }

    private func writeParameters(to writer: inout JSONWriter) {
        writer.object { writer in
            for parameter in self.parameters {
                writer.name(escaping: parameter.name)
                switch parameter.value {
                case .none: writer.null()
                case .text(let text): writer.value(text)
                case .number(let number): writer.value(number)
                case .flag(let flag): writer.value(flag)
                }
            }
        }
    }
}

extension MemberRecord {
    public var json: [UInt8] {
        var writer = JSONWriter()
        self.write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("uuid", self.uuid)
            writer.member("callUUID", self.callUUID)
            writer.member("queue", self.queue)
            writer.member("node", self.node)
            writer.name("caller")
            self.caller.write(to: &writer)
            writer.member("state", self.state.rawValue)
            writer.member("joinedAt", self.joinedAt)
            writer.member("servingAgent", self.servingAgent)
            writer.member("leftAt", self.leftAt)
            writer.member("leaveReason", self.leaveReason?.rawValue)
        }
    }
}

extension CallRecord {
    public var json: [UInt8] {
        var writer = JSONWriter()
        self.write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("uuid", self.uuid)
            writer.member("node", self.node)
            writer.member("kind", self.kind.rawValue)
            writer.name("caller")
            self.caller.write(to: &writer)
            writer.member("dialed", self.dialed)
            writer.member("queue", self.queue)
            writer.member("agent", self.agent)
            writer.member("startedAt", self.startedAt)
            writer.member("answeredAt", self.answeredAt)
            writer.member("endedAt", self.endedAt)
            writer.member("endReason", self.endReason?.rawValue)
            writer.member("endedBy", self.endedBy?.rawValue)
            writer.name("attributes")
            writer.object { writer in
                for (name, value) in self.attributes.sorted(by: { $0.key < $1.key }) {
                    writer.name(escaping: name)
                    writer.value(value)
                }
            }
            writer.name("pops")
            writer.array(self.pops) { $0.value($1) }
        }
    }
}

extension TraceEntry {
    public var json: [UInt8] {
        var writer = JSONWriter(capacity: 160)
        writer.object { writer in
            writer.member("at", self.at)
            writer.member("kind", self.kind.rawValue)
            writer.member("what", self.what)
            writer.member("agent", self.agent)
            writer.member("queue", self.queue)
            writer.member("detail", self.detail)
        }
        return writer.bytes
    }
}
