package import Logging
import OrderedCollections
import ServiceLifecycle

/// Callers that ring and phones that answer, reject or miss, on a simulated switch.
package struct DemoTraffic: Service {
    package struct Configuration: Sendable {
        /// New calls per minute on average; 0 is none.
        package var callsPerMinute: Double
        package var seed: UInt64

        package init(callsPerMinute: Double = 12, seed: UInt64 = 1) {
            self.callsPerMinute = callsPerMinute
            self.seed = seed
        }
    }

    private let simulator: Simulator
    private let configuration: Configuration
    private let logger: Logger

    package init(simulator: Simulator, configuration: Configuration = Configuration(), logger: Logger) {
        self.simulator = simulator
        self.configuration = configuration
        self.logger = logger
    }

    package func run() async throws {
        self.logger.info("demo traffic", metadata: ["callsPerMinute": "\(self.configuration.callsPerMinute)", "seed": "\(self.configuration.seed)"])
        try? await cancelWhenGracefulShutdown { try await self.play() }
    }

    private func play() async throws {
        let exchange = await self.simulator.act { $0.configuration }
        var script = DemoScript(
            callsPerMinute: self.configuration.callsPerMinute, seed: self.configuration.seed, extensions: Array(exchange.queueExtensions.keys),
            menu: exchange.menu.isEmpty ? nil : exchange.menuExtension, keys: Array(exchange.menu.keys))
        while true {
            try await Task.sleep(for: .milliseconds(200))
            let view = await self.simulator.act { $0.demoView }
            for act in script.step(view) { await self.perform(act, in: &script) }
        }
    }

    private func perform(_ act: DemoScript.Act, in script: inout DemoScript) async {
        switch act {
        case .dial(let number, let name, let destination, let variables):
            let (call, now, menu) = await self.simulator.act { telephony in
                let sorted = variables.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
                let call = telephony.dial(number: number, name: name, to: destination, variables: sorted)
                return (call, telephony.now, destination == telephony.configuration.menuExtension)
            }
            script.dialed(call, menu: menu, now: now)
        case .press(let digit, let call): await self.simulator.dtmf(digit, call: call)
        case .answer(let agent): await self.simulator.answer(agent: agent)
        case .reject(let agent): await self.simulator.reject(agent: agent)
        case .hold(let agent): await self.simulator.hold(agent: agent)
        case .unhold(let agent): await self.simulator.unhold(agent: agent)
        case .hangUp(let call, let side): await self.simulator.hangUp(call, by: side)
        case .dialOut(let agent, let number): _ = await self.simulator.dialOut(agent: agent, number: number)
        case .answerFarEnd(let call): await self.simulator.answerFarEnd(call: call)
        case .comeBack(let agent): await self.simulator.api("callcenter_config agent set status '\(agent)' Available")
        }
    }
}

extension SimulatedSwitch {
    /// What the demo's script may see.
    var demoView: DemoScript.View {
        DemoScript.View(
            now: self.now,
            agents: self.agents.values.map {
                DemoScript.View.Agent(
                    name: $0.name, status: $0.status, ringingLeg: self.ringingLeg(of: $0.name), talkingLeg: self.talkingLeg(of: $0.name))
            },
            waitingCallers: self.waitingCallers, unansweredFarEnds: self.unansweredFarEnds)
    }
}
