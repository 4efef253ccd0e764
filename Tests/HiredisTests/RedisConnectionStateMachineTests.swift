import NIOCore
import Testing

@testable import Hiredis

/// Each event in each state. Waiters are names here.
struct RedisConnectionStateMachineTests {
    private typealias Machine = RedisConnectionStateMachine<String>

    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private static func after(_ seconds: Int64) -> NIODeadline { self.start + .seconds(seconds) }

    private enum StateName: CaseIterable {
        case connecting, authenticating, ready, busy, closing, closed
    }

    /// A machine in a state; `busy` is ready with two commands outstanding, with deadlines after 5 and 6 seconds.
    private func machine(_ state: StateName) -> Machine {
        var machine = Machine(maximumPending: 3, maximumPendingBytes: 100)
        if state == .connecting { return machine }
        _ = machine.connected(steps: [.auth, .ping], deadline: Self.after(2))
        if state == .authenticating { return machine }
        for _ in 0..<2 { _ = self.reply(.status("OK"), to: &machine) }
        if state == .ready { return machine }
        _ = machine.send("a", bytes: 10, deadline: Self.after(5))
        _ = machine.send("b", bytes: 10, deadline: Self.after(6))
        if state == .busy { return machine }
        if state == .closing { _ = machine.close(drainUntil: Self.after(1)) }
        if state == .closed { _ = machine.failed() }
        return machine
    }

    private func reply(_ value: RedisValue, to machine: inout Machine) -> Machine.OnReply {
        machine.received(value, now: Self.start, drainLimit: .seconds(1))
    }

    @Test func connectedStartsTheLogInOnce() {
        for state in StateName.allCases {
            var machine = self.machine(state)
            let action = machine.connected(steps: [.ping], deadline: Self.after(2))
            #expect(action == (state == .connecting ? .logIn([.ping]) : .ignore), "\(state)")
        }
    }

    @Test func commandsAreWrittenOnlyWhenReady() {
        for state in StateName.allCases {
            var machine = self.machine(state)
            switch (machine.send("c", bytes: 10, deadline: Self.after(9)), state) {
            case (.write(let deadline), .ready): #expect(deadline == Self.after(9))
            case (.write(nil), .busy): break
            case (.fail("c", .unavailable), .connecting), (.fail("c", .unavailable), .authenticating), (.fail("c", .unavailable), .closing),
                (.fail("c", .unavailable), .closed):
                break
            case (let action, _): Issue.record("\(action) in \(state)")
            }
        }
    }

    @Test func whatWaitsIsBounded() {
        var machine = self.machine(.busy)
        guard case .fail("c", .tooManyPending) = machine.send("c", bytes: 81, deadline: Self.after(9)) else {
            Issue.record("bytes are not bounded")
            return
        }
        _ = machine.send("d", bytes: 1, deadline: Self.after(9))
        guard case .fail("e", .tooManyPending) = machine.send("e", bytes: 1, deadline: Self.after(9)) else {
            Issue.record("commands are not bounded")
            return
        }
        // A single command may be larger than the limit of bytes, or it could never be sent.
        var idle = self.machine(.ready)
        guard case .write = idle.send("large", bytes: 1000, deadline: Self.after(9)) else {
            Issue.record("a large command is refused")
            return
        }
    }

    @Test func repliesGoToTheirWaitersInOrder() {
        var machine = self.machine(.busy)
        guard case .succeed("a", .integer(1), then: .goOn) = self.reply(.integer(1), to: &machine),
            case .fail("b", .server("ERR x"), then: .goOn) = self.reply(.error("ERR x"), to: &machine),
            case .unsolicited = self.reply(.integer(3), to: &machine),
            case .ignore = self.reply(.integer(4), to: &machine)
        else {
            Issue.record("not in order")
            return
        }
    }

    @Test func aReplyBeforeTheLogInIsAFault() {
        var machine = self.machine(.connecting)
        guard case .unsolicited = self.reply(.status("OK"), to: &machine) else {
            Issue.record("accepted")
            return
        }
    }

    @Test func theLogInIsDoneWithItsLastReply() {
        var machine = self.machine(.authenticating)
        guard case .wait = self.reply(.status("OK"), to: &machine), case .loggedIn = self.reply(.status("PONG"), to: &machine) else {
            Issue.record("not logged in")
            return
        }
    }

