import AsyncHTTPClient
import Foundation
import FreeSWITCHSimulator
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// Tells the demo's telephone exchange where its queues are served, once the service listens.
struct QueueServerLink: Service {
    private let simulator: Simulator
    private let token: String
    private let urls: AsyncStream<String>
    private let input: AsyncStream<String>.Continuation

    init(simulator: Simulator, token: String) {
        self.simulator = simulator
        self.token = token
        (self.urls, self.input) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func listening(_ url: String) { self.input.yield(url) }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await url in self.urls {
                let server = ConfigurationServer(url: url + "/api/v1/freeswitch/configuration", credentials: "simulated:\(self.token)")
                await self.simulator.act { $0.setConfigurationServer(server) }
            }
        }
    }
}

/// What mod_xml_curl does with a question.
final class ConfigurationClient: Sendable {
    /// As in the configuration that `freeswitch-config` writes.
    private static let patience = TimeAmount.seconds(2)
    /// What mod_xml_curl reads of an answer.
    private static let limit = 1024 * 1024

    /// Trusts what the system trusts.
    static let shared = ConfigurationClient(.shared)

    private let client: HTTPClient

    private init(_ client: HTTPClient) {
        self.client = client
    }

    /// One for a service that runs in this process and shows that certificate, which nobody but itself may have signed.
    static func with<Result>(
        _ transport: ServerSettings.Transport, _ body: (ConfigurationClient) async throws -> Result
    ) async throws -> Result {
        switch transport {
        case .plain: return try await body(.shared)
        case .tls(let certificate, _):
            var tls = TLSConfiguration.makeClientConfiguration()
            // One that cannot be read is reported by the service itself.
            if let trusted = try? NIOSSLCertificate.fromPEMFile(certificate) { tls.additionalTrustRoots = [.certificates(trusted)] }
            // It is asked by the address that it listens on, and the certificate is made out for a name.
            tls.certificateVerification = .noHostnameVerification
            var configuration = HTTPClient.Configuration()
            configuration.tlsConfiguration = tls
            let client = HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body(ConfigurationClient(client))) } catch { result = .failure(error) }
            try? await client.shutdown()
            return try result.get()
        }
    }

    /// The body of a 200; `nil` for every other answer, and for none.
    func lookUp(_ lookup: ConfigurationLookup) -> EventLoopFuture<String?> {
        let basic = Data(lookup.server.credentials.utf8).base64EncodedString()
        let headers: HTTPHeaders = ["Content-Type": "application/x-www-form-urlencoded", "Authorization": "Basic \(basic)"]
        guard
            let request = try? HTTPClient.Request(url: lookup.server.url, method: .POST, headers: headers, body: .string(lookup.form))
        else { return self.client.eventLoopGroup.next().makeSucceededFuture(nil) }
        return self.client.execute(
            request: request, delegate: ResponseAccumulator(request: request, maxBodySize: Self.limit), deadline: .now() + Self.patience
        ).futureResult.map { response in
            response.status == .ok ? response.body.map { String(buffer: $0) } : nil
        }
    }
}
