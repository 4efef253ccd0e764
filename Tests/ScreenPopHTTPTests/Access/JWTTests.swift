import JWTKit
import NIOCore
import NIOPosix
import ScreenPopService
import Testing

@testable import ScreenPopHTTP

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.timeLimit(.minutes(1))) struct JWTTests {
    private static let secret = "a-secret-of-more-than-64-characters-so-that-it-is-one-for-HS512-too"
    private static let rules = HTTPService.Configuration.JWT(
        keys: .secret(Self.secret), audience: "screenpop", issuer: "https://login.example.org")

    private func withSecret(_ body: @escaping @Sendable (TestServer) async throws -> Void) async throws {
        try await TestServer.run(configure: { $0.jwt = Self.rules }, body)
    }

    private func sign(_ change: (inout TestJWT.Claims) -> Void = { _ in }, header: JWTHeader = JWTHeader()) async throws -> String {
        let keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: Self.secret), digestAlgorithm: .sha256)
        return try await keys.sign(TestJWT.claims(change), header: header)
    }

    @Test func `claims say who somebody is`() async throws {
        try await self.withSecret { server in
            let wire = try await Wire.connect(server.port)
            let admin = try await wire.request("GET", "/api/v1/session", token: try await self.sign())
            #expect(admin.body.hasPrefix(#"{"principal":{"id":"jwt:anna","name":"anna","role":"admin","agent":null},"csrf":null,"expiresAt":"2"#))
            let agent = try await self.sign {
                $0.texts.merge(["role": "clerk", "screenpop_role": "agent", "screenpop_agent": "1001@default", "name": "Anna B."]) { $1 }
                $0.texts["aud"] = nil
                $0.lists["aud"] = ["crm", "screenpop"]
            }
            let answer = try await wire.request("GET", "/api/v1/session", token: agent)
            #expect(answer.body.hasPrefix(#"{"principal":{"id":"jwt:anna","name":"Anna B.","role":"agent","agent":"1001@default"}"#))
            #expect(try await wire.request("GET", "/api/v1/agents", token: agent).code == "forbidden")
            let socket = try await Wire.connect(server.port)
            #expect(
                try await socket.request(
                    "GET", "/api/v1/ws", token: nil, headers: Wire.handshake + ["Sec-WebSocket-Protocol: bearer.\(agent)"]
                ).status == 101)
            #expect(try await socket.text().contains(#""agent":"1001@default""#))
        }
    }

    @Test func `what a token lacks is named`() async throws {
        try await self.withSecret { server in
            let wire = try await Wire.connect(server.port)
            let now = TestJWT.now
            let wrong: [(JWTRejection, String)] = [
                (.noExpiry, try await self.sign { $0.numbers["exp"] = nil }),
                (.expired, try await self.sign { $0.numbers["exp"] = now - 61 }),
                (.notYet, try await self.sign { $0.numbers["nbf"] = now + 100 }),
                (.notYet, try await self.sign { $0.texts["nbf"] = "soon" }),
                (.issuer, try await self.sign { $0.texts["iss"] = "https://evil.example" }),
                (.issuer, try await self.sign { $0.texts["iss"] = nil }),
                (.audience, try await self.sign { $0.texts["aud"] = "crm" }),
                (.audience, try await self.sign { $0.texts["aud"] = nil }),
                (.noSubject, try await self.sign { $0.texts["sub"] = "" }),
                (.noRole, try await self.sign { $0.texts["role"] = "root" }),
                (.noRole, try await self.sign { $0.texts["role"] = nil }),
                (.noAgent, try await self.sign { $0.texts["role"] = "agent" }),
                (.noAgent, try await self.sign { $0.texts.merge(["role": "agent", "agent": "a|b"]) { $1 } }),
                (.malformed, try await self.sign(header: ["crit": .array([.string("exp")])])),
                (.malformed, try await self.sign(header: ["typ": .string("logout+jwt")])),
            ]
            for (rejection, token) in wrong {
                let answer = try await wire.request("GET", "/api/v1/session", token: token)
                #expect(answer.status == 401, "\(rejection)")
                #expect(answer.object?["detail"]?.string == rejection.rawValue, "\(rejection) \(answer.body)")
            }
            // Clocks may differ by a minute.
            for token in [try await self.sign { $0.numbers["exp"] = now - 20 }, try await self.sign { $0.numbers["nbf"] = now + 30 }] {
                #expect(try await wire.request("GET", "/api/v1/session", token: token).status == 200)
            }
        }
    }

    @Test func `no signature, another's signature, another algorithm`() async throws {
        try await self.withSecret { server in
            let wire = try await Wire.connect(server.port)
            let good = try await self.sign()
            let parts = good.split(separator: ".").map(String.init)
            try #require(parts.count == 3)
            func header(_ text: String) -> String { Self.base64URL(Array(text.utf8)) }
            let none = header(#"{"alg":"none"}"#)
            let twice = header(#"{"alg":"HS256","alg":"HS256"}"#)
            let otherBody = header(#"{"sub":"x"}"#)
            let other = JWTKeyCollection()
            await other.add(hmac: HMACKey(from: Self.secret + "x"), digestAlgorithm: .sha256)
            let long = JWTKeyCollection()
            await long.add(hmac: HMACKey(from: Self.secret), digestAlgorithm: .sha512)
            var tokens = ["..", "a.b.c", good + "=", good + ".", try await other.sign(TestJWT.claims()), try await long.sign(TestJWT.claims())]
            for parts in [
                [none, parts[1], ""], [none, parts[1], parts[2]], [parts[0], parts[1], ""], [parts[0], otherBody, parts[2]],
                [twice, parts[1], parts[2]],
            ] { tokens.append(parts.joined(separator: ".")) }
            for token in tokens {
                #expect(try await wire.request("GET", "/api/v1/session", token: token).status == 401, "\(token)")
            }
            #expect(try await wire.request("GET", "/api/v1/session", token: good).status == 200)
        }
    }

    @Test func `a short secret is refused, not trapped on`() async {
        await #expect(throws: JWTKeyFailure.self) { try await JWTKey(secret: String(repeating: "s", count: 31)) }
    }

    @Test func `an open session ends with its JWT`() async throws {
        try await self.withSecret { server in
            let token = try await TestJWT.hs256(
                Self.secret, role: .agent, expiresIn: 2, more: ["agent": "1001@default", "iss": "https://login.example.org"])
            let wire = try await Wire.connect(server.port)
            #expect(try await wire.request("GET", "/api/v1/ws", token: token, headers: Wire.handshake).status == 101)
            #expect(try await wire.closeCode() == 1008)
        }
    }

    // MARK: key sets

    private static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private struct Company {
        let rsa: Insecure.RSA.PrivateKey
        let ec: ES256PrivateKey
        let keys = JWTKeyCollection()
        let jwks: String

        init(id: String) async throws {
            self.rsa = try Insecure.RSA.PrivateKey(pem: TestKeys.rsa)
            self.ec = ES256PrivateKey()
            await self.keys.add(rsa: self.rsa, digestAlgorithm: .sha256, kid: "rsa")
            await self.keys.add(ecdsa: self.ec, kid: JWKIdentifier(string: id))
            let (n, e) = try self.rsa.publicKey.getKeyPrimitives()
            let point = try #require(self.ec.publicKey.parameters)
            func url(_ text: String) -> String { text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "") }
            self.jwks = """
                {"keys":[{"kty":"RSA","kid":"rsa","use":"sig","alg":"RS256","n":"\(JWTTests.base64URL(Array(n)))","e":"\(JWTTests.base64URL(Array(e)))"},
                {"kty":"EC","kid":"\(id)","crv":"P-256","x":"\(url(point.x))","y":"\(url(point.y))"},
                {"kty":"oct","kid":"oct","k":"AAAA"},{"kty":"RSA","kid":"enc","use":"enc","n":"AQAB","e":"AQAB"},
                {"kty":"RSA","kid":"short","n":"AQAB","e":"AQAB"},{"kty":"OKP","crv":"Ed25519","x":"AAAA"},7]}
                """
        }

        func sign(_ kid: String) async throws -> String {
            try await self.keys.sign(TestJWT.claims(), kid: JWKIdentifier(string: kid))
        }
    }

    @Test func `keys of a file: RS256 and ES256, each for its own algorithm, and new ones when they come`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "screenpop-jwks-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "jwks.json")
        let before = try await Company(id: "ec-1")
        try Data(before.jwks.utf8).write(to: file)
        let path = file.path
        try await TestServer.run(configure: { $0.jwt = .init(keys: .file(path), audience: "screenpop", issuer: nil) }) { server in
            let wire = try await Wire.connect(server.port)
            for kid in ["rsa", "ec-1"] {
                let answer = try await wire.request("GET", "/api/v1/session", token: try await before.sign(kid))
                #expect(answer.status == 200, "\(kid) \(answer.body)")
            }
            // The public key as the secret of an HMAC: the oldest trick.
            for secret in [before.rsa.publicKey.pemRepresentation, before.jwks] {
                let forged = try await TestJWT.hs256(secret, role: .admin)
                #expect(try await wire.request("GET", "/api/v1/session", token: forged).status == 401)
            }
            let stranger = try await Company(id: "ec-1")
            #expect(
                try await wire.request("GET", "/api/v1/session", token: try await stranger.sign("ec-1")).object?["detail"]?.string
                    == JWTRejection.signature.rawValue)
        }
    }

    @Test func `a ring learns a new key when somebody shows a token of it, and keeps the old ones when the file is broken`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "screenpop-jwks-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "jwks.json").path
        let ring = JWTKeyRing(.file(path), eventLoopGroup: MultiThreadedEventLoopGroup.singleton, pause: .zero, logger: AccessSite.quiet)
        await #expect(throws: JWTKeyFailure.self) { try await ring.start() }
        let before = try await Company(id: "ec-1")
        let after = try await Company(id: "ec-2")
        try Data(before.jwks.utf8).write(to: URL(filePath: path))
        try await ring.start()
        #expect(ring.keys.map(\.id) == ["rsa", "ec-1"])
        let verifier = JWTVerifier(rules: .init(keys: .file(path), audience: "screenpop", issuer: nil), ring: ring)
        let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await ring.run() }
            defer { ring.finish() }
            do {
                try Data(after.jwks.utf8).write(to: URL(filePath: path))
                let identity = try await verifier.verify(try await after.sign("ec-2"), on: eventLoop).get()
                #expect(identity.principal.id == "jwt:anna")
                try Data("{".utf8).write(to: URL(filePath: path))
                await #expect(throws: Problem.self) { try await verifier.verify(try await before.sign("ec-1"), on: eventLoop).get() }
                #expect(ring.keys.map(\.id) == ["rsa", "ec-2"])
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    @Test func `keys of an address`() async throws {
        let company = try await Company(id: "ec-1")
        let jwks = company.jwks
        try await TestServer.serving(jwks) { url in
            let ring = JWTKeyRing(.url(url), eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: AccessSite.quiet)
            try await ring.start()
            #expect(ring.keys.map(\.id) == ["rsa", "ec-1"])
            ring.finish()
            await ring.run()
        }
        // One that cannot be reached may come later.
        let ring = JWTKeyRing(.url("http://127.0.0.1:1/jwks"), eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: AccessSite.quiet)
        try await ring.start()
        #expect(ring.keys.isEmpty)
        ring.finish()
        await ring.run()
    }

    @Test func `base64 has one spelling`() {
        #expect(Base64URL.decode("") == [])
        #expect(Base64URL.decode("TQ") == [0x4D])
        #expect(Base64URL.decode("TWE") == [0x4D, 0x61])
        #expect(Base64URL.decode("TWFu") == [0x4D, 0x61, 0x6E])
        #expect(Base64URL.decode("-_8") == [0xFB, 0xFF])
        for wrong in ["T", "TR", "TWF", "TQ==", "T Q", "+/8", "TWFuT"] { #expect(Base64URL.decode(wrong) == nil, "\(wrong)") }
    }
}
