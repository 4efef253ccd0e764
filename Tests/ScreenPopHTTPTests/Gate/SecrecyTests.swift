import CoreMetrics
import NIOCore
import ScreenPopService
import ScreenPopStore
import Testing

@testable import ScreenPopHTTP

/// Marked secrets and numbers go in by every way there is; none may come out in the log, in the metrics or in the audit.
@Suite(.timeLimit(.minutes(1))) struct SecrecyTests {
    private static let secret = "MARKEDSECRET"
    private static let number = "8613900139777"
    /// Of the whole process: there can be only one.
    private static let metrics: PrometheusMetrics = {
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        return metrics
    }()

    @Test func `no secret and no caller's number gets into log, metrics or audit`() async throws {
        let log = LogCapture()
        let metrics = Self.metrics
        try await TestServer.run(logger: log.logger) { server in
            let wire = try await Wire.connect(server.port)
            for (method, path, token, body) in [
                ("POST", "/api/v1/agents", "\(Self.secret)-as-a-token", "{}"),
                ("POST", "/api/v1/session", "", #"{"user":"anna","password":"\#(Self.secret)"}"#),
                // The password in the wrong field.
                ("POST", "/api/v1/session", "", #"{"user":"\#(Self.secret)","password":"x"}"#),
                ("PUT", "/api/v1/users/anna", TestServer.token, #"{"role":"admin","password":"\#(Self.secret)"}"#),
                ("POST", "/api/v1/agents", TestServer.token, #"{"name":"x","contact":{"dialString":"\#(Self.secret)"}}"#),
                ("PUT", "/api/v1/agents/x/status", TestServer.token, #"{"status":"On Break","reason":"call +\#(Self.number) back"}"#),
                ("POST", "/api/v1/agents/x/dial", TestServer.token, #"{"to":{"number":"+\#(Self.number)"}}"#),
                ("POST", "/api/v1/agents/x/ready", TestServer.token, #"{"\#(Self.number)":"\#(Self.number)"}"#),
                ("POST", "/api/v1/agents/x/ready", TestServer.token, Self.secret),
                ("PUT", "/api/v1/callers/\(Self.number)/calls", TestServer.token, "{}"),
            ] {
                _ = try await wire.request(method, path, token: token.isEmpty ? nil : token, headers: ["Idempotency-Key: \(Self.secret)"], body: body)
            }
            _ = try await wire.request("GET", "/api/v1/callers/%2B\(Self.number)/calls", headers: ["X-Forwarded-For: \(Self.secret)"])
            let socket = try await Wire.webSocket(server, "?agent=x")
            for message in [
                #"{"id":"a","type":"agent.break","reason":"\#(Self.number)"}"#, #"{"id":"b","type":"token","token":"\#(Self.secret)"}"#,
            ] { try await socket.send(message) }
            // Without a key, and so carried out: what follows is surely behind all of it.
            for _ in 0..<3 {
                _ = try await wire.request("PUT", "/api/v1/agents/x/status", body: #"{"status":"On Break","reason":"\#(Self.number)"}"#)
            }
            while !log.lines.contains(where: { $0.contains("audit.operation=takeBreak") }) { await Task.yield() }
            let entries = try await server.records.entries(8)

            var shown = ByteBuffer()
            metrics.emit(into: &shown)
            #expect(String(buffer: shown).contains(#"route="/api/v1/callers/{number}/calls""#))
            let said = log.lines + entries.map { String(decoding: $0.json, as: UTF8.self) } + [String(buffer: shown)]
            #expect(log.lines.contains { $0.contains("audit.operation=setStatus") && $0.contains("***77") })
            for line in said {
                #expect(!line.contains(Self.secret), "\(line)")
                #expect(!line.contains(Self.number), "\(line)")
            }
        }
    }
}
