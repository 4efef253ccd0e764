import CallCenter
import EventSocket
import NIOCore
import ScreenPop
import Testing

@testable import ScreenPopService

/// FreeSWITCH lost events in the middle of a transfer or a supervision: what they would have told, the next snapshot tells.
@Suite(.timeLimit(.minutes(1))) struct LostEventsTests {
    private static let agent = "1001@default"
    private static let target = "consulted-1002"
    private static let spy = "spying-leg"

    /// The agent asks 1002, who has answered.
    private func consult(_ call: TalkingAgent) async throws -> String {
        call.reply("+OK Message sent\n", to: "uuid_broadcast")
        let id = try await call.commands.consult(agent: Self.agent, call: nil, to: .agent("1002@default"), by: .adminToken).id
        call.push([
            call.channel("CREATE", Self.target, [("variable_screenpop_id", id), ("variable_originator", TalkingAgent.agentLeg)]),
            call.channel("ANSWER", Self.target), call.bridge(TalkingAgent.agentLeg, Self.target),
        ])
        try await eventually("consulting") { await self.state(call, id) == .consulting(target: Self.target) }
        return id
    }

    private func state(_ call: TalkingAgent, _ id: String) async -> AttendedTransferStateMachine.State? {
        await call.bench.pipeline.transfer(id)?.machine.state
    }

    private func supervise(_ call: TalkingAgent, answered: Bool = true) async throws -> String {
        async let begun = call.commands.supervise(call: TalkingAgent.callerLeg, mode: .listen, supervisor: "2001@default", by: .adminToken)
        try await eventually("originate") { call.sent.count == 1 }
        let id = String(try #require(call.sent.last?.split(separator: "screenpop_id=").last?.prefix(16)))
        call.push([call.channel("CREATE", Self.spy, [("variable_screenpop_id", id)])] + (answered ? [call.channel("ANSWER", Self.spy)] : []))
        _ = try await begun
        try await eventually("begun") { call.told("call.supervision").last == (answered ? "active" : "ringing") }
        return id
    }

    /// The `originate` took long; the event of its leg was lost.
    @Test func `a phone that rings for a supervision which was ended before is hung up`() async throws {
        try await TalkingAgent().run { call in
            async let begun = call.commands.supervise(call: TalkingAgent.callerLeg, mode: .listen, supervisor: "2001@default", by: .adminToken)
            try await eventually("originate") { call.sent.count == 1 }
            let id = String(try #require(call.sent.last?.split(separator: "screenpop_id=").last?.prefix(16)))
            try await call.commands.endSupervision(call: TalkingAgent.callerLeg, supervisor: "2001@default", by: .adminToken)
            _ = try await begun
            try await call.loseEvents(leaving: [
                .init(TalkingAgent.agentLeg, with: TalkingAgent.callerLeg), .init(TalkingAgent.callerLeg, with: TalkingAgent.agentLeg),
                .init(Self.spy, of: id, answered: true),
            ])
            try await eventually("hung up") { call.sent.last == "uuid_kill \(Self.spy) NORMAL_CLEARING" }
        }
    }

    @Test func `a transfer whose agent has left the two together is completed`() async throws {
        try await TalkingAgent().run { call in
            let id = try await self.consult(call)
            try await call.loseEvents(leaving: [.init(TalkingAgent.callerLeg, with: Self.target), .init(Self.target, with: TalkingAgent.callerLeg)])
            try await eventually("completed") { await self.state(call, id) == .ended(.completed) }
            #expect(call.told("call.transfer").last == "completed")
            #expect(!call.sent.contains { $0.hasPrefix("uuid_kill") || $0.hasPrefix("uuid_transfer") })
        }
    }

    @Test func `a transfer whose target is gone has failed, and the agent may begin another`() async throws {
        try await TalkingAgent().run { call in
            let id = try await self.consult(call)
            try await call.loseEvents(leaving: [
                .init(TalkingAgent.agentLeg, with: TalkingAgent.callerLeg), .init(TalkingAgent.callerLeg, with: TalkingAgent.agentLeg),
            ])
            try await eventually("failed") { await self.state(call, id) == .ended(.failed(.targetHungUp)) }
            #expect(await call.bench.pipeline.callView.actions.liveTransfer(of: Self.agent) == nil)
        }
    }

    @Test func `a transfer of which nobody is left is lost`() async throws {
        try await TalkingAgent().run { call in
            let id = try await self.consult(call)
            try await call.loseEvents(leaving: [])
            try await eventually("lost") { await self.state(call, id) == .ended(.lost) }
        }
    }

    @Test func `a caller whom both have left goes back to his queue`() async throws {
        try await TalkingAgent().run { call in
            let id = try await self.consult(call)
            try await call.loseEvents(leaving: [.init(TalkingAgent.callerLeg)])
            try await eventually("rescued") { call.sent.last == "uuid_transfer 'caller-0211' 'callcenter:support@default' 'inline'" }
            #expect(await self.state(call, id) == .ended(.failed(.agentHungUp)))
        }
    }

    @Test func `a transfer of which everybody is there goes on`() async throws {
        try await TalkingAgent().run { call in
            let id = try await self.consult(call)
            try await call.loseEvents(leaving: [
                .init(TalkingAgent.callerLeg), .init(TalkingAgent.agentLeg, with: Self.target), .init(Self.target, with: TalkingAgent.agentLeg),
            ])
            #expect(await self.state(call, id) == .consulting(target: Self.target))
            call.push(call.hangup(Self.target))
            try await eventually("it is followed") { call.told("call.transfer").last == "returning target-hung-up" }
        }
    }

    @Test func `a target that began to ring unseen is found by its mark`() async throws {
        try await TalkingAgent().run { call in
            call.reply("+OK Message sent\n", to: "uuid_broadcast")
            let id = try await call.commands.consult(agent: Self.agent, call: nil, to: .agent("1002@default"), by: .adminToken).id
            try await call.loseEvents(leaving: [.init(TalkingAgent.callerLeg), .init(TalkingAgent.agentLeg), .init(Self.target, of: id)])
            try await eventually("ringing") { await self.state(call, id) == .ringing }
        }
    }

    @Test func `a supervision of a call that is over has ended`() async throws {
        try await TalkingAgent().run { call in
            let id = try await self.supervise(call)
            try await call.loseEvents(leaving: [])
            try await eventually("ended") { await call.bench.pipeline.supervision(id)?.outcome == .callEnded }
            #expect(call.told("call.supervision").last == "ended call-ended")
        }
    }

    @Test func `a supervisor who has hung up unseen hears no more`() async throws {
        try await TalkingAgent().run { call in
            let id = try await self.supervise(call)
            try await call.loseEvents(leaving: [
                .init(TalkingAgent.agentLeg, with: TalkingAgent.callerLeg), .init(TalkingAgent.callerLeg, with: TalkingAgent.agentLeg),
            ])
            try await eventually("ended") { await call.bench.pipeline.supervision(id)?.outcome == .ended }
        }
    }

    @Test func `a supervisor who is there hears on`() async throws {
        try await TalkingAgent().run { call in
            let id = try await self.supervise(call, answered: false)
            try await call.loseEvents(leaving: [
                .init(TalkingAgent.agentLeg, with: TalkingAgent.callerLeg), .init(TalkingAgent.callerLeg, with: TalkingAgent.agentLeg),
                .init(Self.spy, of: id, answered: true),
            ])
            try await eventually("active") { await call.bench.pipeline.supervision(id)?.machine.state == .active(leg: Self.spy) }
        }
    }
}
