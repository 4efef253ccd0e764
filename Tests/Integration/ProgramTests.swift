import Foundation
import NIOHTTP1
import Testing

@testable import screenpop

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The program as people run it: exit codes, what it prints, what it leaves behind.
@Suite(.timeLimit(.minutes(5))) struct ProgramTests {
    private static let nowhere = "esl://:x@127.0.0.1:1"
    private static let token = "integration-test-token"

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sp-\(UUID().uuidString.prefix(8))").path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    @Test(
        arguments: [
            (["serve"], 78, "no FreeSWITCH is named"), (["serve", "--freeswitch", "fs1"], 78, "is not an event socket address"),
            (["serve", "--freeswitch", nowhere, "--listen", "0.0.0.0:0"], 78, "--insecure"),
            (["serve", "--freeswitch", "esl://:ClueCon@192.0.2.1"], 78, "--allow-default-password"),
            (["serve", "--freeswitch", nowhere, "--config", "/nowhere.yaml"], 78, "cannot read /nowhere.yaml"),
            (["serve", "--freeswitch", nowhere, "--admin-token", "short"], 78, "at least 16 characters"),
            (["serve", "--bogus"], 64, "Unknown option '--bogus'"), (["demo", "--freeswitch", nowhere], 64, "screenpop serve --freeswitch"),
            (["simulate", "--listen", "x"], 64, "is not HOST:PORT"),
            (["simulate", "--listen", "127.0.0.1:0", "--configuration", "/nowhere"], 78, "--configuration /nowhere: "),
            (["agent", "list"], 64, "a token is needed"),
            (
                ["agent", "list", "--token", token, "--url", "http://127.0.0.1:1"], 69,
                "screenpop: no ScreenPop answers at http://127.0.0.1:1: nobody listens on port 1 of 127.0.0.1; start it there (screenpop serve), or "
                    + "say with --server URL or SCREENPOP_SERVER where it is"
            ),
            (
                ["agent", "list", "--token", token, "--url", "http://no-such-host.invalid:8080"], 69,
                "no ScreenPop answers at http://no-such-host.invalid:8080: there is no host no-such-host.invalid; check the name"
            ),
            (
                ["doctor", "--freeswitch", nowhere, "--listen", "127.0.0.1:0", "--redis", "redis://127.0.0.1:2"], 1,
                "fail  Redis: nobody listens on port 2 of 127.0.0.1; start Redis there"
            ),
            (
                ["doctor", "--freeswitch", nowhere, "--listen", "127.0.0.1:0", "--redis", "redis://no-such-host.invalid"], 1,
                "fail  Redis: there is no host no-such-host.invalid; check the name"
            ),
            (
                ["doctor", "--freeswitch", nowhere, "--listen", "127.0.0.1:0", "--redis", "redis+unix:///nowhere/redis.sock"], 1,
                "fail  Redis: there is no socket /nowhere/redis.sock; start Redis there"
            ),
            (["--help"], 0, "SUBCOMMANDS"),
        ] as [([String], Int32, String)])
    func exitCodesAndWhatIsSaid(arguments: [String], code: Int32, text: String) async throws {
        let (exit, said) = try await Program.run(arguments)
        #expect(exit == .status(code), "\(said)")
        #expect(said.contains(text), "\(said)")
    }

    @Test func withoutRedisServerItSaysWhichCommandInstallsIt() async throws {
        // The search also goes through the usual folders, so the program is hidden by looking for it in none: see Programs.
        #expect(EmbeddedRedis.missing.contains("sudo apt-get install redis-server"))
        #expect(Programs.path(of: "no-such-program", environment: ["PATH": "/bin"]) == nil)
    }

    @Test func anAddressInUseIsSaidWithWhatToDo() async throws {
        try await self.withFolder { folder in
            let first = try await Program.start([
                "serve", "--freeswitch", Self.nowhere, "--listen", "127.0.0.1:0", "--data", folder + "/a", "--admin-token", Self.token,
            ])
            let url = try await first.line("listening on ")
            let port = try #require(URL(string: url)?.port)
            let second = try await Program.run([
                "serve", "--freeswitch", Self.nowhere, "--listen", "127.0.0.1:\(port)", "--data", folder + "/b", "--admin-token", Self.token,
            ])
            #expect(second.exit == .status(69), "\(second.said)")
            #expect(second.said.contains("cannot listen on 127.0.0.1:\(port)"))
            #expect(await first.end() == .status(0))
        }
    }

    @Test func aTokenIsMadeAndPrintedAndOpensTheDoor() async throws {
        try await self.withFolder { folder in
            let program = try await Program.start(["serve", "--freeswitch", Self.nowhere, "--listen", "127.0.0.1:0", "--data", folder])
            let url = try await program.line("listening on ")
            let token = try await program.line("admin token, made for this run: ")
            #expect(try await RunningSite.request(.GET, url + "/api/v1/agents", token: token).status != 401)
            #expect(try await RunningSite.request(.GET, url + "/api/v1/agents", token: token + "x").status == 401)
            #expect(await program.end(SIGINT) == .status(0))
        }
    }

    @Test(arguments: [SIGTERM, SIGKILL])
    func theEmbeddedRedisEndsWithTheProgramHoweverThatEnds(signal: Int32) async throws {
        try await self.withFolder { folder in
            let arguments = ["serve", "--freeswitch", Self.nowhere, "--listen", "127.0.0.1:0", "--data", folder, "--admin-token", Self.token]
            let program = try await Program.start(arguments)
            _ = try await program.line("listening on ")
            let text = try String(contentsOfFile: folder + "/redis.pid", encoding: .utf8)
            let redis = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
            #expect(kill(redis, 0) == 0)
            #expect(await program.end(signal) == (signal == SIGTERM ? .status(0) : .signal(SIGKILL)))
            try await eventually("redis-server has ended") { kill(redis, 0) != 0 }
            // And the folder can be used again.
            let again = try await Program.start(arguments)
            _ = try await again.line("listening on ")
            #expect(await again.end() == .status(0))
        }
    }

    @Test func settingsComeFromTheEnvironmentAndFromAFile() async throws {
        try await self.withFolder { folder in
            let file = folder + "/screenpop.yaml"
            try "freeswitch:\n  - \"\(Self.nowhere)\"\nlisten: 127.0.0.1:0\nadmin-token: the-token-of-the-file\n"
                .write(toFile: file, atomically: true, encoding: .utf8)
            let program = try await Program.start(
                ["serve", "--config", file], environment: ["SCREENPOP_ADMIN_TOKEN": Self.token, "SCREENPOP_DATA": folder + "/data"])
            let url = try await program.line("listening on ")
            #expect(try await RunningSite.request(.GET, url + "/api/v1/agents", token: Self.token).status != 401)
            #expect(try await RunningSite.request(.GET, url + "/api/v1/agents", token: "the-token-of-the-file").status == 401)
            #expect(await program.end() == .status(0))
        }
    }

    @Test func theDoctorSaysWhatIsRightAndWhatIsWrong() async throws {
        try await self.withFolder { folder in
            let simulator = try await Program.start(["simulate", "--listen", "127.0.0.1:0", "--calls-per-minute", "0", "--password", "secret"])
            let address = try await simulator.line("event socket on ")
            let rest = ["--listen", "127.0.0.1:0", "--data", folder]
            let good = try await Program.run(["doctor", "--freeswitch", "esl://:secret@\(address)?name=fs1"] + rest)
            #expect(good.exit == .status(0), "\(good.said)")
            for line in ["ok    FreeSWITCH fs1: reachable", "ok    FreeSWITCH fs1: mod_callcenter is loaded", "ok    Redis: ", "ok    listen: "] {
                #expect(good.said.contains(line), "\(good.said)")
            }
            let wrong = try await Program.run(["doctor", "--freeswitch", "esl://:wrong@\(address)?name=fs1"] + rest)
            #expect(wrong.exit == .status(1))
            #expect(wrong.said.contains("fail  FreeSWITCH fs1: the log-in was refused"), "\(wrong.said)")
            let gone = try await Program.run(["doctor", "--freeswitch", Self.nowhere + "?name=fs1"] + rest)
            #expect(gone.exit == .status(1))
            #expect(gone.said.contains("fail  FreeSWITCH fs1: nobody answers at 127.0.0.1:1"), "\(gone.said)")
            #expect(await simulator.end() == .status(0))
        }
    }

    @Test func theDemoGivesEverybodyALinkAndALogInOfTheirOwn() async throws {
        let shipped = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docker/freeswitch/conf").path(percentEncoded: false)
        let demo = try await Program.start(
            ["demo", "--listen", "127.0.0.1:0", "--calls-per-minute", "0", "--agents", "2", "--configuration", shipped])
        let url = try await demo.line("listening on ")
        func token(_ line: String, page: String) throws -> String {
            let rest = try #require(line.wholeMatch(of: /(\S+)#token=(\S+) - .+/)?.output)
            #expect(rest.1 == url + page)
            return String(rest.2)
        }
        func who(_ token: String) async throws -> JSON {
            try await RunningSite.request(.GET, url + "/api/v1/session", token: token).body["principal"]
        }
        func status(_ path: String, _ token: String) async throws -> Int {
            try await RunningSite.request(.GET, url + "/api/v1" + path, token: token).status
        }
        let agent = try token(try await demo.line("agent 1001@default: "), page: "/")
        #expect(try await who(agent)["role"].string == "agent")
        #expect(try await who(agent)["name"].string == "王芳")
        try await eventually("the agent is there") { try await status("/agents/1001%40default", agent) == 200 }
        #expect(try await status("/agents/1002%40default", agent) == 403)
        #expect(try await status("/users", agent) == 403)
        let supervisor = try token(try await demo.line("supervisor: "), page: "/wallboard")
        #expect(try await status("/agents/1002%40default", supervisor) == 200)
        #expect(try await status("/users", supervisor) == 403)
        let admin = try token(try await demo.line("admin: "), page: "/admin")
        #expect(try await status("/users", admin) == 200)
        // Not the administrator's token itself.
        #expect(try await demo.line("admin token, made for this run: ") != admin)
        let password = try await demo.line("log-in: agent 1002@default, password ")
        let session = try await RunningSite.request(
            .POST, url + "/api/v1/session", token: "", body: "{\"agent\":\"1002@default\",\"password\":\"\(password)\"}")
        #expect(session.status == 200 && session.body["principal"]["agent"].string == "1002@default", "\(session.body)")
        #expect(await demo.end() == .status(0))
    }

    @Test func simulateAndServeApartOverTCPPopAndSwitch() async throws {
        try await self.withFolder { folder in
            let simulator = try await Program.start(["simulate", "--listen", "127.0.0.1:0", "--calls-per-minute", "240", "--seed", "7"])
            let address = try await simulator.line("event socket on ")
            let service = try await Program.start([
                "serve", "--freeswitch", "esl://:ClueCon@\(address)?name=fs1", "--listen", "127.0.0.1:0", "--data", folder, "--admin-token",
                Self.token,
            ])
            let url = try await service.line("listening on ")
            let client = ["--url", url, "--token", Self.token]
            let watch = try await Program.start(["pop", "watch"] + client)
            try await eventually("pops come in", within: .seconds(60)) { watch.said.contains("pop.offered") }
            let list = try await Program.run(["agent", "list"] + client)
            #expect(list.exit == .status(0), "\(list.said)")
            #expect(list.said.contains("1001@default"))
            let onBreak = try await Program.run(["agent", "break", "1002@default", "--reason", "lunch"] + client)
            #expect(onBreak.exit == .status(0), "\(onBreak.said)")
            #expect(onBreak.said.contains("status On Break"))
            let missing = try await Program.run(["agent", "show", "nobody@default"] + client)
            #expect(missing.exit == .status(1))
            _ = await watch.end(SIGINT)
            #expect(await service.end() == .status(0))
            #expect(await simulator.end() == .status(0))
        }
    }
}
