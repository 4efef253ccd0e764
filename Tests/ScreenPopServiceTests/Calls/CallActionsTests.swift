import CallCenter
import EventSocket
import NIOCore
import ScreenPop
import Testing

@testable import ScreenPopService

/// What FreeSWITCH begins after it was ended: nobody wants it, and nobody could see or end it.
struct CallActionsTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    private static let at = Timestamp(microseconds: 1_795_388_100_000_000)
    private static let (agentLeg, callerLeg, late) = ("agent-leg", "caller-leg", "late-leg")

    private static func created(_ leg: String, of id: String) throws -> SwitchEvent {
        let text = """
            Event-Name: CHANNEL_CREATE
            Core-UUID: core-1
            Event-Date-Timestamp: 1795388100000000
            Event-Sequence: 1
            Unique-ID: \(leg)
            Call-Direction: outbound
            variable_screenpop_id: \(id)


            """
        return try #require(SwitchEvent(Event(plain: ByteBuffer(string: text))))
    }

    private static func supervising() -> CallActions {
        var actions = CallActions(ringSeconds: 30)
        _ = actions.begin(
            SupervisionRecord(
                id: "s1", node: "fs1", call: Self.callerLeg, supervisor: "2001@default", agent: "1001@default", mode: .listen,
                machine: SupervisionStateMachine(heard: Self.agentLeg), by: "admin", createdAt: Self.at))
        return actions
    }

    private static func consulting() -> CallActions {
        var actions = CallActions(ringSeconds: 30)
        let pop = Pop(id: "p-1", kind: .queue, agent: "1001@default", node: "fs1", offeredAt: Self.at)
        _ = actions.begin(
            TransferRecord(
                id: "t1", node: "fs1", agent: "1001@default", pop: pop, target: .agent("1002@default"),
                machine: AttendedTransferStateMachine(agentLeg: Self.agentLeg, callerLeg: Self.callerLeg), by: "admin", createdAt: Self.at),
            now: Self.start)
        return actions
    }

    private static func ended(_ leg: String) throws -> SwitchEvent {
        let text = """
            Event-Name: CHANNEL_HANGUP
            Core-UUID: core-1
            Event-Date-Timestamp: 1795388100000000
            Event-Sequence: 2
            Unique-ID: \(leg)
            Hangup-Cause: NORMAL_CLEARING


            """
        return try #require(SwitchEvent(Event(plain: ByteBuffer(string: text))))
    }

    @Test func `the phone of a supervision that was ended before it rang is hung up`() throws {
        var actions = Self.supervising()
        _ = actions.endSupervision("s1", at: Self.at, now: Self.start)
        #expect(actions.supervisions["s1"]?.outcome == .ended)
        #expect(actions.isActive)
        #expect(actions.observe(try Self.created(Self.late, of: "s1"), now: Self.start + .seconds(4)) == [.hangUp([Self.late])])
        // And his next phone.
        #expect(actions.observe(try Self.created("next", of: "s1"), now: Self.start + .seconds(5)) == [.hangUp(["next"])])
        #expect(actions.observe(try Self.created("other", of: "s2"), now: Self.start + .seconds(5)) == [])
    }

    @Test func `so is one of which the call ended first, or the view was lost`() throws {
        var actions = Self.supervising()
        _ = actions.observe(try Self.ended(Self.agentLeg), now: Self.start)
        #expect(actions.supervisions["s1"]?.outcome == .callEnded)
        #expect(actions.observe(try Self.created(Self.late, of: "s1"), now: Self.start) == [.hangUp([Self.late])])
        actions = Self.supervising()
        _ = actions.lost(at: Self.at, now: Self.start)
        #expect(actions.observe(try Self.created(Self.late, of: "s1"), now: Self.start) == [.hangUp([Self.late])])
    }

    @Test func `after two minutes nothing is awaited any more`() throws {
        var actions = Self.supervising()
        _ = actions.endSupervision("s1", at: Self.at, now: Self.start)
        #expect(actions.deadline == Self.start + .minutes(2))
        #expect(actions.ticked(at: Self.at, now: Self.start + .minutes(2)) { _, _ in false } == [])
        #expect(!actions.isActive)
        #expect(actions.deadline == nil)
    }

    @Test func `a consultation that was cancelled or given up before its phone rang is hung up`() throws {
        var actions = Self.consulting()
        _ = try actions.cancel("t1", at: Self.at, now: Self.start)
        _ = actions.ticked(at: Self.at, now: Self.start + .seconds(5)) { _, _ in false }
        #expect(actions.transfers["t1"]?.machine.state == .ended(.cancelled))
        #expect(actions.observe(try Self.created(Self.late, of: "t1"), now: Self.start + .seconds(6)) == [.hangUp([Self.late])])

        actions = Self.consulting()
        _ = actions.ticked(at: Self.at, now: Self.start + .seconds(5)) { _, _ in false }
        #expect(actions.transfers["t1"]?.machine.state == .ended(.failed(.notReachable)))
        #expect(actions.observe(try Self.created(Self.late, of: "t1"), now: Self.start + .seconds(6)) == [.hangUp([Self.late])])

        actions = Self.consulting()
        _ = try actions.cancel("t1", at: Self.at, now: Self.start)
        _ = actions.observe(try Self.ended(Self.callerLeg), now: Self.start)
        #expect(actions.observe(try Self.created(Self.late, of: "t1"), now: Self.start) == [.hangUp([Self.late])])
    }

    /// FreeSWITCH has the caller wait for the target then: who hangs that up leaves the caller alone.
    @Test func `the target of an agent who hung up is left to the caller`() throws {
        var actions = Self.consulting()
        _ = actions.observe(try Self.ended(Self.agentLeg), now: Self.start)
        #expect(actions.transfers["t1"]?.isOver == true)
        #expect(actions.observe(try Self.created(Self.late, of: "t1"), now: Self.start) == [])
        #expect(!actions.isActive)
    }
}
