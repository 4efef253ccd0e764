import ArgumentParser
import Foundation

/// How the commands that talk to a running service find it.
struct ClientOptions: ParsableArguments {
    @Option(
        name: [.customLong("server"), .customLong("url")],
        help: ArgumentHelp("Where the service is. Or SCREENPOP_SERVER. Default: http://127.0.0.1:8080", valueName: "url"))
    var server: String?

    @Option(help: ArgumentHelp("Who you are: a token. Or SCREENPOP_TOKEN, which keeps it out of the list of processes.", valueName: "text"))
    var token: String?

    @Option(
        help: ArgumentHelp(
            "A PEM file of the authority that signed the service's certificate, or of the certificate itself. Or SCREENPOP_CA.", valueName: "file"),
        completion: .file(extensions: ["pem", "crt"]))
    var ca: String?

    @Flag(help: "Print the service's JSON, for programs.")
    var json = false

    /// - Throws: `CommandFailure` (usage) without a token, or when the URL is none.
    func client() throws -> APIClient {
        let environment = ProcessInfo.processInfo.environment
        func given(_ option: String?, _ variable: String) -> String? {
            option ?? environment[variable].flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let token = given(self.token, "SCREENPOP_TOKEN") else {
            throw CommandFailure(
                .usage,
                "a token is needed: --token TEXT or SCREENPOP_TOKEN; an admin makes them, and `serve` and `demo` print the admin token when none was given"
            )
        }
        guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw CommandFailure(.usage, "a token is one word of ASCII") }
        let text = given(self.server, "SCREENPOP_SERVER") ?? given(nil, "SCREENPOP_URL") ?? "http://127.0.0.1:8080"
        guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme), url.host != nil, url.query == nil else {
            throw CommandFailure(.usage, "--server: `\(text)` is not an address such as http://127.0.0.1:8080")
        }
        return APIClient(
            base: text.hasSuffix("/") ? String(text.dropLast()) : text, token: token, authority: given(self.ca, "SCREENPOP_CA"))
    }
}
