import CallCenter
import EventSocket
import Foundation
import Hiredis
import Logging
import ScreenPop
import ScreenPopHTTP
import ScreenPopService
import Testing

@testable import screenpop

@Suite struct SettingsTests {
    private static let url = "esl://:secret@192.0.2.1:8021"

    private func settings(
        flags: [SettingName: [String]] = [:], environment: [String: String] = [:], file: String? = nil
    ) throws -> ServerSettings {
        var path: String?
        if let file {
            let place = FileManager.default.temporaryDirectory.appending(path: "screenpop-\(UUID().uuidString).yaml")
            try file.write(to: place, atomically: true, encoding: .utf8)
            path = place.path(percentEncoded: false)
        }
        defer { if let path { try? FileManager.default.removeItem(atPath: path) } }
        var environment = environment
        environment["HOME"] = "/home/someone"
        let sources = try SettingSources(flags: flags, environment: environment, configurationFile: path)
        return try ServerSettings(sources, environment: environment)
    }

    private func refusal(
        flags: [SettingName: [String]] = [.freeswitch: [url]], environment: [String: String] = [:], file: String? = nil
    ) -> String? {
        do {
            _ = try self.settings(flags: flags, environment: environment, file: file)
            return nil
        } catch let failure as CommandFailure {
            return failure.kind == .configuration ? failure.message : "\(failure.kind): \(failure.message)"
        } catch {
            return "not a CommandFailure: \(error)"
        }
    }

    @Test func defaultsAreThoseOfTheContract() throws {
        let settings = try self.settings(flags: [.freeswitch: [Self.url]])
        #expect(settings.listen == ListenAddress(host: "127.0.0.1", port: 8080))
        #expect(settings.site == "default")
        #expect(settings.redis == .embedded(data: "/home/someone/.local/share/screenpop"))
        #expect(settings.transport == .plain)
        #expect(settings.adminToken == nil)
        #expect(settings.attributes == nil)
        #expect(settings.popURL == nil)
        #expect(settings.allowedOrigins == [])
        #expect(!settings.allowDialStrings)
        #expect(settings.reconcileSeconds == 60)
        #expect(settings.logLevel == .info)
        #expect(settings.dialing == .standard)
        #expect(settings.dialing.extensions.map(\.description) == ["XXX", "XXXX", "XXXXX", "XXXXXX"])
        #expect(settings.dialing.numbers.isEmpty)
    }

    @Test func aFlagBeatsTheEnvironmentWhichBeatsTheFile() throws {
        let file = "freeswitch: [\"\(Self.url)\"]\nsite: file\nlisten: 127.0.0.1:1\nlog-level: error\n"
        let environment = ["SCREENPOP_SITE": "environment", "SCREENPOP_LISTEN": "127.0.0.1:2"]
        let settings = try self.settings(flags: [.site: ["flag"]], environment: environment, file: file)
        #expect(settings.site == "flag")
        #expect(settings.listen.port == 2)
        #expect(settings.logLevel == .error)
        #expect(settings.freeswitch.map(\.host) == ["192.0.2.1"])
    }

    @Test func everyNameCanBeSetInEachPlace() throws {
        let values: [SettingName: String] = [
            .freeswitch: "esl://:secret@192.0.2.9:8021?name=nine", .redis: "redis://192.0.2.2:6380", .data: "/d", .listen: "127.0.0.1:99",
            .site: "north", .tlsCertificate: "/c.pem", .tlsKey: "/k.pem", .insecure: "true", .adminToken: "0123456789abcdef",
            .attribute: "crm_id", .allowOrigin: "https://crm.example.org", .allowDialStrings: "yes", .logLevel: "debug",
            .jwtSecret: "0123456789abcdef0123456789abcdef", .jwtAudience: "screenpop", .jwtIssuer: "https://login.example.org", .sessionHours: "9",
            .logInURL: "https://login.example.org/authorize?client=screenpop",
            .reconcileSeconds: "300",
            .allowDefaultPassword: "yes", .trustedProxy: "10.0.0.0/8",
            .popURL: "https://crm.example.org/?a={caller.number},{attributes.crm_id?}#x",
            .dialExtension: "1XXX", .dialNumber: "+86.", .dialContext: "agents", .dialCallerID: "+441632960960",
        ]
        // Beside a secret there can be no key set.
        #expect(Set(values.keys).union([.jwks]) == Set(SettingName.allCases))
        let byEnvironment = try self.settings(
            environment: Dictionary(uniqueKeysWithValues: values.map { ($0.key.environmentName, $0.value) }))
        let byFile = try self.settings(file: values.map { "\($0.key.rawValue): \"\($0.value)\"\n" }.joined())
        let byFlags = try self.settings(flags: values.mapValues { [$0] })
        for settings in [byEnvironment, byFile, byFlags] {
            #expect(settings.reconcileSeconds == 300)
            #expect(settings.freeswitch.map(\.name) == ["nine"])
            #expect(settings.redis == .endpoint(RedisEndpoint(address: .tcp(host: "192.0.2.2", port: 6380, tls: false))))
            #expect(settings.listen.port == 99)
            #expect(settings.jwt?.audience == "screenpop" && settings.jwt?.issuer == "https://login.example.org" && settings.sessionHours == 9)
            #expect(settings.logInURL == "https://login.example.org/authorize?client=screenpop")
            #expect(settings.site == "north")
            #expect(settings.transport == .tls(certificate: "/c.pem", key: "/k.pem"))
            #expect(settings.adminToken == "0123456789abcdef")
            #expect(settings.attributes == ["crm_id"])
            #expect(settings.popURL?.text == "https://crm.example.org/?a={caller.number},{attributes.crm_id?}#x")
            #expect(settings.allowedOrigins == ["https://crm.example.org"])
            #expect(settings.allowDialStrings)
            #expect(settings.trustedProxies == [AddressRange("10.0.0.0/8")])
            #expect(settings.logLevel == .debug)
            #expect(settings.dialing.extensions.map(\.description) == ["1XXX"])
            #expect(settings.dialing.numbers.map(\.description) == ["+86."])
            #expect(settings.dialing.context.text == "agents")
            #expect(settings.dialing.callerID?.text == "+441632960960")
        }
    }

