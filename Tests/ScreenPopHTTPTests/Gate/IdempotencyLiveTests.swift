import HTTPTypes
import Hiredis
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import RedisServerSupport
import ScreenPopService
import ScreenPopStore
import Testing

@testable import ScreenPopHTTP

/// With a real Redis.
@Suite(.timeLimit(.minutes(1))) struct IdempotencyLiveTests {
    private struct Site: Sendable {
        let server: TestServer
        let redis: RedisServer
        let client: RedisClient
        let store: Store
        let records: CutRecords
    }

    private func withSite(claim: TimeAmount = .seconds(60), _ body: @escaping @Sendable (Site) async throws -> Void) async throws {
        let redis = try RedisServer()
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let client = RedisClient(
            endpoint: RedisEndpoint(address: .unix(path: redis.socketPath)), on: MultiThreadedEventLoopGroup.singleton.next(), logger: quiet)
        let store = Store(client: client, site: "default", logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (states, continuation) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(8))
            group.addTask { await client.run { continuation.yield($0) } }
            _ = await states.first { $0 }
            defer { group.cancelAll() }
            let records = CutRecords(store)
            try await TestServer.run(store: records, configure: { $0.limits.idempotencyClaim = claim }) { server in
                try await body(Site(server: server, redis: redis, client: client, store: store, records: records))
            }
        }
    }

    private static let key = ["Idempotency-Key: 6d1f0f0e-7a55-4a1b-9d0a-5a1f3f2f9c11"]

    @Test func `a request with a key is carried out once and answered alike`() async throws {
        try await self.withSite { site in
            let wire = try await Wire.connect(site.server.port)
            let body = #"{"name":"1009@default"}"#
            let first = try await wire.request("POST", "/api/v1/agents", headers: Self.key, body: body)
            #expect(first.status == 201)
            #expect(first["idempotency-replayed"] == nil)
            let again = try await wire.request("POST", "/api/v1/agents", headers: Self.key, body: body)
            #expect(again.status == 201)
            #expect(again.body == first.body)
            #expect(again["content-type"] == first["content-type"])
            #expect(again["idempotency-replayed"] == "true")
            #expect(site.server.control.asked.count == 1)
            // Another key, or none, is another request.
            _ = try await wire.request("POST", "/api/v1/agents", headers: ["Idempotency-Key: other"], body: body)
            _ = try await wire.request("POST", "/api/v1/agents", body: body)
            #expect(site.server.control.asked.count == 3)
        }
    }

    @Test func `the same key for something else is refused`() async throws {
        try await self.withSite { site in
            let wire = try await Wire.connect(site.server.port)
            #expect(try await wire.request("POST", "/api/v1/agents/x/ready", headers: Self.key, body: "{}").status == 200)
            for (method, path, body) in [
                ("POST", "/api/v1/agents/x/ready", "{ }"), ("POST", "/api/v1/agents/y/ready", "{}"), ("POST", "/api/v1/agents/x/ready?a", "{}"),
                ("DELETE", "/api/v1/agents/x", "{}"),
            ] {
                let answer = try await wire.request(method, path, headers: Self.key, body: body)
                #expect(answer.status == 422, "\(method) \(path) \(body)")
                #expect(answer.body.contains(#""code":"idempotency-mismatch""#))
            }
            #expect(site.server.control.asked == ["ready x"])
        }
    }

    @Test func `a refusal is an answer, a failure before anything was sent is none`() async throws {
        try await self.withSite { site in
            let wire = try await Wire.connect(site.server.port)
            site.server.control.fail(CommandError(.agentNotFound, "there is no such agent"))
            let refused = try await wire.request("POST", "/api/v1/agents/x/ready", headers: Self.key, body: "{}")
            #expect(refused.status == 404)
            site.server.control.fail(CommandError(.nodeUnavailable, "the node is away"))
            let again = try await wire.request("POST", "/api/v1/agents/x/ready", headers: Self.key, body: "{}")
            #expect(again.status == 404)
            #expect(again.body == refused.body)
            #expect(again["content-type"] == "application/problem+json")
            #expect(again["idempotency-replayed"] == "true")
            let failed = try await wire.request("POST", "/api/v1/agents/x/ready", headers: ["Idempotency-Key: b"], body: "{}")
            #expect(failed.status == 503)
            site.server.control.fail(nil)
            let done = try await wire.request("POST", "/api/v1/agents/x/ready", headers: ["Idempotency-Key: b"], body: "{}")
            #expect(done.status == 200)
            #expect(done["idempotency-replayed"] == nil)
        }
    }

    @Test(arguments: [CommandError.Code.timedOut, .nodeUnavailable, .storeUnavailable, .refused])
    func `of what may have been carried out the failure is the answer, and nothing is done twice`(code: CommandError.Code) async throws {
        try await self.withSite { site in
            let wire = try await Wire.connect(site.server.port)
            site.server.control.fail(CommandError(code, "look whether the command was carried out"), sent: true)
            let failed = try await wire.request("POST", "/api/v1/agents/x/ready", headers: Self.key, body: "{}")
            #expect(failed.status >= 500)
            #expect(failed["idempotency-replayed"] == nil)
            site.server.control.fail(nil)
            let again = try await wire.request("POST", "/api/v1/agents/x/ready", headers: Self.key, body: "{}")
            #expect(again.status == failed.status)
            #expect(again.body == failed.body)
            #expect(again["idempotency-replayed"] == "true")
            // To come back later with this key is of no use.
            #expect(failed["retry-after"] == nil && again["retry-after"] == nil)
            #expect(site.server.control.asked == ["ready x"])
        }
    }

    /// How long what is kept of the requests so far stays.
    private func lives(_ site: Site) async throws -> [Int64] {
        guard case .array(let keys) = try await site.client.send(RedisCommand("KEYS", "*idempotency*")).get() else { return [] }
        var lives: [Int64] = []
        for key in keys.compactMap(\.text) {
            if case .integer(let life) = try await site.client.send(RedisCommand("PTTL", key)).get() { lives.append(life) }
        }
        return lives
    }

    @Test func `a refusal that did nothing is kept for minutes, one after something was sent for a day`() async throws {
        try await self.withSite { site in
            let wire = try await Wire.connect(site.server.port)
            #expect(try await wire.request("PUT", "/api/v1/agents/x/state", headers: Self.key, body: #"{"state":1}"#).status == 422)
            #expect(try await self.lives(site).allSatisfy { (1...300_000).contains($0) })
            site.server.control.fail(CommandError(.notApplied, "it is still there"), sent: true)
            #expect(try await wire.request("POST", "/api/v1/agents/x/ready", headers: ["Idempotency-Key: b"], body: "{}").status == 409)
            #expect(try await self.lives(site).contains { $0 > 86_000_000 })
        }
    }

    @Test func `what was carried out while Redis was cut for a moment is not done again`() async throws {
        try await self.withSite(claim: .milliseconds(300)) { site in
            let wire = try await Wire.connect(site.server.port)
            let hold = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
            site.server.control.hold(hold.futureResult)
            let other = try await Wire.connect(site.server.port)
            try await other.write(
                "POST /api/v1/agents/x/ready HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(TestServer.token)\r\n\(Self.key[0])\r\nContent-Length: 2\r\n\r\n{}"
            )
            while site.server.control.asked.isEmpty { await Task.yield() }
            site.records.setCut(true)
            hold.succeed()
            let first = try await other.answer()
            #expect(first.status == 200)
            // Longer than the claim lives, Redis or no Redis.
            try await Task.sleep(for: .milliseconds(500))
            let during = try await wire.request("POST", "/api/v1/agents/x/ready", headers: Self.key, body: "{}")
            #expect(during.status == 200 && during.body == first.body && during["idempotency-replayed"] == "true")
            #expect(try await wire.request("POST", "/api/v1/agents/x/ready", headers: Self.key, body: "{ }").status == 422)
            site.records.setCut(false)
            let after = try await wire.request("POST", "/api/v1/agents/x/ready", headers: Self.key, body: "{}")
            #expect(after.status == 200 && after.body == first.body && after["idempotency-replayed"] == "true")
            // And another instance finds it.
            while try await self.lives(site).contains(where: { $0 > 86_000_000 }) == false { try await Task.sleep(for: .milliseconds(20)) }
            #expect(site.server.control.asked == ["ready x"])
        }
    }

    @Test func `what is under way while Redis is cut for longer than a claim lives is not begun again`() async throws {
        try await self.withSite(claim: .milliseconds(300)) { site in
            let wire = try await Wire.connect(site.server.port)
            let hold = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
            site.server.control.hold(hold.futureResult)
            let other = try await Wire.connect(site.server.port)
            try await other.write(
                "POST /api/v1/agents/x/ready HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(TestServer.token)\r\n\(Self.key[0])\r\nContent-Length: 2\r\n\r\n{}"
            )
            while site.server.control.asked.isEmpty { await Task.yield() }
            site.records.setCut(true)
            try await Task.sleep(for: .milliseconds(500))
            site.records.setCut(false)
            site.server.control.hold(MultiThreadedEventLoopGroup.singleton.any().makeSucceededVoidFuture())
            let answer = try await wire.request("POST", "/api/v1/agents/x/ready", headers: Self.key, body: "{}")
            #expect(answer.status == 409 && answer.body.contains(#""code":"idempotency-in-progress""#))
            hold.succeed()
            #expect(try await other.answer().status == 200)
            #expect(site.server.control.asked == ["ready x"])
        }
    }

    @Test func `an empty answer is given again`() async throws {
        try await self.withSite { site in
            let wire = try await Wire.connect(site.server.port)
            for replayed in [nil, "true"] {
                let answer = try await wire.request("DELETE", "/api/v1/agents/x", headers: Self.key)
                #expect(answer.status == 204)
                #expect(answer["idempotency-replayed"] == replayed)
            }
            #expect(site.server.control.asked == ["delete x"])
        }
    }

    @Test func `a request under way is not begun again`() async throws {
        try await self.withSite { site in
            let wire = try await Wire.connect(site.server.port)
            let hold = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
            site.server.control.hold(hold.futureResult)
            let other = try await Wire.connect(site.server.port)
            try await other.write(
                "POST /api/v1/agents/x/ready HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(TestServer.token)\r\n\(Self.key[0])\r\nContent-Length: 2\r\n\r\n{}"
            )
            while site.server.control.asked.isEmpty { await Task.yield() }
            let answer = try await wire.request("POST", "/api/v1/agents/x/ready", headers: Self.key, body: "{}")
            #expect(answer.status == 409)
            #expect(answer["retry-after"] == "1")
            #expect(answer.body.contains(#""code":"idempotency-in-progress""#))
            hold.succeed()
            #expect(try await other.answer().status == 200)
            #expect(try await wire.request("POST", "/api/v1/agents/x/ready", headers: Self.key, body: "{}").status == 200)
            #expect(site.server.control.asked.count == 1)
        }
    }

    @Test(arguments: [["Idempotency-Key: "], ["Idempotency-Key: a b"], ["Idempotency-Key: a", "Idempotency-Key: b"]])
    func `a key that is none is refused`(headers: [String]) async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            let answer = try await wire.request("POST", "/api/v1/agents/x/ready", headers: headers, body: "{}")
            #expect(answer.status == 400)
            #expect(answer.body.contains(#""code":"malformed-idempotency-key""#))
            #expect(server.control.asked.isEmpty)
            // What changes nothing needs no key, and does not look at it.
            #expect(try await wire.request("GET", "/api/v1/agents", headers: headers).status == 200)
        }
    }

    @Test func `without Redis a request with a key is not carried out, one without is`() async throws {
        try await self.withSite { site in
            site.redis.kill()
            let wire = try await Wire.connect(site.server.port)
            let answer = try await wire.request("POST", "/api/v1/agents/x/ready", headers: Self.key, body: "{}")
            #expect(answer.status == 503)
            #expect(answer["retry-after"] == "1")
            #expect(answer.body.contains(#""code":"store-unavailable""#))
            #expect(site.server.control.asked.isEmpty)
            #expect(try await wire.request("POST", "/api/v1/agents/x/ready", body: "{}").status == 200)
        }
    }

    @Test func `an answer with a secret is not kept, nor is it given twice`() async throws {
        try await self.withSite { site in
            let idempotency = Idempotency(
                store: site.store, deadline: .seconds(60), answerBytes: 1024, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let request = HummingbirdRequest.post("/api/v1/tokens")
            let body = ByteBuffer(string: #"{"name":"desk 1"}"#)
            let (first, _) = try await idempotency.answer(request, body: body, key: "k-1234", of: .adminToken, holdsSecret: true) {
                .json(ByteBuffer(string: #"{"token":"sp_7_SECRETSECRET"}"#), status: .created)
            }
            #expect(first.status == .created)
            let problem = await #expect(throws: Problem.self) {
                try await idempotency.answer(request, body: body, key: "k-1234", of: .adminToken, holdsSecret: true) {
                    Issue.record("carried out twice")
                    return .json(ByteBuffer())
                }
            }
            #expect(problem?.code == "idempotency-not-replayable")
            #expect(problem?.status == .conflict)
            // Neither the secret nor the key nor the body is in Redis.
            guard case .array(let keys) = try await site.client.send(RedisCommand("KEYS", "*")).get() else { return }
            var held = ""
            for key in keys.compactMap(\.text) {
                held += key
                if case .array(let fields) = try await site.client.send(RedisCommand("HGETALL", key)).get() {
                    held += fields.compactMap(\.text).joined(separator: " ")
                }
            }
            #expect(held.contains("idempotency:"))
            for secret in ["SECRETSECRET", "k-1234", "desk 1"] { #expect(!held.contains(secret)) }
        }
    }

    private func idempotency(_ site: Site) -> Idempotency {
        Idempotency(
            store: site.store, deadline: .milliseconds(300), answerBytes: 1024, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func `what takes longer than a claim lives is not begun again`() async throws {
        try await self.withSite { site in
            // Two instances: what one has under way the other finds in Redis.
            let (idempotency, other) = (self.idempotency(site), self.idempotency(site))
            let request = HummingbirdRequest.post("/api/v1/import")
            _ = try await idempotency.answer(request, body: ByteBuffer(), key: "k", of: .adminToken, holdsSecret: false) {
                try await Task.sleep(for: .milliseconds(900))
                let problem = await #expect(throws: Problem.self) {
                    try await other.answer(request, body: ByteBuffer(), key: "k", of: .adminToken, holdsSecret: false) { .json(ByteBuffer()) }
                }
                #expect(problem?.code == "idempotency-in-progress")
                return .json(ByteBuffer())
            }
        }
    }

    @Test func `an answer that is too long to be kept is given once`() async throws {
        try await self.withSite { site in
            let idempotency = Idempotency(
                store: site.store, deadline: .seconds(60), answerBytes: 8, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let request = HummingbirdRequest.post("/api/v1/import")
            let (response, _) = try await idempotency.answer(request, body: ByteBuffer(), key: "k", of: .adminToken, holdsSecret: false) {
                .json(ByteBuffer(string: "123456789"))
            }
            #expect(response.body.contentLength == 9)
            let problem = await #expect(throws: Problem.self) {
                try await idempotency.answer(request, body: ByteBuffer(), key: "k", of: .adminToken, holdsSecret: false) { .json(ByteBuffer()) }
            }
            #expect(problem?.code == "idempotency-not-replayable")
        }
    }
}
