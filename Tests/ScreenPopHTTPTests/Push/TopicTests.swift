import Testing

@testable import ScreenPopHTTP

@Suite struct TopicTests {
    @Test func `topics are read and written`() {
        for text in ["agent:1001@default", "agents", "queue:support@default", "queues", "nodes"] { #expect(Topic(text)?.text == text) }
        for text in ["", "agent", "agent:", "queue:", "agent:a:b", "call:1", "*", "everybody", "Agents"] { #expect(Topic(text) == nil) }
        #expect(Topic("agent:" + String(repeating: "x", count: 256)) == nil)
    }

    @Test func `messages find their audience`() {
        func topics(_ type: String, _ agent: String?, _ queue: String?) -> [String] {
            let audience = Audience(type: type, agent: agent, queue: queue)
            return [Topic.agent("a"), .agent("b"), .agents, .queue("q"), .queue("r"), .queues, .nodes, .everybody].filter(audience.includes).map(
                \.text)
        }
        #expect(topics("pop.offered", "a", "q") == ["agent:a", "agents"])
        #expect(topics("agent.state", "a", nil) == ["agent:a", "agents"])
        #expect(topics("queue.stats", nil, "q") == ["queue:q", "queues"])
        #expect(topics("member.joined", nil, "q") == ["queue:q", "queues"])
        #expect(topics("config.changed", "a", "q") == ["agent:a", "agents", "queue:q", "queues"])
        #expect(topics("config.changed", nil, "q") == ["queue:q", "queues"])
        #expect(topics("system.degraded", nil, nil) == ["*"])
    }
}
