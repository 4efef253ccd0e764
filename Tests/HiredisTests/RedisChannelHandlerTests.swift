import NIOCore
import NIOEmbedded
import Testing

@testable import Hiredis

/// The handler on a channel without a socket, with time that the test moves.
struct RedisChannelHandlerTests {
    private final class Log {
        var loggedIn = 0
        var endings: [RedisChannelHandler.Ending] = []
    }

    private func connect(
        _ endpoint: RedisEndpoint = RedisEndpoint(address: .unix(path: "/x")), configuration: RedisClient.Configuration = .init()
    ) throws -> (EmbeddedChannel, RedisChannelHandler, Log) {
        let channel = EmbeddedChannel()
        let handler = RedisChannelHandler(endpoint: endpoint, configuration: configuration, eventLoop: channel.embeddedEventLoop, logger: quiet)
        try channel.pipeline.syncOperations.addHandler(handler)
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
        let log = Log()
        handler.start(.init(loggedIn: { _ in log.loggedIn += 1 }, ended: { _, ending in log.endings.append(ending) }))
        return (channel, handler, log)
    }

    private func loggedIn(configuration: RedisClient.Configuration = .init()) throws -> (EmbeddedChannel, RedisChannelHandler, Log) {
        let (channel, handler, log) = try self.connect(configuration: configuration)
        #expect(try self.written(channel) == "*1\r\n$4\r\nPING\r\n")
        try channel.writeInbound(ByteBuffer(string: "+PONG\r\n"))
        #expect(log.loggedIn == 1)
        return (channel, handler, log)
    }

    /// What went out in one write.
    private func written(_ channel: EmbeddedChannel) throws -> String? {
        channel.embeddedEventLoop.run()
        return try channel.readOutbound(as: ByteBuffer.self).map { String(buffer: $0) }
    }

    private func send(_ command: RedisCommand, _ handler: RedisChannelHandler, _ channel: EmbeddedChannel) -> EventLoopFuture<RedisValue> {
        let promise = channel.eventLoop.makePromise(of: RedisValue.self)
        handler.send(command, timeout: .seconds(5), promise: promise)
        return promise.futureResult
    }

    private func result(_ future: EventLoopFuture<RedisValue>) -> Result<RedisValue, RedisError>? {
        var result: Result<RedisValue, RedisError>?
        future.assumeIsolated().whenComplete { result = $0.mapError { $0 as? RedisError ?? .unexpectedReply } }
        return result
    }

    @Test func theLogInIsOneWrite() throws {
        let (channel, _, log) = try self.connect(
            RedisEndpoint(address: .unix(path: "/x"), username: "u", password: "secret", database: 2))
        #expect(
            try self.written(channel)
                == "*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$6\r\nsecret\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n*1\r\n$4\r\nPING\r\n")
        #expect(log.loggedIn == 0)
        try channel.writeInbound(ByteBuffer(string: "+OK\r\n+OK\r\n+PONG\r\n"))
        #expect(log.loggedIn == 1)
        _ = try channel.finish()
    }

    @Test func commandsOfOneTurnAreOneWrite() throws {
        let (channel, handler, _) = try self.loggedIn()
        let first = self.send(RedisCommand("GET", "a"), handler, channel)
        let second = self.send(RedisCommand("GET", "b"), handler, channel)
        #expect(try self.written(channel) == "*2\r\n$3\r\nGET\r\n$1\r\na\r\n*2\r\n$3\r\nGET\r\n$1\r\nb\r\n")
        #expect(try self.written(channel) == nil)
        try channel.writeInbound(ByteBuffer(string: ":1\r\n-ERR no\r\n"))
        #expect(self.result(first) == .success(.integer(1)))
        #expect(self.result(second) == .failure(.server("ERR no")))
        _ = try channel.finish()
    }

    @Test func aReplyThatDoesNotComeClosesTheConnection() throws {
        let (channel, handler, log) = try self.loggedIn()
        let first = self.send(RedisCommand("GET", "a"), handler, channel)
        let second = self.send(RedisCommand("GET", "b"), handler, channel)
        channel.embeddedEventLoop.advanceTime(by: .seconds(4))
        #expect(self.result(first) == nil)
        channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(self.result(first) == .failure(.timedOut))
        #expect(self.result(second) == .failure(.connectionLost("a command ahead of it was not answered in time")))
        #expect(!channel.isActive)
        #expect(log.endings == [.lost("Redis did not answer in time")])
    }

    @Test func aWrongPasswordEndsTheConnection() throws {
        let (channel, _, log) = try self.connect(RedisEndpoint(address: .unix(path: "/x"), password: "wrong"))
        try channel.writeInbound(ByteBuffer(string: "-WRONGPASS no\r\n-NOAUTH no\r\n"))
        #expect(log.endings == [.refused("WRONGPASS no")])
        #expect(log.loggedIn == 0)
    }

    @Test func garbageEndsTheConnectionAndAllThatWait() throws {
        let (channel, handler, log) = try self.loggedIn()
        let first = self.send(RedisCommand("GET", "a"), handler, channel)
        try channel.writeInbound(ByteBuffer(string: "HTTP/1.1 400\r\n"))
        #expect(self.result(first) == .failure(.protocolViolation("bytes that are no RESP2 reply")))
        #expect(log.endings.count == 1)
        let late = self.send(RedisCommand("GET", "b"), handler, channel)
        #expect(self.result(late) == .failure(.unavailable("the connection to Redis is closing")))
    }

    @Test func aReplyWithoutACommandEndsTheConnection() throws {
        let (channel, _, log) = try self.loggedIn()
        try channel.writeInbound(ByteBuffer(string: "+OK\r\n"))
        #expect(log.endings.count == 1)
        #expect(!channel.isActive)
    }

    @Test func aConnectionThatBreaksFailsWhatWaits() throws {
        let (channel, handler, log) = try self.loggedIn()
        let first = self.send(RedisCommand("GET", "a"), handler, channel)
        _ = try channel.finish()
        #expect(self.result(first) == .failure(.connectionLost("the connection to Redis ended")))
        #expect(log.endings == [.lost("Redis closed the connection")])
    }

    @Test func closingWaitsForTheLastReply() throws {
        let (channel, handler, log) = try self.loggedIn()
        let first = self.send(RedisCommand("GET", "a"), handler, channel)
        handler.close()
        #expect(channel.isActive)
        try channel.writeInbound(ByteBuffer(string: ":1\r\n"))
        #expect(self.result(first) == .success(.integer(1)))
        #expect(!channel.isActive)
        #expect(log.endings == [.closed])
    }

    @Test func closingDoesNotWaitForEver() throws {
        let (channel, handler, log) = try self.loggedIn()
        let first = self.send(RedisCommand("GET", "a"), handler, channel)
        handler.close()
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(300))
        #expect(self.result(first) == .failure(.connectionLost("closed before the reply came")))
        #expect(log.endings == [.closed])
    }

    @Test func aCommandThatCannotBeWrittenLeavesTheConnectionAlone() throws {
        let (channel, handler, _) = try self.loggedIn()
        #expect(self.result(self.send(RedisCommand(), handler, channel)) == .failure(.commandTooLarge))
        let next = self.send(RedisCommand("GET", "a"), handler, channel)
        try channel.writeInbound(ByteBuffer(string: ":1\r\n"))
        #expect(self.result(next) == .success(.integer(1)))
        _ = try channel.finish()
    }
}
