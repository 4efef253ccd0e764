import FreeSWITCHSimulator
import NIOHTTP1
import ScreenPop
import Testing

/// A pop is the same to whoever reads it, wherever they read it.
@Suite(.serialized, .timeLimit(.minutes(3))) struct WaysOfAPopTests {
    @Test func `offer, answer and end of a call are seen in Redis, by GET, over WebSocket and SSE, with equal content`() async throws {
        let template = try PopURLTemplate("https://crm.example.org/?n={caller.number}&q={queue}")
        try await RunningSite.run(popURL: template) { site in
            let desktop = try await site.desktop()
            try await site.whileFollowing("?agent=1001%40default") { stream in
                let call = try await site.ring()
                let offered = try await self.equalEverywhere("offered", site, desktop.transcript, stream)
                #expect(offered["kind"].string == "queue")
                #expect(offered["agent"].string == "1001@default")
                #expect(offered["queue"].string == "support@default")
                #expect(offered["node"].string == "fs1")
                #expect(offered["caller"] == .object(["number": .string("+8613900139000"), "name": .string("王小明")]))
                #expect(offered["callUUID"].string == call)
                #expect(offered["url"].string == "https://crm.example.org/?n=%2B8613900139000&q=support%40default")
                #expect(offered["provisional"].bool == false)
                let stored = try await site.storedPop()
                #expect(stored["id"] == offered["id"].string)
                #expect(stored["state"] == "offered")
                #expect(stored["caller_number"] == "+8613900139000")
                #expect(stored["caller_name"] == "王小明")
                #expect(stored["queue"] == "support@default")
                #expect(stored["call_uuid"] == call)
                #expect(stored["url"] == offered["url"].string)
                #expect(stored["offered_at"] == offered["offeredAt"].string)

                await site.simulator.answer(agent: "1001@default")
                let answered = try await self.equalEverywhere("answered", site, desktop.transcript, stream) { $0["bridgedAt"] != .null }
                #expect(answered["id"] == offered["id"])
                #expect(answered["version"].number ?? 0 > offered["version"].number ?? 0)

                await site.simulator.hangUp(call, by: .caller)
                try await eventually("the pop is gone from Redis and from GET") {
                    let stored = try await site.storedPop()
                    let pop = try await site.pop()
                    return stored.isEmpty && pop == nil
                }
                let ended = try await eventually("both listeners hear the end") {
                    let pops = [desktop.transcript, stream].compactMap { $0.all("pop.ended").last?["pop"] }
                    return pops.count == 2 && pops[0] == pops[1] ? pops[0] : nil
                }
                #expect(ended["id"] == offered["id"])
                #expect(ended["state"].string == "ended")
                #expect(ended["endReason"].string == "completed-caller")
                #expect(ended["endedBy"].string == "caller")
                let past = try await site.request(.GET, "/api/v1/agents/1001%40default/pops").body["items"].items
                #expect(past.first == ended)
            }
        }
    }

    @Test func `a client that only listens to Redis gets the messages too`() async throws {
        try await RunningSite.run { site in
            let call = try await site.ring()
            let pop = try await eventually("the pop is there") { try await site.pop() }
            await site.simulator.hangUp(call, by: .caller)
            let entry = try await eventually("the log holds offer and end") {
                let log = try await site.logEntries()
                return log.contains { $0.type == "pop.ended" } ? log.first { $0.type == "pop.offered" } : nil
            }
            #expect(entry.agent == "1001@default")
            #expect(entry.json["pop"]["id"] == pop["id"])
        }
    }

    /// Waits until all four ways show a pop in that state, and all the same.
    private func equalEverywhere(
        _ state: String, _ site: RunningSite, _ socket: Transcript, _ stream: Transcript, _ condition: (JSON) -> Bool = { _ in true }
    ) async throws -> JSON {
        try await eventually("the pop is \(state), the same on all four ways") {
            guard let pop = try await site.pop(), pop["state"].string == state, condition(pop) else { return nil }
            let stored = try await site.storedPop()
            guard let text = stored["json"], try JSON(text) == pop, stored["state"] == state else { return nil }
            return socket.latestPop == pop && stream.latestPop == pop ? pop : nil
        }
    }
}
