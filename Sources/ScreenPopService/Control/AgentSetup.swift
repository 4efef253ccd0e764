import CallCenter

/// The commands that make an agent what is asked for, checked before the first is sent.
struct AgentSetup {
    static let highest = 1_000_000
    /// The year 2100.
    private static let latest: Int64 = 4_102_444_800

    /// `nil`: the type stays.
    let type: CallCenterCommand.AgentType?
    /// All but the type.
    let commands: [CallCenterCommand]
    let requested: [String: CommandValue]

    init(_ changes: AgentChanges, of name: AgentName) throws(CommandError) {
        var commands: [CallCenterCommand] = []
        var requested: [String: CommandValue] = [:]
        self.type = try changes.type.map { text throws(CommandError) in try Self.type(text) }
        if let type = self.type { requested["type"] = .text(type.rawValue) }
        if let contact = changes.contact {
            do { try contact.validate() } catch { throw CommandError(.invalidContact, "\(error)") }
            commands.append(.setContact(name, contact))
            requested["contact"] = .text(contact.dialString)
        }
        for (key, number, value) in Self.numbers(changes) {
            guard let value else { continue }
            guard (0...Self.highest).contains(value) else { throw CommandError(.invalidValue, "\(key) must be between 0 and \(Self.highest)") }
            commands.append(.setNumber(name, number, value))
            requested[key] = .number(value)
        }
        if let time = changes.readyTime {
            guard (0...Self.latest).contains(time) else { throw CommandError(.invalidValue, "readyTime must be between 1970 and 2100") }
            commands.append(.setNumber(name, .readyTime, Int(time)))
            requested["readyTime"] = Self.time(time)
        }
        self.commands = commands
        self.requested = requested
    }

    /// What FreeSWITCH has of what was asked for.
    func actual(_ row: AgentRow) -> [String: CommandValue] {
        let all: [String: CommandValue] = [
            "type": .text(row.type), "contact": .text(row.contact), "maxNoAnswer": .number(row.maxNoAnswer), "wrapUpTime": .number(row.wrapUpTime),
            "rejectDelayTime": .number(row.rejectDelayTime), "busyDelayTime": .number(row.busyDelayTime),
            "noAnswerDelayTime": .number(row.noAnswerDelayTime), "readyTime": Self.time(row.readyTime),
        ]
        return all.filter { self.requested[$0.key] != nil }
    }

    static func type(_ text: String) throws(CommandError) -> CallCenterCommand.AgentType {
        guard let type = CallCenterCommand.AgentType.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) else {
            let legal = CallCenterCommand.AgentType.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandError(.invalidType, "the type must be one of \(legal)")
        }
        return type
    }

    private static func time(_ seconds: Int64) -> CommandValue {
        Timestamp(seconds: seconds).map { .text($0.rfc3339) } ?? .null
    }

    private static func numbers(_ changes: AgentChanges) -> [(String, CallCenterCommand.AgentNumber, Int?)] {
        [
            ("maxNoAnswer", .maxNoAnswer, changes.maxNoAnswer), ("wrapUpTime", .wrapUpTime, changes.wrapUpTime),
            ("rejectDelayTime", .rejectDelayTime, changes.rejectDelayTime), ("busyDelayTime", .busyDelayTime, changes.busyDelayTime),
            ("noAnswerDelayTime", .noAnswerDelayTime, changes.noAnswerDelayTime),
        ]
    }
}

extension AgentChanges {
    /// What is left to do when an agent has been added with its type.
    init(_ agent: AgentSettings) {
        self.init()
        self.contact = agent.contact
        self.maxNoAnswer = agent.maxNoAnswer
        self.wrapUpTime = agent.wrapUpTime
        self.rejectDelayTime = agent.rejectDelayTime
        self.busyDelayTime = agent.busyDelayTime
        self.noAnswerDelayTime = agent.noAnswerDelayTime
    }
}
