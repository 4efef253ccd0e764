import NIOCore
import Testing

@testable import ScreenPopHTTP

/// What happens around the first request of a connection, and to peers that do not behave.
@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
    @Test func `a silent connection is closed after the deadline`() async throws {
        try await TestServer.run(configure: { $0.limits.handshake = .milliseconds(50) }) { server in
            let wire = try await Wire.connect(server.port)
            #expect(await wire.end() == "")
            let slow = try await Wire.connect(server.port)
            try? await slow.write("GET / HTTP/1.1\r\nHost: ")
            #expect(await slow.end() == "")
        }
    }

    @Test func `a silent connection does not hold up the end of the service`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            // So that the server has surely accepted the first one.
            let answer1 = try await Wire.connect(server.port).request("GET", "/healthz")
            #expect(answer1.status == 200)
            server.stop()
            #expect(await wire.end() == "")
        }
    }

    @Test func `a body that does not come is not waited for`() async throws {
        try await TestServer.run(configure: { $0.limits.body = .milliseconds(50) }) { server in
            let wire = try await Wire.connect(server.port)
            try await wire.write("POST /api/v1/agents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(TestServer.token)\r\nContent-Length: 9\r\n\r\n{")
            _ = await wire.end()
            #expect(server.control.asked.isEmpty)
        }
    }

    /// Asks for more than any buffer takes, and reads none of it.
    private func deafWire(_ server: TestServer, _ path: String = "/openapi.json") async throws -> Wire {
        let wire = try await Wire.connect(server.port) { channel in
            try channel.syncOptions?.setOption(.autoRead, value: false)
        }
        // On a busy machine the server may be through with it before all of it is written.
        for _ in 0..<100 { try? await wire.write("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n") }
        return wire
    }

    @Test func `whoever asks and does not read is closed`() async throws {
        try await TestServer.run(configure: { $0.limits.unwritable = .milliseconds(200) }) { server in
            let wire = try await self.deafWire(server)
            try await Task.sleep(for: .seconds(1))
            try? await wire.channel.setOption(.autoRead, value: true).get()
            wire.channel.read()
            // What was on its way, and then the end: not a hundred answers.
            let said = await wire.end()
            #expect(said.ranges(of: "HTTP/1.1 200 ").count < 100)
        }
    }

    @Test func `whoever reads slowly but steadily gets all of it`() async throws {
        try await TestServer.run(configure: {
            $0.limits.unwritable = .milliseconds(300)
        }) { server in
            let wire = try await self.deafWire(server)
            var answers = 0
            let reader = wire.channel
            // 64 KiB each 20 ms at most: long above the deadline, all the time unwritable.
            let pump = reader.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(20)) { _ in reader.read() }
            let start = ContinuousClock.now
            while answers < 100 {
                #expect(try await wire.answer().status == 200)
                answers += 1
            }
            pump.cancel()
            #expect(ContinuousClock.now - start > .milliseconds(600))
        }
    }

    @Test func `nonsense is answered with 400, too many headers with 431`() async throws {
        try await TestServer.run { server in
            let nonsense = try await Wire.connect(server.port)
            try await nonsense.write("NONSENSE\r\n\r\n")
            #expect(try await nonsense.answer().status == 400)
            #expect(await nonsense.end() == "")
            let both = try await Wire.connect(server.port)
            try await both.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
            #expect(try await both.answer().status == 400)
            let many = try await Wire.connect(server.port)
            let headers = (0..<100).map { "X-\($0): y\r\n" }.joined()
            try await many.write("GET / HTTP/1.1\r\nHost: x\r\n\(headers)\r\n")
            #expect(try await many.answer().status == 431)
        }
    }

    @Test func `an upgrade to something else is a plain request`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            let answer = try await wire.request(
                "GET", "/healthz", headers: ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AA"])
            #expect(answer.status == 200)
        }
    }

    @Test func `a later request of a connection is sent to a new one`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            #expect(try await wire.request("GET", "/healthz").status == 200)
            let answer = try await wire.request("GET", "/api/v1/ws?since=1-0", headers: Wire.handshake)
            #expect(answer.status == 307)
            #expect(answer["location"] == "/api/v1/ws?since=1-0")
            #expect(answer["connection"] == "close")
            #expect(await wire.end() == "")
        }
    }

    @Test func `what can never be upgraded is not sent to itself`() async throws {
        try await TestServer.run { server in
            // A proxy took out what concerns one connection only, and passes on the rest.
            let stripped = Wire.handshake.filter { $0.hasPrefix("Sec-") }
            let wire = try await Wire.connect(server.port)
            for _ in 0..<2 {
                let answer = try await wire.request("GET", "/api/v1/ws", headers: stripped)
                #expect(answer.status == 426)
                #expect(answer["upgrade"] == "websocket")
            }
            // The first request of its connection, and no WebSocket: a new connection would not help.
            let other = try await Wire.connect(server.port)
            #expect(try await other.request("GET", "/api/v1/ws", headers: stripped + ["Connection: Upgrade", "Upgrade: h2c"]).status == 426)
        }
    }

    @Test func `a refused upgrade says why`() async throws {
        try await TestServer.run(configure: { $0.allowedOrigins = ["https://crm.example.org"] }) { server in
            let shake = Wire.handshake
            let without = { (name: String) in shake.filter { !$0.hasPrefix(name) } }
            for (headers, token, target, status, code) in [
                (shake, nil, "/api/v1/ws", 401, "unauthorized"),
                (shake, "wrong", "/api/v1/ws", 401, "unauthorized"),
                (shake + ["Origin: https://evil.example"], TestServer.token, "/api/v1/ws", 403, "origin-not-allowed"),
                (shake + ["Origin: null"], TestServer.token, "/api/v1/ws", 403, "origin-not-allowed"),
                (shake, TestServer.token, "/api/v1/nothing", 404, "not-found"),
                (without("Sec-WebSocket-Version") + ["Sec-WebSocket-Version: 8"], TestServer.token, "/api/v1/ws", 426, "upgrade-required"),
                (without("Sec-WebSocket-Key") + ["Sec-WebSocket-Key: short"], TestServer.token, "/api/v1/ws", 400, "bad-handshake"),
                ([], TestServer.token, "/api/v1/ws", 426, "upgrade-required"),
                (shake + ["Content-Length: 3"], TestServer.token, "/api/v1/ws", 400, "bad-handshake"),
                (shake, TestServer.token, "/api/v1/ws?topics=nonsense", 422, "unknown-topic"),
            ] as [([String], String?, String, Int, String)] {
                let wire = try await Wire.connect(server.port)
                let answer = try await wire.request("GET", target, token: token, headers: headers)
                #expect(answer.status == status, "\(headers)")
                #expect(answer["content-type"] == "application/problem+json")
                #expect(answer.body.contains("\"code\":\"\(code)\""), "\(answer.body)")
            }
            for origin in ["https://crm.example.org", "http://127.0.0.1"] {
                let wire = try await Wire.connect(server.port)
                #expect(try await wire.request("GET", "/api/v1/ws", headers: shake + ["Origin: \(origin)"]).status == 101)
            }
        }
    }

    @Test func `the token may come as a subprotocol and is not echoed`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            let answer = try await wire.request(
                "GET", "/api/v1/ws", token: nil,
                headers: Wire.handshake + ["Sec-WebSocket-Protocol: screenpop.v1, bearer.\(TestServer.token)"])
            #expect(answer.status == 101)
            #expect(answer["sec-websocket-protocol"] == "screenpop.v1")
            #expect(answer["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            #expect(try await wire.text().hasPrefix(#"{"type":"hello","protocol":1"#))
        }
    }

    @Test func `a token that a subprotocol cannot hold is percent-encoded`() async throws {
        try await TestServer.run(configure: { $0.adminToken = "a token, with (odd) signs=é" }) { server in
            let wire = try await Wire.connect(server.port)
            let answer = try await wire.request(
                "GET", "/api/v1/ws", token: nil,
                headers: Wire.handshake + ["Sec-WebSocket-Protocol: screenpop.v1, bearer.a%20token%2C%20with%20%28odd%29%20signs%3D%C3%A9"])
            #expect(answer.status == 101)
        }
    }

    @Test func `one session too many is 429`() async throws {
        try await TestServer.run(configure: { $0.limits.sessions = 1 }) { server in
            let first = try await Wire.webSocket(server)
            _ = try await first.text()
            let answer = try await Wire.connect(server.port).request("GET", "/api/v1/ws", headers: Wire.handshake)
            #expect(answer.status == 429)
            #expect(answer["retry-after"] == "5")
            let answer2 = try await Wire.connect(server.port).request("GET", "/api/v1/events")
            #expect(answer2.status == 429)
        }
    }
}
