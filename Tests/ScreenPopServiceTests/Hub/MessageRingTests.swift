import NIOCore
import ScreenPop
import ScreenPopStore
import Testing

@testable import ScreenPopService

struct MessageRingTests {
    private func message(_ milliseconds: UInt64) -> HubMessage {
        HubMessage(
            LogEntry(
                cursor: Cursor(milliseconds: milliseconds, sequence: 0), type: "agent.state", agent: nil, queue: nil,
                json: ByteBuffer(string: #"{"type":"agent.state","n":1}"#)))
    }

    private func at(_ milliseconds: UInt64) -> Cursor { Cursor(milliseconds: milliseconds, sequence: 0) }

    @Test func `before it knows the end it knows nothing`() {
        let ring = MessageRing(keep: 3)
        #expect(!ring.hasStarted)
        #expect(ring.after(.zero, limit: 10) == .unknown)
    }

    @Test func `it answers from its start to its end`() {
        var ring = MessageRing(keep: 10)
        ring.restart(at: self.at(5))
        ring.append([self.message(6), self.message(8)])
        #expect(ring.end == self.at(8))
        #expect(ring.after(self.at(4), limit: 10) == .unknown)
        #expect(ring.after(self.at(5), limit: 10) == .messages([self.message(6), self.message(8)]))
        #expect(ring.after(self.at(6), limit: 10) == .messages([self.message(8)]))
        #expect(ring.after(self.at(7), limit: 10) == .unknown)
        #expect(ring.after(self.at(8), limit: 10) == .messages([]))
        #expect(ring.after(self.at(9), limit: 10) == .unknown)
        #expect(ring.after(self.at(5), limit: 1) == .tooMany)
    }

    @Test func `it keeps the newest and forgets how far back it reached`() {
        var ring = MessageRing(keep: 2)
        ring.restart(at: self.at(1))
        ring.append((2...5).map { self.message($0) })
        #expect(ring.after(self.at(2), limit: 10) == .unknown)
        #expect(ring.after(self.at(3), limit: 10) == .messages([self.message(4), self.message(5)]))
    }

    @Test func `a cursor of the log that was lost is none of the new one's, though it lies between its cursors`() {
        var ring = MessageRing(keep: 10)
        ring.restart(at: .zero)
        ring.append([self.message(20), self.message(40)])
        #expect(ring.after(self.at(10), limit: 10) == .unknown)
        #expect(ring.after(self.at(30), limit: 10) == .unknown)
        #expect(ring.after(self.at(20), limit: 10) == .messages([self.message(40)]))
        #expect(ring.after(.zero, limit: 10) == .messages([self.message(20), self.message(40)]))
    }

    @Test func `a lost log empties it`() {
        var ring = MessageRing(keep: 2)
        ring.restart(at: self.at(1))
        ring.append([self.message(2)])
        ring.restart(at: .zero)
        #expect(ring.end == .zero)
        #expect(ring.after(self.at(1), limit: 10) == .unknown)
        #expect(ring.after(.zero, limit: 10) == .messages([]))
    }
}
