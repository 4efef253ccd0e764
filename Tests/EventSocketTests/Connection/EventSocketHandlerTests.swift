import Logging
import NIOCore
import NIOEmbedded
import RecordingsSupport
import Synchronization
import Testing

@testable import EventSocket

/// The handler on a channel whose clock the test turns.
@Suite struct EventSocketHandlerTests {
    private struct Harness {
        let channel = EmbeddedChannel()
        let sink = Sink()
        let handler: EventSocketHandler
        let loggedIn: EventLoopFuture<Void>

        init(_ configuration: EventSocketConnection.Configuration = .init()) throws {
            let promise = self.channel.eventLoop.makePromise(of: Void.self)
            self.loggedIn = promise.futureResult
            let sink = self.sink
            self.handler = EventSocketHandler(
                login: try .login(.password("ClueCon")), configuration: configuration, logger: Logger(label: "test"), loggedIn: promise,
                sink: { sink.receive($0) })
            try self.channel.pipeline.syncOperations.addHandler(self.handler)
            self.channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 8021), promise: nil)
        }

        /// What was sent since the last time.
        func sent() throws -> String? { try self.channel.readOutbound(as: ByteBuffer.self).map { String(buffer: $0) } }

        func receive(_ bytes: [UInt8]) throws { try self.channel.writeInbound(ByteBuffer(bytes: bytes)) }
        func receive(_ text: String) throws { try self.receive(Array(text.utf8)) }

        func logIn() throws {
            try self.receive("Content-Type: auth/request\n\n")
            #expect(try self.sent() == "auth ClueCon\n\n")
            try self.receive("Content-Type: command/reply\nReply-Text: +OK accepted\n\n")
            try self.loggedIn.wait()
        }

        func submit(_ command: Command) -> Answer {
            let answer = Answer()
            self.handler.submit(command) { answer.set($0) }
            return answer
        }

        /// Ends what a test has left open.
        func end() throws {
            self.channel.close(promise: nil)
            self.channel.embeddedEventLoop.run()
        }
    }

    private final class Answer: Sendable {
        private let results = Mutex<[Result<String, EventSocketError>]>([])
        func set(_ result: Result<String, EventSocketError>) { self.results.withLock { $0.append(result) } }
        var all: [Result<String, EventSocketError>] { self.results.withLock { $0 } }
    }

    private static func event(_ text: String) -> String { "Content-Length: \(text.utf8.count)\nContent-Type: text/event-plain\n\n\(text)" }

    @Test func aRecordedSessionInOneReadPerByte() throws {
        let recording = try Recording("background_jobs")
        let harness = try Harness()
        for byte in recording.messages.filter(\.isFromFreeSWITCH).prefix(2).flatMap(\.bytes) { try harness.receive([byte]) }
        #expect(try harness.sent() == "auth ClueCon\n\n")
        try harness.loggedIn.wait()
        let answer = harness.submit(try .subscribe(events: ["BACKGROUND_JOB"], custom: []))
        #expect(try harness.sent() == "event plain BACKGROUND_JOB\n\n")
        let reply = Array("Content-Type: command/reply\nReply-Text: +OK event listener enabled plain\n\n".utf8)
        for byte in reply { try harness.receive([byte]) }
        #expect(answer.all == [.success("+OK event listener enabled plain")])
        for event in recording.events { try harness.receive(Self.event(String(buffer: event.bytes))) }
        #expect(harness.sink.events == recording.events)
        try harness.end()
    }

    @Test func twoFramesInOneReadAndTheMomentToFlush() throws {
        let harness = try Harness()
        try harness.logIn()
        try harness.receive(Self.event("Event-Name: A\n\n") + Self.event("Event-Name: B\n\n"))
        #expect(harness.sink.events.map(\.name) == ["A", "B"])
        #expect(harness.sink.kinds == ["event", "event", "readComplete"])
        try harness.receive("Content-Length: 3\n")
        #expect(harness.sink.kinds == ["event", "event", "readComplete"])
        try harness.end()
        #expect(harness.sink.kinds == ["event", "event", "readComplete", "closed"])
    }

    @Test func logLinesAreDelivered() throws {
        let harness = try Harness()
        try harness.logIn()
        try harness.receive("Content-Type: log/data\nContent-Length: 15\nLog-Level: 2\n\nLost 3 events!\n")
        #expect(harness.sink.kinds == ["log", "readComplete"])
        try harness.end()
    }

    @Test func oneCommandIsInFlight() throws {
        let harness = try Harness()
        try harness.logIn()
        let first = harness.submit(.api(try APICall("first")))
        let second = harness.submit(.api(try APICall("second")))
        #expect(try harness.sent() == "api first\n\n")
        #expect(try harness.sent() == nil)
        try harness.receive("Content-Type: api/response\nContent-Length: 1\n\n1")
        #expect(first.all == [.success("1")])
        #expect(try harness.sent() == "api second\n\n")
        try harness.receive("Content-Type: command/reply\nReply-Text: -ERR permission denied\n\n")
        #expect(second.all == [.success("-ERR permission denied")])
        try harness.end()
    }

    @Test func eachCommandHasTheWholeTime() throws {
        let harness = try Harness()
        try harness.logIn()
        let first = harness.submit(.api(try APICall("first")))
        let second = harness.submit(.api(try APICall("second")))
        harness.channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        try harness.receive("Content-Type: api/response\nContent-Length: 1\n\n1")
        harness.channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(first.all == [.success("1")])
        #expect(second.all == [])
        harness.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(second.all == [.failure(.timedOut("no reply to api second came"))])
        #expect(harness.sink.closings == [.timedOut("no reply to api second came")])
        #expect(!harness.channel.isActive)
        // An idle connection has no deadline.
        let idle = try Harness()
        try idle.logIn()
        idle.channel.embeddedEventLoop.advanceTime(by: .hours(24))
        #expect(idle.channel.isActive)
        try idle.end()
    }

    @Test func anUnfinishedLogInEndsInTime() throws {
        for text in ["", "Content-Type: auth/request\n\n", "Content-Type: auth/request\n\nContent-Type: command/reply\nReply-Text: +OK acc"] {
            let harness = try Harness()
            try harness.receive(text)
            harness.channel.embeddedEventLoop.advanceTime(by: .seconds(10))
            #expect(throws: EventSocketError.self) { try harness.loggedIn.wait() }
            #expect(harness.sink.kinds == [])
            #expect(!harness.channel.isActive)
        }
    }

    @Test func aBrokenFrameClosesAndNothingAfterItIsDelivered() throws {
        let harness = try Harness()
        try harness.logIn()
        let answer = harness.submit(.api(try APICall("status")))
        try harness.receive(
            Self.event("Event-Name: A\n\n") + "Content-Length: -1\nContent-Type: text/event-plain\n\n" + Self.event("Event-Name: B\n\n"))
        harness.channel.embeddedEventLoop.run()
        #expect(harness.sink.events.map(\.name) == ["A"])
        #expect(harness.sink.closings == [.protocolViolation("a Content-Length that is no number of bytes")])
        #expect(answer.all == [.failure(.protocolViolation("a Content-Length that is no number of bytes"))])
        #expect(!harness.channel.isActive)
    }

    @Test func aShutdownNoticeIsTheReason() throws {
        let harness = try Harness()
        try harness.logIn()
        let notice = try #require(try Recording("node_shutdown").messages.last { $0.hasContentType("text/disconnect-notice") })
        try harness.receive(notice.bytes)
        harness.channel.embeddedEventLoop.run()
        #expect(harness.sink.closings.count == 1)
        #expect(harness.sink.closings.first?.reason.contains("The system is being shut down.") == true)
    }

    @Test func aBackgroundJob() throws {
        let harness = try Harness()
        try harness.logIn()
        let answer = harness.submit(try .backgroundAPI(APICall("status"), jobUUID: "j-1"))
        #expect(try harness.sent() == "event plain BACKGROUND_JOB\n\n")
        try harness.receive("Content-Type: command/reply\nReply-Text: +OK event listener enabled plain\n\n")
        #expect(try harness.sent() == "bgapi status\nJob-UUID: j-1\n\n")
        try harness.receive("Content-Type: command/reply\nReply-Text: +OK Job-UUID: j-1\nJob-UUID: j-1\n\n")
        try harness.receive(Self.event("Event-Name: BACKGROUND_JOB\nJob-UUID: another\nContent-Length: 1\n\nx"))
        #expect(answer.all == [])
        try harness.receive(Self.event("Event-Name: BACKGROUND_JOB\nJob-UUID: j-1\nContent-Length: 2\n\nUP"))
        #expect(answer.all == [.success("UP")])
        #expect(harness.sink.events.count == 2)
        harness.channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(answer.all.count == 1)
        try harness.end()
    }

    @Test func aJobWithoutResultEndsInTimeAndTheConnectionStays() throws {
        let harness = try Harness()
        try harness.logIn()
        let answer = harness.submit(try .backgroundAPI(APICall("status"), jobUUID: "j-1"))
        try harness.receive("Content-Type: command/reply\nReply-Text: +OK event listener enabled plain\n\n")
        try harness.receive("Content-Type: command/reply\nReply-Text: +OK Job-UUID: j-1\nJob-UUID: j-1\n\n")
        harness.channel.embeddedEventLoop.advanceTime(by: .seconds(60))
        #expect(answer.all == [.failure(.timedOut("no result of a background job came"))])
        #expect(harness.channel.isActive)
        try harness.end()
    }

    @Test func closingSaysExitAndDoesNotWaitLong() throws {
        let harness = try Harness()
        try harness.logIn()
        let answer = harness.submit(.api(try APICall("status")))
        #expect(try harness.sent() == "api status\n\n")
        harness.handler.close()
        #expect(try harness.sent() == "exit\n\n")
        #expect(answer.all == [.failure(.closed("closed by us"))])
        try harness.receive(Self.event("Event-Name: LATE\n\n"))
        #expect(harness.channel.isActive)
        harness.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!harness.channel.isActive)
        #expect(harness.sink.kinds == ["closed"])
        #expect(harness.submit(.exit).all == [.failure(.closed("the connection is closed"))])
    }

    @Test func anErrorOfTheChannelEndsEverything() throws {
        struct Reset: Error {}
        let harness = try Harness()
        try harness.logIn()
        let answer = harness.submit(.api(try APICall("status")))
        harness.channel.pipeline.fireErrorCaught(Reset())
        harness.channel.embeddedEventLoop.run()
        #expect(answer.all == [.failure(.closed("Reset()"))])
        #expect(harness.sink.closings == [.closed("Reset()")])
    }
}
