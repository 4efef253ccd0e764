import Foundation
import Testing

@testable import screenpop

@Suite struct FreeSWITCHConfigTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docker/freeswitch")

    private func plan(_ yaml: String) throws -> CallCentrePlan { try CallCentrePlan(yaml: yaml, file: "x.yaml") }

    @Test func `the committed configuration is what the committed YAML says`() throws {
        let yaml = try String(contentsOf: Self.folder.appending(path: "callcenter.yaml"), encoding: .utf8)
        let files = ConfigurationFiles(plan: try self.plan(yaml)).files
        #expect(files.count >= 19)
        for (path, text) in files {
            let committed = try? String(contentsOf: Self.folder.appending(path: "conf/\(path)"), encoding: .utf8)
            #expect(committed == text, "run: screenpop freeswitch-config docker/freeswitch/callcenter.yaml --output docker/freeswitch/conf --write")
        }
        // What the menus play is there.
        let menus = try #require(files.first { $0.path == "ivr_menus/main.xml" }?.text)
        for match in menus.matches(of: /\$\$\{prompts\}\/([a-z-]+\.wav)/) {
            #expect(FileManager.default.fileExists(atPath: Self.folder.appending(path: "conf/prompts/\(match.output.1)").path), "\(match.output.1)")
        }
    }

    @Test func `an included file's first line is the tag alone`() throws {
        let yaml = try String(contentsOf: Self.folder.appending(path: "callcenter.yaml"), encoding: .utf8)
        for (path, text) in ConfigurationFiles(plan: try self.plan(yaml)).files where path != "freeswitch.xml" {
            #expect(text.hasPrefix("<include>\n"), "FreeSWITCH drops what shares the line: \(path)")
        }
    }

    @Test(arguments: [
        ("queues: {}", "queues: there is none"),
        ("queues: {a@b: {strategy: ring-all}}", "say what is dialled for it"),
        ("queues: {a@b: {extension: 7000, strategy: fastest}}", "\"fastest\" is not one of"),
        ("queues: {a@b: {extension: 7000, moh-sound: '$${event_socket_password}'}}", "of $${...} there may be hold_music, "),
        ("queues: {a@b: {extension: 7000, max-wait: 9}}", "there is no queue parameter \"max-wait\""),
        ("queues: {a@b: {extension: 7000}, c@d: {extension: 7000}}", "7000 is queues.a@b already"),
        ("queues: {a@b: {extension: 1005}}", "1005 is queues.a@b already"),
        (
            "queues: {a@b: {extension: 7000}}\nmenu: {extension: 5000, languages: {'1': en}, choices: {'1': {value: x, queue: c@d}}}",
            "there is no queue \"c@d\""
        ),
        (
            "queues: {a@b: {extension: 7000}}\nmenu: {extension: 5000, languages: {'1': fr}, choices: {'1': {value: x, queue: a@b}}}",
            "prompts for en and zh"
        ),
        (
            "queues: {a@b: {extension: 7000}}\nmenu: {extension: 5000, languages: {'1': en}, choices: {'1': {value: 'x;y', queue: a@b}}}",
            "letters, digits"
        ),
        ("queues: {a@b: {extension: 7000}}\nexport: ['x,y=${system(id)}']", "is not a channel variable's name"),
        ("queues: {a@b: {extension: 7000}}\nevent-socket: {listen: '\"/><x'}", "is not an address"),
        ("queues: {'a b': {extension: 7000}}", "the name holds"),
        ("queues: [1", "x.yaml: "),
        ("queues: {a@b: {extension: 7000}}\nqueue-server: 'http://user:pw@host'", "queue-server: "),
        ("queues: {a@b: {extension: 7000}}\nqueue-server: 'http://host/?x=\"/>'", "is not an address like http://screenpop:8080"),
    ])
    func `what cannot be is refused with its place`(yaml: String, expected: String) {
        let error = #expect(throws: CommandFailure.self) { try self.plan(yaml) }
        #expect(error?.kind == .configuration)
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }

    @Test func `FreeSWITCH asks for queues where the file says so, and nowhere otherwise`() throws {
        let queues = "queues: {a@b: {extension: 7000}}"
        let without = Dictionary(uniqueKeysWithValues: ConfigurationFiles(plan: try self.plan(queues)).files.map { ($0.path, $0.text) })
        #expect(without["autoload_configs/xml_curl.conf.xml"] == nil)
        #expect(without["vars.xml"]?.contains("screenpop_token") == false)
        #expect(without["autoload_configs/modules.conf.xml"]?.contains("mod_xml_curl") == false)
        for (server, isVerified) in [("http://screenpop:8080/", false), ("https://pop.example.org", true)] {
            let plan = try self.plan(queues + "\nqueue-server: \(server)")
            let files = Dictionary(uniqueKeysWithValues: ConfigurationFiles(plan: plan).files.map { ($0.path, $0.text) })
            let curl = try #require(files["autoload_configs/xml_curl.conf.xml"])
            let url = "\(server.hasSuffix("/") ? String(server.dropLast()) : server)/api/v1/freeswitch/configuration"
            #expect(curl.contains(#"<param name="gateway-url" value="\#(url)" bindings="configuration"/>"#))
            // The secret is FreeSWITCH's environment's, and stands in no file.
            #expect(curl.contains(#"value="freeswitch:$${screenpop_token}""#))
            #expect(files["vars.xml"]?.contains("screenpop_token=$FREESWITCH_SCREENPOP_TOKEN") == true)
            #expect(curl.contains(#"<param name="enable-cacert-check" value="true"/>"#) == isVerified)
            #expect(curl.contains(#"<param name="timeout" value="2"/>"#))
            // Before the module that asks with it.
            let modules = try #require(files["autoload_configs/modules.conf.xml"])
            let order = modules.matches(of: /mod_xml_curl|mod_callcenter/).map { String($0.output) }
            #expect(order == ["mod_xml_curl", "mod_callcenter"])
        }
    }

    @Test func `a difference names the lines that go and those that come`() {
        #expect(FreeSWITCHConfig.difference("a\nb\nc", "a\nx\nc") == ["- b", "+ x"])
        #expect(FreeSWITCHConfig.difference("a", "a").isEmpty)
    }
}
