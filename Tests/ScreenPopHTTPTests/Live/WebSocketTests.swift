import CallCenter
import NIOCore
import NIOPosix
import ScreenPop
import ScreenPopService
import ScreenPopStore
import Synchronization
import Testing

@testable import ScreenPopHTTP

@Suite(.timeLimit(.minutes(1))) struct WebSocketTests {
    @Test func `an agent's desktop gets hello, its snapshot, then what happens to it and nothing else`() async throws {
        try await TestServer.run { server in
            server.site.change {
                $0.agents["1001@default"] = #"{"name":"1001@default"}"#
                $0.livePops["1001@default"] = [#"{"id":"p-1"}"#]
            }
            let wire = try await Wire.webSocket(server, "?agent=1001%40default")
            #expect(
                try await wire.text()
                    == #"{"type":"hello","protocol":1,"agent":"1001@default","cursor":"100-0","recovered":true,"heartbeatSeconds":25}"#)
            #expect(
                try await wire.text()
                    == #"{"type":"snapshot","cursor":"100-0","topic":"agent:1001@default","agentState":{"name":"1001@default"},"pops":[{"id":"p-1"}]}"#
            )
            server.source.deliver(
                .messages([
                    .test(101, "pop.offered", agent: "1002@default", queue: "support@default"),
                    .test(102, "queue.stats", queue: "support@default"),
                    .test(103, "pop.offered", agent: "1001@default", queue: "support@default"),
                    .test(104, "system.degraded"),
                    .test(105, "config.changed", agent: "1001@default"),
                ]))
            #expect(try await wire.text() == #"{"type":"pop.offered","cursor":"103-0"}"#)
            #expect(try await wire.text() == #"{"type":"system.degraded","cursor":"104-0"}"#)
            #expect(try await wire.text() == #"{"type":"config.changed","cursor":"105-0"}"#)
        }
    }

    @Test func `without an agent hello says so, and topics can be subscribed to`() async throws {
        try await TestServer.run { server in
            server.site.change {
                $0.agents["1001@default"] = #"{"name":"1001@default"}"#
                $0.queues["support@default"] = #"{"name":"support@default"}"#
                $0.members["support@default"] = [#"{"uuid":"m"}"#]
            }
            let wire = try await Wire.webSocket(server)
            #expect(try await wire.text().contains(#""agent":null"#))
            #expect(try await wire.text() == #"{"type":"snapshot","cursor":"100-0","agentState":null,"pops":[]}"#)
            try await wire.send(#"{"type":"subscribe","topics":["agents"]}"#)
            #expect(try await wire.text() == #"{"type":"snapshot","cursor":"100-0","topic":"agents","agents":[{"name":"1001@default"}],"pops":[]}"#)
            try await wire.send(#"{"type":"subscribe","topics":["queue:support@default"]}"#)
            #expect(
                try await wire.text()
                    == #"{"type":"snapshot","cursor":"100-0","topic":"queue:support@default","queues":[{"name":"support@default"}],"members":[{"uuid":"m"}]}"#
            )
            try await wire.send(#"{"type":"subscribe","topics":["queues"]}"#)
            #expect(
                try await wire.text()
                    == #"{"type":"snapshot","cursor":"100-0","topic":"queues","queues":[{"name":"support@default"}],"members":[]}"#)
            try await wire.send(#"{"type":"subscribe","topics":["nodes"]}"#)
            #expect(
                try await wire.text()
                    == #"{"type":"snapshot","cursor":"100-0","topic":"nodes","nodes":[{"name":"fs1","status":"live","ready":true,"detail":null,"coreUUID":"core"}]}"#
            )
            // Both the queue and all queues: once.
            server.source.deliver(
                .messages([.test(101, "queue.stats", queue: "support@default"), .test(102, "member.joined", queue: "sales@default")]))
            #expect(try await wire.text() == #"{"type":"queue.stats","cursor":"101-0"}"#)
            #expect(try await wire.text() == #"{"type":"member.joined","cursor":"102-0"}"#)
            try await wire.send(#"{"id":"u","type":"unsubscribe","topics":["queues"]}"#)
            #expect(try await wire.text() == #"{"type":"result","re":"u","ok":true}"#)
            server.source.deliver(
                .messages([.test(103, "member.left", queue: "sales@default"), .test(104, "member.left", queue: "support@default")]))
            #expect(try await wire.text() == #"{"type":"member.left","cursor":"104-0"}"#)
        }
    }

    @Test func `nothing is lost or doubled between snapshot and live messages`() async throws {
        try await TestServer.run { server in
            let gate = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
            server.site.change {
                $0.gate = gate.futureResult
                $0.cursor = Cursor(milliseconds: 102, sequence: 0)
            }
            let wire = try await Wire.webSocket(server, "?agent=a")
            #expect(try await wire.text().contains("hello"))
            server.source.deliver(
                .messages([.test(101, "pop.offered", agent: "a"), .test(102, "pop.answered", agent: "a"), .test(103, "pop.ended", agent: "a")]))
            server.source.deliver(.messages([.test(104, "agent.state", agent: "a")]))
            // The ping's answer shows that both deliveries have been dealt with.
            try await wire.send(#"{"id":"x","type":"ping"}"#)
            #expect(try await wire.text() == #"{"type":"result","re":"x","ok":true}"#)
            gate.succeed()
            #expect(try await wire.text().hasPrefix(#"{"type":"snapshot","cursor":"102-0""#))
            #expect(try await wire.text() == #"{"type":"pop.ended","cursor":"103-0"}"#)
            #expect(try await wire.text() == #"{"type":"agent.state","cursor":"104-0"}"#)
        }
    }

    @Test func `a desktop that comes back gets what it missed`() async throws {
        try await TestServer.run { server in
            server.source.answer(
                .complete(
                    [.test(51, "pop.offered", agent: "a"), .test(52, "pop.offered", agent: "b"), .test(53, "pop.ended", agent: "a")],
                    through: Cursor(milliseconds: 53, sequence: 0)))
            let wire = try await Wire.webSocket(server, "?agent=a&since=50-0")
            #expect(try await wire.text().contains(#""cursor":"50-0","recovered":true"#))
            #expect(try await wire.text() == #"{"type":"pop.offered","cursor":"51-0"}"#)
            #expect(try await wire.text() == #"{"type":"pop.ended","cursor":"53-0"}"#)
            // What is live and older than the resumption's end was among them.
            server.source.deliver(.messages([.test(53, "pop.ended", agent: "a"), .test(54, "agent.state", agent: "a")]))
            #expect(try await wire.text() == #"{"type":"agent.state","cursor":"54-0"}"#)
            #expect(server.source.resumedAfter == [Cursor(milliseconds: 50, sequence: 0)])

            // Who names no topic gets everything it missed.
            let all = try await Wire.webSocket(server, "?since=50-0")
            #expect(try await all.text().contains(#""recovered":true"#))
            for number in 51...53 { #expect(try await all.text().contains("\"cursor\":\"\(number)-0\"")) }
        }
    }

    @Test func `a gap is not hidden`() async throws {
        try await TestServer.run { server in
            for since in ["50-0", "nonsense"] {
                let wire = try await Wire.webSocket(server, "?agent=a&since=\(since)")
                #expect(try await wire.text().contains(#""recovered":false"#))
                #expect(try await wire.text().hasPrefix(#"{"type":"snapshot""#))
            }
            let wire = try await Wire.webSocket(server, "?since=50-0")
            #expect(try await wire.text().contains(#""recovered":false"#))
            #expect(try await wire.text() == #"{"type":"snapshot","cursor":"100-0","agentState":null,"pops":[]}"#)
        }
    }

    @Test func `a lost log brings a new snapshot`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.webSocket(server, "?agent=a")
            _ = try await (wire.text(), wire.text())
            server.site.change { $0.cursor = Cursor(milliseconds: 5, sequence: 0) }
            server.source.deliver(.reset(Cursor(milliseconds: 5, sequence: 0)))
            #expect(try await wire.text().hasPrefix(#"{"type":"snapshot","cursor":"5-0""#))
            server.source.deliver(.messages([.test(6, "agent.state", agent: "a")]))
            #expect(try await wire.text() == #"{"type":"agent.state","cursor":"6-0"}"#)
        }
    }

    @Test func `while Redis is away provisional pops arrive, and the snapshot follows`() async throws {
        try await TestServer.run(configure: { $0.heartbeat = .milliseconds(100) }) { server in
            server.site.change { $0.isAway = true }
            let wire = try await Wire.webSocket(server, "?agent=a")
            #expect(try await wire.text().contains("hello"))
            #expect(try await wire.text().contains(#"{"type":"error","error":{"code":"store-unavailable""#))
            server.source.deliver(.messages([.test(nil, "pop.offered", agent: "a")]))
            #expect(try await wire.text() == #"{"type":"pop.offered"}"#)
            server.site.change { $0.isAway = false }
            #expect(try await wire.text().hasPrefix(#"{"type":"snapshot""#))
        }
    }

    @Test func `commands are answered with what came of them`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.webSocket(server, "?agent=1001%40default")
            _ = try await (wire.text(), wire.text())
            try await wire.send(#"{"id":"c1","type":"agent.status","agent":"1002@default","status":"On Break","reason":"lunch"}"#)
            #expect(
                try await wire.text()
                    == #"{"type":"result","re":"c1","ok":true,"requested":{"status":"On Break"},"reply":"+OK","actual":{"status":"On Break"},"applied":true,"tookMilliseconds":3}"#
            )
            for (number, message) in [
                #""type":"agent.state","state":"Waiting""#, #""type":"agent.login","queues":["q"]"#, #""type":"agent.logout""#,
                #""type":"agent.ready""#, #""type":"agent.break","reason":"x","force":true"#, #""type":"agent.leave","queues":["q"]"#,
                #""type":"agent.cancel-pending""#, #""type":"agent.wrap-up","seconds":60"#, #""type":"agent.end-wrap-up""#,
            ].enumerated() {
                try await wire.send("{\"id\":\"n\(number)\",\(message)}")
                #expect(try await wire.text().hasPrefix("{\"type\":\"result\",\"re\":\"n\(number)\",\"ok\":true"))
            }
            #expect(
                server.control.asked == [
                    "status 1002@default On Break lunch", "state 1001@default Waiting", "login 1001@default true q", "logout 1001@default",
                    "ready 1001@default", "break 1001@default x force", "leave 1001@default q", "cancel 1001@default", "wrap-up 1001@default 60",
                    "end wrap-up 1001@default",
                ])
            server.control.keep(PendingChange(status: .onBreak, by: "Ann", since: Timestamp(microseconds: 1_795_386_830_037_390)))
            try await wire.send(#"{"id":"c3","type":"agent.break"}"#)
            #expect(try await wire.text().hasSuffix(#""by":"Ann","since":"2026-11-22T22:33:50.037Z"}}"#))
            server.control.fail(CommandError(.agentNotFound, "no such agent"))
            try await wire.send(#"{"id":"c2","type":"agent.ready"}"#)
            #expect(
                try await wire.text()
                    == #"{"type":"result","re":"c2","ok":false,"error":{"code":"agent-not-found","message":"no such agent"}}"#)
        }
    }

    @Test func `what is not understood is answered, not punished`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.webSocket(server)
            _ = try await (wire.text(), wire.text())
            for (message, code) in [
                ("nonsense", "malformed-json"), ("[]", "malformed-json"), (#"{"type":"nothing"}"#, "unknown-type"),
                (#"{"type":"agent.ready"}"#, "invalid-value"), (#"{"type":"subscribe","topics":["x"]}"#, "unknown-topic"),
                (#"{"type":"ack","pop":"p","stage":"seen"}"#, "invalid-value"), (#"{"type":"ping","more":1}"#, "unknown-member"),
            ] {
                try await wire.send(message)
                #expect(try await wire.text().hasPrefix("{\"type\":\"error\",\"error\":{\"code\":\"\(code)\""), "\(message)")
            }
            try await wire.send(#"{"id":"t","type":"token","token":"\#(TestServer.token)"}"#)
            #expect(try await wire.text() == #"{"type":"result","re":"t","ok":true}"#)
            try await wire.send(#"{"id":"t","type":"token","token":"wrong"}"#)
            #expect(try await wire.text().contains(#""ok":false,"error":{"code":"unauthorized""#))
            #expect(try await wire.frame().code == 1008)
        }
    }

    @Test func `acknowledgements are written`() async throws {
        try await TestServer.run { server in
            server.site.change { $0.livePops["a"] = [#"{"id":"p-1"}"#] }
            let wire = try await Wire.webSocket(server, "?agent=a")
            _ = try await (wire.text(), wire.text())
            try await wire.send(#"{"type":"ack","pop":"p-1","stage":"received"}"#)
            try await wire.send(#"{"id":"k","type":"ack","pop":"p-1","stage":"shown"}"#)
            #expect(try await wire.text() == #"{"type":"result","re":"k","ok":true}"#)
            try await wire.send(#"{"type":"ack","pop":"p-2","stage":"dismissed"}"#)
            #expect(try await wire.text().hasPrefix(#"{"type":"error","error":{"code":"pop-not-found""#))
            #expect(server.site.content.withLock(\.acknowledged) == ["a p-1 received admin", "a p-1 shown admin", "a p-2 dismissed admin"])
        }
    }

    private struct Violation: Sendable {
        var what: String
        var bytes: [UInt8]
        var code: Int
    }

    private static func violations() -> [Violation] {
        let spaces = { (count: Int) -> [UInt8] in Array(repeating: 0x20, count: count) }
        var all: [Violation] = []
        func add(_ what: String, _ bytes: [UInt8], _ code: Int) { all.append(Violation(what: what, bytes: bytes, code: code)) }
        add("unmasked", Wire.frame(Array("{}".utf8), masked: false), 1002)
        add("reserved bits", Wire.frame(Array("{}".utf8), rsv: 0x40), 1002)
        add("unknown data opcode", Wire.frame([], opcode: 3), 1002)
        add("unknown control opcode", Wire.frame([], opcode: 11), 1002)
        add("a continuation of nothing", Wire.frame([], opcode: 0), 1002)
        add("binary", Wire.frame([1], opcode: 2), 1003)
        add("bad UTF-8", Wire.frame([0xC3, 0x28]), 1007)
        add("too long", Wire.frame(spaces(4097)), 1009)
        add("too long by its header", Array(Wire.frame(Array(repeating: 0x20, count: 70_000)).prefix(14)), 1009)
        add("too long in fragments", Wire.frame(spaces(3000), fin: false) + Wire.frame(spaces(3000), opcode: 0), 1009)
        add("a message in a message", Wire.frame([0x20], fin: false) + Wire.frame([0x20]), 1002)
        add("a ping in fragments", Wire.frame([], opcode: 9, fin: false), 1002)
        add("a long ping", Wire.frame(spaces(126), opcode: 9), 1002)
        add("a close code for endpoints only", Wire.frame([0x03, 0xED], opcode: 8), 1002)
        add("half a close code", Wire.frame([0x03], opcode: 8), 1002)
        add("a close reason that is not UTF-8", Wire.frame([0x03, 0xE8, 0xC3, 0x28], opcode: 8), 1007)
        return all
    }

    @Test(arguments: Self.violations().indices) func `frames that no client may send end the session`(index: Int) async throws {
        let violation = Self.violations()[index]
        try await TestServer.run { server in
            let wire = try await Wire.webSocket(server)
            _ = try await (wire.text(), wire.text())
            try await wire.write(violation.bytes)
            let frame = try await wire.frame()
            #expect(frame.opcode == 8)
            #expect(frame.code == violation.code, "\(violation.what)")
        }
    }

    @Test func `pings are answered, fragments joined, and a goodbye is returned`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.webSocket(server)
            _ = try await (wire.text(), wire.text())
            try await wire.write(Wire.frame(Array("hello".utf8), opcode: 9))
            #expect(try await wire.frame() == Wire.Frame(opcode: 10, bytes: Array("hello".utf8)))
            let text = Array(#"{"id":"é","type":"ping"}"#.utf8)
            // In the middle of a character, with a ping in between.
            try await wire.write(
                Wire.frame(Array(text[..<8]), fin: false) + Wire.frame([7], opcode: 9) + Wire.frame(Array(text[8..<9]), opcode: 0, fin: false)
                    + Wire.frame(Array(text[9...]), opcode: 0))
            #expect(try await wire.frame() == Wire.Frame(opcode: 10, bytes: [7]))
            #expect(try await wire.text() == #"{"type":"result","re":"é","ok":true}"#)
            try await wire.write(Wire.frame([0x03, 0xE8], opcode: 8))
            #expect(try await wire.frame().code == 1000)
            #expect(await wire.end() == "")
        }
    }

    @Test func `a peer that does not answer pings is let go`() async throws {
        try await TestServer.run(configure: {
            $0.heartbeat = .milliseconds(100)
            $0.limits.pong = .seconds(1)
        }) { server in
            let wire = try await Wire.webSocket(server)
            _ = try await (wire.text(), wire.text())
            #expect(try await wire.frame(pings: true).opcode == 9)
            // Answered: the next ping comes, the connection stays.
            try await wire.write(Wire.frame([], opcode: 10))
            #expect(try await wire.frame(pings: true).opcode == 9)
            _ = await wire.end()
        }
    }

    @Test func `a desktop that stops reading is sent away, the others go on`() async throws {
        try await TestServer.run(configure: {
            $0.limits.owedBytes = 64 * 1024
            $0.heartbeat = .seconds(25)
        }) { server in
            let slow = try await Wire.webSocket(server, "?agent=a")
            let quick = try await Wire.webSocket(server, "?agent=a")
            _ = try await (slow.text(), slow.text(), quick.text(), quick.text())
            try await slow.channel.setOption(.autoRead, value: false).get()
            let more = ",\"pad\":\"\(String(repeating: "x", count: 8000))\""
            let count = UInt64(2000)
            for number in 0..<count {
                server.source.deliver(.messages([.test(200 + number, "agent.state", agent: "a", more: more)]))
                #expect(try await quick.text().hasPrefix("{\"type\":\"agent.state\",\"cursor\":\"\(200 + number)-0\""))
            }
            try await slow.channel.setOption(.autoRead, value: true).get()
            slow.channel.read()
            var received = 0
            var code: Int?
            while code == nil {
                let frame = try await slow.frame()
                if frame.opcode == 8 {
                    code = frame.code
                    #expect(String(decoding: frame.bytes.dropFirst(2), as: UTF8.self).contains("?since=CURSOR"))
                } else {
                    received += 1
                }
            }
            #expect(code == 1013)
            #expect(received < Int(count))
        }
    }

    @Test func `a snapshot larger than what may be owed is no sign of a slow desktop`() async throws {
        try await TestServer.run { server in
            // More than the sockets' buffers hold.
            let pad = String(repeating: "x", count: 16 << 20)
            server.site.change { $0.agents["a"] = "{\"pad\":\"\(pad)\"}" }
            let wire = try await Wire.webSocket(server, "?agent=a")
            #expect(try await wire.text().contains("hello"))
            try await wire.channel.setOption(.autoRead, value: false).get()
            for number in 1...50 { server.source.deliver(.messages([.test(200 + UInt64(number), "agent.state", agent: "a")])) }
            try await wire.channel.setOption(.autoRead, value: true).get()
            wire.channel.read()
            #expect(try await wire.text().hasPrefix(#"{"type":"snapshot","cursor":"100-0""#))
            for number in 1...50 { #expect(try await wire.text() == "{\"type\":\"agent.state\",\"cursor\":\"\(200 + number)-0\"}") }
        }
    }

    @Test func `all that was missed arrives, at the desktop's pace and in order`() async throws {
        let more = ",\"pad\":\"\(String(repeating: "x", count: 8000))\""
        try await TestServer.run { server in
            server.source.answer(
                .complete(
                    (1...2000).map { .test($0, "pop.ended", agent: "a", more: more) }, through: Cursor(milliseconds: 2000, sequence: 0)))
            let wire = try await Wire.webSocket(server, "?agent=a&since=0-1")
            #expect(try await wire.text().contains(#""recovered":true"#))
            server.source.deliver(.messages([.test(2001, "agent.state", agent: "a")]))
            for number in 1...2000 { #expect(try await wire.text().hasPrefix("{\"type\":\"pop.ended\",\"cursor\":\"\(number)-0\"")) }
            #expect(try await wire.text() == #"{"type":"agent.state","cursor":"2001-0"}"#)
        }
    }

    @Test func `too many messages end the session`() async throws {
        try await TestServer.run(configure: { $0.limits.messagesPerMinute = 3 }) { server in
            let wire = try await Wire.webSocket(server)
            _ = try await (wire.text(), wire.text())
            for _ in 0..<4 { try await wire.send(#"{"type":"ping"}"#) }
            for _ in 0..<3 { #expect(try await wire.text() == #"{"type":"result","re":null,"ok":true}"#) }
            #expect(try await wire.frame().code == 1008)
        }
    }

    @Test func `too many topics are refused`() async throws {
        try await TestServer.run(configure: { $0.limits.topics = 2 }) { server in
            let wire = try await Wire.webSocket(server)
            _ = try await (wire.text(), wire.text())
            try await wire.send(#"{"id":"s","type":"subscribe","topics":["agent:a","agent:b","agent:c"]}"#)
            var texts: [String] = []
            for _ in 0..<3 { texts.append(try await wire.text()) }
            #expect(texts.filter { $0.contains("too-many-topics") }.count == 1)
            #expect(texts.filter { $0.contains("snapshot") }.count == 2)
        }
    }

    @Test func `the end of the service is announced with 1001`() async throws {
        try await TestServer.run(eventLoops: 2) { server in
            var wires: [Wire] = []
            for _ in 0..<5 {
                let wire = try await Wire.webSocket(server, "?agent=a")
                _ = try await (wire.text(), wire.text())
                wires.append(wire)
            }
            #expect(server.source.subscriberCount == 2)
            server.stop()
            for wire in wires {
                #expect(try await wire.frame().code == 1001)
                try await wire.write(Wire.frame([0x03, 0xE9], opcode: 8))
                #expect(await wire.end() == "")
            }
        }
    }
}
