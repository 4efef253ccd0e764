import ArgumentParser
import Logging
import ServiceLifecycle
import UnixSignals

/// The flags of the simulated call centre, which `demo` takes as well.
struct TrafficOptions: ParsableArguments {
    @Option(help: ArgumentHelp("New calls in a minute. 0: none, and the phones wait for `api simulate`.", valueName: "number"))
    var callsPerMinute = 12

    @Option(help: ArgumentHelp("Sample agents: 1001@default, 1002@default, ...", valueName: "number"))
    var agents = 6

    @Option(
        help: ArgumentHelp(
            "A FreeSWITCH's configuration, such as docker/freeswitch/conf: its queues, extensions, menu, telephones and event socket users are simulated.",
            valueName: "folder"), completion: .directory)
    var configuration: String?

    @Option(help: ArgumentHelp("Makes callers, waits and talks come out the same again.", valueName: "number"))
    var seed: UInt64?

    func validate() throws {
        guard (0...6000).contains(self.callsPerMinute) else { throw ValidationError("--calls-per-minute is from 0 to 6000") }
        guard (1...1000).contains(self.agents) else { throw ValidationError("--agents is from 1 to 1000") }
    }
}

struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a simulated FreeSWITCH with mod_callcenter and calls coming in.",
        discussion: """
            Prints `event socket on HOST:PORT` for each node when it is ready. Through that socket, `api simulate` plays the phones and callers, and
            `api simulate slow 15 callcenter_config queue reload`, `refuse TEXT COMMAND` and `faultless` change what goes wrong; see `api help`.
            """)

    @Option(help: ArgumentHelp("Where to offer the event socket. Port 0 picks one.", valueName: "host:port"))
    var listen = "127.0.0.1:8021"

    @Option(help: ArgumentHelp("The event socket's password.", valueName: "text"))
    var password = "ClueCon"

    @OptionGroup var traffic: TrafficOptions
    @OptionGroup var faults: FaultOptions

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel = "info"

    func validate() throws {
        guard ListenAddress(self.listen) != nil else { throw ValidationError("--listen: `\(self.listen)` is not HOST:PORT") }
        guard Logger.Level(rawValue: self.logLevel) != nil else { throw ValidationError("--log-level: `\(self.logLevel)` is not a level") }
        guard !self.password.isEmpty, !self.password.contains(where: \.isNewline) else { throw ValidationError("--password must be one line") }
    }

    func run() async throws {
        try await CommandFailure.reported {
            LoggingSystem.logLines(level: Logger.Level(rawValue: self.logLevel) ?? .info)
            let logger = Logger(label: "simulate")
            let first = ListenAddress(self.listen) ?? ListenAddress(host: "127.0.0.1", port: 8021)
            var services: [any Service] = []
            for node in 0..<self.faults.nodes {
                let listen = ListenAddress(host: first.host, port: first.port == 0 ? 0 : first.port + node)
                let exchange = try await SimulatedExchange.start(
                    listen: listen, password: self.password, traffic: self.traffic, faults: self.faults, node: node, logger: logger)
                services += exchange.services
                StandardStreams.output("event socket on \(exchange.address)")
            }
            var configuration = ServiceGroupConfiguration(
                services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
            configuration.maximumGracefulShutdownDuration = .seconds(5)
            try await ServiceGroup(configuration: configuration).run()
        }
    }
}
