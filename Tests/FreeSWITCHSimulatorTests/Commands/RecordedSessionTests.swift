import Foundation
import FreeSWITCHSimulator
import Logging
import NIOCore
import NIOPosix
import RecordingsSupport
import Testing

/// Whole recorded sessions played again on a real event socket: every packet the client sent, every message FreeSWITCH sent back, byte for byte
/// but for ids, times and the figures of the machine.
@Suite(.timeLimit(.minutes(1))) struct RecordedSessionTests {
    @Test(arguments: ["commands", "background_jobs", "userauth"]) func isPlayedAgain(name: String) async throws {
        var configuration = Simulator.Configuration()
        configuration.users["screenpop@127.0.0.1"] = Simulator.Configuration.User(
            password: "s3cret-pop", allowedAPI: ["callcenter_config", "callcenter_break", "show", "status", "uuid_dump"],
            allowedEvents: [
                "CHANNEL_CREATE", "CHANNEL_ANSWER", "CHANNEL_BRIDGE", "CHANNEL_UNBRIDGE", "CHANNEL_HANGUP_COMPLETE", "CHANNEL_HOLD",
                "CHANNEL_UNHOLD", "HEARTBEAT", "BACKGROUND_JOB", "CUSTOM", "callcenter::info", "screenpop::canary",
            ])
        let simulator = Simulator(configuration: configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let port = try await simulator.start()
        // What stood in the databases of those nodes before.
        switch name {
        case "background_jobs": _ = await simulator.api("callcenter_config agent add 'q x@default' Callback")
        case "userauth":
            await simulator.act { $0.setCallsAbandoned(5, of: "support@default") }
        default: break
        }
        var recorded = Messages()
        var simulated = Messages()
        for session in try Self.sessions(of: name) {
            let client = try await RawClient.connect(port: port)
            simulated.add(try await client.next())
            for exchange in session {
                try await client.send(exchange.packet)
                recorded.add(exchange.answers)
                // Events may come before the reply, or later; replies come in the order of the commands.
                while simulated.replies.count < recorded.replies.count { simulated.add(try await client.next()) }
            }
            while simulated.events.count < recorded.events.count { simulated.add(try await client.next()) }
            await client.close()
        }
        #expect(recorded.replies.count >= 7)
        for (ours, theirs) in zip(simulated.replies, recorded.replies) { #expect(ours == theirs) }
        #expect(simulated.replies.count == recorded.replies.count)
        #expect(simulated.events == recorded.events)
        await simulator.stop()
    }

    private struct Exchange {
        var packet: [UInt8]
        var answers: [String]
    }

    /// The recorded packets, each with what FreeSWITCH sent until the next; a session begins with `auth/request`, which stands with its first packet.
    private static func sessions(of name: String) throws -> [[Exchange]] {
        var sessions: [[Exchange]] = []
        var greeting: [String] = []
        for message in try Recording(name).messages {
            if message.hasContentType("auth/request") {
                sessions.append([])
                greeting = [message.text]
            } else if !message.isFromFreeSWITCH {
                sessions[sessions.count - 1].append(Exchange(packet: message.bytes, answers: greeting))
                greeting = []
            } else {
                let last = sessions[sessions.count - 1].count - 1
                sessions[sessions.count - 1][last].answers.append(message.text)
            }
        }
        return sessions
    }

    /// What came, with what differs from run to run taken out.
    private struct Messages {
        var replies: [String] = []
        var events: [String] = []

        mutating func add(_ texts: [String]) { for text in texts { self.add(text) } }

        mutating func add(_ text: String) {
            guard text.contains("Content-Type: text/event-") else {
                self.replies.append(Self.withoutTheMoment(text))
                return
            }
            if !text.contains("Event-Name: HEARTBEAT\n") { self.events.append(Self.withoutTheMoment(text)) }
        }

        private static func withoutTheMoment(_ text: String) -> String {
            var text = text
            for (pattern, replacement) in [
                (#"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"#, "UUID"), (#"Content-Length: [0-9]+"#, "Content-Length: N"),
                (#"17[0-9]{14}\b"#, "MICROSECONDS"), (#"17[0-9]{8}\b"#, "SECONDS"),
                (#"Event-Date-Local(: |>|":")[0-9]{4}-[0-9]{2}-[0-9]{2}(%20| )[0-9%A:]+"#, "LOCAL"),
                (#"(Mon|Tue|Wed|Thu|Fri|Sat|Sun),(%20| )[0-9A-Za-z%: ]+GMT"#, "GMT"), (#"Event-Sequence(: |>|":")[0-9]+"#, "SEQUENCE"),
                (#"Event-Calling-Line-Number: (1572|2275)"#, "LINE"), (#"UP [^\n]*microseconds"#, "UP"),
                (#"\n[0-9]+ session\(s\)"#, "\nN session(s)"),
                (#"peak [0-9]+, last 5min [0-9]+"#, "PEAK"), (#"min idle cpu [0-9./]+"#, "IDLE"), (#"Stack Size/Max [0-9K/]+"#, "STACK"),
            ] { text = text.replacing(Self.regex(pattern), with: replacement) }
            return text
        }

        private static func regex(_ pattern: String) -> Regex<AnyRegexOutput> {
            do { return try Regex(pattern) } catch { preconditionFailure("\(pattern): \(error)") }
        }
    }
}

/// An event socket client that knows where a message ends, and nothing else.
private struct RawClient {
    enum Failure: Error {
        case closed
        case silent
    }

    private let channel: any Channel
    private let messages: AsyncStream<String>

    static func connect(port: Int) async throws -> RawClient {
        let (messages, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(10_000))
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Handler(continuation)) }
        }.connect(host: "127.0.0.1", port: port).get()
        return RawClient(channel: channel, messages: messages)
    }

    func send(_ bytes: [UInt8]) async throws { try await self.channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    /// The next message; it fails when none comes for five seconds.
    func next() async throws -> String {
        try await withThrowingTaskGroup(of: String.self) { group in
            let messages = self.messages
            group.addTask {
                for await message in messages { return message }
                throw Failure.closed
            }
            group.addTask {
                try await Task.sleep(for: .seconds(5))
                throw Failure.silent
            }
            defer { group.cancelAll() }
            guard let message = try await group.next() else { throw Failure.closed }
            return message
        }
    }

    func close() async { try? await self.channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private var bytes = ByteBuffer()
        private let messages: AsyncStream<String>.Continuation

        init(_ messages: AsyncStream<String>.Continuation) { self.messages = messages }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.bytes.writeImmutableBuffer(self.unwrapInboundIn(data))
            while let message = self.cut() { self.messages.yield(message) }
        }

        func channelInactive(context: ChannelHandlerContext) { self.messages.finish() }

        private func cut() -> String? {
            guard let end = self.bytes.readableBytesView.firstRange(of: [0x0A, 0x0A]) else { return nil }
            let head = end.upperBound - self.bytes.readerIndex
            let text = self.bytes.getString(at: self.bytes.readerIndex, length: head) ?? ""
            let length = text.split(separator: "\n").first { $0.hasPrefix("Content-Length: ") }.flatMap { Int($0.dropFirst(16)) } ?? 0
            return self.bytes.readableBytes >= head + length ? self.bytes.readString(length: head + length) : nil
        }
    }
}
