import CallCenter

/// The commands that make a new agent what was asked for, checked before the first is sent.
struct AgentSetup {
    let type: CallCenterCommand.AgentType
    /// All but the first, `agent add`.
    let commands: [CallCenterCommand]
    let requested: [String: CommandValue]

    init(_ agent: AgentSettings, name: AgentName) throws(CommandError) {
        guard let type = CallCenterCommand.AgentType.allCases.first(where: { $0.rawValue.lowercased() == agent.type.lowercased() }) else {
            let legal = CallCenterCommand.AgentType.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandError(.invalidType, "the type must be one of \(legal)")
        }
        var commands: [CallCenterCommand] = []
        var requested: [String: CommandValue] = ["name": .text(name.text), "type": .text(type.rawValue)]
        if let contact = agent.contact {
            do { try contact.validate() } catch { throw CommandError(.invalidContact, "\(error)") }
            commands.append(.setContact(name, contact))
            requested["contact"] = .text(contact.dialString)
        }
        for (key, number, value) in Self.numbers(agent) {
            guard let value else { continue }
            guard (0...1_000_000).contains(value) else { throw CommandError(.invalidValue, "\(key) must be between 0 and 1000000") }
            commands.append(.setNumber(name, number, value))
            requested[key] = .number(value)
        }
        self.type = type
        self.commands = commands
        self.requested = requested
    }

    /// What FreeSWITCH has of what was asked for.
    func actual(_ row: AgentRow) -> [String: CommandValue] {
        let all: [String: CommandValue] = [
            "name": .text(row.name), "type": .text(row.type), "contact": .text(row.contact), "maxNoAnswer": .number(row.maxNoAnswer),
            "wrapUpTime": .number(row.wrapUpTime), "rejectDelayTime": .number(row.rejectDelayTime), "busyDelayTime": .number(row.busyDelayTime),
            "noAnswerDelayTime": .number(row.noAnswerDelayTime),
        ]
        return all.filter { self.requested[$0.key] != nil }
    }

    private static func numbers(_ agent: AgentSettings) -> [(String, CallCenterCommand.AgentNumber, Int?)] {
        [
            ("maxNoAnswer", .maxNoAnswer, agent.maxNoAnswer), ("wrapUpTime", .wrapUpTime, agent.wrapUpTime),
            ("rejectDelayTime", .rejectDelayTime, agent.rejectDelayTime), ("busyDelayTime", .busyDelayTime, agent.busyDelayTime),
            ("noAnswerDelayTime", .noAnswerDelayTime, agent.noAnswerDelayTime),
        ]
    }
}
