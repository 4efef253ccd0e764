import AsyncHTTPClient
import Foundation
import FreeSWITCHSimulator
import NIOCore
import NIOHTTP1
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
enum ConfigurationClient {
    /// As in the configuration that `freeswitch-config` writes.
    private static let patience = TimeAmount.seconds(2)
    /// What mod_xml_curl reads of an answer.
    private static let limit = 1024 * 1024

    /// The body of a 200; `nil` for every other answer, and for none.
    static func lookUp(_ lookup: ConfigurationLookup) -> EventLoopFuture<String?> {
        let client = HTTPClient.shared
        let basic = Data(lookup.server.credentials.utf8).base64EncodedString()
        let headers: HTTPHeaders = ["Content-Type": "application/x-www-form-urlencoded", "Authorization": "Basic \(basic)"]
        guard
            let request = try? HTTPClient.Request(url: lookup.server.url, method: .POST, headers: headers, body: .string(lookup.form))
        else { return client.eventLoopGroup.next().makeSucceededFuture(nil) }
        return client.execute(
            request: request, delegate: ResponseAccumulator(request: request, maxBodySize: self.limit), deadline: .now() + self.patience
        ).futureResult.map { response in
            response.status == .ok ? response.body.map { String(buffer: $0) } : nil
        }
    }
}
