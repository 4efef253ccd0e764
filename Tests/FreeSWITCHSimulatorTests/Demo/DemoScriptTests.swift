import Testing

@testable import FreeSWITCHSimulator

@Suite struct DemoScriptTests {
    /// An hour of demo in steps of 200 ms, on a table.
    private func run(seed: UInt64, minutes: Int, callsPerMinute: Double = 12) -> (Scene, acts: [DemoScript.Act]) {
        var scene = Scene {
            $0.agents = DemoCast.agents(count: 6)
            $0.tiers = DemoCast.tiers(of: $0.agents)
        }
        var script = DemoScript(callsPerMinute: callsPerMinute, seed: seed)
        var acts: [DemoScript.Act] = []
        for _ in 0..<(minutes * 300) {
            scene.wait(0.2)
            for act in script.step(scene.telephony.demoView) {
                acts.append(act)
                switch act {
                case .dial(let number, let name, let destination, let variables):
                    let call = scene.act { $0.dial(number: number, name: name, to: destination, variables: variables.map { ($0.key, $0.value) }) }
                    script.dialed(call, menu: destination == "5000", now: scene.telephony.now)
                case .press(let digit, let call): scene.act { _ = $0.dtmf(digit, call: call) }
                case .answer(let agent): scene.act { _ = $0.answer(agent: agent) }
                case .reject(let agent): scene.act { _ = $0.reject(agent: agent) }
                case .hold(let agent): scene.act { _ = $0.hold(agent: agent, true) }
                case .unhold(let agent): scene.act { _ = $0.hold(agent: agent, false) }
                case .hangUp(let call, let side): scene.act { _ = $0.hangUp(call, by: side) }
                case .dialOut(let agent, let number): scene.act { _ = $0.dialOut(agent: agent, number: number) }
                case .answerFarEnd(let call): scene.act { _ = $0.answerFarEnd(call: call) }
                case .comeBack(let agent): _ = scene.callcenter("agent set status '\(agent)' Available")
                }
            }
        }
        return (scene, acts)
    }

    @Test func aSeedGivesTheSameDemo() {
        #expect(self.run(seed: 7, minutes: 3).acts == self.run(seed: 7, minutes: 3).acts)
        #expect(self.run(seed: 7, minutes: 3).acts != self.run(seed: 8, minutes: 3).acts)
    }

    @Test func callsFlowAndNothingGetsStuck() {
        let (scene, _) = self.run(seed: 1, minutes: 10)
        func count(_ action: String) -> Int { scene.events.count { $0.value("CC-Action") == action } }
        #expect(count("agent-offering") > 50)
        #expect(count("bridge-agent-start") > 40)
        #expect(count("bridge-agent-fail") > 3)
        // Every answered queue call that is not on right now came to its end.
        let talking = scene.telephony.allAgents.count { $0.state == "In a queue call" }
        #expect(count("bridge-agent-start") - count("bridge-agent-end") <= talking + 1)
        let created = scene.events.count { $0.name == "CHANNEL_CREATE" }
        let destroyed = scene.events.count { $0.name == "CHANNEL_DESTROY" }
        #expect(created - destroyed < 20)
        #expect(scene.events.contains { $0.name == "CHANNEL_HOLD" })
        #expect(scene.events.contains { $0.value("CC-Hangup-Cause") == "LOSE_RACE" })
        #expect(scene.events.contains { $0.name == "DTMF" })
    }

    @Test func anAgentWhoLeavesIsLeftInPeace() {
        var (scene, _) = self.run(seed: 1, minutes: 1)
        for agent in scene.telephony.allAgents { _ = scene.callcenter("agent set status '\(agent.name)' 'Logged Out'") }
        let offers = scene.events.count { $0.value("CC-Action") == "agent-offering" }
        scene.wait(60)
        #expect(scene.events.count { $0.value("CC-Action") == "agent-offering" } == offers)
    }
}
