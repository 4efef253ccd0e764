import CallCenter
import EventSocket
import FreeSWITCHSimulator
import Logging
import NIOPosix
import Synchronization
import Testing

/// What can be set up to go wrong, and does, over a real event socket.
@Suite(.timeLimit(.minutes(1))) struct SimulatorFaultTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func simulator(_ change: (inout Simulator.Configuration) -> Void = { _ in }) async throws -> (Simulator, port: Int) {
        var configuration = Simulator.Configuration()
        configuration.telephony.agents = DemoCast.agents(count: 1)
        change(&configuration)
        let simulator = Simulator(configuration: configuration, logger: Self.logger)
        return (simulator, try await simulator.start())
    }

    private func connect(_ port: Int) async throws(EventSocketError) -> EventSocketConnection {
        try await EventSocketConnection.connect(
            to: EventSocketEndpoint(host: "127.0.0.1", port: port, credentials: .password("ClueCon")),
            on: MultiThreadedEventLoopGroup.singleton.any(),
            logger: Self.logger, sink: { _ in })
    }

    @Test func aSlowCommandTakesItsTimeAndHoldsUpNothingElse() async throws {
        let (simulator, port) = try await self.simulator {
            $0.telephony.faults = [SwitchFault(command: "callcenter_config queue reload", delay: 0.3)]
        }
        let (slow, other) = (try await self.connect(port), try await self.connect(port))
        let start = ContinuousClock.now
        async let reload = slow.api(APICall("callcenter_config", "queue reload 'support@default'"))
        #expect(try await other.api(APICall("callcenter_config", "queue count")) == "2\n")
        #expect(start.duration(to: .now) < .milliseconds(300))
        #expect(try await reload == "+OK\n")
        #expect(start.duration(to: .now) >= .milliseconds(300))
        // As a job it does not hold up its own connection either.
        async let job = slow.backgroundAPI(APICall("callcenter_config", "queue reload 'support@default'"))
        #expect(try await slow.api(APICall("callcenter_config", "queue count")) == "2\n")
        #expect(try await job == "+OK\n")
        await slow.close()
        await other.close()
        await simulator.stop()
    }

    @Test func aChosenCommandIsRefusedUntilItIsNot() async throws {
        let (simulator, port) = try await self.simulator {
            $0.telephony.faults = [SwitchFault(command: "callcenter_config agent set status", refusal: "-ERR Unknown Error!")]
        }
        let connection = try await self.connect(port)
        let command = try CallCenterCommand.setStatus(AgentName("1001@default"), .onBreak).call()
        #expect(try await connection.api(command) == "-ERR Unknown Error!\n")
        #expect(await simulator.act { $0.agent(named: "1001@default")?.status } == "Available")
        #expect(try await connection.api(APICall("simulate", "faultless")) == "+OK\n")
        #expect(try await connection.api(command) == "+OK\n")
        #expect(try await connection.api(APICall("simulate", "refuse '-ERR no' version")) == "+OK\n")
        #expect(try await connection.api(APICall("version")) == "-ERR no\n")
        await connection.close()
        await simulator.stop()
    }

    @Test func aNodeThatHangsAnswersOnceItComesToItself() async throws {
        let (simulator, port) = try await self.simulator()
        let connection = try await self.connect(port)
        await simulator.setSilent(true)
        let answered = Flag()
        async let reply = {
            let text = try await connection.api(APICall("callcenter_config", "queue count"))
            answered.set()
            return text
        }()
        try await Task.sleep(for: .milliseconds(100))
        #expect(!answered.isSet)
        await simulator.setSilent(false)
        #expect(try await reply == "2\n")
        await connection.close()
        await simulator.stop()
    }

    @Test func aNodeThatHangsFromTheStartAcceptsAndSaysNothing() async throws {
        let (simulator, port) = try await self.simulator { $0.isSilent = true }
        await #expect(throws: (any Error).self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await (try self.connect(port)).close() }
                group.addTask {
                    try await Task.sleep(for: .milliseconds(200))
                    throw CancellationError()
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
        await simulator.stop()
    }

    @Test func severalNodesMayHaveTheSameAgents() async throws {
        let (one, first) = try await self.simulator()
        let (two, second) = try await self.simulator { $0.telephony.seed = 2 }
        let connections = [try await self.connect(first), try await self.connect(second)]
        #expect(await one.act { $0.coreUUID } != two.act { $0.coreUUID })
        for connection in connections {
            #expect(try await AgentRow.rows(in: connection.api(CallCenterCommand.listAgents().call())).map(\.name) == ["1001@default"])
            await connection.close()
        }
        await one.stop()
        await two.stop()
    }
}

private final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { self.value.load(ordering: .acquiring) }
    func set() { self.value.store(true, ordering: .releasing) }
}
