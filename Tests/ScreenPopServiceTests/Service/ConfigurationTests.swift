import CallCenter
import EventSocket
import FreeSWITCHSimulator
import Hiredis
import Logging
import NIOCore
import NIOPosix
import RedisServerSupport
import ScreenPopStore
import ServiceLifecycle
import Testing

@testable import ScreenPopService

/// Agents, tiers and queues against a simulated FreeSWITCH and a real Redis.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ConfigurationTests {
    private static let admin = Principal(id: "user:root", name: "root", role: .admin)

    @Test func `an agent's settings are changed, read back, and told with who did it`() async throws {
        try await Site(agents: 1).run { site in
            let configuration = site.service.controls.configuration
            var changes = AgentChanges()
            changes.type = "callback"
            changes.contact = .loopback(extension: "9664", context: "default")
            changes.wrapUpTime = 42
            changes.readyTime = 1_900_000_000
            let outcome = try await configuration.change("1001@default", changes, by: Self.admin)
            #expect(outcome.applied)
            #expect(
                outcome.actual == [
                    "type": "Callback", "contact": "loopback/9664/default", "wrapUpTime": 42, "readyTime": "2030-03-17T17:46:40.000Z",
                ])
            try await eventually("told") { site.heard("config.changed", "agent-changed", #""source":"screenpop","by":"root""#) }
            #expect(!site.heard("config.changed", "agent-changed", #""source":"external""#))
            try await eventually("in Redis") {
                let agent = try await site.service.store.agent("1001@default").get().map { String(buffer: $0) } ?? ""
                return agent.contains(#""wrapUpTime":42"#) && agent.contains(#""readyTime":"2030-03-17T17:46:40.000Z""#)
            }
            let nothing = await #expect(throws: CommandError.self) {
                _ = try await configuration.change("1001@default", AgentChanges(), by: Self.admin)
            }
            #expect(nothing?.code == .invalidValue)
            changes.wrapUpTime = -1
            let invalid = changes
            let error = await #expect(throws: CommandError.self) { _ = try await configuration.change("1001@default", invalid, by: Self.admin) }
            #expect(error?.code == .invalidValue)
        }
    }

    @Test func `a queue is unloaded, loaded and reloaded, and seen to be`() async throws {
        try await Site(agents: 1).run { site in
            let configuration = site.service.controls.configuration
            let exists = await #expect(throws: CommandError.self) {
                _ = try await configuration.run(.load, queue: "sales@default", node: nil, by: Self.admin)
            }
            #expect(exists?.code == .queueExists)
            let unloaded = try await configuration.run(.unload, queue: "sales@default", node: nil, by: Self.admin)
            #expect(unloaded.actual["loaded"] == false)
            try await eventually("gone") { try await site.service.store.queue("sales@default").get() == nil }
            try await eventually("told") { site.heard("config.changed", "queue-removed", "sales@default", #""by":"root""#) }
            let gone = await #expect(throws: CommandError.self) {
                _ = try await configuration.setTier(.init(), queue: "sales@default", agent: "1001@default", by: Self.admin)
            }
            #expect(gone?.code == .queueNotFound)
            #expect(try await configuration.run(.load, queue: "sales@default", node: "fs1", by: Self.admin).actual["loaded"] == true)
            try await eventually("there again") {
                try await site.service.store.queue("sales@default").get().map { String(buffer: $0).contains(#""maxWaitTime":"#) } ?? false
            }
            #expect(try await configuration.run(.reload, queue: "sales@default", node: nil, by: Self.admin).applied)
            for command in QueueCommand.allCases {
                let error = await #expect(throws: CommandError.self) {
                    _ = try await configuration.run(command, queue: "none", node: nil, by: Self.admin)
                }
                #expect(error?.code == .queueNotFound)
            }
        }
    }

    @Test func `what is exported is imported without a difference, and what differs is planned, then done`() async throws {
        try await Site(agents: 3).run { site in
            let configuration = site.service.controls.configuration
            func run(_ list: SettingsList, isPlan: Bool, deletes: Bool = false) async throws -> ImportPlan {
                try await configuration.run(list, isPlan: isPlan, deletes: deletes, allowsDialStrings: false, by: Self.admin)
            }
            var list = try await configuration.export()
            #expect(list.agents.count == 3)
            let nothing = try await run(list, isPlan: false, deletes: true)
            #expect(nothing.steps.isEmpty && nothing.faults.isEmpty)

            list.agents[0].changes.wrapUpTime = 77
            list.agents.removeLast()
            list.tiers.removeAll { $0.agent == "1003@default" }
            var agent = SettingsList.Agent(name: "+2001@default", place: .line(5))
            agent.changes.contact = .user("2001@example.org", callTimeout: 5)
            list.agents.append(agent)
            list.tiers.append(SettingsList.Tier(queue: "support@default", agent: "+2001@default"))
            let plan = try await run(list, isPlan: true, deletes: true)
            #expect(plan.faults.isEmpty)
            #expect(plan.applied == 0)
            #expect(plan.steps.contains { $0.action == .change && $0.fields.map(\.name) == ["wrapUpTime"] })
            #expect(await !site.simulator.api("callcenter_config agent list").contains("+2001@default"))

            let done = try await run(list, isPlan: false, deletes: true)
            #expect(done.steps == plan.steps)
            #expect(done.applied == plan.steps.count)
            #expect(await site.simulator.api("callcenter_config tier list").contains("support@default|+2001@default|Ready|1|1"))
            #expect(await !site.simulator.api("callcenter_config agent list").contains("1003@default"))
            try await eventually("told") { site.heard("config.changed", "agent-added", "+2001@default", #""by":"root""#) }
            #expect(!site.heard("config.changed", "+2001@default", #""source":"external""#))
            #expect(try await run(list, isPlan: true, deletes: true).steps.isEmpty)
        }
    }

    @Test func `of two imports at once the second is refused, and may come again`() async throws {
        try await Site(agents: 1).run { site in
            let configuration = site.service.controls.configuration
            @Sendable func run(_ seconds: Int, isPlan: Bool = false) async throws -> ImportPlan {
                var agent = SettingsList.Agent(name: "1001@default")
                agent.changes.wrapUpTime = seconds
                var list = SettingsList()
                list.agents = [agent]
                return try await configuration.run(list, isPlan: isPlan, deletes: false, allowsDialStrings: false, by: Self.admin)
            }
            await site.simulator.api("simulate slow 2 callcenter_config agent set wrap_up_time")
            async let first = run(31)
            // What another instance sees is in Redis.
            @Sendable func isUnderWay() async throws -> Bool {
                try await site.service.store.client.send(RedisCommand("EXISTS", "screenpop:{test}:importing")).get() == .integer(1)
            }
            try await eventually("under way") { try await isUnderWay() }
            let error = await #expect(throws: CommandError.self) { _ = try await run(32) }
            #expect(error?.code.rawValue == "import-in-progress")
            #expect(try await run(33, isPlan: true).steps.count == 1)
            #expect(try await first.applied == 1)
            await site.simulator.api("simulate faultless")
            #expect(try await run(34).applied == 1)
            #expect(try await !isUnderWay())
        }
    }

    @Test func `an import that has lost its turn stops before the next step`() async throws {
        try await Site(agents: 2).run { site in
            let ours = try #require(site.service.controls.configuration as? ConfigurationCommands)
            // Another one may be importing by the time it asks again.
            let configuration = ConfigurationCommands(
                roster: ours.roster, imports: ImportTurn(claims: FakeClaims(isRenewed: false), life: .milliseconds(300)), catalogue: ours.catalogue)
            var list = SettingsList()
            for name in ["1001@default", "1002@default"] {
                var agent = SettingsList.Agent(name: name)
                agent.changes.wrapUpTime = 47
                list.agents.append(agent)
            }
            await site.simulator.api("simulate slow 1 callcenter_config agent set wrap_up_time")
            let wanted = list
            let error = await #expect(throws: CommandError.self) {
                _ = try await configuration.run(wanted, isPlan: false, deletes: false, allowsDialStrings: false, by: Self.admin)
            }
            #expect(error?.code == .storeUnavailable)
            #expect(error?.message.contains("1 of 2 changes were made before that") == true, "\(error?.message ?? "")")
            await site.simulator.api("simulate faultless")
            let rows = try AgentRow.rows(in: await site.simulator.api("callcenter_config agent list"))
            #expect(rows.count { $0.wrapUpTime == 47 } == 1)
        }
    }

    @Test func `a turn is over when it was lost, or when nobody could say for as long as it lives`() async throws {
        for isRenewed in [false, nil] {
            let turn = ImportTurn(claims: FakeClaims(isRenewed: isRenewed), life: .milliseconds(60))
            await #expect(throws: CommandError.self) {
                try await turn.take { claim async throws(CommandError) -> Void in
                    try claim.check()
                    while true {
                        try claim.check()
                        await Task.yield()
                    }
                }
            }
        }
        let turn = ImportTurn(claims: FakeClaims(isRenewed: true), life: .milliseconds(600))
        try await turn.take { claim async throws(CommandError) -> Void in
            let end = ContinuousClock.now + .milliseconds(1500)
            while ContinuousClock.now < end {
                try claim.check()
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    @Test func `without Redis nobody can tell whether an import is under way`() async throws {
        try await Site(agents: 1).run { site in
            site.redis.stop()
            try await eventually("away") { !site.service.redisIsConnected }
            let error = await #expect(throws: CommandError.self) {
                _ = try await site.service.controls.configuration.run(
                    SettingsList(), isPlan: false, deletes: false, allowsDialStrings: false, by: Self.admin)
            }
            #expect(error?.code == .storeUnavailable)
        }
    }

    @Test func `with one fault in a list nothing of it is done`() async throws {
        try await Site(agents: 1).run { site in
            let configuration = site.service.controls.configuration
            var list = SettingsList()
            list.agents.append(SettingsList.Agent(name: "2001@default", place: .line(2)))
            list.agents.append(SettingsList.Agent(name: "2001@default", place: .line(3)))
            list.agents.append(SettingsList.Agent(name: "a' b", place: .line(4)))
            var dial = SettingsList.Agent(name: "2002@default", place: .line(5))
            dial.changes.contact = .dialString("error/user_busy")
            list.agents.append(dial)
            list.tiers.append(SettingsList.Tier(queue: "none@default", agent: "1001@default", place: .line(6)))
            list.tiers.append(SettingsList.Tier(queue: "support@default", agent: "nobody", place: .line(7)))
            let before = await site.simulator.api("callcenter_config agent list")
            let plan = try await configuration.run(list, isPlan: false, deletes: false, allowsDialStrings: false, by: Self.admin)
            #expect(
                plan.faults.map(\.code) == [.invalidValue, .invalidName, .invalidContact, .queueNotFound, .agentNotFound])
            #expect(plan.faults.map(\.place) == [3, 4, 5, 6, 7].map { .line($0) })
            #expect(plan.applied == 0)
            #expect(await site.simulator.api("callcenter_config agent list") == before)
        }
    }

    @Test func `the same agent on two nodes takes no commands until one of them has it no more`() async throws {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var simulators: [Simulator] = []
        var endpoints: [EventSocketEndpoint] = []
        for number in 1...2 {
            var configuration = Simulator.Configuration()
            configuration.telephony.agents = [SimulatedAgent(name: "1001@default"), SimulatedAgent(name: "200\(number)@default")]
            let simulator = Simulator(configuration: configuration, logger: quiet)
            endpoints.append(
                EventSocketEndpoint(host: "127.0.0.1", port: try await simulator.start(), credentials: .password("ClueCon"), name: "fs\(number)"))
            simulators.append(simulator)
        }
        let redis = try RedisServer([])
        var settings = CallCenterService.Configuration(
            site: "test", nodes: endpoints, redis: RedisEndpoint(address: .unix(path: redis.socketPath)), owner: "host:1")
        settings.reconcileRhythm = .milliseconds(100)
        let service = CallCenterService(configuration: settings, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: quiet)
        let group = ServiceGroup(configuration: .init(services: [.init(service: service)], logger: quiet))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            func node(of agent: String) async throws -> String? {
                let json = try await service.store.agent(agent).get().map { String(buffer: $0) } ?? ""
                return ["fs1", "fs2"].first { json.contains("\"node\":\"\($0)\"") }
            }
            try await eventually("both are live, and say what is wrong") {
                service.redisIsConnected
                    && service.nodes.allSatisfy { if case .live(_, let detail?) = $0.status { detail.contains("1001@default on fs") } else { false } }
            }
            try await eventually("the first one's is shown") { try await node(of: "1001@default") == "fs1" }
            #expect(try await node(of: "2002@default") == "fs2")
            let agents = service.controls.agents
            let error = await #expect(throws: CommandError.self) { _ = try await agents.ready(agent: "1001@default", by: Self.admin) }
            #expect(error?.code == .agentOnTwoNodes)
            #expect(error?.message.contains("fs1 and on fs2") == true)
            _ = try await agents.ready(agent: "2002@default", by: Self.admin)
            #expect(await simulators[1].api("callcenter_config agent get status 2002@default") == "Available")
            let queue = await #expect(throws: CommandError.self) {
                _ = try await service.controls.configuration.run(.reload, queue: "support@default", node: nil, by: Self.admin)
            }
            #expect(queue?.code == .nodeUnknown)
            _ = try await service.controls.configuration.run(.reload, queue: "support@default", node: "fs2", by: Self.admin)

            try await service.controls.configuration.delete(agent: "1001@default", node: "fs1", by: Self.admin)
            try await eventually("the other one's is shown") { try await node(of: "1001@default") == "fs2" }
            #expect(try await agents.ready(agent: "1001@default", by: Self.admin).applied)
            #expect(service.nodes.allSatisfy { if case .live(_, nil) = $0.status { true } else { false } })
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        for simulator in simulators { await simulator.stop() }
    }

    @Test func `a command to a node that is away says so`() async throws {
        try await Site(agents: 1).run { site in
            await site.simulator.stop()
            try await eventually("away") { !site.isLive }
            let error = await #expect(throws: CommandError.self) {
                _ = try await site.service.controls.configuration.run(.reload, queue: "support@default", node: nil, by: Self.admin)
            }
            #expect(error?.code == .nodeUnavailable)
        }
    }
}

/// A Redis that gives the turn, and then says whether it is still ours; `nil`: is away.
private struct FakeClaims: ImportClaiming {
    var isRenewed: Bool?

    private struct Away: Error {}
    private var eventLoop: any EventLoop { MultiThreadedEventLoopGroup.singleton.next() }

    func claimImport(owner: String, life: TimeAmount) -> EventLoopFuture<Bool> { self.eventLoop.makeSucceededFuture(true) }

    func renewImport(owner: String, life: TimeAmount) -> EventLoopFuture<Bool> {
        let isRenewed = self.isRenewed
        return self.eventLoop.makeCompletedFuture {
            guard let isRenewed else { throw Away() }
            return isRenewed
        }
    }

    func releaseImport(owner: String) -> EventLoopFuture<Void> { self.eventLoop.makeSucceededVoidFuture() }
}
