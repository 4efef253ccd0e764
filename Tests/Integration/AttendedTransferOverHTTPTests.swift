import FreeSWITCHSimulator
import NIOHTTP1
import Testing

/// 1001 talks to a caller and asks 1002, over HTTP, with every part of the service between the request and the phones.
@Suite(.serialized, .timeLimit(.minutes(3))) struct AttendedTransferOverHTTPTests {
    private static let path = "/api/v1/agents/1001%40default/transfers"
    private static let target = "1002@default"

    /// 1001 talks to a caller; the caller's channel.
    private func talk(_ site: RunningSite) async throws -> String {
        let caller = try await site.ring()
        await site.simulator.answer(agent: "1001@default")
        try await eventually("they talk") {
            guard let pop = try await site.pop() else { return false }
            return pop["state"].string == "answered" && pop["bridgedAt"] != .null
        }
        return caller
    }

    /// 1002's phone rings for it; the transfer's path.
    private func begin(_ site: RunningSite, _ desktop: Desktop) async throws -> String {
        let begun = try await site.request(.POST, Self.path, body: #"{"to":{"agent":"1002@default"}}"#)
        #expect(begun.status == 201)
        #expect(begun.body["state"].string == "ringing")
        #expect(begun.body["to"]["agent"].string == Self.target)
        let id = try #require(begun.body["id"].string)
        try await eventually("1002's phone rings") { await site.simulator.act { $0.ringingLeg(of: Self.target) != nil } }
        try await eventually("and 1001's desktop is told") { desktop.transcript.transferStates(id) == ["ringing"] }
        return "\(Self.path)/\(id)"
    }

    private func answer(_ site: RunningSite, _ transfer: String) async throws {
        #expect(await site.simulator.answer(agent: Self.target))
        try await eventually("they talk about the caller") { try await site.request(.GET, transfer).body["state"].string == "consulting" }
    }

    @Test func `ringing, consulting, completed: the caller talks to who was asked`() async throws {
        try await RunningSite.run { site in
            let desktop = try await site.desktop()
            let caller = try await self.talk(site)
            let transfer = try await self.begin(site, desktop)
            #expect(try await site.request(.POST, Self.path, body: #"{"to":{"extension":"1003"}}"#).body["code"].string == "wrong-state")
            try await self.answer(site, transfer)
            let completed = try await site.request(.POST, "\(transfer)/complete", body: "{}")
            #expect(completed.status == 200)
            #expect(completed.body["state"].string == "completed")
            let past = try await eventually("1001's call is over") {
                try await site.request(.GET, "/api/v1/agents/1001%40default/pops").body["items"].items.first
            }
            #expect(past["callUUID"].string == caller)
            #expect(past["endReason"].string == "transferred")
            #expect(past["transferredTo"].string == Self.target)
            #expect(try await site.pop() == nil)
            #expect(desktop.transcript.transferStates(transfer.transferID) == ["ringing", "consulting", "completing", "completed"])

            let leg = await site.simulator.act { $0.talkingLeg(of: Self.target) }
            #expect(leg != nil)
            try await eventually("1002 is shown the talk") { try await site.pop(Self.target)?["state"].string == "answered" }
            await site.simulator.hangUp(caller, by: .caller)
            try await eventually("it ends when the caller hangs up") { try await site.pop(Self.target) == nil }
            #expect(await site.simulator.api("show channels as json") == "{\"row_count\": 0}\n")
        }
    }

    @Test func `a transfer that is cancelled brings the caller back, before an answer and after it`() async throws {
        try await RunningSite.run { site in
            let desktop = try await site.desktop()
            let caller = try await self.talk(site)
            for isAnswered in [false, true] {
                let transfer = try await self.begin(site, desktop)
                if isAnswered { try await self.answer(site, transfer) }
                let cancelled = try await site.request(.DELETE, transfer)
                #expect(cancelled.status == 200)
                #expect(cancelled.body["state"].string == "cancelled")
                try await eventually("1002's phone is free") {
                    await site.simulator.act { $0.ringingLeg(of: Self.target) == nil && $0.talkingLeg(of: Self.target) == nil }
                }
                let pop = try #require(try await site.pop())
                #expect(pop["state"].string == "answered")
                #expect(pop["callUUID"].string == caller)
                #expect(await site.simulator.act { $0.talkingLeg(of: "1001@default") } == pop["agentCallUUID"].string)
                try await eventually("1002 is shown nothing more") { try await site.pop(Self.target) == nil }
                #expect(desktop.transcript.transferStates(transfer.transferID).last == "cancelled")
            }
            await site.simulator.hangUp(caller, by: .caller)
            try await eventually("it ends as a call does") {
                try await site.request(.GET, "/api/v1/agents/1001%40default/pops").body["items"].items.first?["endReason"].string
                    == "completed-caller"
            }
        }
    }

    @Test func `who is asked and refuses leaves the caller with the agent, and says so`() async throws {
        try await RunningSite.run { site in
            let desktop = try await site.desktop()
            let caller = try await self.talk(site)
            let transfer = try await self.begin(site, desktop)
            #expect(await site.simulator.reject(agent: Self.target))
            let ended = try await eventually("it is over") {
                let now = try await site.request(.GET, transfer).body
                return now["endedAt"] == .null ? nil : now
            }
            #expect(ended["state"].string == "failed")
            #expect(ended["reason"].string == "rejected")
            #expect(try await site.pop()?["callUUID"].string == caller)
            #expect(try await site.request(.POST, "\(transfer)/complete", body: "{}").status == 409)
        }
    }
}

extension Transcript {
    /// In the order in which they were told.
    fileprivate func transferStates(_ id: String) -> [String] {
        self.all("call.transfer").filter { $0["transfer"]["id"].string == id }.compactMap { $0["transfer"]["state"].string }
    }
}

extension String {
    /// The last part of a transfer's path.
    fileprivate var transferID: String { String(self.split(separator: "/").last ?? "") }
}
