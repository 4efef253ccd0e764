import Foundation
import NIOCore
import NIOSSL
import Testing

@testable import ScreenPopHTTP

@Suite(.timeLimit(.minutes(1))) struct TLSTests {
    // For these tests alone: localhost, valid for a hundred years, trusted by nobody.
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBnDCCAUGgAwIBAgIUG9zwez2Jwa3gwfKRN7IokKPrExkwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzE1NTYyMFoYDzIxMjYxMDMw
        MTU1NjIwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAATLOBLOnfY8rkuME7llCVmDh9zlnjEjz7bt2GZ4qPHxWHyp+T5bFYhV
        v/A7c5g5pAkMClvd1jbf3crvzaeSujdvo28wbTAdBgNVHQ4EFgQU64KMeLj5mKNQ
        sFmsRRC6xiVDHYUwHwYDVR0jBBgwFoAU64KMeLj5mKNQsFmsRRC6xiVDHYUwDwYD
        VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
        zj0EAwIDSQAwRgIhAI77f7EbYOGE6sXIqz//BMmxBJ56pPrCa8pWM4mTC+acAiEA
        qXJkVy4PhK3o9Rk5kbMp947ECdUtWZmJLTidlkfxx6w=
        -----END CERTIFICATE-----
        """
    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgat0D+q/sm09MoL75
        iwaMerowheGxUl07rugxXqtwSn2hRANCAATLOBLOnfY8rkuME7llCVmDh9zlnjEj
        z7bt2GZ4qPHxWHyp+T5bFYhVv/A7c5g5pAkMClvd1jbf3crvzaeSujdv
        -----END PRIVATE KEY-----
        """

    private func withServer(_ body: @escaping @Sendable (TestServer) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("screenpop-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let certificate = folder.appendingPathComponent("certificate.pem")
        let key = folder.appendingPathComponent("key.pem")
        try Data(Self.certificate.utf8).write(to: certificate)
        try Data(Self.key.utf8).write(to: key)
        try await TestServer.run(configure: {
            $0.tls = .init(certificatePath: certificate.path, keyPath: key.path)
            $0.limits.handshake = .seconds(5)
        }) { server in
            try await body(server)
        }
    }

    private func connect(_ server: TestServer, isolation: isolated (any Actor)? = #isolation) async throws -> Wire {
        var client = TLSConfiguration.makeClientConfiguration()
        client.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(Self.certificate.utf8)))
        let context = try NIOSSLContext(configuration: client)
        return try await Wire.connect(server.port) { channel in
            try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: "localhost"))
        }
    }

    @Test func `requests and WebSockets go over TLS`() async throws {
        try await self.withServer { server in
            let wire = try await self.connect(server)
            #expect(try await wire.request("GET", "/healthz", token: nil).status == 200)
            let socket = try await self.connect(server)
            #expect(try await socket.request("GET", "/api/v1/ws", headers: Wire.handshake + ["Origin: https://127.0.0.1"]).status == 101)
            #expect(try await socket.text().contains("hello"))
            _ = try await socket.text()
            try await socket.send(#"{"id":"x","type":"ping"}"#)
            #expect(try await socket.text() == #"{"type":"result","re":"x","ok":true}"#)
        }
    }

    @Test func `a peer that never finishes the TLS handshake does not hold up the end`() async throws {
        try await self.withServer { server in
            let silent = try await Wire.connect(server.port)
            let wire = try await self.connect(server)
            #expect(try await wire.request("GET", "/healthz", token: nil).status == 200)
            server.stop()
            #expect(await silent.end() == "")
        }
    }
}
