import CallCenter
import ScreenPop
import Testing

@testable import ScreenPopService

/// Attended transfers through a node's pipeline: commands out, the events of a real FreeSWITCH in.
@Suite(.timeLimit(.minutes(1))) struct AttendedTransferTests {
    private static let agent = "1001@default"
    private static let target = "consulted-1002"

    /// Begins one, and has its target ring.
    private func begin(_ call: TalkingAgent) async throws -> TransferRecord {
        call.reply("+OK Message sent\n", to: "uuid_broadcast")
        let transfer = try await call.commands.consult(agent: Self.agent, call: nil, to: .agent("1002@default"), by: .adminToken)
        call.push([
            call.channel("CREATE", Self.target, [("variable_screenpop_id", transfer.id), ("variable_originator", TalkingAgent.agentLeg)])
        ])
        try await eventually("ringing") { try await self.state(call, transfer) == .ringing }
        return transfer
    }

    private func answer(_ call: TalkingAgent, _ transfer: TransferRecord) async throws {
        call.push([call.channel("ANSWER", Self.target), call.bridge(TalkingAgent.agentLeg, Self.target)])
        try await eventually("consulting") { try await self.state(call, transfer) == .consulting(target: Self.target) }
    }

    private func state(_ call: TalkingAgent, _ transfer: TransferRecord) async throws -> AttendedTransferStateMachine.State {
        try await call.commands.transfer(agent: Self.agent, id: transfer.id).machine.state
    }

    @Test func `completing lets the agent go and leaves the two alone`() async throws {
        try await TalkingAgent().run { call in
            let transfer = try await self.begin(call)
            #expect(transfer.call == TalkingAgent.callerLeg)
            #expect(call.sent.first?.hasPrefix("uuid_broadcast 'agent-leg-1001' 'att_xfer::{") == true)
            #expect(call.sent.first?.hasSuffix("}user/1002@example.org' 'aleg,holdb'") == true)
            await #expect(throws: CommandError(.wrongState, "1002@default has not answered; transfer the call blindly, or wait")) {
                _ = try await call.commands.complete(agent: Self.agent, id: transfer.id, by: .adminToken)
            }
            try await self.answer(call, transfer)
            // bridge-agent-end comes before the two are joined.
            call.follow(
                "uuid_kill",
                with: Array(call.hangup(TalkingAgent.agentLeg).prefix(1)) + call.bridgeEnd() + Array(call.hangup(TalkingAgent.agentLeg).dropFirst())
                    + [call.bridge(Self.target, TalkingAgent.callerLeg)])
            let done = try await call.commands.complete(agent: Self.agent, id: nil, by: .adminToken)
            #expect(done.machine.state == .ended(.completed))
            #expect(done.answeredAt != nil && done.endedAt != nil)
            #expect(call.sent.last == "uuid_kill agent-leg-1001 NORMAL_CLEARING")
            let pop = try #require(call.bench.store.pops.last { $0.0 == .ended && $0.1.agent == Self.agent }?.1)
            #expect(pop.endReason == .transferred)
            #expect(pop.transferredTo == "1002@default")
            try await eventually("told") { call.told("call.transfer") == ["ringing", "consulting", "completing", "completed"] }
        }
    }

    @Test func `an agent who hangs up his phone has completed it`() async throws {
        try await TalkingAgent().run { call in
            let transfer = try await self.begin(call)
            try await self.answer(call, transfer)
            let ended = ["HANGUP", "HANGUP_COMPLETE"].map {
                call.channel($0, TalkingAgent.agentLeg, [("Hangup-Cause", "NORMAL_CLEARING"), ("variable_sip_hangup_disposition", "recv_bye")])
            }
            call.push(ended + call.bridgeEnd() + [call.bridge(Self.target, TalkingAgent.callerLeg)])
            try await eventually("completed") { try await self.state(call, transfer) == .ended(.completed) }
            #expect(call.bench.store.pops.last { $0.0 == .ended }?.1.endReason == .transferred)
        }
    }

    @Test func `cancelling hangs up the target and waits for the caller to be back`() async throws {
        try await TalkingAgent().run { call in
            let transfer = try await self.begin(call)
            try await self.answer(call, transfer)
            call.follow("uuid_kill", with: call.hangup(Self.target) + [call.bridge(TalkingAgent.agentLeg, TalkingAgent.callerLeg)])
            let done = try await call.commands.cancel(agent: Self.agent, id: transfer.id, by: .adminToken)
            #expect(done.machine.state == .ended(.cancelled))
            #expect(call.sent.last == "uuid_kill \(Self.target) NORMAL_CLEARING")
            #expect(call.bench.store.pops.allSatisfy { $0.0 != .ended || $0.1.agent != Self.agent })
            // And the agent may begin again.
            _ = try await self.begin(call)
        }
    }

    @Test func `a target that is busy brings the caller back, and says so`() async throws {
        try await TalkingAgent().run { call in
            let transfer = try await self.begin(call)
            call.push(call.hangup(Self.target, "USER_BUSY"))
            try await eventually("failed") { try await self.state(call, transfer) == .ended(.failed(.busy)) }
            #expect(call.told("call.transfer").last == "failed busy")
        }
    }

    @Test func `a caller whom agent and target have both left goes back to his queue`() async throws {
        try await TalkingAgent().run { call in
            let transfer = try await self.begin(call)
            call.push(call.hangup(TalkingAgent.agentLeg) + call.bridgeEnd())
            try await eventually("unattended") { try await self.state(call, transfer) == .unattended }
            call.push(call.hangup(Self.target, "NO_ANSWER"))
            try await eventually("rescued") { call.sent.last == "uuid_transfer 'caller-0211' 'callcenter:support@default' 'inline'" }
            #expect(try await self.state(call, transfer) == .ended(.failed(.noAnswer)))
        }
    }

    @Test func `one at a time, and nothing else with the call meanwhile`() async throws {
        try await TalkingAgent().run { call in
            _ = try await self.begin(call)
            await #expect(throws: CommandError.self) {
                _ = try await call.commands.consult(agent: Self.agent, call: nil, to: .extension("1003"), by: .adminToken)
            }
            await #expect(throws: CommandError.self) {
                _ = try await call.commands.transfer(agent: Self.agent, call: nil, to: .extension("1003"), by: .adminToken)
            }
            await #expect(throws: CommandError(.invalidValue, "nobody can be consulted at a queue; transfer the call to it")) {
                _ = try await call.commands.consult(agent: Self.agent, call: nil, to: .queue("sales@default"), by: .adminToken)
            }
            #expect(call.sent.count == 1)
        }
    }

    @Test func `a command that FreeSWITCH refuses begins nothing`() async throws {
        try await TalkingAgent().run { call in
            call.reply("-ERR invalid uuid\n", to: "uuid_broadcast")
            await #expect(throws: CommandError(.noCall, "the call is over")) {
                _ = try await call.commands.consult(agent: Self.agent, call: nil, to: .extension("1003"), by: .adminToken)
            }
            #expect(call.told("call.transfer").last == "failed failed")
        }
    }

    @Test func `a caller on hold is taken back first`() async throws {
        try await TalkingAgent().run { call in
            call.push([call.channel("HOLD", TalkingAgent.agentLeg)])
            try await eventually("held") { call.bench.store.pops.last?.1.heldAt != nil }
            _ = try await self.begin(call)
            #expect(call.sent.first == "uuid_hold 'off' 'agent-leg-1001'")
        }
    }

    @Test func `with the node the view of it is lost`() async throws {
        try await TalkingAgent().run { call in
            let transfer = try await self.begin(call)
            call.bench.node.drop()
            try await eventually("lost") { try await self.state(call, transfer) == .ended(.lost) }
            #expect(call.told("call.transfer").last == "lost")
        }
    }

    /// The pops of who is consulted, as they were last given out.
    private func consulted(_ call: TalkingAgent) -> Pop? { call.bench.store.pops.last { $0.1.agent == "1002@default" }?.1 }

    private func consult1002(_ call: TalkingAgent) async throws -> TransferRecord {
        let transfer = try await self.begin(call)
        call.push([
            call.channel(
                "PROGRESS", Self.target,
                [
                    ("variable_originator", TalkingAgent.agentLeg), ("variable_dialed_user", "1002"), ("variable_dialed_domain", "example.org"),
                ])
        ])
        try await eventually("1002 is offered the consultation") { self.consulted(call)?.state == .offered }
        try await self.answer(call, transfer)
        try await eventually("1002 talks") { self.consulted(call)?.state == .answered }
        return transfer
    }

    @Test func `who was consulted talks on with the caller, and is shown him`() async throws {
        try await TalkingAgent().run { call in
            let transfer = try await self.consult1002(call)
            call.follow(
                "uuid_kill",
                with: Array(call.hangup(TalkingAgent.agentLeg).prefix(1)) + call.bridgeEnd() + [call.bridge(Self.target, TalkingAgent.callerLeg)]
                    + Array(call.hangup(TalkingAgent.agentLeg).dropFirst()))
            let done = try await call.commands.complete(agent: Self.agent, id: transfer.id, by: .adminToken)
            #expect(done.machine.state == .ended(.completed))
            call.push(call.hangup(TalkingAgent.callerLeg) + call.hangup(Self.target))
            try await eventually("ended") { self.consulted(call)?.state == .ended }
            // Not when the agent left.
            #expect(call.bench.store.pops.last?.1.agent == "1002@default")
        }
    }

    @Test func `who is dropped was left by the agent`() async throws {
        try await TalkingAgent().run { call in
            let transfer = try await self.consult1002(call)
            call.follow("uuid_kill", with: call.hangup(Self.target) + [call.bridge(TalkingAgent.agentLeg, TalkingAgent.callerLeg)])
            _ = try await call.commands.cancel(agent: Self.agent, id: transfer.id, by: .adminToken)
            try await eventually("ended") { self.consulted(call)?.state == .ended }
            #expect(self.consulted(call)?.endReason == .completedCaller)
            #expect(self.consulted(call)?.endedBy == .caller)
        }
    }
}
