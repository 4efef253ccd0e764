import Foundation
import FreeSWITCHSimulator
import HTTPTypes
import NIOHTTP1
import Testing

@testable import ScreenPopHTTP
@testable import screenpop

/// `docs/walkthrough.md`, command by command, against a running service: what it says is answered is answered, and every answer is as the OpenAPI
/// document describes it.
@Suite(.timeLimit(.minutes(5))) struct WalkthroughTests {
    static let document = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/walkthrough.md")

    /// Answers that need more than a walk: what they are shown by stands beside them.
    private static let elsewhere: Set<String> = [
        "listen 200",  // WaysOfAPopTests, AsyncAPITests
        "openWebSocket 101", "openWebSocket 307",  // WaysOfAPopTests, ConnectionTests
        "isReady 503",  // SurvivalTests
    ]

    @Test func `every command answers as the document says`() async throws {
        let walkthrough = try Walkthrough(String(contentsOf: Self.document, encoding: .utf8))
        try await RunningSite.run { site in
            var shell = Shell(port: site.port, token: RunningSite.token)
            var seen: Set<String> = []
            for (line, step) in walkthrough.steps {
                switch step {
                case .simulate(let words):
                    let said = await site.simulator.api("simulate \(shell.filled(words))")
                    #expect(!said.hasPrefix("-ERR"), "line \(line): \(said)")
                case .until(let status, let path):
                    try await eventually("line \(line): \(path) answers \(status)") { try await site.request(.GET, path).status == status }
                case .untilSays(let text, let path):
                    try await eventually("line \(line): \(path) says \(text)") { try await site.request(.GET, path).body.text.contains(text) }
                case .untilRinging(let agent):
                    try await eventually("line \(line): the phone of \(agent) rings") {
                        await site.simulator.act { $0.ringingLeg(of: agent) != nil }
                    }
                case .assign(let name, let command):
                    let value = try await shell.value(of: name, after: command)
                    #expect(!value.isEmpty && value != "null", "line \(line): \(command)")
                case .ask(let command, let answer, let status):
                    let said = try await shell.run(command)
                    #expect(said.status == status, "line \(line): \(command)\n\(said.body)")
                    if answer.isEmpty || said.contentType?.contains("json") != true {
                        #expect(Self.isLike(said.body, answer), "line \(line): \(command)\n\(said.body)")
                    } else {
                        let body = try JSON(said.body)
                        #expect(Walkthrough.matches(body, try Walkthrough.pattern(answer)), "line \(line): \(command)\n\(said.body)")
                    }
                    if let name = try Self.check(said, line: line) { seen.insert(name) }
                }
            }
            let documented = Endpoints.all.flatMap { endpoint in endpoint.answers.map { "\(endpoint.id) \($0.status)" } }
            #expect(Set(documented).subtracting(seen).subtracting(Self.elsewhere) == [], "no command of the walk is answered with these")
        }
    }

    /// Text that is no JSON, where `…` stands for whatever there is.
    private static func isLike(_ text: String, _ pattern: String) -> Bool {
        let parts = pattern.split(separator: "…", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return text == pattern }
        return text.hasPrefix(parts[0]) && text.hasSuffix(parts[parts.count - 1])
    }

    /// Holds an answer against the document; its operation and status.
    private static func check(_ said: Shell.Answer, line: Int) throws -> String? {
        let path = said.path
        guard let endpoint = Endpoints.all.first(where: { $0.method.rawValue == said.method && Self.isPath(path, of: $0) }) else {
            Issue.record("line \(line): no operation for \(said.method) \(path)")
            return nil
        }
        guard let answer = endpoint.answers.first(where: { $0.status == said.status }) else {
            let codes = endpoint.problems.first { $0.status == said.status }?.codes
            let code = try JSON(said.body)["code"].string ?? ""
            #expect(codes?.contains(code) == true, "line \(line): \(endpoint.id) may not answer \(said.status) \(code)")
            return nil
        }
        let type = said.contentType?.split(separator: ";").first.map(String.init)
        if answer.content.isEmpty {
            #expect(said.body.isEmpty, "line \(line): \(endpoint.id)")
        } else if let content = answer.content.first(where: { $0.type == type }) {
            if content.type == "application/json" { #expect(content.schema.faults(try JSON(said.body)) == [], "line \(line): \(endpoint.id)") }
        } else {
            Issue.record("line \(line): \(endpoint.id) may not answer with \(type ?? "nothing")")
        }
        return "\(endpoint.id) \(said.status)"
    }

    private static func isPath(_ path: String, of endpoint: Endpoint) -> Bool {
        let parts = path.split(separator: "/")
        let pattern = endpoint.path.split(separator: "/")
        return parts.count == pattern.count && zip(parts, pattern).allSatisfy { $1.first == ":" || $0 == $1 }
    }
}

/// The reader's shell: bash, with the variables that the document sets.
private struct Shell {
    struct Answer {
        var status: Int
        var method: String
        var path: String
        var contentType: String?
        var body: String
    }

    private var variables: [String: String]

    init(port: Int, token: String) {
        self.variables = ["api": "http://127.0.0.1:\(port)/api/v1", "server": "http://127.0.0.1:\(port)", "SCREENPOP_TOKEN": token]
        self.variables["auth"] = "Authorization: Bearer \(token)"
    }

    /// Every `curl` says on a line of its own how it was answered.
    private static let curl = #"""
        curl() { command curl --silent --show-error --max-time 30 --write-out '\n@@ %{http_code} %{method} %{url} %{content_type}\n' "$@"; }

        """#

    func run(_ command: String) async throws -> Answer {
        let said = try await self.bash(command)
        let lines = said.split(separator: "\n", omittingEmptySubsequences: false)
        guard let index = lines.lastIndex(where: { $0.hasPrefix("@@ ") }) else { throw DidNotHappen(what: "\(command) says how it went: \(said)") }
        let words = lines[index].split(separator: " ")
        return Answer(
            status: words.count > 1 ? Int(words[1]) ?? 0 : 0, method: words.count > 2 ? String(words[2]) : "",
            path: words.count > 3 ? URL(string: String(words[3]))?.path(percentEncoded: true) ?? "" : "",
            contentType: words.count > 4 ? String(words[4]) : nil, body: lines[..<index].joined(separator: "\n"))
    }

    mutating func value(of name: String, after command: String) async throws -> String {
        let plain = command.replacing("curl ", with: "command curl --silent ")
        let said = try await self.bash("\(plain)\nprintf '%s' \"$\(name)\"")
        self.variables[name] = said
        return said
    }

    /// With the values of the variables in it.
    func filled(_ text: String) -> String {
        self.variables.reduce(text) { $0.replacing("$\($1.key)", with: $1.value) }
    }

    private func bash(_ script: String) async throws -> String {
        let temporary = FileManager.default.temporaryDirectory
        let log = temporary.appending(path: "screenpop-\(UUID().uuidString).log").path(percentEncoded: false)
        defer { try? FileManager.default.removeItem(atPath: log) }
        let child = try await ChildProcess.start(
            "/usr/bin/env", self.variables.map { "\($0.key)=\($0.value)" } + ["bash", "-c", Self.curl + script],
            folder: temporary.path(percentEncoded: false), log: log)
        guard await child.ended(within: .seconds(60)) != nil else { throw DidNotHappen(what: "\(script) ends") }
        return try String(contentsOfFile: log, encoding: .utf8)
    }
}
