import NIOCore
import Testing

@testable import Hiredis

struct CommandWriterTests {
    private func written(_ command: RedisCommand) throws(RedisError) -> [UInt8] {
        var buffer = ByteBuffer()
        try CommandWriter.write(command, to: &buffer)
        return Array(buffer.readableBytesView)
    }

    @Test func aCommandIsAnArrayOfBulkStrings() throws {
        #expect(try self.written(RedisCommand("SET", "key", "12")) == Array("*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$2\r\n12\r\n".utf8))
    }

    @Test func emptyArgumentsAreWritten() throws {
        #expect(try self.written(RedisCommand("GET", "")) == Array("*2\r\n$3\r\nGET\r\n$0\r\n\r\n".utf8))
        var onlyEmpty = RedisCommand()
        onlyEmpty.append("")
        onlyEmpty.append("")
        #expect(try self.written(onlyEmpty) == Array("*2\r\n$0\r\n\r\n$0\r\n\r\n".utf8))
    }

    @Test func bytesStayAsTheyAre() throws {
        var command = RedisCommand("SET")
        command.append([0x00, 0xFF, 0x0D, 0x0A])
        command.append(Int64.min)
        command.append("王")
        #expect(
            try self.written(command) == Array("*4\r\n$3\r\nSET\r\n$4\r\n".utf8) + [0x00, 0xFF, 0x0D, 0x0A]
                + Array("\r\n$20\r\n-9223372036854775808\r\n$3\r\n王\r\n".utf8))
    }

    @Test func noArgumentCanBecomeASecondCommand() throws {
        let hostile = "x\r\n*1\r\n$8\r\nFLUSHALL"
        #expect(try self.written(RedisCommand("GET", hostile)) == Array("*2\r\n$3\r\nGET\r\n$\(hostile.utf8.count)\r\n\(hostile)\r\n".utf8))
    }

    @Test func whatIsWrittenIsAppended() throws {
        var buffer = ByteBuffer(string: "before")
        try CommandWriter.write(RedisCommand("PING"), to: &buffer)
        #expect(String(buffer: buffer) == "before*1\r\n$4\r\nPING\r\n")
    }

    @Test func aCommandOverTheLimitsIsRefusedUnwritten() {
        var many = RedisCommand()
        for _ in 0...CommandWriter.maximumArguments { many.append("") }
        #expect(throws: RedisError.commandTooLarge) { try self.written(many) }
        #expect(throws: RedisError.commandTooLarge) { try self.written(RedisCommand()) }
        var large = RedisCommand("SET", "key")
        large.append([UInt8](repeating: 0x61, count: CommandWriter.maximumBytes))
        #expect(throws: RedisError.commandTooLarge) { try self.written(large) }
    }

    /// hiredis' reader reads what hiredis' formatter wrote: any bytes, any lengths.
    @Test func randomArgumentsComeBack() throws {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SplitMix(state: seed)
        for _ in 0..<200 {
            let arguments = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
                (0..<Int.random(in: 0...40, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            }
            var command = RedisCommand()
            for argument in arguments { command.append(argument) }
            let reader = ReplyReader(limits: .init(bytes: 1_000_000, elements: 100))
            try reader.feed(ByteBuffer(bytes: try self.written(command)))
            #expect(try reader.next() == .array(arguments.map { .bulk(ByteBuffer(bytes: $0)) }), "seed \(seed)")
        }
    }
}
