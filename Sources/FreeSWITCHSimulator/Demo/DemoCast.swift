/// The people of the demo: sample agents and the callers who ring them, in both languages.
package enum DemoCast {
    /// Names shown by pages that know them; mod_callcenter knows agents by number only.
    package static let agentNames: KeyValuePairs = [
        "1001@default": "王芳", "1002@default": "Anna Schmidt", "1003@default": "李强", "1004@default": "James Wilson", "1005@default": "陈静",
        "1006@default": "Maria Rossi",
    ]

    static let callers: [(name: String, number: String)] = [
        ("王小明", "+8613900139000"), ("Alice Liddell", "+442079460123"), ("李娜", "+8613812345678"), ("O'Brien | Sons", "+353015550142"),
        ("张伟", "+8613700137000"),
        ("Frank Müller", "+493023125678"), ("刘洋", "+8615912340000"), ("Grace Hopper", "+12025550143"), ("陈建国", "+862162345678"),
        ("Judy 100% Fair", "+61255501234"),
        ("赵敏", "+8618612345678"), ("Heidi & Co: Sales", "+41445550155"), ("孙丽 (上海)", "+862150001234"), ("Mallory \"Mal\" Jones", "+12125550166"),
        ("周杰", "+85223456789"), ("Niaj Rahman", "+88029550177"),
    ]

    /// Agents 1001, 1002, ... with a phone each; `count` of them.
    package static func agents(count: Int, from first: Int = 1001) -> [SimulatedAgent] {
        self.agents(numbers: (0..<max(0, count)).map { first + $0 })
    }

    package static func agents(numbers: [Int]) -> [SimulatedAgent] {
        numbers.map { number in
            var agent = SimulatedAgent(name: "\(number)@default")
            agent.contact = "[leg_timeout=10]sofia/internal/\(number)@127.0.0.1:\(5000 + number % 60_000)"
            agent.status = "Available"
            agent.maxNoAnswer = 3
            agent.wrapUpTime = 3
            agent.rejectDelayTime = 3
            agent.busyDelayTime = 5
            agent.noAnswerDelayTime = 3
            return agent
        }
    }

    /// Everybody serves the first queue, every other one all of them.
    package static func tiers(of agents: [SimulatedAgent], queues: [String] = ["support@default", "sales@default"]) -> [SimulatedTier] {
        agents.enumerated().flatMap { index, agent in
            queues.prefix(index % 2 == 0 ? queues.count : 1).map { SimulatedTier(queue: $0, agent: agent.name, level: 1, position: index + 1) }
        }
    }
}
