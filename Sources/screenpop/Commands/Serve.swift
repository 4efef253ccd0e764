import ArgumentParser
import Logging
import ScreenPopHTTP

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the service.",
        discussion: """
            Each flag can also be set as an environment variable (--tls-key: SCREENPOP_TLS_KEY) or in the file of --config (tls-key: ...). \
            A flag beats the environment, which beats the file. Prints `listening on URL` when it is ready for requests.
            """)

    @OptionGroup var options: ServerOptions

    func run() async throws {
        try await CommandFailure.reported {
            let settings = try self.options.settings()
            LoggingSystem.logLines(level: settings.logLevel)
            let token = settings.adminToken ?? Secret.make()
            if settings.adminToken == nil { StandardStreams.output("admin token, made for this run: \(token)") }
            try await Server(settings: settings, adminToken: token) { url in
                StandardStreams.output("listening on \(url)")
            }.run()
        }
    }
}
