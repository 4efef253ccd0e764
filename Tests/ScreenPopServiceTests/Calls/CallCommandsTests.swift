import CallCenter
import ScreenPop
import Synchronization
import Testing

@testable import ScreenPopService

@Suite(.timeLimit(.minutes(1))) struct CallCommandsTests {
    private static let agent = "1001@default"

    @Test func `hanging up ends the agent's leg, and it was the agent though the caller goes on`() async throws {
        try await TalkingAgent().run { call in
            call.follow("uuid_kill", with: call.hangup(TalkingAgent.agentLeg) + call.bridgeEnd())
            let outcome = try await call.commands.hangUp(agent: Self.agent, call: nil, by: .adminToken)
            #expect(call.sent == ["uuid_kill agent-leg-1001 NORMAL_CLEARING"])
            #expect(outcome.applied)
            #expect(outcome.actual == ["alive": false])
            try await eventually("ended") { call.bench.store.pops.last?.0 == .ended }
            #expect(call.bench.store.pops.last?.1.endReason == .completedAgent)
            #expect(call.bench.store.pops.last?.1.endedBy == .agent)
        }
    }

    @Test func `who failed to hang up is not held for the one who ended the call`() async throws {
        try await TalkingAgent().run { call in
            call.reply("-ERR Operation failed\n", to: "uuid_kill")
            await #expect(throws: CommandError.self) { _ = try await call.commands.hangUp(agent: Self.agent, call: nil, by: .adminToken) }
            // The caller is gone, and his line brings down the agent's.
            call.push(
                call.hangup(TalkingAgent.callerLeg, "NORMAL_CLEARING", [("variable_sip_hangup_disposition", "recv_bye")])
                    + call.hangup(TalkingAgent.agentLeg, "NORMAL_CLEARING", [("variable_sip_hangup_disposition", "send_bye")]) + call.bridgeEnd())
            try await eventually("ended") { call.bench.store.pops.last?.0 == .ended }
            #expect(call.bench.store.pops.last?.1.endReason == .completedCaller)
            #expect(call.bench.store.pops.last?.1.endedBy == .caller)
        }
    }

    @Test func `who has no call hears so, and nothing is sent`() async throws {
        try await TalkingAgent().run { call in
            await #expect(throws: CommandError(.noCall, "1002@default has no call")) {
                _ = try await call.commands.hangUp(agent: "1002@default", call: nil, by: .adminToken)
            }
            await #expect(throws: CommandError(.noCall, "1001@default has no such call")) {
                _ = try await call.commands.hold(agent: Self.agent, call: "p-other", by: .adminToken)
            }
            #expect(call.sent.isEmpty)
        }
    }

    @Test func `hold and resume are answered when events show them`() async throws {
        try await TalkingAgent().run { call in
            call.reply("+OK Success\n", to: "uuid_hold")
            call.follow("uuid_hold", with: [call.channel("HOLD", TalkingAgent.agentLeg)])
            let held = try await call.commands.hold(agent: Self.agent, call: nil, by: .adminToken)
            #expect(held.actual == ["held": true])
            let again = try await call.commands.hold(agent: Self.agent, call: nil, by: .adminToken)
            #expect(again.applied)
            call.follow("uuid_hold", with: [call.channel("UNHOLD", TalkingAgent.agentLeg)])
            let resumed = try await call.commands.resume(agent: Self.agent, call: nil, by: .adminToken)
            #expect(resumed.actual == ["held": false])
            // What is so already is not asked for.
            #expect(call.sent == ["uuid_hold 'agent-leg-1001'", "uuid_hold 'off' 'agent-leg-1001'"])
        }
    }

    @Test func `an OK that no event follows is not believed`() async throws {
        try await TalkingAgent().run { call in
            let outcome = try await call.commands.hold(agent: Self.agent, call: nil, by: .adminToken)
            #expect(outcome.reply == "+OK")
            #expect(!outcome.applied)
            #expect(outcome.actual == ["held": false])
        }
    }

    @Test func `a blind transfer is shown by the name of its target, not by what the switch makes of it`() async throws {
        try await TalkingAgent().run { call in
            let history = ("variable_transfer_history", "1795388101:abc:bl_xfer:bridge:user/1002@example.org/default/inline")
            call.follow(
                "uuid_transfer",
                with: Array(call.hangup(TalkingAgent.agentLeg).prefix(2)) + [
                    call.channel(
                        "UNBRIDGE", TalkingAgent.callerLeg,
                        [("Bridge-A-Unique-ID", TalkingAgent.callerLeg), ("Bridge-B-Unique-ID", TalkingAgent.agentLeg), history])
                ] + call.bridgeEnd())
            let outcome = try await call.commands.transfer(agent: Self.agent, call: nil, to: .agent("1002@default"), by: .adminToken)
            #expect(outcome.applied)
            #expect(call.sent == ["uuid_transfer 'caller-0211' 'bridge:user/1002@example.org' 'inline'"])
            let pop = try #require(call.bench.store.pops.last?.1)
            #expect(pop.endReason == .transferred)
            #expect(pop.transferredTo == "1002@default")
        }
    }

    @Test func `what may not be dialled is refused before anything is sent`() async throws {
        try await TalkingAgent().run { call in
            let cases: [(CallTarget, CommandError.Code)] = [
                (.extension("12"), .targetNotAllowed), (.extension("1002;park"), .invalidValue), (.number("+8613900139000"), .targetNotAllowed),
                (.agent("9999@default"), .agentNotFound), (.agent("3001@default"), .invalidContact), (.agent("a b"), .invalidName),
                (.queue("a'b"), .invalidName),
            ]
            for (target, code) in cases {
                let error = await #expect(throws: CommandError.self) {
                    _ = try await call.commands.transfer(agent: Self.agent, call: nil, to: target, by: .adminToken)
                }
                #expect(error?.code == code, "\(target)")
            }
            #expect(call.sent.isEmpty)
        }
    }

    @Test func `dialling rings the agent's own phone, and says which leg`() async throws {
        try await TalkingAgent().run { call in
            await #expect(throws: CommandError.self) {
                _ = try await call.commands.dial(agent: Self.agent, to: .extension("1003"), by: .adminToken)
            }
            call.reply("-ERR USER_NOT_REGISTERED\n", to: "originate")
            await #expect(throws: CommandError(.notApplied, "the phone of 1002@default was not reached: USER_NOT_REGISTERED")) {
                _ = try await call.commands.dial(agent: "1002@default", to: .extension("1003"), by: .adminToken)
            }
            call.reply("+OK dialled-leg\n", to: "originate")
            async let dialled = call.commands.dial(agent: "1002@default", to: .extension("1003"), by: .adminToken)
            try await eventually("originate") { call.sent.count == 2 }
            let id = try #require(call.sent.last?.split(separator: "screenpop_id=").last?.prefix(16))
            call.push([call.channel("CREATE", "dialled-leg", [("variable_screenpop_id", String(id))])])
            #expect(try await dialled.actual == ["callUUID": "dialled-leg", "state": "ringing"])
        }
    }

    @Test func `of several calls dialled at once for an agent one is begun, until its phone rings no more`() async throws {
        try await TalkingAgent().run { call in
            let agent = "1002@default"
            call.bench.node.state.withLock { $0.held = "originate" }
            let codes = await withTaskGroup(of: CommandError.Code?.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        do throws(CommandError) {
                            _ = try await call.commands.dial(agent: agent, to: .extension("1003"), by: .adminToken)
                            return nil
                        } catch {
                            return error.code
                        }
                    }
                }
                return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            #expect(codes == [.wrongState: 7, .timedOut: 1])
            #expect(call.sent.count == 1)
            // That one was answered, and its job is still under way.
            let again = await #expect(throws: CommandError.self) {
                _ = try await call.commands.dial(agent: agent, to: .extension("1003"), by: .adminToken)
            }
            #expect(again?.code == .wrongState)
            call.reply("-ERR NO_ANSWER\n", to: "originate")
            call.bench.node.state.withLock { $0.held = nil }
            try await eventually("ended") { await !call.bench.pipeline.callView.actions.isDialling(agent: agent) }
            await #expect(throws: CommandError(.notApplied, "the phone of 1002@default was not reached: NO_ANSWER")) {
                _ = try await call.commands.dial(agent: agent, to: .extension("1003"), by: .adminToken)
            }
        }
    }

    @Test func `a supervisor hears, whispers and goes, and the agent is not told`() async throws {
        try await TalkingAgent().run { call in
            async let begun = call.commands.supervise(
                call: TalkingAgent.callerLeg, mode: .listen, supervisor: "2001@default", by: .adminToken)
            try await eventually("originate") { call.sent.count == 1 }
            let text = try #require(call.sent.last)
            #expect(text.hasSuffix("user/2001@example.org' '&eavesdrop(agent-leg-1001)'"))
            let id = String(try #require(text.split(separator: "screenpop_id=").last?.prefix(16)))
            call.push([call.channel("CREATE", "spying-leg", [("variable_screenpop_id", id)])])
            #expect(try await begun.agent == Self.agent)
            await #expect(throws: CommandError.self) {
                _ = try await call.commands.changeSupervision(
                    call: TalkingAgent.callerLeg, mode: .whisper, supervisor: "2001@default", by: .adminToken)
            }
            call.push([call.channel("ANSWER", "spying-leg")])
            try await eventually("active") { call.told("call.supervision").last == "active" }
            let changed = try await call.commands.changeSupervision(
                call: TalkingAgent.callerLeg, mode: .whisper, supervisor: "2001@default", by: .adminToken)
            #expect(changed.mode == .whisper)
            call.follow("uuid_kill", with: call.hangup("spying-leg"))
            try await call.commands.endSupervision(call: TalkingAgent.callerLeg, supervisor: "2001@default", by: .adminToken)
            #expect(call.sent.last == "uuid_kill spying-leg NORMAL_CLEARING")
            try await eventually("told") { call.told("call.supervision") == ["ringing", "active", "active", "ended ended"] }
            for case .notice(let message) in call.bench.store.changes { #expect(message.agent == "2001@default") }
        }
    }

    @Test func `a call of nobody is not supervised nor ended`() async throws {
        try await TalkingAgent().run { call in
            for name in ["no-such-call", "all", "x'y"] {
                await #expect(throws: CommandError(.callNotFound, "there is no such call now")) {
                    _ = try await call.commands.hangUp(call: name, by: .adminToken)
                }
            }
            let calls = try await call.commands.calls()
            #expect(calls.map(\.uuid) == [TalkingAgent.callerLeg])
            await #expect(throws: CommandError(.wrongState, "1001@default is on the call himself")) {
                _ = try await call.commands.supervise(call: TalkingAgent.callerLeg, mode: .barge, supervisor: Self.agent, by: .adminToken)
            }
            #expect(call.sent.isEmpty)
        }
    }
}
