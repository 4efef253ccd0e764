import CallCenter
import FreeSWITCHSimulator
import Hiredis
import NIOCore
import RedisServerSupport
import ScreenPopStore
import Synchronization
import Testing

@testable import ScreenPopService

/// Queues without a file, against a simulated FreeSWITCH that asks the service for them and a real Redis.
@Suite(.serialized, .timeLimit(.minutes(2))) struct QueueDefinitionTests {
    private static let admin = Principal(id: "user:root", name: "root", role: .admin)
    private static let queue = "billing@default"

    private func refusal(_ body: () async throws -> Void) async -> CommandError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? CommandError
        }
    }

    @Test func `a queue is defined, loaded, read back, and takes callers`() async throws {
        try await Site(agents: 1).run { site in
            await site.servesQueues()
            let configuration = site.service.controls.configuration
            let outcome = try await configuration.define(
                Self.queue, ["strategy": "ring-all", "maxWaitTime": "120", "announceFrequency": "9"], loads: true, node: nil, by: Self.admin)
            #expect(outcome.applied)
            #expect(outcome.reply == "+OK")
            #expect(
                outcome.requested == ["name": "billing@default", "loaded": true, "strategy": "ring-all", "maxWaitTime": 120, "announceFrequency": 9])
            #expect(outcome.actual == ["name": "billing@default", "loaded": true, "tiers": 0, "strategy": "ring-all", "maxWaitTime": 120])
            try await eventually("told") { site.heard("config.changed", "queue-definition-added", Self.queue, #""by":"root""#) }
            try await eventually("told too") { site.heard("config.changed", #""queue-added""#, Self.queue, #""by":"root""#) }
            _ = try await configuration.setTier(.init(), queue: Self.queue, agent: "1001@default", by: Self.admin)
            _ = try await site.service.controls.agents.ready(agent: "1001@default", by: Self.admin)
            _ = await site.simulator.api("simulate extension 7100 billing@default")
            await site.simulator.dial(number: "4711", name: "Ann", to: "7100")
            try await eventually("it pops") { try await site.pop("1001@default")?.contains(#""queue":"billing@default""#) ?? false }
        }
    }

    @Test func `there is one of each name, whosever it is`() async throws {
        try await Site(agents: 1).run { site in
            await site.servesQueues()
            let configuration = site.service.controls.configuration
            let fromFile = await self.refusal { _ = try await configuration.define("support@default", [:], loads: true, node: nil, by: Self.admin) }
            #expect(fromFile?.code == .queueExists)
            #expect(try await configuration.definitions().isEmpty)
            _ = try await configuration.define(Self.queue, [:], loads: false, node: nil, by: Self.admin)
            #expect(await !site.simulator.api("callcenter_config queue list").contains("billing"))
            let twice = await self.refusal { _ = try await configuration.define(Self.queue, [:], loads: false, node: nil, by: Self.admin) }
            #expect(twice?.code == .queueExists)
            for (name, values, code) in [
                ("a b", [:], CommandError.Code.invalidName), ("x-pre-process@default", [:], .invalidName),
                ("c@default", ["strategy": "fastest"], .invalidValue), ("c@default", ["colour": "red"], .invalidValue),
            ] {
                let error = await self.refusal { _ = try await configuration.define(name, values, loads: false, node: nil, by: Self.admin) }
                #expect(error?.code == code, "\(name) \(values)")
            }
            let explained = await self.refusal {
                _ = try await configuration.define("c@default", ["max-wait-time": "1 day"], loads: false, node: nil, by: Self.admin)
            }
            #expect(explained?.message.contains("maxWaitTime") == true && explained?.message.contains("Seconds after which") == true)
        }
    }

    @Test func `who makes a queue twice is told whose it is, where it is loaded, and how to change it`() async throws {
        try await Site(agents: 1).run { site in
            await site.servesQueues()
            let configuration = site.service.controls.configuration
            func again(_ name: String) async -> String {
                await self.refusal { _ = try await configuration.define(name, [:], loads: true, node: nil, by: Self.admin) }?.message ?? ""
            }
            _ = try await configuration.define(Self.queue, [:], loads: false, node: nil, by: Self.admin)
            let unloaded = await again(Self.queue)
            #expect(unloaded.hasPrefix("ScreenPop defines the queue billing@default already, and no node has it loaded"), "\(unloaded)")
            #expect(unloaded.contains("POST /api/v1/queues/billing@default/load"))
            _ = try await configuration.run(.load, queue: Self.queue, node: nil, by: Self.admin)
            let loaded = await again(Self.queue)
            #expect(loaded.hasPrefix("ScreenPop defines the queue billing@default already, loaded on fs1"), "\(loaded)")
            #expect(loaded.contains("PATCH /api/v1/queues/billing@default/definition?reload=true") && loaded.contains("DELETE"))
            let foreign = await again("support@default")
            #expect(foreign.hasPrefix("fs1 has a queue support@default already"), "\(foreign)")
            #expect(foreign.contains("not ScreenPop's") && foreign.contains("choose another name"), "\(foreign)")
        }
    }

    @Test func `a queue that cannot be loaded is not left defined, and it is said why`() async throws {
        try await Site(agents: 1).run { site in
            // This switch asks nobody.
            let configuration = site.service.controls.configuration
            let error = await self.refusal { _ = try await configuration.define(Self.queue, [:], loads: true, node: nil, by: Self.admin) }
            #expect(error?.code == .notApplied)
            #expect(error?.message.contains("mod_xml_curl") == true && error?.message.contains("was not created") == true)
            #expect(try await configuration.definitions().isEmpty)
            _ = try await configuration.define(Self.queue, [:], loads: false, node: nil, by: Self.admin)
            let load = await self.refusal { _ = try await configuration.run(.load, queue: Self.queue, node: nil, by: Self.admin) }
            #expect(load?.code == .queueNotFound)
            #expect(load?.message.contains("mod_xml_curl") == true)
        }
    }

    @Test func `a change takes effect with the reload, and it is known where it does not yet`() async throws {
        try await Site(agents: 1).run { site in
            await site.servesQueues()
            let configuration = site.service.controls.configuration
            _ = try await configuration.define(Self.queue, ["max-wait-time": "120", "strategy": "top-down"], loads: true, node: nil, by: Self.admin)
            let changed = try await configuration.redefine(Self.queue, ["maxWaitTime": "30"], keepsOthers: true, reloads: false, by: Self.admin)
            #expect(changed.stored.definition.values["strategy"] == "top-down")
            #expect(changed.loaded.map(\.node) == ["fs1"])
            #expect(changed.loaded[0].differs.map(\.memberName) == ["maxWaitTime"])
            let reloaded = try await configuration.redefine(Self.queue, ["timeBaseScore": "system"], keepsOthers: true, reloads: true, by: Self.admin)
            #expect(reloaded.loaded == [.init(node: "fs1")])
            let whole = try await configuration.redefine(Self.queue, ["maxWaitTime": "30"], keepsOthers: false, reloads: false, by: Self.admin)
            #expect(whole.stored.definition.values["strategy"] == "longest-idle-agent")
            #expect(whole.loaded[0].differs.map(\.memberName) == ["strategy", "timeBaseScore"])
            let error = await self.refusal {
                _ = try await configuration.redefine("support@default", ["maxWaitTime": "30"], keepsOthers: true, reloads: false, by: Self.admin)
            }
            #expect(error?.code == .queueNotFound)
            #expect(try await configuration.served(try QueueName("support@default")) == nil)
        }
    }

    @Test func `a queue is deleted when nobody waits in it`() async throws {
        try await Site(agents: 1).run { site in
            await site.servesQueues()
            let configuration = site.service.controls.configuration
            _ = try await configuration.define(Self.queue, [:], loads: true, node: nil, by: Self.admin)
            let loaded = await self.refusal { try await configuration.undefine(Self.queue, unloads: false, by: Self.admin) }
            #expect(loaded?.code == .wrongState && loaded?.message.contains("loaded on fs1") == true)
            _ = await site.simulator.api("simulate extension 7100 billing@default")
            let caller = await site.simulator.dial(number: "4711", name: "Ann", to: "7100")
            let waiting = await self.refusal { try await configuration.undefine(Self.queue, unloads: true, by: Self.admin) }
            #expect(waiting?.code == .wrongState && waiting?.message.hasPrefix("1 caller waits") == true)
            #expect(await site.simulator.hangUp(caller, by: .caller))
            try await configuration.undefine(Self.queue, unloads: true, by: Self.admin)
            #expect(await !site.simulator.api("callcenter_config queue list").contains("billing"))
            #expect(try await configuration.definitions().isEmpty)
            #expect(try await configuration.served(try QueueName(Self.queue)) == nil)
            let gone = await self.refusal { try await configuration.undefine(Self.queue, unloads: true, by: Self.admin) }
            #expect(gone?.code == .queueNotFound)
        }
    }

    @Test func `a definition that is not allowed any more is not served, and can be deleted`() async throws {
        try await Site(agents: 1).run { site in
            await site.servesQueues()
            let configuration = site.service.controls.configuration
            _ = try await configuration.define(Self.queue, [:], loads: true, node: nil, by: Self.admin)
            _ = try await site.service.store.client.send(
                RedisCommand("HSET", "screenpop:{test}:queue-definition:\(Self.queue)", "moh-sound", "$${event_socket_password}")
            ).get()
            #expect(try await configuration.served(try QueueName(Self.queue)) == nil)
            let again = await self.refusal { _ = try await configuration.define(Self.queue, [:], loads: false, node: nil, by: Self.admin) }
            #expect(again?.code == .queueExists)
            try await configuration.undefine(Self.queue, unloads: true, by: Self.admin)
            #expect(await !site.simulator.api("callcenter_config queue list").contains("billing"))
            _ = try await configuration.define(Self.queue, [:], loads: false, node: nil, by: Self.admin)
        }
    }

    @Test func `a switch that restarts gets the queues again that we loaded`() async throws {
        try await Site(agents: 1).run { site in
            await site.servesQueues()
            let configuration = site.service.controls.configuration
            _ = try await configuration.define(Self.queue, ["max-wait-time": "33"], loads: true, node: nil, by: Self.admin)
            _ = try await configuration.define("kept@default", [:], loads: false, node: nil, by: Self.admin)
            _ = try await configuration.define("unloaded@default", [:], loads: true, node: nil, by: Self.admin)
            _ = try await configuration.run(.unload, queue: "unloaded@default", node: nil, by: Self.admin)
            try await site.simulator.restart()
            try await eventually("it is loaded again") {
                await site.simulator.api("callcenter_config queue list").contains("billing@default|longest-idle-agent|")
            }
            try await eventually("and shown") { try await site.service.store.queue(Self.queue).get() != nil }
            let list = await site.simulator.api("callcenter_config queue list")
            #expect(!list.contains("kept@default") && !list.contains("unloaded@default"))
        }
    }

    @Test func `a queue that cannot be loaded after a restart does not stop the others, and is tried again`() async throws {
        try await Site(agents: 1).run { site in
            await site.servesQueues()
            let configuration = site.service.controls.configuration
            for queue in ["a-late@default", Self.queue] {
                _ = try await configuration.define(queue, [:], loads: true, node: nil, by: Self.admin)
            }
            site.hides(queue: "a-late@default")
            try await site.simulator.restart()
            try await eventually("the other one is loaded") { await site.simulator.api("callcenter_config queue list").contains("billing@default|") }
            #expect(await !site.simulator.api("callcenter_config queue list").contains("a-late@default|"))
            site.hides(queue: nil)
            try await eventually("it is, too") { await site.simulator.api("callcenter_config queue list").contains("a-late@default|") }
        }
    }

    @Test func `one that stands by changes nothing that it could not carry out`() async throws {
        try await Site(agents: 1).run { site in
            _ = try await site.service.controls.configuration.define(Self.queue, ["max-wait-time": "33"], loads: false, node: nil, by: Self.admin)
            let store = site.service.store
            let standby = ConfigurationCommands(
                roster: NodeRoster(active: ActiveNodes(standby: "standing by"), directory: NodeDirectory()), imports: ImportTurn(claims: store),
                catalogue: QueueDefinitionCatalogue(store: store))
            let refusal = CommandError(.nodeUnavailable, "standing by")
            for loads in [true, false] {
                #expect(
                    await self.refusal { _ = try await standby.define("new@default", [:], loads: loads, node: nil, by: Self.admin) } == refusal)
            }
            #expect(
                await self.refusal {
                    _ = try await standby.redefine(Self.queue, ["maxWaitTime": "44"], keepsOthers: true, reloads: true, by: Self.admin)
                } == refusal)
            let definitions = try await standby.definitions()
            #expect(definitions.map(\.stored.definition.name.text) == [Self.queue])
            #expect(definitions.first?.stored.definition.values["max-wait-time"] == "33")
            let changed = try await standby.redefine(Self.queue, ["maxWaitTime": "44"], keepsOthers: true, reloads: false, by: Self.admin)
            #expect(changed.stored.definition.values["max-wait-time"] == "44")
        }
    }

    enum Load: CaseIterable {
        case unanswered, unreadAfterwards, refused, withoutModule
    }

    @Test(arguments: Load.allCases) func `a queue that FreeSWITCH may have stays defined, and one that it refuses does not`(load: Load) async throws {
        let wasAsked = Flag()
        let node = FakeSwitch { text in
            if text.hasPrefix("callcenter_config queue load") {
                wasAsked.set()
                switch load {
                case .unanswered, .unreadAfterwards: return "+OK\n"
                case .refused: return "-ERR no\n"
                case .withoutModule: return "-ERR callcenter_config Command not found!\n"
                }
            }
            let isUnreadable = load == .unreadAfterwards && wasAsked.isSet && text.hasPrefix("callcenter_config agent list")
            return isUnreadable ? "-ERR no\n" : FakeSwitch.empty(text)
        }
        if load == .unanswered { node.state.withLock { $0.silent = "callcenter_config queue load" } }
        let stays = load == .unanswered || load == .unreadAfterwards
        try await Site(agents: 1).run { site in
            let store = site.service.store
            try await Bench(node).run { bench in
                try await eventually("live") { if case .live = bench.status { true } else { false } }
                let configuration = ConfigurationCommands(
                    roster: NodeRoster(nodes: [("fs1", bench.pipeline)], directory: bench.directory), imports: ImportTurn(claims: store),
                    catalogue: QueueDefinitionCatalogue(store: store))
                let error = await self.refusal { _ = try await configuration.define(Self.queue, [:], loads: true, node: nil, by: Self.admin) }
                switch load {
                case .unanswered: #expect(error?.code == .timedOut)
                case .unreadAfterwards, .refused: #expect(error?.code == .refused)
                case .withoutModule: #expect(error?.code == .nodeUnavailable)
                }
                #expect(error?.message.contains(stays ? "was created" : "was not created") == true)
                let stored = try await configuration.catalogue.all()
                #expect(stored.map(\.definition.name.text) == (stays ? [Self.queue] : []))
                #expect(stored.allSatisfy { $0.nodes == ["fs1"] })
            }
        }
    }

    @Test func `the queues come back too when Redis is there only after the switch`() async throws {
        try await Site(agents: 1).run { site in
            await site.servesQueues()
            let configuration = site.service.controls.configuration
            _ = try await configuration.define(Self.queue, [:], loads: true, node: nil, by: Self.admin)
            site.redis.stop()
            try await eventually("Redis is away") { !site.service.redisIsConnected }
            try await site.simulator.restart()
            try await eventually("the switch is followed") { await site.simulator.clientCount > 0 && site.heard("system.recovered", "freeswitch") }
            #expect(await !site.simulator.api("callcenter_config queue list").contains("billing"))
            try site.redis.start()
            try await eventually("it is loaded again") { await site.simulator.api("callcenter_config queue list").contains("billing@default|") }
        }
    }

    @Test func `a switch that asks while Redis is away is told what was known`() async throws {
        try await Site(agents: 1, redis: []).run { site in
            let configuration = site.service.controls.configuration
            _ = try await configuration.define(Self.queue, ["max-wait-time": "33"], loads: false, node: nil, by: Self.admin)
            site.redis.stop()
            try await eventually("Redis is away") { !site.service.redisIsConnected }
            #expect(try await configuration.served(try QueueName(Self.queue))?.values["max-wait-time"] == "33")
            let unknown = await self.refusal { _ = try await configuration.served(try QueueName("other@default")) }
            #expect(unknown?.code == .storeUnavailable)
        }
    }
}
