import ArgumentParser
import EventSocket
import Foundation
import Logging
import ScreenPopHTTP

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run everything on this machine, with a simulated FreeSWITCH and calls coming in.",
        discussion: "Takes the flags of `serve`. Without --redis or --data, what it stored is gone when it ends.")

    @OptionGroup var options: ServerOptions
    @OptionGroup var traffic: TrafficOptions

    func validate() throws {
        guard self.options.freeswitch.isEmpty else {
            throw ValidationError("demo brings a simulated FreeSWITCH; for a real one use: screenpop serve --freeswitch ...")
        }
    }

    func run() async throws {
        try await CommandFailure.reported {
            var options = self.options
            var temporary: String?
            if options.redis == nil, options.data == nil {
                let folder = try Self.temporaryFolder()
                temporary = folder
                options.data = folder
            }
            defer {
                if let temporary { try? FileManager.default.removeItem(atPath: temporary) }
            }
            let settings = try options.settings(needsFreeSWITCH: false)
            LoggingSystem.logLines(level: settings.logLevel)
            try await ConfigurationClient.with(settings.transport) { try await self.run(settings, $0) }
        }
    }

    private func run(_ given: ServerSettings, _ client: ConfigurationClient) async throws {
        var settings = given
        // Nobody but this process needs to know it.
        let password = Secret.make()
        let exchange = try await SimulatedExchange.start(
            listen: ListenAddress(host: "127.0.0.1", port: 0), password: password, traffic: self.traffic, client: client,
            logger: Logger(label: "simulate"))
        settings.freeswitch = [
            EventSocketEndpoint(host: exchange.address.host, port: exchange.address.port, credentials: .password(password), name: "simulated")
        ]
        let token = settings.adminToken ?? Secret.make()
        if settings.adminToken == nil { StandardStreams.output("admin token, made for this run: \(token)") }
        let link = QueueServerLink(simulator: exchange.simulator, token: token)
        let people = DemoPeople(agents: exchange.agents)
        try await Server(settings: settings, adminToken: token, sampleUsers: people.users, companions: exchange.services + [link]) { url in
            link.listening(url)
            StandardStreams.output("listening on \(url)")
            for line in people.lines(url) { StandardStreams.output(line) }
            StandardStreams.output("A link logs in by itself, in that tab, until it is closed or signed out; name and password do in all tabs.")
            StandardStreams.output("Calls come in by themselves. Ctrl-C ends it.")
        }.run()
    }

    private static func temporaryFolder() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "screenpop-demo-\(UUID().uuidString.prefix(8))")
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(.unavailable, "cannot make a temporary folder: \(error.localizedDescription)")
        }
        return folder.path(percentEncoded: false)
    }
}
