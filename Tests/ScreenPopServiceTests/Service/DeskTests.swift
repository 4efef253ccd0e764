import CallCenter
import FreeSWITCHSimulator
import NIOCore
import RedisServerSupport
import ScreenPop
import ScreenPopStore
import Testing

@testable import ScreenPopService

/// What an agent does at the desk, against a simulated FreeSWITCH and a real Redis.
@Suite(.serialized) struct DeskTests {
    private static let agent = "1001@default"

    private static func ring(_ site: Site) async throws -> String {
        let call = await site.simulator.dial(number: "0211111111", name: "Tom", to: "7000")
        try await eventually("offered") { site.heard("pop.offered", #""agent":"\#(Self.agent)""#) }
        return call
    }

    /// How often the phone was rung.
    private static func offers(_ site: Site) -> Int {
        site.messages.count { $0.hasPrefix(#"{"type":"pop.offered""#) && $0.contains(#""agent":"\#(Self.agent)""#) }
    }

    // MARK: pending

    @Test func `a break during an offer does not take it back, and is carried out when it was rejected`() async throws {
        try await Site(agents: 1).run { site in
            _ = try await Self.ring(site)
            let control = site.service.controls.agents
            let kept = try await control.takeBreak(reason: "lunch", force: false, agent: Self.agent, by: .adminToken)
            #expect(!kept.applied)
            #expect(kept.reply == "")
            #expect(kept.requested == ["status": "On Break", "reason": "lunch"])
            #expect(kept.actual == ["status": "Available", "state": "Receiving"])
            let pending = try #require(kept.pending)
            #expect([pending.status?.text, pending.reason, pending.by] == ["On Break", "lunch", "admin"])
            try await eventually("told") { site.heard("agent.pending", #""pending":{"status":"On Break""#) }
            try await eventually("in Redis") { try await site.agent(Self.agent).contains(#""pending":{"status":"On Break""#) }
            #expect(await site.simulator.api("callcenter_config agent get status \(Self.agent)") == "Available")
            #expect(!site.heard("pop.ended"))

            #expect(await site.simulator.reject(agent: Self.agent))
            try await eventually("carried out") { site.heard("agent.state", #""status":"On Break""#, #""reason":"lunch""#, #""pending":null"#) }
            try await eventually("cleared") { site.heard("agent.pending", #""pending":null}"#) }
            #expect(site.heard("agent.state", #""reasonBy":"admin""#, #""reasonSource":"screenpop""#))
            #expect(Self.offers(site) == 1)
        }
    }

    @Test func `who rejected is not ready until the delay is over, or until he says so`() async throws {
        let site = try await Site(agents: 1)
        await site.simulator.api("callcenter_config agent set reject_delay_time \(Self.agent) 600")
        try await site.run { site in
            _ = try await Self.ring(site)
            #expect(await site.simulator.reject(agent: Self.agent))
            try await eventually("held back") { try await site.agent(Self.agent).contains(#""normalized":"notReady""#) }
            #expect(try await !site.agent(Self.agent).contains(#""readyTime":null"#))
            #expect(Self.offers(site) == 1)
            #expect(try await site.service.controls.agents.ready(force: false, agent: Self.agent, by: .adminToken).applied)
            try await eventually("offered again") { Self.offers(site) == 2 }
        }
    }

    @Test func `by force it is sent at once and takes the offer back`() async throws {
        try await Site(agents: 1).run { site in
            _ = try await Self.ring(site)
            let control = site.service.controls.agents
            _ = try await control.takeBreak(reason: nil, force: false, agent: Self.agent, by: .adminToken)
            let forced = try await control.setStatus("logged out", reason: nil, force: true, agent: Self.agent, by: .adminToken)
            #expect(forced.applied)
            #expect(forced.pending == nil)
            try await eventually("taken back") { site.heard("pop.ended", #""endReason":"offer-cancelled""#) }
            // What was kept is void: nobody goes from logged out to a break.
            try await eventually("void") { site.heard("agent.pending", #""pending":null}"#) }
            #expect(await site.simulator.api("callcenter_config agent get status \(Self.agent)") == "Logged Out")
        }
    }

    @Test func `a break during an offer that is answered comes with the talk and does not disturb it`() async throws {
        try await Site(agents: 1).run { site in
            let call = try await Self.ring(site)
            _ = try await site.service.controls.agents.takeBreak(reason: nil, force: false, agent: Self.agent, by: .adminToken)
            #expect(await site.simulator.answer(agent: Self.agent))
            try await eventually("on break and talking") { site.heard("agent.state", #""status":"On Break""#, #""normalized":"talking""#) }
            #expect(!site.heard("pop.ended"))
            #expect(await site.simulator.hangUp(call, by: .caller))
            try await eventually("ended") { site.heard("pop.ended", #""endReason":"completed-caller""#) }
        }
    }

    @Test func `what was kept can be cancelled`() async throws {
        try await Site(agents: 1).run { site in
            _ = try await Self.ring(site)
            let control = site.service.controls.agents
            _ = try await control.logOut(force: false, agent: Self.agent, by: .adminToken)
            #expect(try await control.cancelPending(agent: Self.agent, by: .adminToken).applied)
            #expect(await site.simulator.reject(agent: Self.agent))
            try await eventually("ended") { site.heard("pop.ended") }
            // A command that comes after it is carried out after it.
            #expect(try await control.setState("Waiting", agent: Self.agent, by: .adminToken).actual["status"] == "Available")
            await #expect(throws: CommandError.unknownAgent("9999@default")) {
                _ = try await control.cancelPending(agent: "9999@default", by: .adminToken)
            }
        }
    }

    @Test func `what is kept outlives the service, and is carried out by the next`() async throws {
        let site = try await Site(agents: 1)
        try await site.run(staysUp: true) { site in
            _ = try await Self.ring(site)
            _ = try await site.service.controls.agents.takeBreak(reason: "training", force: false, agent: Self.agent, by: .adminToken)
            try await eventually("in Redis") { try await site.agent(Self.agent).contains(#""pending":{"status":"On Break""#) }
        }
        // The pop that Redis has is so new that a list of channels may lack it; the agent's own state tells all the same.
        #expect(await site.simulator.reject(agent: Self.agent))
        try await Site(restarting: site).run(staysUp: true) { site in
            try await eventually("carried out") {
                site.heard("agent.state", #""status":"On Break""#, #""reason":"training""#, #""reasonSource":"screenpop""#)
            }
            try await eventually("cleared") { try await site.agent(Self.agent).hasSuffix(#""pending":null}"#) }
        }
        // And the reason outlives the service too.
        try await Site(restarting: site).run { site in
            #expect(try await site.agent(Self.agent).contains(#""reason":"training""#))
            #expect(try await site.agent(Self.agent).contains(#""reasonBy":"admin""#))
            await site.simulator.api("callcenter_config agent set status \(Self.agent) 'Logged Out'")
            try await eventually("external") {
                site.heard("agent.state", #""status":"Logged Out""#, #""reason":null"#, #""reasonSource":"external""#)
            }
            try await eventually("told how long") {
                try await site.service.store.reasons(agent: Self.agent, limit: 10, before: nil).get().items
                    .map { String(buffer: $0) }.contains { $0.contains(#""reason":"training","by":"admin","source":"screenpop""#) }
            }
        }
    }

    // MARK: in the middle of a call

    @Test func `ready in a talk sets the status, and the state once the talk is over`() async throws {
        try await Site(agents: 1).run { site in
            let control = site.service.controls.agents
            _ = try await control.setStatus("Available (On Demand)", reason: nil, force: false, agent: Self.agent, by: .adminToken)
            let call = try await Self.ring(site)
            #expect(await site.simulator.answer(agent: Self.agent))
            try await eventually("talking") { site.heard("agent.state", #""normalized":"talking""#, #""state":"In a queue call""#) }
            let kept = try await control.ready(force: false, agent: Self.agent, by: .adminToken)
            #expect(kept.reply == "+OK")
            #expect(!kept.applied)
            #expect(kept.actual == ["status": "Available", "state": "In a queue call"])
            #expect(kept.pending?.status == .available)
            #expect(kept.pending?.state == .waiting)
            try await eventually("shown") { try await site.agent(Self.agent).contains(#""pending":{"status":"Available","state":"Waiting""#) }
            #expect(await site.simulator.hangUp(call, by: .caller))
            try await eventually("done") { site.heard("agent.pending", #""pending":null}"#) }
            #expect(await site.simulator.api("callcenter_config agent get state \(Self.agent)") == "Waiting")
            #expect(await site.simulator.api("callcenter_config agent get status \(Self.agent)") == "Available")
            let again = try await control.ready(force: false, agent: Self.agent, by: .adminToken)
            #expect(again.applied)
            #expect(again.pending == nil)
        }
    }

    @Test func `ready by force during an offer does not take it back, and says what is to come`() async throws {
        try await Site(agents: 1).run { site in
            _ = try await Self.ring(site)
            let control = site.service.controls.agents
            let kept = try await control.ready(force: true, agent: Self.agent, by: .adminToken)
            #expect(kept.reply == "+OK")
            #expect(kept.actual == ["status": "Available", "state": "Receiving"])
            #expect(kept.pending?.state == .waiting)
            #expect(!site.heard("pop.ended"))
            #expect(await site.simulator.reject(agent: Self.agent))
            try await eventually("done") { site.heard("agent.pending", #""pending":null}"#) }
            try await eventually("waiting") { await site.simulator.api("callcenter_config agent get state \(Self.agent)") == "Waiting" }
        }
    }

    @Test func `an agent who is receiving nothing is not waited for, and can be made ready`() async throws {
        try await Site(agents: 1).run { site in
            await site.simulator.api("callcenter_config agent set state \(Self.agent) Receiving")
            try await eventually("receiving") { site.heard("agent.state", #""state":"Receiving""#) }
            let control = site.service.controls.agents
            // As if there were an offer whose event was lost.
            let kept = try await control.takeBreak(reason: "lunch", force: false, agent: Self.agent, by: .adminToken)
            #expect(kept.pending?.status == .onBreak)
            try await eventually("found out") { site.heard("agent.state", #""status":"On Break""#, #""reason":"lunch""#, #""pending":null"#) }
            let ready = try await control.ready(force: false, agent: Self.agent, by: .adminToken)
            #expect(ready.applied)
            #expect(ready.actual == ["status": "Available", "state": "Waiting"])
            #expect(await site.simulator.api("callcenter_config agent get state \(Self.agent)") == "Waiting")
        }
    }

    // MARK: leaving

    @Test func `queues are left at once when the agent is free, after the call otherwise`() async throws {
        try await Site(agents: 1).run { site in
            let control = site.service.controls.agents
            let left = try await control.leave(queues: ["sales@default"], force: false, agent: Self.agent, by: .adminToken)
            #expect(left.applied)
            #expect(left.actual == ["queues": ["support@default"]])
            try await eventually("told") { site.heard("config.changed", "tier-removed", "sales@default") }
            await #expect(throws: CommandError(.tierNotFound, "1001@default has no tier in sales@default")) {
                _ = try await control.leave(queues: ["sales@default"], force: false, agent: Self.agent, by: .adminToken)
            }

            let call = try await Self.ring(site)
            #expect(await site.simulator.answer(agent: Self.agent))
            try await eventually("answered") { site.heard("pop.answered") }
            let kept = try await control.leave(queues: nil, force: false, agent: Self.agent, by: .adminToken)
            #expect(kept.pending?.leave == ["support@default"])
            #expect(await site.simulator.api("callcenter_config tier list").contains("support@default|\(Self.agent)"))
            #expect(await site.simulator.hangUp(call, by: .caller))
            try await eventually("told") { site.heard("config.changed", "tier-removed", "support@default") }
            try await eventually("cleared") { site.heard("agent.pending", #""pending":null}"#) }
            #expect(await site.simulator.api("callcenter_config tier list").contains(Self.agent) == false)
        }
    }

    // MARK: reasons

    @Test func `a reason is one of the list, or free text where that is allowed`() async throws {
        try await Site(agents: 1).run { site in
            let control = site.service.controls.agents
            #expect(await control.reasons() == .standard)
            #expect(try await control.takeBreak(agent: Self.agent, reason: "午饭 mit Anna", by: .adminToken).applied)
            for reason in [String(repeating: "x", count: 257), "a\nb", "a\u{7F}"] {
                let error = await #expect(throws: CommandError.self) {
                    _ = try await control.takeBreak(agent: Self.agent, reason: reason, by: .adminToken)
                }
                #expect(error?.code == .invalidReason)
            }
            let list = ReasonList(items: [.init(code: "coffee", labels: ["en": "Coffee", "zh": "咖啡"])], allowsFreeText: false)
            try await control.setReasons(list, by: .adminToken)
            try await eventually("told to all") {
                site.heard(
                    "config.changed", #""what":"reasons-changed","node":null,"agent":null,"queue":null,"source":"screenpop","by":"admin"}"#)
            }
            #expect(await control.reasons() == list)
            await #expect(throws: CommandError(.invalidReason, "the reason must be one of coffee")) {
                _ = try await control.setStatus("On Break", reason: "lunch", agent: Self.agent, by: .adminToken)
            }
            #expect(try await control.setStatus("On Break", reason: "coffee", agent: Self.agent, by: .adminToken).applied)
            for bad in [
                ReasonList(items: [.init(code: "A B", labels: [:])], allowsFreeText: true),
                ReasonList(items: [.init(code: "a", labels: [:]), .init(code: "a", labels: [:])], allowsFreeText: true),
                ReasonList(items: [.init(code: "a", labels: ["en": "x\ny"])], allowsFreeText: true),
            ] {
                let error = await #expect(throws: CommandError.self) { try await control.setReasons(bad, by: .adminToken) }
                #expect(error?.code == .invalidValue)
            }
            // Without Redis the list that was known goes on.
            site.redis.stop()
            try await eventually("away") { !site.service.redisIsConnected }
            #expect(await control.reasons() == list)
            #expect(try await control.setStatus("On Break", reason: "coffee", agent: Self.agent, by: .adminToken).applied)
            let error = await #expect(throws: CommandError.self) { try await control.setReasons(.standard, by: .adminToken) }
            #expect(error?.code == .storeUnavailable)
        }
    }

    // MARK: wrap-up

    /// A talk that has just ended.
    private static func talk(_ site: Site) async throws {
        let call = try await Self.ring(site)
        #expect(await site.simulator.answer(agent: Self.agent))
        try await eventually("talking") { site.heard("agent.state", #""normalized":"talking""#, #""state":"In a queue call""#) }
        #expect(await site.simulator.hangUp(call, by: .caller))
        try await eventually("wrapping up") { try await site.agent(Self.agent).contains(#""normalized":"wrapUp""#) }
    }

    @Test func `a wrap-up ends by itself, when FreeSWITCH has it end`() async throws {
        try await Site(agents: 1).run { site in
            try await Self.talk(site)
            #expect(try await site.agent(Self.agent).contains(#""extended":false"#))
            try await eventually("ready again") { try await site.agent(Self.agent).contains(#""normalized":"ready""#) }
            #expect(try await site.agent(Self.agent).contains(#""wrapUp":null,"wrapUpUntil":null"#))
        }
    }

    @Test func `an extended wrap-up keeps calls away, outlives the service, and can be ended`() async throws {
        let site = try await Site(agents: 1)
        try await site.run(staysUp: true) { site in
            try await Self.talk(site)
            let control = site.service.controls.agents
            let extended = try await control.extendWrapUp(seconds: 600, agent: Self.agent, by: .adminToken)
            #expect(extended.applied)
            #expect(extended.requested["wrapUpUntil"] == extended.actual["wrapUpUntil"])
            let again = try await control.extendWrapUp(seconds: 600, agent: Self.agent, by: .adminToken)
            #expect(again.applied)
            let error = await #expect(throws: CommandError.self) {
                _ = try await control.extendWrapUp(seconds: 3000, agent: Self.agent, by: .adminToken)
            }
            #expect(error?.code == .invalidValue)
            try await eventually("in Redis") { try await site.agent(Self.agent).contains(#""extended":true"#) }
        }
        try await Site(restarting: site).run { site in
            #expect(try await site.agent(Self.agent).contains(#""normalized":"wrapUp""#))
            #expect(try await site.agent(Self.agent).contains(#""extended":true"#))
            await site.simulator.dial(number: "0222222222", name: "Rita", to: "7000")
            // Longer than the agent's own three seconds.
            try await Task.sleep(for: .seconds(5))
            #expect(Self.offers(site) == 0)
            let ended = try await site.service.controls.agents.endWrapUp(agent: Self.agent, by: .adminToken)
            #expect(ended.applied)
            try await eventually("offered") { Self.offers(site) == 1 }
            await #expect(throws: CommandError(.wrongState, "1001@default has a call of a queue; wrap-up begins when it is over")) {
                _ = try await site.service.controls.agents.extendWrapUp(seconds: 5, agent: Self.agent, by: .adminToken)
            }
        }
    }

    @Test func `an export has the wrap-up time that comes back`() async throws {
        let site = try await Site(agents: 1)
        await site.simulator.api("callcenter_config agent set wrap_up_time \(Self.agent) 600")
        try await site.run { site in
            try await Self.talk(site)
            #expect(try await site.service.controls.agents.endWrapUp(agent: Self.agent, by: .adminToken).applied)
            let list = try await site.service.controls.configuration.export()
            #expect(list.agents.map(\.changes.wrapUpTime) == [600])
        }
    }

    @Test(arguments: [true, false]) func `a wrap-up time that is set after a wrap-up was ended early stays`(byImport: Bool) async throws {
        let site = try await Site(agents: 1)
        await site.simulator.api("callcenter_config agent set wrap_up_time \(Self.agent) 4")
        try await site.run { site in
            try await Self.talk(site)
            #expect(try await site.service.controls.agents.endWrapUp(agent: Self.agent, by: .adminToken).applied)
            let configuration = site.service.controls.configuration
            var changes = AgentChanges()
            changes.wrapUpTime = 0
            if byImport {
                var list = SettingsList()
                var agent = SettingsList.Agent(name: Self.agent)
                agent.changes = changes
                list.agents = [agent]
                let plan = try await configuration.run(list, isPlan: false, deletes: false, allowsDialStrings: false, by: .adminToken)
                #expect(plan.applied == 1)
            } else {
                #expect(try await configuration.change(Self.agent, changes, by: .adminToken).applied)
            }
            try await eventually("forgotten") {
                let agent = try await site.agent(Self.agent)
                return agent.contains(#""endedWrapUp":null"#) && agent.contains(#""wrapUpTime":0"#)
            }
            // Past the moment at which the four seconds would have come back.
            try await Task.sleep(for: .seconds(6))
            let row = await site.simulator.api("callcenter_config agent list \(Self.agent)").split(separator: "\n")[1]
            #expect(row.split(separator: "|", omittingEmptySubsequences: false)[8] == "0")
            #expect(try await site.agent(Self.agent).contains(#""wrapUpTime":0"#))
        }
    }

    @Test func `a wrap-up that is ended early brings calls at once, and the agent's wrap-up time comes back`() async throws {
        let site = try await Site(agents: 1)
        await site.simulator.api("callcenter_config agent set wrap_up_time \(Self.agent) 600")
        @Sendable func wrapUpTime() async -> String {
            await site.simulator.api("callcenter_config agent list \(Self.agent)").split(separator: "\n")[1].split(
                separator: "|", omittingEmptySubsequences: false)[8].description
        }
        try await site.run(staysUp: true) { site in
            try await Self.talk(site)
            let ended = try await site.service.controls.agents.endWrapUp(agent: Self.agent, by: .adminToken)
            #expect(ended.applied)
            #expect(ended.actual == ["wrapUpUntil": .null])
            try await eventually("ready") { try await site.agent(Self.agent).contains(#""normalized":"ready""#) }
            #expect(try await site.agent(Self.agent).contains(#""wrapUpTime":600"#))
        }
        #expect(await wrapUpTime() == "0")
        try await Site(restarting: site).run { site in
            try await eventually("ready") { try await site.agent(Self.agent).contains(#""normalized":"ready""#) }
            _ = try await Self.ring(site)
            #expect(await wrapUpTime() == "0")
            #expect(await site.simulator.answer(agent: Self.agent))
            try await eventually("given back") { await wrapUpTime() == "600" }
            try await eventually("forgotten") { try await site.agent(Self.agent).contains(#""endedWrapUp":null"#) }
        }
    }
}
