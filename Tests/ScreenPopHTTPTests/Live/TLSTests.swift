import Foundation
import Logging
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

    /// Its successor.
    private static let nextCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBmzCCAUGgAwIBAgIUBsPtocwMISjSOdUtxrQx+0MsekgwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDE4NDMzOVoYDzIxMjYxMDMx
        MTg0MzM5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAATZc9/qceiTEFQ82Fkiqsgn6Ktz7R8NzI5yoGKWQN4CZsgq0QHwhHqV
        3yYdZh5a0eqU/JXNNIKBZGtcnMve6eqco28wbTAdBgNVHQ4EFgQUq3PuRx1u0R6h
        SQ87kDBPOdDb8RQwHwYDVR0jBBgwFoAUq3PuRx1u0R6hSQ87kDBPOdDb8RQwDwYD
        VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
        zj0EAwIDSAAwRQIgXyjZNXWEuDEpiUrkTjOWkftt+oj97WLvtPAZggM6eVkCIQCt
        bKyEeBHAJfUevnaWqB01ayvM8X48DOusHI6aMcVq0Q==
        -----END CERTIFICATE-----
        """
    private static let nextKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgXhfDHLLWDsxeYYAH
        2o3y6o8Win3rDO9vmGnrv267/MmhRANCAATZc9/qceiTEFQ82Fkiqsgn6Ktz7R8N
        zI5yoGKWQN4CZsgq0QHwhHqV3yYdZh5a0eqU/JXNNIKBZGtcnMve6eqc
        -----END PRIVATE KEY-----
        """

    private struct Files: Sendable {
        let certificate: URL
        let key: URL

        func write(certificate: String? = nil, key: String? = nil) throws {
            if let certificate { try Data(certificate.utf8).write(to: self.certificate, options: .atomic) }
            if let key { try Data(key.utf8).write(to: self.key, options: .atomic) }
        }
    }

    private func withServer(
        interval: TimeAmount = .hours(1), logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        _ body: @escaping @Sendable (TestServer, Files) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("screenpop-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = Files(certificate: folder.appendingPathComponent("certificate.pem"), key: folder.appendingPathComponent("key.pem"))
        try files.write(certificate: Self.certificate, key: Self.key)
        try await TestServer.run(
            logger: logger,
            configure: {
                $0.tls = .init(certificatePath: files.certificate.path, keyPath: files.key.path)
                $0.tls?.interval = interval
                $0.limits.handshake = .seconds(5)
            }
        ) { server in
            try await body(server, files)
        }
    }

    private func connect(_ server: TestServer, trusting certificate: String = certificate, isolation: isolated (any Actor)? = #isolation) async throws
        -> Wire
    {
        var client = TLSConfiguration.makeClientConfiguration()
        client.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)))
        let context = try NIOSSLContext(configuration: client)
        return try await Wire.connect(server.port) { channel in
            try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: "localhost"))
        }
    }

    @Test func `requests and WebSockets go over TLS`() async throws {
        try await self.withServer { server, _ in
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

    /// Whether a new connection is shown that certificate.
    private func shows(_ certificate: String, _ server: TestServer, isolation: isolated (any Actor)? = #isolation) async throws -> Bool {
        let wire = try await self.connect(server, trusting: certificate)
        return (try? await wire.request("GET", "/healthz", token: nil).status) == 200
    }

    @Test func `over TLS browsers are told to stay with it`() async throws {
        try await self.withServer { server, _ in
            let wire = try await self.connect(server)
            #expect(try await wire.request("GET", "/healthz", token: nil)["strict-transport-security"] == "max-age=31536000")
        }
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            let answer = try await wire.request("GET", "/healthz", token: nil)
            #expect(answer.status == 200)
            #expect(answer["strict-transport-security"] == nil)
        }
    }

    @Test func `new connections are shown the new certificate, old ones go on`() async throws {
        try await self.withServer(interval: .milliseconds(20)) { server, files in
            let before = try await self.connect(server)
            #expect(try await before.request("GET", "/healthz", token: nil).status == 200)
            #expect(try await !self.shows(Self.nextCertificate, server))
            try files.write(certificate: Self.nextCertificate, key: Self.nextKey)
            while try await !self.shows(Self.nextCertificate, server) {}
            #expect(try await !self.shows(Self.certificate, server))
            #expect(try await before.request("GET", "/healthz", token: nil).status == 200)
        }
    }

    @Test func `when asked to, it looks at once`() async throws {
        try await self.withServer { server, files in
            try files.write(certificate: Self.nextCertificate, key: Self.nextKey)
            #expect(try await self.shows(Self.certificate, server))
            server.service.reloadCertificates()
            while try await !self.shows(Self.nextCertificate, server) {}
        }
    }

    @Test func `files that are not right change nothing and are said to be wrong, once`() async throws {
        let log = LogCapture()
        try await self.withServer(interval: .milliseconds(5), logger: log.logger) { server, files in
            let wrong = { log.lines.filter { $0.contains("the certificate before stays in use") } }
            let changes: [@Sendable () throws -> Void] = [
                // A chain with the key of another: what stands there in the middle of a renewal.
                { try files.write(certificate: Self.nextCertificate) },
                { try files.write(certificate: "nonsense") },
                { try files.write(certificate: Self.certificate, key: "nonsense") },
                { try FileManager.default.removeItem(at: files.key) },
            ]
            for (number, change) in changes.enumerated() {
                try change()
                while wrong().count <= number { try await Task.sleep(for: .milliseconds(1)) }
                #expect(try await self.shows(Self.certificate, server))
            }
            // Looked at many times since.
            try await Task.sleep(for: .milliseconds(100))
            #expect(wrong().count == 4)
            #expect(wrong().allSatisfy { $0.hasPrefix("error") && !$0.contains("MIG") })
            try files.write(certificate: Self.nextCertificate, key: Self.nextKey)
            while try await !self.shows(Self.nextCertificate, server) {}
        }
    }

    @Test func `a peer that never finishes the TLS handshake does not hold up the end`() async throws {
        try await self.withServer { server, _ in
            let silent = try await Wire.connect(server.port)
            let wire = try await self.connect(server)
            #expect(try await wire.request("GET", "/healthz", token: nil).status == 200)
            server.stop()
            #expect(await silent.end() == "")
        }
    }
}
