import CallCenter
import EventSocket
import FreeSWITCHSimulator
import Logging
import NIOCore
import NIOPosix
import Testing

/// What a connection received, for tests to wait on.
private final class Inbox: Sendable {
    let deliveries: AsyncStream<EventSocketDelivery>
    let sink: @Sendable (EventSocketDelivery) -> Void

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: EventSocketDelivery.self, bufferingPolicy: .bufferingOldest(10_000))
        self.deliveries = stream
        self.sink = { delivery in
            continuation.yield(delivery)
            if case .closed = delivery { continuation.finish() }
        }
    }

    /// Names of events up to and including the one that is asked for.
    func events(until last: String) async -> [String] {
        var names: [String] = []
        for await case .event(let event) in self.deliveries {
            names.append(event.value("CC-Action") ?? event.value("Event-Name") ?? "")
            if names.last == last { break }
        }
        return names
    }

    func end() async -> EventSocketError? {
        for await case .closed(let error) in self.deliveries { return error }
        return nil
    }
}

@Suite(.timeLimit(.minutes(1))) struct SimulatorTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func simulator(_ change: (inout Simulator.Configuration) -> Void = { _ in }) async throws -> (Simulator, port: Int) {
        var configuration = Simulator.Configuration()
        configuration.telephony.agents = DemoCast.agents(count: 1)
        configuration.telephony.tiers = DemoCast.tiers(of: configuration.telephony.agents)
        change(&configuration)
        let simulator = Simulator(configuration: configuration, logger: Self.logger)
        return (simulator, try await simulator.start())
    }

    private func connect(_ port: Int, password: String = "ClueCon", _ inbox: Inbox) async throws(EventSocketError) -> EventSocketConnection {
        try await EventSocketConnection.connect(
            to: EventSocketEndpoint(host: "127.0.0.1", port: port, credentials: .password(password)),
            on: MultiThreadedEventLoopGroup.singleton.any(), logger: Self.logger, sink: inbox.sink)
    }

    @Test func aClientSeesACallAndItsOwnCanary() async throws {
        let (simulator, port) = try await self.simulator()
        let inbox = Inbox()
        let connection = try await self.connect(port, inbox)
        try await connection.subscribe(events: ["CHANNEL_BRIDGE"], custom: ["callcenter::info", "screenpop::canary"])
        try await connection.sendEvent("CUSTOM", headers: [("Event-Subclass", "screenpop::canary"), ("Canary-Count", "1")])
        #expect(await inbox.events(until: "CUSTOM") == ["CUSTOM"])

        let call = await simulator.dial(number: "02055501111", name: "Erin", to: "7000")
        #expect(await inbox.events(until: "agent-offering") == ["member-queue-start", "members-count", "agent-state-change", "agent-offering"])
        let members = try MemberRow.rows(in: await connection.api(CallCenterCommand.listQueueMembers(QueueName("support@default")).call()))
        #expect(members.map(\.callerName) == ["Erin"])
        #expect(members.map(\.state) == ["Trying"])
        #expect(await simulator.answer(agent: "1001@default"))
        #expect(await inbox.events(until: "agent-state-change") == ["bridge-agent-start", "members-count", "CHANNEL_BRIDGE", "agent-state-change"])
        let channels = try ChannelRow.rows(in: await connection.api(APICall("show", "channels as json")))
        #expect(channels.map(\.uuid).contains(call))
        #expect(channels.map(\.callState) == ["ACTIVE", "ACTIVE"])
        let dump = try ChannelDump.headers(in: await connection.api(APICall("uuid_dump", "\(call) json")))
        #expect(dump["variable_cc_agent"] == "1001@default")
        await simulator.hangUp(call, by: .agent)
        #expect(await inbox.events(until: "agent-state-change") == ["bridge-agent-end", "member-queue-end", "agent-state-change"])
        await connection.close()
        await simulator.stop()
    }

    @Test func commandsAreObeyedAndJobsReported() async throws {
        let (simulator, port) = try await self.simulator()
        let inbox = Inbox()
        let connection = try await self.connect(port, inbox)
        let agent = try AgentName("1001@default")
        #expect(try await connection.api(CallCenterCommand.setStatus(agent, .onBreak).call()) == "+OK\n")
        #expect(try await connection.api(CallCenterCommand.getAgent(agent, .status).call()) == "On Break")
        let agents = try AgentRow.rows(in: await connection.api(CallCenterCommand.listAgents().call()))
        #expect(agents.map(\.status) == [.onBreak])
        #expect(try await connection.backgroundAPI(CallCenterCommand.getAgent(agent, .state).call()) == "Waiting")
        await connection.close()
        await simulator.stop()
    }

    @Test func aWrongPasswordIsRefused() async throws {
        let (simulator, port) = try await self.simulator()
        await #expect(throws: EventSocketError.self) { try await self.connect(port, password: "wrong", Inbox()) }
        await simulator.stop()
    }

    @Test func anAddressMayBeTurnedAway() async throws {
        let (simulator, port) = try await self.simulator { $0.refusesClients = true }
        await #expect(throws: EventSocketError.self) { try await self.connect(port, Inbox()) }
        await simulator.stop()
    }

    @Test func itComesBackAfterARestartOnTheSamePortAsAnotherSwitch() async throws {
        let (simulator, port) = try await self.simulator()
        let inbox = Inbox()
        _ = try await self.connect(port, inbox)
        await simulator.dial(number: "1", name: "A", to: "7000")
        let before = await simulator.act { $0.coreUUID }
        try await simulator.restart()
        #expect(await inbox.end() != nil)
        #expect(await simulator.port == port)
        #expect(await simulator.act { $0.coreUUID } != before)
        let connection = try await self.connect(port, Inbox())
        #expect(try ChannelRow.rows(in: await connection.api(APICall("show", "channels as json"))) == [])
        await connection.close()
        await simulator.stop()
    }

    @Test func droppedConnectionsLeaveTheSwitchAlive() async throws {
        let (simulator, port) = try await self.simulator()
        let inbox = Inbox()
        _ = try await self.connect(port, inbox)
        await simulator.dial(number: "1", name: "A", to: "7000")
        await simulator.dropConnections()
        #expect(await inbox.end() != nil)
        let connection = try await self.connect(port, Inbox())
        #expect(try ChannelRow.rows(in: await connection.api(APICall("show", "channels as json"))).isEmpty == false)
        await connection.close()
        await simulator.stop()
    }
}
