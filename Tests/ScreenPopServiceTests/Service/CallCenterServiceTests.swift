import CallCenter
import FreeSWITCHSimulator
import Hiredis
import Logging
import NIOCore
import RedisServerSupport
import ScreenPop
import ScreenPopStore
import Testing

@testable import ScreenPopService

@Suite(.serialized) struct CallCenterServiceTests {
    @Test func `a call from its offer to its end is in Redis and reaches the listeners`() async throws {
        try await Site(agents: 1).run { site in
            let call = await site.simulator.dial(number: "+8613900139000", name: "王小明", to: "7000")
            try await eventually("offered in Redis") { try await site.pop("1001@default")?.contains(#""state":"offered""#) ?? false }
            try await eventually("offered to listeners") { site.heard("pop.offered", #""agent":"1001@default""#, "王小明", #""provisional":false"#) }
            #expect(await site.simulator.answer(agent: "1001@default"))
            try await eventually("answered") { site.heard("pop.answered") }
            #expect(try await site.pop("1001@default")?.contains(#""state":"answered""#) ?? false)
            #expect(await site.simulator.hangUp(call, by: .caller))
            try await eventually("ended") { site.heard("pop.ended", #""endReason":"completed-caller""#) }
            try await eventually("no pop") { try await site.pop("1001@default") == nil }
        }
    }

    @Test func `commands are carried out and read back`() async throws {
        try await Site(agents: 1).run { site in
            let control = site.service.controls.agents
            let onBreak = try await control.takeBreak(agent: "1001@default", reason: "lunch", by: .adminToken)
            #expect(onBreak.requested == ["status": "On Break", "reason": "lunch"])
            #expect(onBreak.reply == "+OK")
            #expect(onBreak.actual["status"] == "On Break")
            #expect(onBreak.applied)
            try await eventually("the reason is told") { site.heard("agent.state", #""reason":"lunch""#) }

            let ready = try await control.ready(agent: "1001@default", by: .adminToken)
            #expect(ready.actual == ["status": "Available", "state": "Waiting"])
            #expect(ready.applied)

            let lenient = try await control.setStatus("logged out", reason: nil, agent: "1001@default", by: .adminToken)
            #expect(lenient.requested == ["status": "Logged Out"])
            #expect(lenient.applied)

            await #expect(throws: CommandError(.invalidStatus, "the status must be one of Available, Available (On Demand), On Break, Logged Out")) {
                _ = try await control.setStatus("Lunch", reason: nil, agent: "1001@default", by: .adminToken)
            }
            await #expect(throws: CommandError(.agentNotFound, "FreeSWITCH knows no such agent")) {
                _ = try await control.setStatus("Available", reason: nil, agent: "9999@default", by: .adminToken)
            }
        }
    }

    @Test func `agents and tiers come and go, and are told though no event tells it`() async throws {
        try await Site(agents: 1).run { site in
            let control = site.service.controls.agents
            let configuration = site.service.controls.configuration
            var settings = AgentSettings(name: "2001@default", contact: .user("2001@example.org", callTimeout: 10))
            settings.wrapUpTime = 7
            let added = try await configuration.add(settings, by: .adminToken)
            #expect(added.applied)
            #expect(
                added.actual == [
                    "name": "2001@default", "type": "Callback", "contact": "[call_timeout=10]user/2001@example.org", "wrapUpTime": 7,
                ])
            await #expect(throws: CommandError.self) { _ = try await configuration.add(settings, by: .adminToken) }
            try await eventually("in Redis") { try await site.service.store.agent("2001@default").get() != nil }

            let first = try await configuration.setTier(
                .init(level: 1, position: 2), queue: "support@default", agent: "2001@default", by: .adminToken)
            #expect(first.created)
            #expect(first.outcome.actual == ["level": 1, "position": 2, "state": "Ready"])
            let second = try await configuration.setTier(
                .init(level: 3, position: 4), queue: "support@default", agent: "2001@default", by: .adminToken)
            #expect(!second.created)
            #expect(second.outcome.actual == ["level": 3, "position": 4, "state": "Ready"])
            try await eventually("tier is told") { site.heard("config.changed", "tier-added", "2001@default") }
            try await configuration.deleteTier(queue: "support@default", agent: "2001@default", by: .adminToken)
            await #expect(throws: CommandError.self) {
                try await configuration.deleteTier(queue: "support@default", agent: "2001@default", by: .adminToken)
            }

            let login = try await control.logIn(agent: "2001@default", ready: true, queues: ["support@default", "sales@default"], by: .adminToken)
            #expect(login.applied)
            #expect(login.actual == ["status": "Available", "state": "Waiting", "queues": ["support@default", "sales@default"]])

            try await configuration.delete(agent: "2001@default", node: nil, by: .adminToken)
            try await eventually("gone from Redis") { try await site.service.store.agent("2001@default").get() == nil }
            await #expect(throws: CommandError(.agentNotFound, "there is no agent 2001@default")) {
                try await configuration.delete(agent: "2001@default", node: nil, by: .adminToken)
            }
        }
    }

    @Test func `a call goes on though the connections are lost in the middle of it`() async throws {
        try await Site(agents: 1).run { site in
            let call = await site.simulator.dial(number: "0211111111", name: "Tom", to: "7000")
            try await eventually("offered") { site.heard("pop.offered") }
            #expect(await site.simulator.answer(agent: "1001@default"))
            try await eventually("answered") { site.heard("pop.answered") }
            await site.simulator.dropConnections()
            try await eventually("degraded") { site.heard("system.degraded", "freeswitch") }
            try await eventually("live again") { site.heard("system.resync") }
            #expect(try await site.pop("1001@default")?.contains(#""state":"answered""#) ?? false)
            #expect(await site.simulator.hangUp(call, by: .caller))
            try await eventually("ended") { site.heard("pop.ended", #""endReason":"completed-caller""#) }
            let counts = try await site.transitions()
            #expect(counts.count == 2)
            #expect(counts.values.allSatisfy { $0 == 1 })
        }
    }

    @Test func `a FreeSWITCH that restarts in the middle of a call ends its pop, and the next call pops`() async throws {
        try await Site(agents: 1).run { site in
            await site.simulator.dial(number: "0211111111", name: "Tom", to: "7000")
            try await eventually("offered") { site.heard("pop.offered") }
            try await site.simulator.restart()
            try await eventually("lost") { site.heard("pop.ended", #""endReason":"lost-track""#) }
            try await eventually("live again") { site.heard("system.resync") && site.isLive }
            #expect(try await site.pop("1001@default") == nil)
            _ = try await site.service.controls.agents.ready(agent: "1001@default", by: .adminToken)
            await site.simulator.dial(number: "0222222222", name: "Rita", to: "7000")
            try await eventually("the next pops") { site.heard("pop.offered", "0222222222") }
        }
    }

    @Test func `while Redis is away calls pop provisionally; afterwards everything is written once`() async throws {
        try await Site(agents: 2).run { site in
            let first = await site.simulator.dial(number: "0211111111", name: "Tom", to: "7000")
            try await eventually("first offered") { site.heard("pop.offered", "0211111111", #""cursor""#) }
            site.redis.stop()
            try await eventually("degraded") { site.heard("system.degraded", "redis") }
            let second = await site.simulator.dial(number: "0222222222", name: "Rita", to: "7000")
            try await eventually("second offered provisionally") { site.heard("pop.offered", "0222222222", #""provisional":true"#) }
            #expect(!site.heard("pop.offered", "0222222222", #""cursor""#))
            #expect(await site.simulator.hangUp(first, by: .caller))
            try await eventually("first ended provisionally") { site.heard("pop.ended", "0211111111", #""provisional":true"#) }

            try site.redis.start()
            try await eventually("second confirmed") { site.heard("pop.offered", "0222222222", #""provisional":false"#, #""cursor""#) }
            try await eventually("first's end confirmed") { site.heard("pop.ended", "0211111111", #""provisional":false"#, #""cursor""#) }
            #expect(site.heard("system.recovered", "redis"))
            #expect(await site.simulator.hangUp(second, by: .caller))
            try await eventually("second ended") { site.heard("pop.ended", "0222222222", #""cursor""#) }
            let counts = try await site.transitions()
            #expect(counts.count == 4)
            #expect(counts.values.allSatisfy { $0 == 1 })
        }
    }

    @Test func `a Redis that comes back empty is filled again`() async throws {
        try await Site(agents: 2, redis: []).run { site in
            await site.simulator.dial(number: "0211111111", name: "Tom", to: "7000")
            try await eventually("offered") { site.heard("pop.offered", "0211111111", #""cursor""#) }
            site.redis.kill()
            try await eventually("degraded") { !site.service.redisIsConnected }
            try site.redis.start()
            try await eventually("agents are back") { (try? await site.service.store.agents().get().count) == 2 }
            try await eventually("the pop is back") {
                try await ["1001@default", "1002@default"].asyncContains { try await site.pop($0)?.contains("0211111111") ?? false }
            }
            try await eventually("listeners were told to start over") { site.messages.contains("reset") }
        }
    }

    /// The call that agent 1001 is in, as it is known when the agent answers it.
    private static func answeredCall(_ site: Site) async throws -> String {
        let call = await site.simulator.dial(number: "0211111111", name: "Tom", to: "7000")
        try await eventually("offered") { site.heard("pop.offered", "0211111111") }
        #expect(await site.simulator.answer(agent: "1001@default"))
        try await eventually("answered") { try await site.pop("1001@default")?.contains(#""state":"answered""#) ?? false }
        return call
    }

    private static func redis(_ site: Site, _ words: String...) async throws -> RedisValue {
        var command = RedisCommand()
        for word in words { command.append(word) }
        return try await site.service.store.client.send(command).get()
    }

    /// No key has the pop any more, and the log says how it ended.
    private static func hasEnded(_ site: Site) async throws -> Bool {
        let keys = site.service.store.keys
        let left = try await Self.redis(site, "EXISTS", keys.nodePops("fs1"), keys.agentLive("1001@default"), keys.agentPop("1001@default"))
        guard case .integer(0) = left else { return false }
        return try await site.log().contains { $0.type == "pop.ended" && $0.json.contains(#""endReason":"completed-caller""#) }
    }

    @Test func `a pop that ended is over in a Redis that comes back as it was before`() async throws {
        try await Site(agents: 1, redis: []).run { site in
            let call = try await Self.answeredCall(site)
            _ = try await Self.redis(site, "SAVE")
            #expect(await site.simulator.hangUp(call, by: .caller))
            try await eventually("ended") { try await Self.hasEnded(site) }
            site.redis.kill()
            try await eventually("degraded") { !site.service.redisIsConnected }
            try site.redis.start()
            try await eventually("Redis is back") { site.service.redisIsConnected }
            try await eventually("ended once more") { (try? await Self.hasEnded(site)) ?? false }
            try await eventually("the call, too") {
                let record = try await site.service.store.call(call).get().map { String(buffer: $0) }
                return record?.contains(#""endedAt":"2"#) ?? false
            }
        }
    }

    @Test func `a pop that goes on stays in a Redis that comes back as it was before`() async throws {
        try await Site(agents: 1, redis: []).run { site in
            let call = try await Self.answeredCall(site)
            _ = try await Self.redis(site, "SAVE")
            await site.simulator.dial(number: "0222222222", name: "Rita", to: "7000")
            try await eventually("Rita waits") { try await site.waiting("support@default").contains { $0.contains("0222222222") } }
            site.redis.kill()
            try await eventually("degraded") { !site.service.redisIsConnected }
            try site.redis.start()
            try await eventually("written anew") { ((try? await site.log()) ?? []).contains { $0.type == "system.resync" } }
            #expect(try await site.waiting("support@default").contains { $0.contains("0222222222") })
            #expect(try await site.pop("1001@default")?.contains(#""state":"answered""#) ?? false)
            #expect(try await !site.log().contains { $0.type == "pop.ended" })
            #expect(await site.simulator.hangUp(call, by: .caller))
            try await eventually("ended") { try await site.log().contains { $0.type == "pop.ended" && $0.json.contains("completed-caller") } }
        }
    }

    @Test func `what happened while Redis refused to write is in it when it writes again`() async throws {
        try await Site(agents: 1).run { site in
            try await eventually("known") { try await site.agent("1001@default").contains(#""status":"Available""#) }
            _ = try await Self.redis(site, "ACL", "SETUSER", "default", "-@scripting")
            _ = await site.simulator.api("callcenter_config agent set status 1001@default 'On Break'")
            try await eventually("shown") { site.heard("agent.state", #""status":"On Break""#) }
            // Three tries, one each second; then it is given up, and nothing else would ever tell it.
            try await Task.sleep(for: .seconds(4))
            #expect(try await site.agent("1001@default").contains(#""status":"Available""#))
            _ = try await Self.redis(site, "ACL", "SETUSER", "default", "+@scripting")
            try await eventually("in Redis") { try await site.agent("1001@default").contains(#""status":"On Break""#) }
        }
    }

    @Test func `listeners of one that another instance takes over are told to look anew: what they were shown nobody else ends`() async throws {
        try await Site(agents: 1).run { site in
            let store = site.service.store
            let other = Store(client: store.client, site: "test", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try await eventually("the log is followed") { site.service.hub.end != .zero }
            #expect(!site.messages.contains("reset"))
            #expect(try await other.claimLease(of: ["fs1"], owner: "other:2", life: .seconds(60), .seize).get() == .held)
            try await eventually("start over") { site.messages.contains("reset") }
            guard case .standby(let line) = site.service.nodes[0].status else {
                Issue.record("not standing by")
                return
            }
            #expect(line.hasPrefix("this instance is standing by"))
            #expect(site.service.hub.end != .zero)
        }
    }

    @Test func `who hangs up while no process runs is out of the queue afterwards, and of who waits on nothing is told anew`() async throws {
        let site = try await Site(agents: 1)
        await site.simulator.dial(number: "0211111111", name: "Tom", to: "7000")
        let call = await site.simulator.dial(number: "0222222222", name: "Rita", to: "7000")
        await site.simulator.dial(number: "0233333333", name: "Max", to: "7000")
        try await site.run(staysUp: true) { site in
            try await eventually("all wait") { try await site.waiting("support@default").count == 3 }
        }
        #expect(await site.simulator.hangUp(call, by: .caller))
        // mod_callcenter lists him no more as waiting.
        try await eventually("mod_callcenter knows") {
            let rows = await site.simulator.api("callcenter_config queue list members support@default").split(separator: "\n")
            return rows.allSatisfy { !$0.contains("0222222222") || $0.contains("Abandoned") }
        }
        try await Site(restarting: site).run { site in
            try await eventually("the others wait") { try await site.waiting("support@default").count == 2 }
            #expect(try await !site.waiting("support@default").contains { $0.contains("0222222222") })
            let log = try await site.log()
            #expect(log.count { $0.type == "member.joined" } == 3)
            let left = log.filter { $0.type == "member.left" }.map(\.json)
            #expect(left.count == 1)
            // The switch may tell the end late, to the second process: then the reason is known.
            #expect(left.allSatisfy { $0.contains("0222222222") })
        }
    }

    @Test func `a wrong password of the only node ends the service with what to do`() async throws {
        let site = try await Site(password: "wrong")
        await #expect(
            throws: CallCenterServiceError.noNodeLeft([
                "fs1: FreeSWITCH refused the password (-ERR invalid): correct it in the node's URL or in event_socket.conf.xml"
            ])
        ) { try await site.service.run() }
        await site.simulator.stop()
    }

    @Test func `calls that come in while everything is restarted are neither lost nor doubled`() async throws {
        try await Site(agents: 4).run { site in
            for round in 0..<6 {
                let call = await site.simulator.dial(number: "02\(round)0000000", name: "R\(round)", to: "7000")
                try await eventually("offered \(round)") { site.heard("pop.offered", "02\(round)0000000") }
                switch round {
                case 1: await site.simulator.dropConnections()
                case 2: site.redis.kill()
                case 3: try site.redis.start()
                case 4: await site.simulator.dropConnections()
                default: break
                }
                try await eventually("live \(round)") { site.isLive }
                #expect(await site.simulator.hangUp(call, by: .caller))
                try await eventually("ended \(round)") { site.heard("pop.ended", "02\(round)0000000") }
            }
            try await eventually("all is written") { (try? await site.transitions().count) == 12 }
            #expect(try await site.transitions().values.allSatisfy { $0 == 1 })
        }
    }
}

extension [String] {
    func asyncContains(_ condition: (String) async throws -> Bool) async throws -> Bool {
        for element in self { if try await condition(element) { return true } }
        return false
    }
}
