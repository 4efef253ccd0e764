import Logging
import NIOCore
import NIOPosix
import RecordingsSupport
import Synchronization
import Testing

@testable import EventSocket

@Suite(.timeLimit(.minutes(1))) struct EventSocketConnectionTests {
    private static let login: [ScriptedServer.Step] = [
        .send("Content-Type: auth/request\n\n"), .expect("auth ClueCon\n\n"), .send("Content-Type: command/reply\nReply-Text: +OK accepted\n\n"),
    ]

    private static func connect(
        _ script: [ScriptedServer.Step], credentials: EventSocketEndpoint.Credentials = .password("ClueCon"),
        configure: (inout EventSocketConnection.Configuration) -> Void = { _ in }, sink: Sink = Sink()
    ) async throws -> EventSocketConnection {
        let server = try await ScriptedServer.start(script)
        var configuration = EventSocketConnection.Configuration()
        configure(&configuration)
        return try await EventSocketConnection.connect(
            to: EventSocketEndpoint(host: "127.0.0.1", port: server.port, credentials: credentials),
            on: MultiThreadedEventLoopGroup.singleton.next(), configuration: configuration, logger: Logger(label: "test"),
            sink: { sink.receive($0) })
    }

    @Test func anApiCallIsAnswered() async throws {
        let connection = try await Self.connect(
            Self.login + [
                .expect("api version\n\n"), .send("Content-Type: api/response\nContent-Length: 4\n\n+OK\n"), .expect("exit\n\n"),
                .send("Content-Type: command/reply\nReply-Text: +OK bye\n\n"), .close,
            ])
        #expect(try await connection.api(APICall("version")) == "+OK\n")
        await connection.close()
    }

    @Test func aWrongPasswordIsSaidOnce() async throws {
        await #expect(throws: EventSocketError.authenticationRefused("-ERR invalid")) {
            _ = try await Self.connect(
                [
                    .send("Content-Type: auth/request\n\n"), .expect("auth wrong\n\n"),
                    .send("Content-Type: command/reply\nReply-Text: -ERR invalid\n\n"),
                    .send("Content-Type: text/disconnect-notice\nContent-Length: 4\n\nBye\n"), .close,
                ], credentials: .password("wrong"))
        }
    }

    @Test func theAccessListsRefusal() async throws {
        await #expect(throws: EventSocketError.accessDenied("Access Denied, go away.")) {
            _ = try await Self.connect([
                .send("Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n"), .close,
            ])
        }
    }

    @Test func nobodyListens() async throws {
        let server = try await ScriptedServer.start([])
        await server.stop()
        do {
            _ = try await EventSocketConnection.connect(
                to: EventSocketEndpoint(host: "127.0.0.1", port: server.port, credentials: .password("x")),
                on: MultiThreadedEventLoopGroup.singleton.next(), logger: Logger(label: "test"), sink: { _ in })
            Issue.record("connected to nobody")
        } catch {
            guard case .unreachable(let text) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(text == "127.0.0.1:\(server.port): connection refused")
        }
    }

    @Test func aDropInTheMiddleOfAFrameEndsTheCommand() async throws {
        let sink = Sink()
        let connection = try await Self.connect(
            Self.login + [.expect("api status\n\n"), .send("Content-Type: api/response\nContent-Length: 400\n\nUP 0 years"), .close], sink: sink)
        let call = try APICall("status")
        await #expect(throws: EventSocketError.closed("FreeSWITCH closed the connection")) { _ = try await connection.api(call) }
        await connection.close()
        #expect(sink.closings == [.closed("FreeSWITCH closed the connection")])
    }

    @Test func noReplyClosesTheConnection() async throws {
        let sink = Sink()
        let connection = try await Self.connect(
            Self.login + [.expect("api status\n\n")], configure: { $0.commandTimeout = .milliseconds(100) }, sink: sink)
        let call = try APICall("status")
        async let first = Self.result { () throws(EventSocketError) in try await connection.api(call) }
        #expect(await first == .failure(.timedOut("no reply to api status came")))
        #expect(await Self.result { () throws(EventSocketError) in try await connection.api(call) }.isFailure)
        await connection.close()
        #expect(sink.closings == [.timedOut("no reply to api status came")])
    }

    @Test func commandsOfManyTasksEachGetTheirOwnAnswer() async throws {
        var script = Self.login
        for number in 0..<50 {
            script += [.expect("api "), .send("Content-Type: api/response\nContent-Length: 2\n\n\(number + 10)")]
        }
        let connection = try await Self.connect(script)
        let call = try APICall("echo")
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await connection.api(call) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.sorted() == (10..<60).map { "\($0)" })
        await connection.close()
    }

    @Test func aRestrictedUsersSession() async throws {
        let recording = try Recording("userauth")
        let reply = try #require(recording.messages.first { $0.text.contains("Allowed-API") })
        let connection = try await Self.connect(
            [
                .send("Content-Type: auth/request\n\n"), .expect("userauth screenpop@127.0.0.1:s3cret-pop\n\n"), .send(reply.bytes),
                .expect("event plain ALL\n\n"), .send("Content-Type: command/reply\nReply-Text: -ERR permission denied\n\n"),
                .expect("api system id\n\n"), .send("Content-Type: command/reply\nReply-Text: -ERR permission denied\n\n"),
                .expect("sendevent CUSTOM\n"), .send("Content-Type: command/reply\nReply-Text: +OK 3271690b-8c5a-4c7a-b22c-3e4890541da5\n\n"),
            ], credentials: .user("screenpop@127.0.0.1", password: "s3cret-pop"))
        await #expect(throws: EventSocketError.refused("-ERR permission denied")) { try await connection.subscribe(events: ["ALL"], custom: []) }
        #expect(try await connection.api(APICall("system", "id")) == "-ERR permission denied")
        #expect(
            try await connection.sendEvent("CUSTOM", headers: [("Event-Subclass", "screenpop::canary")]) == "3271690b-8c5a-4c7a-b22c-3e4890541da5")
        await connection.close()
    }

    @Test func eachJobHasAnotherName() {
        var random = SystemRandomNumberGenerator()
        let names = Set((0..<100).map { _ in JobUUID.make(using: &random) })
        #expect(names.count == 100)
        for name in names {
            let parts = name.split(separator: "-")
            #expect(parts.map(\.count) == [8, 4, 4, 4, 12])
            #expect(parts[2].hasPrefix("4") && "89ab".contains(parts[3].prefix(1)))
        }
    }

    private static func result(
        _ body: () async throws(EventSocketError) -> String
    ) async -> Result<String, EventSocketError> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}

extension Result {
    var isFailure: Bool { if case .failure = self { true } else { false } }
}

/// Keeps what a connection delivers.
final class Sink: Sendable {
    private let deliveries = Mutex<[EventSocketDelivery]>([])

    func receive(_ delivery: EventSocketDelivery) { self.deliveries.withLock { $0.append(delivery) } }

    var events: [Event] {
        self.deliveries.withLock { $0 }.compactMap { if case .event(let event) = $0 { event } else { nil } }
    }

    var closings: [EventSocketError] {
        self.deliveries.withLock { $0 }.compactMap { if case .closed(let error) = $0 { error } else { nil } }
    }

    var kinds: [String] {
        self.deliveries.withLock { $0 }.map {
            switch $0 {
            case .event: "event"
            case .log: "log"
            case .readComplete: "readComplete"
            case .closed: "closed"
            }
        }
    }
}
