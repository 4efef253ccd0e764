import EventSocket
import Foundation
import Hiredis
import Logging
import Metrics
import NIOCore
import NIOPosix
import ScreenPop
import ScreenPopHTTP
import ScreenPopService
import ServiceLifecycle
import UnixSignals

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The whole service of one process: Redis when it is our own, the call centre, HTTP; started in that order and ended in the reverse one.
struct Server {
    var settings: ServerSettings
    var adminToken: String
    /// The demo's people.
    var sampleUsers: [HTTPService.Configuration.SampleUser] = []
    /// Run beside the service, and ended after it: the demo's telephone exchange.
    var companions: [any Service] = []
    var listening: @Sendable (_ url: String) -> Void

    /// Until SIGTERM or SIGINT.
    func run() async throws {
        OpenFiles.raiseLimit()
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        let logger = Logger(label: "screenpop")
        let group = MultiThreadedEventLoopGroup.singleton

        var services: [ServiceGroupConfiguration.ServiceConfiguration] = self.companions.map { Self.essential($0, "companion") }
        let redis: RedisEndpoint
        switch self.settings.redis {
        case .endpoint(let endpoint): redis = endpoint
        case .embedded(let data):
            let embedded = try await EmbeddedRedis.start(data: data, eventLoop: group.next(), logger: logger)
            services.append(Self.essential(embedded, "redis"))
            redis = embedded.endpoint
        }
        var callCenterConfiguration = CallCenterService.Configuration(
            site: self.settings.site, nodes: self.settings.freeswitch, redis: redis,
            attributes: self.settings.attributes.map(AttributeFilter.init) ?? .standard, owner: Self.owner,
            dialing: self.settings.dialing)
        if case .embedded = self.settings.redis { callCenterConfiguration.isRedisOurs = true }
        callCenterConfiguration.popURL = self.settings.popURL
        let reconcileSeconds = self.settings.reconcileSeconds
        callCenterConfiguration.reconcileRhythm = reconcileSeconds == 0 ? nil : .seconds(Int64(reconcileSeconds))
        let callCenter = CallCenterService(configuration: callCenterConfiguration, eventLoopGroup: group, logger: logger)
        services.append(Self.essential(callCenter, "call centre"))
        let http = HTTPService(
            configuration: self.httpConfiguration,
            backend: HTTPService.Backend(
                store: callCenter.store, hub: callCenter.hub, controls: callCenter.controls, nodes: { callCenter.nodes },
                redisIsConnected: { callCenter.redisIsConnected }),
            metrics: metrics, eventLoopGroup: group, logger: logger, listening: self.listening)
        services.append(Self.essential(http, "http"))
        if case .tls = self.settings.transport { services.append(Self.essential(HangUpSignal { http.reloadCertificates() }, "hang-up signal")) }

        var configuration = ServiceGroupConfiguration(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: Self.quiet(logger))
        configuration.maximumGracefulShutdownDuration = .seconds(15)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let error as IOError {
            throw CommandFailure(
                .unavailable,
                "cannot listen on \(self.settings.listen): \(String(cString: strerror(error.errnoCode))); choose another address with --listen")
        } catch let error as CallCenterServiceError {
            // A password or an access list: trying again would not help, setting it right does.
            throw CommandFailure(.configuration, "\(error)")
        } catch let error as JWTKeyFailure {
            throw CommandFailure(.configuration, "--jwks: \(error)")
        } catch let error as TLSFileError {
            throw CommandFailure(.configuration, "--tls-certificate and --tls-key: \(error)")
        }
    }

    private var httpConfiguration: HTTPService.Configuration {
        let tls: HTTPService.Configuration.TLS? =
            switch self.settings.transport {
            case .plain: nil
            case .tls(let certificate, let key): HTTPService.Configuration.TLS(certificatePath: certificate, keyPath: key)
            }
        return HTTPService.Configuration(
            host: self.settings.listen.host, port: self.settings.listen.port, tls: tls, adminToken: self.adminToken,
            allowedOrigins: self.settings.allowedOrigins, allowDialStrings: self.settings.allowDialStrings, site: self.settings.site,
            jwt: self.settings.jwt, logInURL: self.settings.logInURL, sessionLife: .hours(Int64(self.settings.sessionHours)),
            sampleUsers: self.sampleUsers, trustedProxies: self.settings.trustedProxies)
    }

    /// When one part fails for good, the others end in order, so that Redis goes last.
    private static func essential(_ service: any Service, _ name: String) -> ServiceGroupConfiguration.ServiceConfiguration {
        ServiceGroupConfiguration.ServiceConfiguration(
            service: service, successTerminationBehavior: .gracefullyShutdownGroup, failureTerminationBehavior: .gracefullyShutdownGroup,
            serviceName: name)
    }

    /// What the group tells of itself is for those who debug it.
    private static func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        if logger.logLevel >= .info { logger.logLevel = .warning }
        return logger
    }

    /// `HOST:PID`
    private static var owner: String { "\(ProcessInfo.processInfo.hostName):\(getpid())" }
}
