import Foundation
import FreeSWITCHSimulator
import NIOHTTP1
import RedisServerSupport
import Testing

@testable import screenpop

/// The command line against a running service: what it prints for people and for programs, and how it ends.
@Suite(.timeLimit(.minutes(5))) struct CommandLineTests {
    private func ask(_ site: RunningSite, _ arguments: String...) async throws -> (exit: ChildProcess.Exit?, said: String) {
        try await Program.run(
            arguments, environment: ["SCREENPOP_TOKEN": RunningSite.token, "SCREENPOP_SERVER": "http://127.0.0.1:\(site.port)"])
    }

    @Test func `agents are added, shown, switched and deleted`() async throws {
        try await RunningSite.run { site in
            let added = try await self.ask(
                site, "agent", "add", "2001@default", "--user", "2001@example.org", "--call-timeout", "10", "--wrap-up-time", "5")
            #expect(added.exit == .status(0), "\(added.said)")
            #expect(added.said.contains("added 2001@default"))
            let shown = try await self.ask(site, "agent", "show", "2001@default")
            #expect(
                shown.said.contains("user 2001@example.org") && shown.said.contains("wrap-up time") && shown.said.contains("pop none"),
                "\(shown.said)")
            let onBreak = try await self.ask(site, "agent", "break", "2001@default", "--reason", "lunch")
            #expect(onBreak.exit == .status(0) && onBreak.said.contains("status On Break"), "\(onBreak.said)")
            let list = try await self.ask(site, "agent", "list")
            let header = list.said.split(separator: "\n").first ?? ""
            #expect(header.hasPrefix("AGENT") && header.contains("STATUS"))
            #expect(list.said.contains("2001@default") && list.said.contains("On Break") && list.said.contains("lunch"))
            let json = try await self.ask(site, "agent", "show", "2001@default", "--json")
            #expect(try JSON(json.said)["name"].string == "2001@default")
            #expect(try await self.ask(site, "agent", "delete", "2001@default").exit == .status(0))
            let gone = try await self.ask(site, "agent", "show", "2001@default")
            #expect(gone.exit == .status(1) && gone.said.contains("agent-not-found"), "\(gone.said)")
        }
    }

    @Test func `queues, tiers, members and calls are shown as tables`() async throws {
        try await RunningSite.run { site in
            let set = try await self.ask(site, "tier", "set", "support@default", "1002@default", "--level", "2")
            #expect(set.exit == .status(0) && set.said.contains("level 2"), "\(set.said)")
            #expect(try await self.ask(site, "tier", "list", "support@default").said.contains("1002@default"))
            #expect(try await self.ask(site, "tier", "list").said.contains("support@default"))
            #expect(try await self.ask(site, "queue", "list").said.contains("support@default"))
            #expect(try await self.ask(site, "queue", "show", "support@default").said.contains("strategy"))
            #expect(try await self.ask(site, "queue", "agents", "support@default").said.contains("1001@default"))
            #expect(try await self.ask(site, "queue", "members", "support@default").said.contains("nobody waits"))
            let call = try await site.ring()
            #expect(try await self.ask(site, "queue", "members", "support@default").said.contains("+8613900139000"))
            #expect(try await self.ask(site, "call", "trace", call).said.contains("pop.offered"))
            #expect(try await self.ask(site, "call", "show", call).said.contains("王小明"))
            #expect(try await self.ask(site, "tier", "delete", "support@default", "1002@default").exit == .status(0))
            let missing = try await self.ask(site, "tier", "delete", "support@default", "1002@default")
            #expect(missing.exit == .status(1) && missing.said.contains("tier-not-found"), "\(missing.said)")
        }
    }

    @Test func `tokens and users are made, and a password is never an argument`() async throws {
        try await RunningSite.run { site in
            let made = try await self.ask(site, "token", "create", "desk 1", "--role", "agent", "--agent", "1001@default", "--expires-in", "1h")
            #expect(made.exit == .status(0), "\(made.said)")
            let token = try #require(made.said.split(separator: "\n").first { $0.hasPrefix("sp_") }.map(String.init))
            let environment = ["SCREENPOP_TOKEN": token, "SCREENPOP_SERVER": "http://127.0.0.1:\(site.port)"]
            let own = try await Program.run(["agent", "ready", "1001@default"], environment: environment)
            #expect(own.exit == .status(0), "\(own.said)")
            let other = try await Program.run(["agent", "ready", "1002@default"], environment: environment)
            #expect(other.exit == .status(1) && other.said.contains("forbidden"), "\(other.said)")
            #expect(try await Program.run(["whoami"], environment: environment).said.contains("1001@default"))
            let list = try await self.ask(site, "token", "list")
            #expect(list.said.contains("desk 1") && !list.said.contains(token))
            let id = try #require(try JSON(await self.ask(site, "token", "list", "--json").said)["items"].items.first?["id"].string)
            #expect(try await self.ask(site, "token", "revoke", id).exit == .status(0))
            #expect(try await Program.run(["whoami"], environment: environment).exit == .status(1))
            // Standard input is no terminal here, and empty.
            let without = try await self.ask(site, "user", "set", "anna", "--role", "supervisor")
            #expect(without.exit == .status(64) && without.said.contains("first line of standard input"), "\(without.said)")
            #expect(try await self.ask(site, "user", "set", "anna", "--role", "supervisor", "--password", "x").exit == .status(64))
        }
    }

    @Test func `sessions are listed and ended`() async throws {
        try await RunningSite.run { site in
            let url = "http://127.0.0.1:\(site.port)/api/v1"
            let user = try await RunningSite.request(
                .PUT, url + "/users/anna", token: RunningSite.token, body: #"{"password":"correct horse","role":"supervisor"}"#)
            #expect(user.status == 201)
            #expect(try await self.ask(site, "session", "list").said.contains("nobody is logged in at the pages"))
            let begun = try await RunningSite.request(
                .POST, url + "/session", token: "", body: #"{"user":"anna","password":"correct horse"}"#)
            #expect(begun.status == 200)
            let list = try await self.ask(site, "session", "list")
            #expect(list.exit == .status(0) && list.said.contains("user:anna") && list.said.contains("supervisor"), "\(list.said)")
            let id = try #require(try JSON(await self.ask(site, "session", "list", "--json").said)["items"].items.first?["id"].string)
            let ended = try await self.ask(site, "session", "end", id)
            #expect(ended.exit == .status(0) && ended.said == "ended \(id)\n", "\(ended.said)")
            let again = try await self.ask(site, "session", "end", id)
            #expect(again.exit == .status(1) && again.said.contains("session-not-found"), "\(again.said)")
            #expect(try await self.ask(site, "session", "list").said.contains("nobody is logged in at the pages"))
        }
    }

    @Test func `an export ends where its last line does, and a plan says that it is one`() async throws {
        try await RunningSite.run { site in
            let csv = try await self.ask(site, "export", "--format", "csv")
            #expect(csv.exit == .status(0) && csv.said.utf8.suffix(2).elementsEqual([13, 10]), "\(csv.said.debugDescription)")
            #expect(!csv.said.utf8.suffix(4).elementsEqual([13, 10, 13, 10]) && !csv.said.contains("\n\n"), "\(csv.said.debugDescription)")
            let json = try await self.ask(site, "export")
            #expect(json.said.hasSuffix("}\n") && !json.said.hasSuffix("\n\n"))
            let file = FileManager.default.temporaryDirectory.appending(path: "sp-\(UUID().uuidString).csv").path(percentEncoded: false)
            defer { try? FileManager.default.removeItem(atPath: file) }
            try csv.said.write(toFile: file, atomically: true, encoding: .utf8)
            #expect(try await self.ask(site, "import", file, "--plan").said == "nothing to change: all is as the file says\n")
            let more = csv.said + "agent,2001@default,,,,user/2001@example.org,,,,,,,\r\n"
            try more.write(toFile: file, atomically: true, encoding: .utf8)
            let plan = try await self.ask(site, "import", file, "--plan")
            #expect(plan.said.contains("one change would be made; nothing has been changed"), "\(plan.said)")
            #expect(try await self.ask(site, "agent", "show", "2001@default").exit == .status(1))
            let made = try await self.ask(site, "import", file)
            #expect(made.said.contains("one change made"), "\(made.said)")
            #expect(try await self.ask(site, "agent", "show", "2001@default").exit == .status(0))
        }
    }

    @Test func `a token and a user of an agent that is not there come with a warning`() async throws {
        try await RunningSite.run { site in
            let made = try await self.ask(site, "token", "create", "desk", "--role", "agent", "--agent", "9999@default")
            #expect(made.exit == .status(0) && made.said.contains("warning: No agent is called 9999@default now"), "\(made.said)")
            let known = try await self.ask(site, "token", "create", "desk", "--role", "agent", "--agent", "1001@default")
            #expect(known.exit == .status(0) && !known.said.contains("warning"), "\(known.said)")
        }
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `completion knows the commands`(shell: String) async throws {
        let (exit, script) = try await Program.run(["--generate-completion-script", shell])
        #expect(exit == .status(0))
        for word in ["agent", "cancel-pending", "tier", "supervise", "token", "export"] { #expect(script.contains(word), "\(word)") }
    }

    @Test func `the version is said`() async throws {
        let (exit, said) = try await Program.run(["--version"])
        #expect(exit == .status(0) && said.wholeMatch(of: /screenpop \d+\.\d+\.\d+\n/) != nil, "\(said)")
    }

    @Test(
        arguments: [
            (["agent", "change", "1001@default", "--token", "t"], 64, "nothing to change"),
            (["agent", "add", "a@b", "--user", "x", "--loopback", "1/default"], 64, "ways to say one thing"),
            (["agent", "transfer", "a@b"], 64, "say where to"), (["token", "create", "x", "--role", "agent"], 64, "needs --agent"),
            (["token", "create", "x", "--role", "king"], 64, "king"), (["import", "list.txt", "--token", "t"], 64, "--format"),
            (["import", "/nowhere.csv", "--token", "t"], 69, "cannot read /nowhere.csv"),
            (["node", "list", "--token", "t", "--ca", "/nowhere.pem"], 78, "--ca: /nowhere.pem cannot be read"),
            (["node", "list", "--token", "t", "--server", "ftp://x"], 64, "--server"),
            (["queue", "list"], 64, "a token is needed"),
        ] as [([String], Int32, String)])
    func `a slip is answered with what to do`(arguments: [String], code: Int32, text: String) async throws {
        let (exit, said) = try await Program.run(arguments)
        #expect(exit == .status(code), "\(said)")
        #expect(said.contains(text), "\(said)")
    }

    /// A certificate that nobody signed but itself, as people make one for a first try.
    @Test func `a self-signed certificate is trusted when its file is named`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sp-\(UUID().uuidString.prefix(8))").path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let openssl = try await ChildProcess.start(
            "/usr/bin/env",
            [
                "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder + "/key.pem", "-out", folder + "/cert.pem",
            ], folder: folder, log: folder + "/openssl.log")
        #expect(await openssl.ended(within: .seconds(60)) == .status(0))
        let service = try await Program.start(
            [
                "serve", "--freeswitch", "esl://:x@127.0.0.1:1?name=fs1", "--listen", "127.0.0.1:0", "--data", folder + "/data", "--tls-certificate",
                folder + "/cert.pem", "--tls-key", folder + "/key.pem",
            ], environment: ["SCREENPOP_ADMIN_TOKEN": RunningSite.token])
        let url = try await service.line("listening on ")
        let arguments = ["agent", "list", "--server", url, "--token", RunningSite.token]
        let without = try await Program.run(arguments)
        #expect(without.exit == .status(69) && without.said.contains("--ca"), "\(without.said)")
        let with = try await Program.run(arguments + ["--ca", folder + "/cert.pem"])
        #expect(with.exit == .status(0), "\(with.said)")
        #expect(await service.end() == .status(0))
    }

    @Test func `a demo serves its queues under a certificate that nobody signed, and leaves nobody behind in Redis`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sp-\(UUID().uuidString.prefix(8))").path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // For a name, while the demo's FreeSWITCH asks by address.
        let openssl = try await ChildProcess.start(
            "/usr/bin/env",
            [
                "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost", "-keyout", folder + "/key.pem", "-out", folder + "/cert.pem",
            ], folder: folder, log: folder + "/openssl.log")
        #expect(await openssl.ended(within: .seconds(60)) == .status(0))
        let redis = try RedisServer(["--appendonly", "yes"])
        func people() throws -> String? {
            let count = "return #redis.call('KEYS', 'screenpop:{default}:token*') + #redis.call('KEYS', 'screenpop:{default}:user*')"
            let client = try RedisCLI(["--raw", "EVAL", count, "0"], server: redis)
            defer { client.stop() }
            return client.lines(1).first
        }
        let demo = try await Program.start(
            [
                "demo", "--listen", "127.0.0.1:0", "--calls-per-minute", "0", "--agents", "2", "--redis", "redis+unix://\(redis.socketPath)",
                "--tls-certificate", folder + "/cert.pem", "--tls-key", folder + "/key.pem",
            ], environment: ["SCREENPOP_ADMIN_TOKEN": RunningSite.token])
        let port = try #require(URL(string: try await demo.line("listening on "))?.port)
        let access = ["--server", "https://localhost:\(port)", "--token", RunningSite.token, "--ca", folder + "/cert.pem"]
        try await eventually("the switch is there", within: .seconds(30)) {
            try await Program.run(["queue", "list"] + access).said.contains("support@default")
        }
        let (exit, said) = try await Program.run(["queue", "create", "billing@default"] + access)
        #expect(exit == .status(0), "\(said)")
        // Four people with a token each, and the two lists of them.
        #expect(try people() == "10")
        #expect(await demo.end(SIGINT) == .status(0))
        #expect(try people() == "0")
    }
}
