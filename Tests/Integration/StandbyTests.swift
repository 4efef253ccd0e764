import FreeSWITCHSimulator
import Hiredis
import NIOCore
import NIOHTTP1
import RedisServerSupport
import Testing

/// Two instances, started alike, on one Redis and one switch.
@Suite(.serialized, .timeLimit(.minutes(3))) struct StandbyTests {
    private static let lease = "screenpop:{default}:node:fs1:lease"

    /// How often the log says each thing of a pop: `pop.offered p-...`
    private func transitions(_ site: RunningSite) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for entry in try await site.logEntries() where ["pop.offered", "pop.answered", "pop.ended"].contains(entry.type) {
            counts["\(entry.type) \(entry.json["pop"]["id"].string ?? "")", default: 0] += 1
        }
        return counts
    }

    @Test func `the second reads, listens, refuses commands, and is active as soon as the first has ended`() async throws {
        // A lease that nobody could wait for.
        try await Instance.two(leaseLife: .seconds(600)) { first, second in
            let standby = second.site
            #expect(try await standby.request(.GET, "/healthz").status == 200)
            #expect(
                try await first.site.send(
                    .POST, "/api/v1/queues", body: #"{"name":"billing@default","load":false}"#, type: "application/json", token: RunningSite.token,
                    headers: [:]
                ).status == 201)
            let definition = "/api/v1/queues/billing%40default/definition"
            let known = try await first.site.request(.GET, definition).body
            #expect(known["takesEffect"].string == "on-load" && known["unasked"].items.isEmpty, "\(known)")
            // Not "no node has it": it cannot ask.
            let unknown = try await standby.request(.GET, definition).body
            #expect(unknown["takesEffect"] == .null && unknown["unasked"].items.map(\.string) == ["fs1"], "\(unknown)")
            #expect(try await standby.request(.GET, "/api/v1/agents").body["items"].items.count == 3)
            #expect(try await standby.request(.GET, "/api/v1/nodes").body["items"].items.first?["status"].string == "standby")

            for (method, path, body) in [
                (HTTPMethod.POST, "/api/v1/agents/1001%40default/ready", nil), (.POST, "/api/v1/agents/1001%40default/call/hangup", "{}"),
                (.POST, "/api/v1/queues/support%40default/reload", nil), (.GET, "/api/v1/export", nil), (.GET, "/api/v1/calls", nil),
                (.POST, "/api/v1/agents", #"{"name":"2001@default"}"#), (.POST, "/api/v1/calls/c1/hangup", nil),
                (.PUT, "/api/v1/queues/support%40default/tiers/1001%40default", #"{"level":1,"position":1}"#),
            ] as [(HTTPMethod, String, String?)] {
                let refusal = try await standby.send(
                    method, path, body: body, type: "application/json", token: RunningSite.token, headers: [:])
                #expect(refusal.status == 503, "\(path): \(refusal.text)")
                #expect(refusal["code"].string == "node-unavailable", "\(path)")
                #expect(refusal["detail"].string == "this instance is standing by; test:1 holds node fs1", "\(path)")
                #expect(refusal.headers.first(name: "retry-after") == "1", "\(path)")
            }

            let desktop = try await standby.desktop()
            let call = try await first.site.ring()
            let offered = try await eventually("the desktop of the second sees the pop") { desktop.transcript.latestPop }
            #expect(offered["provisional"].bool == false)
            // The same pop, though it may have grown since: its phone rings.
            #expect(try await standby.pop()?["id"] == offered["id"])
            try await desktop.send(#"{"id":"c1","type":"agent.break","agent":"1001@default","reason":"lunch"}"#)
            let result = try await eventually("its command is answered") { desktop.transcript.all("result").first }
            #expect(result["ok"].bool == false)
            #expect(result["error"]["code"].string == "node-unavailable")

            try await first.stop()
            try await standby.isReady()
            await standby.simulator.answer(agent: "1001@default")
            try await eventually("the same pop is answered") {
                desktop.transcript.all("pop.answered").contains { $0["pop"]["id"] == offered["id"] }
            }
            await standby.simulator.hangUp(call, by: .caller)
            try await eventually("and ends") { desktop.transcript.all("pop.ended").contains { $0["pop"]["id"] == offered["id"] } }
            // The pop ends with the talk; mod_callcenter sets the state a moment later, and until then the answer is 202.
            try await eventually("the agent is free") {
                try await standby.request(.GET, "/api/v1/agents/1001%40default").body["state"].string == "Waiting"
            }
            let ready = try await standby.request(.POST, "/api/v1/agents/1001%40default/ready")
            #expect(ready.status == 200, "\(ready.body)")
            #expect(try await self.transitions(standby).values.allSatisfy { $0 == 1 })
            #expect(!desktop.transcript.isClosed)
        }
    }

    @Test func `when the first is killed in the middle of an offer, the pop goes on under its id, once`() async throws {
        try await Instance.two { first, second in
            let desktop = try await first.site.desktop()
            let call = try await first.site.ring()
            let offered = try await eventually("the pop is offered") { desktop.transcript.latestPop }
            let cursor = try #require(desktop.transcript.cursor)
            await first.kill()

            let back = try await second.site.desktop("?agent=1001%40default&since=\(cursor)")
            #expect(back.transcript.all("hello").first?["recovered"].bool == true)
            try await second.site.isReady()
            #expect(try await second.site.pop()?["id"] == offered["id"])
            await second.site.simulator.answer(agent: "1001@default")
            try await eventually("the same pop is answered") { back.transcript.all("pop.answered").first?["pop"]["id"] == offered["id"] }
            await second.site.simulator.hangUp(call, by: .caller)
            try await eventually("and ends") { back.transcript.all("pop.ended").first?["pop"]["id"] == offered["id"] }
            let id = offered["id"].string ?? ""
            #expect(try await self.transitions(second.site) == ["pop.offered \(id)": 1, "pop.answered \(id)": 1, "pop.ended \(id)": 1])
        }
    }

    @Test func `a call that begins and ends while nobody is active leaves no pop behind, and the next one pops`() async throws {
        try await Instance.two { first, second in
            let call = try await first.site.ring()
            let offered = try await eventually("the pop is in Redis") { try await first.site.pop() }
            await first.kill()
            await second.site.simulator.hangUp(call, by: .caller)
            try await second.site.isReady()
            try await eventually("the pop is gone") { try await second.site.pop() == nil }
            #expect(
                try await self.transitions(second.site) == [
                    "pop.offered \(offered["id"].string ?? "")": 1, "pop.ended \(offered["id"].string ?? "")": 1,
                ])
            try await eventually("nobody waits any more") {
                let answer = try await second.site.request(.GET, "/api/v1/queues/support%40default/members")
                return answer.status == 200 && answer.body["items"].items.isEmpty
            }
            #expect(try await second.site.logEntries().count { $0.type == "member.left" } == 1)
            _ = try await second.site.request(.POST, "/api/v1/agents/1001%40default/ready")
            _ = try await second.site.ring(number: "200", name: "Next")
            try await eventually("the next one pops") { try await second.site.pop()?["caller"]["number"].string == "200" }
        }
    }

    @Test func `one that lost the lease stands by, and takes it again when the other ends`() async throws {
        try await Instance.two { first, second in
            let desktop = try await first.site.desktop()
            let call = try await first.site.ring()
            let offered = try await eventually("the pop is offered") { desktop.transcript.latestPop }
            // As when the first had been stopped for longer than the lease lasts. It may renew before the second looks; the second's own stays.
            let expire = "if string.match(redis.call('GET', KEYS[1]) or '', '^test:1 ') then return redis.call('DEL', KEYS[1]) end return 0"
            try await eventually("the second has it") {
                _ = try await first.site.redis(RedisCommand("EVAL", expire, "1", Self.lease))
                return try await second.site.request(.GET, "/readyz").status == 200
            }
            try await first.standsBy(for: "test:2")
            #expect(try await first.site.request(.POST, "/api/v1/agents/1001%40default/ready").status == 503)
            #expect(try await second.site.pop()?["id"] == offered["id"])
            await second.site.simulator.answer(agent: "1001@default")
            try await eventually("the first one's desktop hears it") { desktop.transcript.latestPop?["state"].string == "answered" }

            try await second.stop()
            try await first.site.isReady()
            await first.site.simulator.hangUp(call, by: .agent)
            try await eventually("and the end") { desktop.transcript.all("pop.ended").first?["pop"]["id"] == offered["id"] }
            let id = offered["id"].string ?? ""
            #expect(try await self.transitions(first.site) == ["pop.offered \(id)": 1, "pop.answered \(id)": 1, "pop.ended \(id)": 1])
            #expect(!desktop.transcript.isClosed)
        }
    }

    @Test func `without Redis the active one goes on, and has the lease again when Redis comes back without it`() async throws {
        // It keeps nothing. Longer than the pauses between two tries to reach it.
        try await Instance.two(leaseLife: .seconds(5), redis: []) { first, second in
            let desktop = try await first.site.desktop()
            first.site.redis.kill()
            try await eventually("Redis is known to be away") {
                let active = try await first.site.request(.GET, "/readyz").body
                let standby = try await second.site.request(.GET, "/readyz").body
                return active["redis"]["ready"].bool == false && standby["redis"]["ready"].bool == false
                    && active["nodes"].items.first?["status"].string == "live" && standby["nodes"].items.first?["status"].string == "standby"
            }
            _ = try await first.site.ring()
            let provisional = try await eventually("a call pops all the same") { desktop.transcript.latestPop }
            #expect(provisional["provisional"].bool == true)
            try first.site.redis.start()
            try await first.site.isReady()
            try await eventually("the pop is confirmed") { desktop.transcript.confirms(provisional) }
            let lease = try await eventually("the lease is written again") {
                let value = try await first.site.redis(RedisCommand("GET", Self.lease))
                return value == .null ? nil : RunningSite.text(value)
            }
            #expect(lease.hasPrefix("test:1 "))
            try await second.standsBy(for: "test:1")
            #expect(try await self.transitions(first.site).values.allSatisfy { $0 == 1 })
        }
    }
}
