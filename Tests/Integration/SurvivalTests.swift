import FreeSWITCHSimulator
import NIOCore
import NIOHTTP1
import RedisServerSupport
import ScreenPopHTTP
import Testing

/// What breaks in production breaks here, one thing at a time.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SurvivalTests {
    @Test func `when FreeSWITCH restarts during a call, the pop ends as lost-track and the next call pops`() async throws {
        try await RunningSite.run { site in
            let desktop = try await site.desktop()
            _ = try await site.ring()
            await site.simulator.answer(agent: "1001@default")
            let lost = try await eventually("the pop is answered") { try await site.pop().flatMap { $0["state"].string == "answered" ? $0 : nil } }
            let coreBefore = try await site.coreUUID()

            try await site.simulator.restart()
            let ended = try await eventually("the pop ends") { desktop.transcript.all("pop.ended").first?["pop"] }
            #expect(ended["id"] == lost["id"])
            #expect(ended["endReason"].string == "lost-track")
            #expect(try await site.storedPop().isEmpty)
            try await eventually("the new core is known") {
                let core = try await site.coreUUID()
                return core != nil && core != coreBefore
            }
            try await site.isReady()
            #expect(try await site.request(.POST, "/api/v1/agents/1001%40default/ready").status == 200)
            _ = try await site.ring(number: "200", name: "Next")
            let next = try await eventually("the next call pops") { try await site.pop() }
            #expect(next["caller"]["number"].string == "200")
            #expect(next["id"] != lost["id"])
            #expect(!desktop.transcript.isClosed)
        }
    }

    @Test func `when only the connections break, the call goes on and so does its pop`() async throws {
        try await RunningSite.run { site in
            let desktop = try await site.desktop()
            let call = try await site.ring()
            await site.simulator.answer(agent: "1001@default")
            let before = try await eventually("the pop is answered") { try await site.pop().flatMap { $0["state"].string == "answered" ? $0 : nil } }
            await site.simulator.dropConnections()
            await site.simulator.hangUp(call, by: .agent)
            let ended = try await eventually("the end is found by the snapshot") { desktop.transcript.all("pop.ended").first?["pop"] }
            #expect(ended["id"] == before["id"])
            #expect(desktop.transcript.all("pop.ended").count == 1)
            #expect(desktop.transcript.all("pop.offered").count == 1)
        }
    }

    @Test func `while Redis is away calls pop provisionally, and afterwards nothing is lost or doubled`() async throws {
        try await RunningSite.run { site in
            let desktop = try await site.desktop()
            site.redis.stop()
            try await eventually("Redis is known to be away") { try await site.request(.GET, "/readyz").status == 503 }
            let call = try await site.ring()
            let provisional = try await eventually("the desktop sees it all the same") { desktop.transcript.latestPop }
            #expect(provisional["provisional"].bool == true)
            #expect(provisional["caller"]["number"].string == "+8613900139000")
            await site.simulator.answer(agent: "1001@default")
            try await eventually("the desktop sees the answer") { desktop.transcript.latestPop?["state"].string == "answered" }

            try site.redis.start()
            let confirmed = try await eventually("the pop is in Redis") {
                let stored = try await site.storedPop()
                return stored["json"].map { try? JSON($0) } ?? nil
            }
            #expect(confirmed["id"] == provisional["id"])
            #expect(confirmed["provisional"].bool == false)
            try await eventually("the desktop hears that it is confirmed") {
                desktop.transcript.confirms(provisional)
            }
            await site.simulator.hangUp(call, by: .caller)
            let ended = try await eventually("the end is logged") { try await site.logEntries().first { $0.type == "pop.ended" } }
            #expect(ended.json["pop"]["id"] == provisional["id"])
            try await eventually("the desktop hears the end") { desktop.transcript.latestPop?["state"].string == "ended" }
            let past = try await site.request(.GET, "/api/v1/agents/1001%40default/pops").body["items"].items
            #expect(past.map { $0["id"] } == [provisional["id"]])
            #expect(try await site.logEntries().count { $0.type == "pop.ended" } == 1)
        }
    }

    @Test func `calls that come in while Redis restarts all end once`() async throws {
        try await RunningSite.run { site in
            var ended = 0
            for number in 0..<6 {
                let call = try await site.ring(number: "30\(number)", name: "Caller \(number)")
                if number == 1 { site.redis.kill() }
                await site.simulator.answer(agent: "1001@default")
                if number == 3 { try site.redis.start() }
                await site.simulator.hangUp(call, by: .caller)
                try await eventually("the phone is free again") { await site.simulator.act { $0.talkingLeg(of: "1001@default") == nil } }
                ended += 1
            }
            let count = ended
            try await site.isReady()
            let log = try await eventually("every end is in the log") {
                let ends = try await site.logEntries().filter { $0.type == "pop.ended" }
                return ends.count >= count ? ends : nil
            }
            #expect(log.compactMap { $0.json["pop"]["caller"]["number"].string } == (0..<6).map { "30\($0)" })
            #expect(Set(log.compactMap { $0.json["pop"]["id"].string }).count == 6)
            #expect(try await site.storedPop().isEmpty)
        }
    }

    @Test func `a desktop that stops reading is closed with 1013, and the others notice nothing`() async throws {
        var limits = HTTPService.Configuration.Limits()
        limits.owedBytes = 64 * 1024
        limits.unwritable = .seconds(2)
        limits.messagesPerMinute = 1_000_000
        // Both desktops come with one token, and so share its allowance: on a fast machine 300 and 50 a second are used up before five seconds
        // are over, and what is refused then has no snapshot.
        limits.commands = .init(burst: 1_000_000, perSecond: 1_000_000)
        var telephony = RunningSite.telephony
        for number in 3000..<3200 {
            var agent = SimulatedAgent(name: "\(number)@default")
            agent.contact = "user/\(number)@example.org"
            telephony.agents.append(agent)
        }
        try await RunningSite.run(limits: limits, telephony: telephony) { site in
            let good = try await site.desktop()
            let asleep = try await site.desktop(receiveBuffer: 4096)
            try await asleep.read(false)
            // Each answer is a snapshot of all agents, a hundred kilobytes; sixty are more than the kernel's buffers hold. The clock is looked at
            // once a second, so a desktop is surely seen to have been unwritable for two seconds after five.
            let end = ContinuousClock.now + .seconds(5)
            var round = 0
            while round < 60 || ContinuousClock.now < end {
                round += 1
                do { try await asleep.send(#"{"type":"subscribe","topics":["agents"]}"#) } catch { break }
                try await good.send(#"{"type":"subscribe","topics":["agents"]}"#)
                try await eventually("round \(round) is answered") {
                    if let error = good.transcript.all("error").first { throw DidNotHappen(what: "round \(round) is answered: \(error.text)") }
                    return good.transcript.all("snapshot").count > round
                }
            }
            _ = try await site.ring()
            let pop = try await eventually("the desktop that reads sees the pop") { good.transcript.latestPop }
            #expect(pop["caller"]["number"].string == "+8613900139000")
            #expect(good.transcript.isClosed == false)
            try await asleep.read(true)
            try await eventually("the sleeping desktop is closed") { asleep.transcript.isClosed }
            #expect(asleep.transcript.closeCode == 1013)
        }
    }

    @Test func `whoever comes back with a cursor gets all that happened since, once`() async throws {
        try await RunningSite.run { site in
            let desktop = try await site.desktop()
            let call = try await site.ring()
            try await eventually("the offer arrives") { desktop.transcript.latestPop != nil }
            let cursor = try #require(desktop.transcript.cursor)
            await desktop.close()
            await site.simulator.answer(agent: "1001@default")
            await site.simulator.hangUp(call, by: .caller)
            let missed = try await eventually("the end is logged") {
                let log = try await site.logEntries()
                return log.contains { $0.type == "pop.ended" } ? log.drop { $0.cursor != cursor }.dropFirst() : nil
            }.filter { $0.agent == "1001@default" }

            let back = try await site.desktop("?agent=1001%40default&since=\(cursor)")
            try await eventually("it hears the end") { !back.transcript.all("pop.ended").isEmpty }
            #expect(back.transcript.all("hello").first?["recovered"].bool == true)
            #expect(back.transcript.all("snapshot").isEmpty)
            let heard = try await eventually("it hears all that was missed") {
                let cursors = back.transcript.messages.filter { $0["type"].string != "hello" }.compactMap { $0["cursor"].string }
                return cursors.count >= missed.count ? cursors : nil
            }
            #expect(Array(heard.prefix(missed.count)) == missed.map(\.cursor))

            try await site.whileFollowing("?agent=1001%40default", lastEvent: cursor) { stream in
                try await eventually("the stream hears the end") { !stream.all("pop.ended").isEmpty }
                #expect(stream.all("hello").first?["recovered"].bool == true)
            }
        }
    }

    @Test func `a cursor that the log never gave out is answered honestly, with a snapshot`() async throws {
        try await RunningSite.run { site in
            let desktop = try await site.desktop("?agent=1001%40default&since=9999999999999-0")
            #expect(desktop.transcript.all("hello").first?["recovered"].bool == false)
            try await eventually("a snapshot comes") { desktop.transcript.all("snapshot").count == 1 }
        }
    }
}
