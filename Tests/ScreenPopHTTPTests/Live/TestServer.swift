import Hiredis
import Logging
import NIOCore
import NIOPosix
import ScreenPopService
import ScreenPopStore
import ServiceLifecycle
import ServiceLifecycleTestKit

@testable import ScreenPopHTTP

/// The service with fakes behind it, on a port of its own.
struct TestServer: Sendable {
    static let token = "a-token-of-24-characters"

    /// On a Redis that is not there.
    static var awayStore: Store {
        let client = RedisClient(
            endpoint: RedisEndpoint(address: .unix(path: "/nonexistent")), on: MultiThreadedEventLoopGroup.singleton.any(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return Store(client: client, site: "default", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    let site: FakeSite
    let source: FakeSource
    let control: FakeControl
    let metrics: PrometheusMetrics
    let port: Int
    let stop: @Sendable () -> Void

    static func run(
        nodes: @escaping @Sendable () -> [(name: String, status: NodeStatus)] = { [("fs1", .live(coreUUID: "core"))] },
        redis: Bool = true, eventLoops: Int = 1, configure: (inout HTTPService.Configuration) -> Void = { _ in },
        _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        var configuration = HTTPService.Configuration(port: 0, adminToken: Self.token)
        configure(&configuration)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: eventLoops)
        let (urls, continuation) = AsyncStream.makeStream(of: String.self)
        let settings = configuration
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                let site = FakeSite()
                let source = FakeSource()
                let control = FakeControl()
                let metrics = PrometheusMetrics()
                let service = HTTPService(
                    configuration: settings,
                    instance: .init(
                        store: Self.awayStore, site: site, source: source, controls: Controls(agents: control, configuration: control, calls: control), nodes: nodes,
                        redisIsConnected: { redis }),
                    metrics: metrics, eventLoopGroup: group, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                    listening: { url in
                        continuation.yield(url)
                        continuation.finish()
                    })
                tasks.addTask {
                    defer { continuation.finish() }
                    try await service.run()
                }
                var url: String?
                for await one in urls { url = one }
                if let url, let port = Int(url.split(separator: ":").last ?? "") {
                    try await body(
                        TestServer(
                            site: site, source: source, control: control, metrics: metrics, port: port,
                            stop: { trigger.triggerGracefulShutdown() }))
                }
                trigger.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
        try await group.shutdownGracefully()
    }
}
