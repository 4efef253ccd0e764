import CallCenter

extension Pop {
    /// The pop as contract and documentation show it; UTF-8.
    public var json: [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        self.write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", self.id)
            writer.member("version", self.version)
            writer.member("kind", self.kind.rawValue)
            writer.member("state", self.state.rawValue)
            writer.member("provisional", self.provisional)
            writer.member("agent", self.agent)
            writer.member("node", self.node)
            writer.member("queue", self.queue)
            writer.name("caller")
            self.caller.write(to: &writer)
            writer.member("dialed", self.dialed)
            writer.member("callUUID", self.callUUID)
            writer.member("memberUUID", self.memberUUID)
            writer.member("agentCallUUID", self.agentCallUUID)
            writer.member("joinedAt", self.joinedAt)
            writer.member("offeredAt", self.offeredAt)
            writer.member("answeredAt", self.answeredAt)
            writer.member("bridgedAt", self.bridgedAt)
            writer.member("heldAt", self.heldAt)
            writer.member("endedAt", self.endedAt)
            writer.member("waitSeconds", self.waitSeconds)
            writer.member("endReason", self.endReason?.rawValue)
            writer.member("endedBy", self.endedBy?.rawValue)
            writer.member("transferredTo", self.transferredTo)
            writer.name("attributes")
            writer.object { writer in
                for (name, value) in self.attributes.sorted(by: { $0.key < $1.key }) {
                    writer.name(escaping: name)
                    writer.value(value)
                }
            }
            writer.name("history")
            writer.array(self.history) { writer, entry in
                writer.object { writer in
                    writer.member("at", entry.at)
                    writer.member("agent", entry.agent)
                    writer.member("queue", entry.queue)
                    writer.member("endReason", entry.endReason.rawValue)
                }
            }
            writer.member("url", self.url)
            // A later stage fills it: the shape is fixed already.
            writer.name("matches")
            writer.array(EmptyCollection<String>()) { $0.value($1) }
        }
    }
}

extension Pop.Caller {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("number", self.number)
            writer.member("name", self.name)
        }
    }
}
