import NIOCore
import Testing

@testable import ScreenPopHTTP

/// What RFC 9112 forbids, because a proxy in front may read it in another way than the service: refused, and nothing after it is read.
@Suite(.timeLimit(.minutes(1))) struct HostileRequestTests {
    private static let bearer = "Authorization: Bearer \(TestServer.token)\r\n"

    @Test(arguments: [
        // Two lengths.
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "a length and chunks"),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n", "chunks and a length"),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "two lengths"),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 2\r\n\r\nab", "two lengths in one"),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "a negative length"),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na", "a signed length"),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x1\r\n\r\na", "a length in hexadecimal digits"),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n", "a length that no number holds"),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", "an encoding without an end"),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", "chunks not last"),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "a space before the colon"),
        ("POST / HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "chunks below HTTP/1.1"),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "chunks below HTTP/1.1, and no host"),
        // Line ends.
        ("GET /healthz HTTP/1.1\nHost: x\n\n", "bare line feeds"),
        ("GET /healthz HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n", "a bare line feed after a header"),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b\rX-C: d\r\n\r\n", "a bare carriage return in a header"),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n", "a folded header"),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\n X-A: b\r\n\r\n", "a header that begins with a space"),
        // Characters.
        ("GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b\u{0}c\r\n\r\n", "a zero byte"),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\nX A: b\r\n\r\n", "a space in a header's name"),
        ("GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n", "a version that is none"),
        ("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", "a space in the target"),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "two hosts"),
        ("GET /healthz HTTP/1.1\r\n\r\n", "no host"),
    ])
    func `a request that could be read in two ways is refused`(request: String, what: String) async throws {
        try await TestServer.run { server in
            for isFirst in [true, false] {
                let wire = try await Wire.connect(server.port)
                if !isFirst { #expect(try await wire.request("GET", "/healthz", token: nil).status == 200) }
                // What follows must not be taken for a request of its own.
                try await wire.write(request + "POST /api/v1/agents/x/ready HTTP/1.1\r\nHost: x\r\n\(Self.bearer)Content-Length: 2\r\n\r\n{}")
                let said = await wire.end()
                #expect(said.hasPrefix("HTTP/1.1 400 ") || (!isFirst && said.isEmpty), "\(what), first: \(isFirst): \(said.prefix(60))")
                #expect(server.control.asked.isEmpty, "\(what)")
            }
        }
    }

    @Test func `lines, headers and their number are bounded`() async throws {
        try await TestServer.run { server in
            let long = String(repeating: "a", count: 20_000)
            let many = (0..<100).map { "X-\($0): y\r\n" }.joined()
            let large = (0..<40).map { "X-\($0): \(String(repeating: "y", count: 600))\r\n" }.joined()
            for (request, what) in [
                ("GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: \(long)\r\n\r\n", "a long header"),
                ("GET /healthz HTTP/1.1\r\nHost: x\r\n\(long): x\r\n\r\n", "a long name"),
                ("GET /healthz HTTP/1.1\r\nHost: x\r\n\(many)\r\n", "many headers"),
                ("GET /healthz HTTP/1.1\r\nHost: x\r\n\(large)\r\n", "headers that are large together"),
                ("GET /\(long) HTTP/1.1\r\nHost: x\r\n\r\n", "a long target"),
            ] {
                for isFirst in [true, false] {
                    let wire = try await Wire.connect(server.port)
                    if !isFirst { #expect(try await wire.request("GET", "/healthz", token: nil).status == 200) }
                    try? await wire.write(request)
                    let said = await wire.end()
                    #expect(
                        ["HTTP/1.1 431 ", "HTTP/1.1 414 ", "HTTP/1.1 400 "].contains { said.hasPrefix($0) } || (!isFirst && said.isEmpty),
                        "\(what), first: \(isFirst): \(said.prefix(60))")
                }
            }
        }
    }

    @Test func `a later request whose head does not come is not waited for`() async throws {
        try await TestServer.run(configure: { $0.limits.idle = .milliseconds(100) }) { server in
            let wire = try await Wire.connect(server.port)
            #expect(try await wire.request("GET", "/healthz", token: nil).status == 200)
            try await wire.write("GET /healthz HTTP/1.1\r\nHost: ")
            #expect(await wire.end() == "")
        }
    }

    @Test func `a body in chunks has the same limit`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            try await wire.write("POST /api/v1/agents HTTP/1.1\r\nHost: x\r\n\(Self.bearer)Transfer-Encoding: chunked\r\n\r\n")
            let chunk = "4000\r\n" + String(repeating: " ", count: 0x4000) + "\r\n"
            for _ in 0..<5 { try? await wire.write(chunk) }
            #expect(try await wire.answer().status == 413)
        }
    }
}
