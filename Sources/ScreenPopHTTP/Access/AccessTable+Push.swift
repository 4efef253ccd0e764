import HTTPTypes
import ScreenPopService

extension AccessTable {
    /// Whether somebody may listen to a topic. What he is sent of it is another question: see `shows`.
    static func allows(_ principal: Principal, _ topic: Topic) -> Bool {
        switch topic {
        case .agent(let name): self.allows(principal, .listen, agent: name)
        case .agents: self.allows(principal, .listen, agent: nil)
        case .queue, .queues: self.allows(principal, .readQueues, agent: nil)
        case .nodes: self.allows(principal, .readNodes, agent: nil)
        case .everybody: true
        }
    }

    /// Whether he may see a message. An integration hears of an agent's pops and not of its states, an agent of a queue's counts and not of
    /// its callers: the same as over HTTP.
    static func shows(_ principal: Principal, _ audience: Audience) -> Bool {
        switch audience.subject {
        case .pop: self.allows(principal, .readPops, agent: audience.agent)
        case .agent, .desk: self.allows(principal, .readAgent, agent: audience.agent)
        case .queue: self.allows(principal, .readQueues, agent: nil)
        case .member: self.allows(principal, .readMembers, agent: nil)
        case .system: true
        case .nobody: false
        }
    }
}

extension PushSession.Opening {
    /// For whom it is: his own agent's desktop unless he says otherwise, and no topic that he may not listen to, and no more than there may be.
    func authorised(for principal: Principal, topics limit: Int) throws(Problem) -> PushSession.Opening {
        var opening = self
        if opening.agent == nil, let agent = principal.agent {
            opening.agent = agent
            if !opening.topics.contains(.agent(agent)) { opening.topics.insert(.agent(agent), at: 0) }
        }
        for topic in opening.topics where !AccessTable.allows(principal, topic) { throw Problem.forbidden(topic) }
        guard opening.topics.count <= limit else { throw Problem.tooManyTopics(limit) }
        if opening.desk != nil {
            guard opening.agent != nil else { throw Problem(.unprocessableContent, "invalid-value", "A desk is an agent's: say whose with ?agent=.") }
            guard AccessTable.allows(principal, .claimDesk, agent: opening.agent) else { throw Problem.forbidden }
        }
        return opening
    }
}

extension Problem {
    static func tooManyTopics(_ limit: Int) -> Problem {
        Problem(.unprocessableContent, "too-many-topics", "A session may have \(limit) topics.")
    }

    static func forbidden(_ topic: Topic) -> Problem {
        Problem(.forbidden, "forbidden", "Your role does not allow to listen to \(topic.text.prefix(128)).")
    }
}