    @Test func whatIsWrongAboutDiallingIsNamed() {
        for (name, value) in [(SettingName.dialExtension, "[0-9]+"), (.dialNumber, "."), (.dialContext, "a b"), (.dialCallerID, "anna")] {
            let error = #expect(throws: CommandFailure.self) { try self.settings(flags: [.freeswitch: [Self.url], name: [value]]) }
            #expect(error?.message.hasPrefix("--\(name.rawValue): `\(value)` ") == true)
        }
    }

    @Test func severalValuesComeByCommasInTheEnvironmentAndAsAListInTheFile() throws {
        let two = ["esl://:a@192.0.2.1:8021", "esl://:b@192.0.2.2:8021"]
        let byEnvironment = try self.settings(environment: ["SCREENPOP_FREESWITCH": two.joined(separator: " , ")])
        let byFile = try self.settings(file: "freeswitch:\n" + two.map { "  - \"\($0)\"\n" }.joined())
        for settings in [byEnvironment, byFile] { #expect(settings.freeswitch.map(\.host) == ["192.0.2.1", "192.0.2.2"]) }
    }

    @Test func anEmptyVariableCountsAsNotSet() throws {
        let settings = try self.settings(flags: [.freeswitch: [Self.url]], environment: ["SCREENPOP_SITE": "", "SCREENPOP_ATTRIBUTE": ""])
        #expect(settings.site == "default")
        #expect(settings.attributes == nil)
    }

    @Test func withoutFreeSWITCHTheErrorSaysSo() {
        let message = self.refusal(flags: [:])
        #expect(message?.contains("no FreeSWITCH is named") == true)
        #expect(message?.contains("SCREENPOP_FREESWITCH") == true)
    }

    @Test func anUnknownNameInTheFileIsNamed() {
        #expect(self.refusal(file: "lisen: 127.0.0.1:80\n")?.contains("there is no setting `lisen`") == true)
        #expect(self.refusal(file: "tls:\n  key: x\n")?.contains("there is no setting `tls.key`") == true)
    }

    @Test func aSlipInTheFileDoesNotShowThePasswordBesideIt() {
        let refusal = self.refusal(file: "freeswitch: \"esl://:s3cret-word@10.0.0.1\nlisten: 127.0.0.1:0\n")
        #expect(refusal?.contains("is not the YAML that is expected") == true)
        #expect(refusal?.contains("s3cret-word") == false)
    }

    @Test func whatIsNoYAMLMappingIsRefused() {
        #expect(self.refusal(file: "- a\n- b\n")?.contains("is not the YAML that is expected") == true)
        #expect(self.refusal(file: "a: [\n")?.contains("is not the YAML that is expected") == true)
    }

    @Test func aSecretForJWTsIsLongAndItsTokensAreForUs() throws {
        let secret = String(repeating: "s", count: 32)
        let given: [SettingName: [String]] = [.freeswitch: [Self.url], .jwtSecret: [secret], .jwtAudience: ["screenpop"], .jwtIssuer: ["me"]]
        let jwt = try #require(try self.settings(flags: given).jwt)
        #expect(jwt.keys == .secret(secret) && jwt.audience == "screenpop" && jwt.issuer == "me")
        #expect(self.refusal(flags: given.merging([.jwtSecret: ["short"]]) { $1 })?.contains("at least 32 bytes") == true)
        #expect(self.refusal(flags: given.merging([.jwks: ["keys.json"]]) { $1 })?.contains("give one") == true)
        #expect(self.refusal(flags: [.freeswitch: [Self.url], .jwtSecret: [secret]])?.contains("needs --jwt-audience") == true)
        #expect(self.refusal(flags: [.freeswitch: [Self.url], .jwtAudience: ["x"]])?.contains("without keys") == true)
        #expect(try self.settings(flags: [.freeswitch: [Self.url]]).jwt == nil)
    }

    @Test(arguments: [
        ("https://login.example.org", true), ("https://login.example.org/a?client=screenpop", true), ("http://127.0.0.1:9000/log-in", true),
        ("http://login.example.org/", false), ("javascript:alert(1)", false), ("https://login.example.org/#a", false),
        ("https://user:password@login.example.org/", false), ("login.example.org", false), ("https://", false),
    ])
    func theCompanysLogInIsAnAddressThatNobodyCanChangeOnTheWay(text: String, isOne: Bool) {
        let keys: [SettingName: [String]] = [
            .freeswitch: [Self.url], .jwtSecret: [String(repeating: "s", count: 32)], .jwtAudience: ["screenpop"], .logInURL: [text],
        ]
        let refusal = self.refusal(flags: keys)
        #expect((refusal == nil) == isOne, "\(text): \(refusal ?? "taken")")
        if let refusal { #expect(refusal.hasPrefix("--login-url: ")) }
    }

    @Test func aCompanysLogInNeedsKeysForItsTokens() {
        let refusal = self.refusal(flags: [.freeswitch: [Self.url], .logInURL: ["https://login.example.org"]])
        #expect(refusal?.contains("--login-url is given without keys") == true)
    }

    @Test(arguments: [
        ("keys.json", HTTPService.Configuration.JWT.Keys.file("keys.json")),
        ("https://login.example.org/jwks", .url("https://login.example.org/jwks")),
        ("http://127.0.0.1:9000/jwks", .url("http://127.0.0.1:9000/jwks")), ("http://login.example.org/jwks", nil),
        ("ftp://127.0.0.1/jwks", nil), ("https://user:password@login.example.org/", nil), ("https://", nil),
    ])
    func keysComeFromAFileOrAnAddressThatNobodyCanChange(text: String, keys: HTTPService.Configuration.JWT.Keys?) throws {
        let given: [SettingName: [String]] = [.freeswitch: [Self.url], .jwks: [text], .jwtAudience: ["screenpop"]]
        #expect((try? self.settings(flags: given))?.jwt?.keys == keys)
        if keys == nil { #expect(self.refusal(flags: given)?.hasPrefix("--jwks: ") == true) }
    }

    @Test func aLogInLastsHalfADayUnlessToldOtherwise() throws {
        #expect(try self.settings(flags: [.freeswitch: [Self.url]]).sessionHours == 12)
        #expect(try self.settings(flags: [.freeswitch: [Self.url], .sessionHours: ["8"]]).sessionHours == 8)
        #expect(self.refusal(flags: [.freeswitch: [Self.url], .sessionHours: ["0"]])?.hasPrefix("--session-hours: ") == true)
    }

    @Test(arguments: [
        (SettingName.freeswitch, "fs1:8021", "--freeswitch: value 1 is not an event socket address"),
        (.redis, "localhost", "--redis: this is not the address of a Redis"),
        (.redis, "redis+cluster://a,b", "--redis: redis+cluster:// comes with a later version"),
        (.redis, "redis+sentinel://a:26379/m", "--redis: redis+sentinel:// comes with a later version"),
        (.listen, "8080", "--listen: `8080` is not HOST:PORT"),
        (.site, "a b", "--site: `a b` is not a name of a site"),
        (.site, "a}b", "--site: `a}b` is not a name of a site"),
        (.adminToken, "short", "--admin-token: an admin token has at least 16 characters"),
        (.adminToken, "0123456789abcde,", "--admin-token: an admin token holds no space, no comma"),
        (.tlsKey, "k.pem", "--tls-key is given without --tls-certificate"),
        (.tlsCertificate, "c.pem", "--tls-certificate is given without --tls-key"),
        (.allowOrigin, "https://a.example/path", "--allow-origin: `https://a.example/path` is not an origin"),
        (.allowOrigin, "*", "--allow-origin: `*` is not an origin"),
        (.popURL, "crm.example.org/{queue}", "--pop-url: a link begins with https:// or http://"),
        (.popURL, "javascript:alert(1)", "--pop-url: a link begins with https:// or http://"),
        (.popURL, "https://{caller.name}.example.org/", "--pop-url: a placeholder may stand in path, query and fragment, not in the host"),
        (.popURL, "https://h/{caller.mail}", "--pop-url: there is no placeholder {caller.mail}; there are caller.number, caller.name,"),
        (.popURL, "https://h/{attributes.account}", "--pop-url: the channel variable `account` is not copied into pops"),
        (.logLevel, "loud", "--log-level: `loud` is not one of"),
        (.trustedProxy, "proxy.example.org", "--trusted-proxy: `proxy.example.org` is not an address"),
        (.allowDefaultPassword, "perhaps", "--allow-default-password: `perhaps` is neither true nor false"),
        (.allowDialStrings, "perhaps", "--allow-dial-strings: `perhaps` is neither true nor false"),
    ])
    func aWrongValueIsRefusedWithThePlaceItStandsIn(name: SettingName, value: String, message: String) {
        let refusal = self.refusal(flags: [.freeswitch: [Self.url]].merging([name: [value]]) { $1 })
        #expect(refusal?.hasPrefix(message) == true, "\(refusal ?? "accepted")")
    }

    @Test func aRefusedAddressDoesNotRepeatItsPassword() {
        #expect(self.refusal(flags: [.freeswitch: ["esl://:hunter2@:nonsense"]])?.contains("hunter2") == false)
        #expect(self.refusal(flags: [.freeswitch: [Self.url], .redis: ["rdis://:hunter2@h"]])?.contains("hunter2") == false)
    }

    @Test(arguments: ["esl://:ClueCon@192.0.2.1:8021?name=fs1", "esl://a%40b:Clue%43on@fs.example.org?name=fs1"])
    func theDeliveredPasswordIsRefusedForAnotherMachine(url: String) throws {
        let refusal = self.refusal(flags: [.freeswitch: [url]])
        #expect(refusal?.hasPrefix("--freeswitch: the password of `fs1` is the one that FreeSWITCH is delivered with") == true)
        #expect(refusal?.contains("\n") == false)
        #expect(refusal?.contains("--allow-default-password") == true)
        for environment in [[:], ["SCREENPOP_ALLOW_DEFAULT_PASSWORD": "yes"]] {
            let flags: [SettingName: [String]] = environment.isEmpty ? [.allowDefaultPassword: ["true"]] : [:]
            #expect(try self.settings(flags: flags.merging([.freeswitch: [url]]) { $1 }, environment: environment).freeswitch.count == 1)
        }
        #expect(try self.settings(file: "freeswitch: \"\(url)\"\nallow-default-password: true\n").freeswitch.count == 1)
    }

    @Test(arguments: ["127.0.0.1", "localhost", "[::1]"])
    func theDeliveredPasswordDoesOnThisMachine(host: String) throws {
        #expect(try self.settings(flags: [.freeswitch: ["esl://:ClueCon@\(host):8021"]]).freeswitch.count == 1)
    }

    @Test func twoNodesOfOneNameAreRefused() {
        #expect(self.refusal(flags: [.freeswitch: [Self.url, Self.url]])?.contains("two nodes are called") == true)
    }

    @Test func listeningBeyondThisMachineNeedsTLSOrInsecure() throws {
        let beyond: [SettingName: [String]] = [.freeswitch: [Self.url], .listen: ["0.0.0.0:8080"]]
        #expect(self.refusal(flags: beyond)?.contains("--insecure") == true)
        _ = try self.settings(flags: beyond.merging([.insecure: ["true"]]) { $1 })
        _ = try self.settings(flags: beyond.merging([.tlsCertificate: ["c"], .tlsKey: ["k"]]) { $1 })
    }
}

@Suite struct ListenAddressTests {
    @Test(arguments: [
        ("127.0.0.1:8080", "127.0.0.1", 8080, true), ("localhost:0", "localhost", 0, true), ("[::1]:80", "::1", 80, true),
        ("127.8.9.1:1", "127.8.9.1", 1, true), ("0.0.0.0:8080", "0.0.0.0", 8080, false), ("[::]:8080", "::", 8080, false),
        ("desk.example.org:443", "desk.example.org", 443, false), ("127.evil.example.org:80", "127.evil.example.org", 80, false),
    ])
    func readsAnAddress(text: String, host: String, port: Int, isLoopback: Bool) throws {
        let address = try #require(ListenAddress(text))
        #expect(address == ListenAddress(host: host, port: port))
        #expect(address.isLoopback == isLoopback)
        #expect(address.description == text)
    }

    @Test(arguments: ["", "8080", ":8080", "host", "host:", "host:65536", "host:-1", "::1:80", "[::1:80", "a b:80", "host:8080/x"])
    func refusesWhatIsNone(text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