    @Test(arguments: [
        ("WRONGPASS invalid username-password pair or user is disabled.", true), ("NOAUTH Authentication required.", true),
        ("ERR DB index is out of range", true), ("LOADING Redis is loading the dataset in memory", false), ("BUSY Redis is busy", false),
        ("MASTERDOWN Link with MASTER is down", false),
    ])
    func aFailedLogInSaysWhetherTimeWillHelp(_ text: String, _ isRefused: Bool) {
        var machine = self.machine(.authenticating)
        guard case .logInFailed(let failure) = self.reply(.error(text), to: &machine) else {
            Issue.record("logged in")
            return
        }
        #expect(failure == (isRefused ? .refused(text) : .notYet(text)))
        #expect(machine.failed().isEmpty)
    }

    @Test func aUserWhoMayNotPingIsLoggedIn() {
        var machine = self.machine(.authenticating)
        _ = self.reply(.status("OK"), to: &machine)
        guard case .loggedIn = self.reply(.error("NOPERM this user has no permissions to run the 'ping' command"), to: &machine) else {
            Issue.record("refused")
            return
        }
    }

    @Test(arguments: ["READONLY You can't write against a read only replica.", "NOAUTH Authentication required."])
    func aReplicaIsLeftAfterTheLastReply(_ text: String) {
        var machine = self.machine(.busy)
        guard case .fail("a", .server(text), then: .drain) = self.reply(.error(text), to: &machine),
            case .fail("c", .unavailable) = machine.send("c", bytes: 1, deadline: Self.after(9)),
            case .succeed("b", .integer(1), then: .close) = self.reply(.integer(1), to: &machine)
        else {
            Issue.record("goes on")
            return
        }
    }

    @Test func theOldestDeadlineClosesTheConnection() {
        var machine = self.machine(.busy)
        guard case .wait(Self.after(5)) = machine.checkDeadline(now: Self.after(4)),
            case .timedOut(["a", "b"]) = machine.checkDeadline(now: Self.after(5)), case .none = machine.checkDeadline(now: Self.after(9))
        else {
            Issue.record("no time-out")
            return
        }
    }

    @Test func aCommandsTimeIsNotOverBeforeThatOfTheOneAhead() {
        var machine = self.machine(.ready)
        _ = machine.send("blocking", bytes: 1, deadline: Self.after(30))
        _ = machine.send("quick", bytes: 1, deadline: Self.after(5))
        guard case .wait(Self.after(30)) = machine.checkDeadline(now: Self.after(10)),
            case .succeed("blocking", _, then: .goOn) = self.reply(.null, to: &machine),
            case .wait(Self.after(30)) = machine.checkDeadline(now: Self.after(10))
        else {
            Issue.record("timed out")
            return
        }
    }

    @Test func deadlinesInEveryOtherState() {
        var machine = self.machine(.authenticating)
        guard case .wait(Self.after(2)) = machine.checkDeadline(now: Self.start), case .logInTimedOut = machine.checkDeadline(now: Self.after(2))
        else {
            Issue.record("the log-in has no deadline")
            return
        }
        for state in [StateName.connecting, .ready, .closed] {
            var machine = self.machine(state)
            guard case .none = machine.checkDeadline(now: Self.after(99)) else {
                Issue.record("\(state)")
                return
            }
        }
        machine = self.machine(.closing)
        guard case .wait(Self.after(1)) = machine.checkDeadline(now: Self.start),
            case .drained(["a", "b"]) = machine.checkDeadline(now: Self.after(1))
        else {
            Issue.record("closing has no deadline")
            return
        }
    }

    @Test func closingWaitsForReplies() {
        let expected: [StateName: Machine.OnClose] = [
            .connecting: .closeNow, .authenticating: .closeNow, .ready: .closeNow, .busy: .drain(until: Self.after(1)), .closing: .ignore,
            .closed: .ignore,
        ]
        for state in StateName.allCases {
            var machine = self.machine(state)
            #expect(machine.close(drainUntil: Self.after(1)) == expected[state], "\(state)")
        }
        var machine = self.machine(.closing)
        guard case .succeed("a", _, then: .goOn) = self.reply(.null, to: &machine),
            case .fail("b", .server("ERR x"), then: .close) = self.reply(.error("ERR x"), to: &machine)
        else {
            Issue.record("replies are lost")
            return
        }
    }

    @Test func aLostConnectionLeavesNobodyWaiting() {
        for state in StateName.allCases {
            var machine = self.machine(state)
            let waiters = machine.failed()
            switch state {
            case .connecting, .authenticating, .ready, .closed: #expect(waiters.isEmpty, "\(state)")
            case .busy, .closing: #expect(waiters == ["a", "b"], "\(state)")
            }
            #expect(machine.failed().isEmpty)
        }
    }
}
