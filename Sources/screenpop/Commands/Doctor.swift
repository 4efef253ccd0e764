import ArgumentParser
import Logging
import NIOCore
import NIOPosix
import ScreenPopService

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the configuration of `serve` against the real servers.",
        discussion: """
            Takes the flags of `serve`, changes nothing, and says line by line what is right (ok), what should be better (warn), what will not work \
            (fail) and what to do. Exits with 1 when something fails.
            """)

    @OptionGroup var options: ServerOptions

    func run() async throws {
        try await CommandFailure.reported {
            let settings = try self.options.settings()
            LoggingSystem.logLines(level: .critical)
            let logger = Logger(label: "doctor")
            let group = MultiThreadedEventLoopGroup.singleton
            var failures = 0
            func report(_ findings: [Finding]) {
                for finding in findings { StandardStreams.output(finding.line) }
                failures += findings.count { $0.grade == .fail }
            }

            report([.ok("configuration", "read")])
            for endpoint in settings.freeswitch {
                report(await FreeSWITCHExamination(endpoint: endpoint, eventLoop: group.next(), logger: logger).findings())
            }
            switch settings.redis {
            case .endpoint(let endpoint): report(await RedisExamination(endpoint: endpoint, eventLoop: group.next(), logger: logger).findings())
            case .embedded(let data): report(MachineExamination.embeddedRedis(data: data))
            }
            report(await MachineExamination.listen(settings, eventLoopGroup: group))
            if case .tls(let certificate, let key) = settings.transport {
                report(TLSExamination.findings(certificate: certificate, key: key, now: WallClock.now()))
            }
            if let jwt = settings.jwt { report(await JWTExamination.findings(jwt, eventLoopGroup: group, logger: logger)) }
            report([MachineExamination.openFiles()])
            guard failures == 0 else {
                throw CommandFailure(.failed, failures == 1 ? "one check failed" : "\(failures) checks failed")
            }
        }
    }
}
