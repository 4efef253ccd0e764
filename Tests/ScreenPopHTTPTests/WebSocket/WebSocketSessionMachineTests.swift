import NIOCore
import Testing

@testable import ScreenPopHTTP

@Suite struct WebSocketSessionMachineTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private let limits = WebSocketSessionMachine.Limits(
        heartbeat: .seconds(25), pong: .seconds(10), unwritable: .seconds(10), owedBytes: 1000, messagesPerMinute: 2)

    private func open() -> WebSocketSessionMachine { WebSocketSessionMachine(limits: self.limits, now: self.start) }

    private func closing() -> WebSocketSessionMachine {
        var machine = self.open()
        _ = machine.close(.goingAway, now: self.start)
        return machine
    }

    private func closed() -> WebSocketSessionMachine {
        var machine = self.open()
        _ = machine.end()
        return machine
    }

    private func at(_ seconds: Int64) -> NIODeadline { self.start + .seconds(seconds) }

    @Test func `an open session`() {
        var machine = self.open()
        #expect(machine.isOpen)
        #expect(machine.ping(now: self.start) == .pong)
        #expect(machine.text(now: self.start) == .handle)
        #expect(machine.write(100, isWritable: true, owed: 0, now: self.start) == .write)
        #expect(machine.tick(isWritable: true, now: self.at(1)) == .ignore)
        #expect(machine.closeFrame() == .answerAndDisconnect)
        #expect(!machine.isOpen)
        machine = self.open()
        #expect(machine.end() == .disconnect)
        machine = self.open()
        #expect(machine.close(.goingAway, now: self.start) == .sendClose)
    }

    @Test func `a closing session`() {
        var machine = self.closing()
        #expect(!machine.isOpen)
        machine.heard()
        #expect(machine.ping(now: self.start) == .ignore)
        #expect(machine.text(now: self.start) == .ignore)
        #expect(machine.write(100, isWritable: true, owed: 0, now: self.start) == .drop)
        #expect(machine.close(.goingAway, now: self.start) == .ignore)
        #expect(machine.tick(isWritable: true, now: self.at(1)) == .ignore)
        #expect(machine.tick(isWritable: true, now: self.at(2)) == .disconnect)
        machine = self.closing()
        #expect(machine.closeFrame() == .disconnect)
        machine = self.closing()
        #expect(machine.end() == .disconnect)
    }

    @Test func `a closed session`() {
        var machine = self.closed()
        machine.heard()
        #expect(!machine.isOpen)
        #expect(machine.ping(now: self.start) == .ignore)
        #expect(machine.text(now: self.start) == .ignore)
        #expect(machine.write(100, isWritable: true, owed: 0, now: self.start) == .drop)
        #expect(machine.close(.goingAway, now: self.start) == .ignore)
        #expect(machine.tick(isWritable: true, now: self.at(99)) == .ignore)
        #expect(machine.closeFrame() == .ignore)
        #expect(machine.end() == .ignore)
    }

    @Test func `pings go out with the heartbeat and must be answered`() {
        var machine = self.open()
        #expect(machine.tick(isWritable: true, now: self.at(24)) == .ignore)
        #expect(machine.tick(isWritable: true, now: self.at(25)) == .ping)
        #expect(machine.tick(isWritable: true, now: self.at(34)) == .ignore)
        machine.heard()
        #expect(machine.tick(isWritable: true, now: self.at(36)) == .ignore)
        #expect(machine.tick(isWritable: true, now: self.at(50)) == .ping)
        #expect(machine.tick(isWritable: true, now: self.at(60)) == .disconnect)
        #expect(!machine.isOpen)
    }

    @Test func `an unanswered ping is not forgiven by the next one`() {
        var limits = self.limits
        limits.heartbeat = .seconds(4)
        var machine = WebSocketSessionMachine(limits: limits, now: self.start)
        #expect(machine.tick(isWritable: true, now: self.at(4)) == .ping)
        #expect(machine.tick(isWritable: true, now: self.at(8)) == .ping)
        #expect(machine.tick(isWritable: true, now: self.at(12)) == .ping)
        #expect(machine.tick(isWritable: true, now: self.at(14)) == .disconnect)
    }

    @Test func `one that does not read is sent away by bytes or by time`() {
        var machine = self.open()
        #expect(machine.write(100, isWritable: false, owed: 1000, now: self.start) == .write)
        if case .close(.tryAgainLater, _) = machine.write(100, isWritable: false, owed: 1101, now: self.start) {
        } else {
            Issue.record("1001 bytes owed")
        }
        machine = self.open()
        #expect(machine.write(100, isWritable: false, owed: 1, now: self.at(1)) == .write)
        #expect(machine.tick(isWritable: false, now: self.at(10)) == .ignore)
        if case .close(.tryAgainLater, _) = machine.tick(isWritable: false, now: self.at(11)) {} else { Issue.record("ten seconds unwritable") }
        // It took something meanwhile: its time starts again.
        machine = self.open()
        #expect(machine.write(100, isWritable: false, owed: 1, now: self.at(1)) == .write)
        #expect(machine.tick(isWritable: true, now: self.at(9)) == .ignore)
        #expect(machine.tick(isWritable: false, now: self.at(12)) == .ignore)
    }

    @Test func `one that does not read has time to find the close frame`() {
        var machine = self.open()
        #expect(machine.close(.tryAgainLater, now: self.start) == .sendClose)
        #expect(machine.tick(isWritable: false, now: self.at(29)) == .ignore)
        #expect(machine.tick(isWritable: false, now: self.at(30)) == .disconnect)
        machine = self.open()
        #expect(machine.close(.tryAgainLater, now: self.start) == .sendClose)
        #expect(machine.close(.goingAway, now: self.at(5)) == .ignore)
        #expect(machine.tick(isWritable: false, now: self.at(6)) == .ignore)
        #expect(machine.tick(isWritable: false, now: self.at(7)) == .disconnect)
    }

    @Test func `messages are counted by the minute`() {
        var machine = self.open()
        #expect(machine.text(now: self.at(0)) == .handle)
        #expect(machine.text(now: self.at(1)) == .handle)
        #expect(machine.text(now: self.at(61)) == .handle)
        #expect(machine.text(now: self.at(62)) == .handle)
        if case .close(.policyViolation, _) = machine.text(now: self.at(63)) {} else { Issue.record("a third in a minute") }
    }

    @Test func `control frames are counted as well`() {
        var machine = self.open()
        #expect(machine.ping(now: self.at(0)) == .pong)
        #expect(machine.pong(now: self.at(1)) == .ignore)
        if case .close(.policyViolation, _) = machine.ping(now: self.at(2)) {} else { Issue.record("a third in a minute") }
        machine = self.open()
        for second in 0..<2 { #expect(machine.pong(now: self.at(Int64(second))) == .ignore) }
        if case .close(.policyViolation, _) = machine.pong(now: self.at(2)) {} else { Issue.record("a third in a minute") }
        machine = self.closing()
        #expect(machine.pong(now: self.start) == .ignore)
        machine = self.closed()
        #expect(machine.pong(now: self.start) == .ignore)
    }

    @Test func `one large message is allowed on top of what may be owed`() {
        var machine = self.open()
        #expect(machine.write(5000, isWritable: true, owed: 0, now: self.start) == .write)
        #expect(machine.write(100, isWritable: false, owed: 5000, now: self.start) == .write)
        #expect(machine.write(100, isWritable: false, owed: 6000, now: self.start) == .write)
        if case .close(.tryAgainLater, _) = machine.write(100, isWritable: false, owed: 6001, now: self.start) {} else { Issue.record("too much") }
    }
}
