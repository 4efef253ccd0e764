import CallCenter
import EventSocket
import Foundation
import Hiredis
import Logging
import NIOCore
import NIOPosix
import ScreenPopHTTP
import ScreenPopService
import Testing

@testable import screenpop

@Suite struct DoctorTests {
    @Test func aFindingIsOneLineThatSaysWhatToDo() {
        #expect(Finding.ok("Redis", "reachable").line == "ok    Redis: reachable")
        #expect(Finding.fail("FreeSWITCH fs1", "x\ny", "do z").line == "fail  FreeSWITCH fs1: x\\ny; do z")
    }

    private func agent(_ name: String, contact: String, type: String = "Callback") -> AgentRow {
        var row = AgentRow()
        row.name = name
        row.contact = contact
        row.type = type
        return row
    }

    @Test func contactsThatDoNotDoWhatTheySayAreNamed() {
        let findings = FreeSWITCHExamination.contacts(
            [
                self.agent("1001@default", contact: "[call_timeout=10]sofia/internal/1001@192.0.2.7"),
                self.agent("1002@default", contact: "[leg_timeout=10]sofia/internal/1002@192.0.2.7"),
                self.agent("1003@default", contact: "[call_timeout=10]user/1003@example.org"),
                self.agent("1004@default", contact: ""),
                self.agent("1005@default", contact: "sofia/internal/${sip_user}"),
                self.agent("1006@default", contact: "", type: "uuid-standby"),
            ], subject: "fs1")
        #expect(findings.map(\.grade) == [.warn, .warn, .warn])
        #expect(findings[0].text.contains("1001@default") && findings[0].text.contains("call_timeout"))
        #expect(findings[1].text.contains("1004@default"))
        #expect(findings[2].text.contains("1005@default"))
    }

    @Test func soundContactsAreOneLine() {
        let findings = FreeSWITCHExamination.contacts([self.agent("1001@default", contact: "user/1001@example.org")], subject: "fs1")
        #expect(findings == [.ok("fs1", "1 agents, their contacts are sound")])
    }

    @Test func aRedisThatKeepsNothingOrEvictsIsWarnedAbout() {
        let findings = RedisExamination.findings(
            info: "# Server\r\nredis_version:7.0.15\r\nrole:master\r\naof_enabled:0\r\nmaxmemory_policy:allkeys-lru\r\n")
        #expect(findings.map(\.grade) == [.ok, .warn, .warn])
    }

    @Test func aRedisThatCannotWriteOrIsNearlyFullIsNamed() {
        let sound = "redis_version:7.0.15\r\naof_enabled:1\r\nmaxmemory_policy:noeviction\r\n"
        let full = RedisExamination.findings(info: sound + "maxmemory:1048576000\r\nused_memory:1000000000\r\naof_last_write_status:ok\r\n")
        #expect(full.map(\.grade) == [.ok, .ok, .warn, .ok])
        #expect(full[2].text.hasPrefix("953 of 1000 MiB are in use"))
        let failing = RedisExamination.findings(info: sound + "maxmemory:0\r\naof_last_write_status:err\r\nrdb_last_bgsave_status:err\r\n")
        #expect(failing.map(\.grade) == [.ok, .ok, .fail, .fail, .ok])
    }

    @Test func aCertificateIsHeldAgainstTheClock() {
        let day: Int64 = 86_400 * 1_000_000
        func finding(from: Int64, until: Int64) -> Finding {
            TLSExamination.finding(
                (from: Timestamp(microseconds: from * day), until: Timestamp(microseconds: until * day)), now: Timestamp(microseconds: 20_000 * day))
        }
        #expect(finding(from: 19_000, until: 20_090) == .ok("TLS", "certificate and key belong together, valid until 2025-01-02"))
        #expect(finding(from: 19_000, until: 20_013).grade == .warn)
        #expect(finding(from: 19_000, until: 20_013).text == "the certificate expires on 2024-10-17, in 13 days")
        #expect(finding(from: 19_000, until: 20_000).grade == .fail)
        #expect(finding(from: 19_000, until: 20_000).text == "the certificate has expired on 2024-10-04")
        #expect(finding(from: 20_001, until: 20_090).grade == .fail)
        #expect(finding(from: 20_000, until: 20_014).grade == .ok)
    }

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sp-\(UUID().uuidString.prefix(8))").path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    private func makeCertificate(_ name: String, in folder: String) async throws {
        let openssl = try await ChildProcess.start(
            "/usr/bin/env",
            [
                "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "90", "-subj", "/CN=localhost", "-keyout",
                "\(folder)/\(name).key", "-out", "\(folder)/\(name).pem",
            ], folder: folder, log: folder + "/openssl.log")
        #expect(await openssl.ended(within: .seconds(60)) == .status(0))
    }

    @Test func aKeyOfAnotherCertificateOrNoFileIsNamed() async throws {
        try await self.withFolder { folder in
            for name in ["a", "b"] { try await self.makeCertificate(name, in: folder) }
            func findings(_ certificate: String, _ key: String) -> [Finding] {
                TLSExamination.findings(certificate: "\(folder)/\(certificate)", key: "\(folder)/\(key)", now: WallClock.now())
            }
            #expect(findings("a.pem", "a.key").map(\.grade) == [.ok])
            for (certificate, key, text) in [
                ("a.pem", "b.key", "do not belong together"), ("none.pem", "a.key", "none.pem cannot be read"),
                ("a.pem", "none.key", "none.key cannot be"),
                ("a.key", "a.key", "is no PEM certificate chain"), ("a.pem", "a.pem", "is no PEM private key"),
            ] {
                let wrong = findings(certificate, key)
                #expect(wrong.map(\.grade) == [.fail], "\(certificate) \(key)")
                #expect(wrong.first?.text.contains(text) == true, "\(wrong)")
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder + "/a.key")
            #expect(findings("a.pem", "a.key").map(\.grade) == [.ok, .warn])
        }
    }

    @Test func theKeysOfTheCompanysLogInAreLoaded() async throws {
        try await self.withFolder { folder in
            let file = folder + "/jwks.json"
            func findings(_ keys: HTTPService.Configuration.JWT.Keys) async -> [Finding] {
                await JWTExamination.findings(
                    .init(keys: keys, audience: "screenpop", issuer: nil), eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            }
            #expect(await findings(.secret("a secret of thirty-two bytes at least")).map(\.grade) == [.ok])
            #expect(await findings(.file(file)).map(\.grade) == [.fail])
            try #"{"keys":[{"kty":"oct","k":"AAAA"}]}"#.write(toFile: file, atomically: true, encoding: .utf8)
            let useless = await findings(.file(file))
            #expect(useless.map(\.grade) == [.fail] && useless[0].text.contains("holds no RSA key"), "\(useless)")
            // RFC 7517, A.1.
            let key =
                #"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","kid":"1"}"#
            try #"{"keys":[\#(key)]}"#.write(toFile: file, atomically: true, encoding: .utf8)
            let sound = await findings(.file(file))
            #expect(sound.map(\.grade) == [.ok] && sound[0].text.contains("signed with the key of \(file)"), "\(sound)")
            // Nobody listens there.
            #expect(await findings(.url("http://127.0.0.1:1/jwks.json")).map(\.grade) == [.fail])
        }
    }

    @Test func anOldRedisAndAReplicaFail() {
        let findings = RedisExamination.findings(
            info: "redis_version:5.0.3\r\nrole:slave\r\naof_enabled:1\r\nmaxmemory_policy:noeviction\r\n")
        #expect(findings.map(\.grade) == [.fail, .fail, .ok, .ok])
    }

    @Test(arguments: [
        (EventSocketError.authenticationRefused("-ERR invalid"), "the log-in was refused"),
        (.accessDenied("Access Denied, go away."), "its access list refuses this machine"),
        (.unreachable("connection refused"), "nobody answers at 192.0.2.1:8021"),
    ])
    func eachWayNotToReachFreeSWITCHHasItsAdvice(error: EventSocketError, text: String) {
        let endpoint = EventSocketEndpoint(host: "192.0.2.1", credentials: .password("x"), name: "fs1")
        let examination = FreeSWITCHExamination(
            endpoint: endpoint, eventLoop: MultiThreadedEventLoopGroup.singleton.next(), logger: Logger(label: "test"))
        let finding = examination.refusal(error)
        #expect(finding.grade == .fail)
        #expect(finding.text == text)
        #expect(finding.advice?.isEmpty == false)
    }

    @Test func whatARestrictedUserLacksIsNamed() {
        let sound = FreeSWITCHExamination.rights(refusedCommands: [], refusedEvents: [], subject: "fs1")
        #expect(sound.map(\.grade) == [.ok])
        let some = FreeSWITCHExamination.rights(refusedCommands: ["uuid_kill"], refusedEvents: ["CHANNEL_HOLD"], subject: "fs1")
        #expect(some.map(\.grade) == [.warn, .warn])
        #expect(some[0].text.contains("uuid_kill") && some[1].text.contains("CHANNEL_HOLD"))
        let needed = FreeSWITCHExamination.rights(refusedCommands: ["show"], refusedEvents: ["callcenter::info"], subject: "fs1")
        #expect(needed.map(\.grade) == [.fail, .fail])
    }

    @Test func clocksThatDisagreeFail() {
        func time(_ seconds: Int64) -> RedisValue { .array([.bulk(ByteBuffer(string: String(seconds))), .bulk(ByteBuffer(string: "12"))]) }
        #expect(RedisExamination.clock(time(1000), ours: 1001).grade == .ok)
        #expect(RedisExamination.clock(time(1000), ours: 1030).grade == .fail)
        #expect(RedisExamination.clock(.null, ours: 1).grade == .warn)
    }

    @Test func whoHoldsANodeIsSaid() {
        let value = Result<RedisValue, RedisError>.success(.bulk(ByteBuffer(string: "web1:812 7")))
        let held = RedisExamination.lease("fs1", value: value, left: .success(.integer(3200)))
        #expect(held == .ok("lease", "web1:812 holds node fs1, for 4 s unless it renews; an instance that starts now stands by"))
        let free = Finding.ok("lease", "nobody holds node fs1: an instance that starts now is active at once")
        #expect(RedisExamination.lease("fs1", value: .success(.null), left: .success(.integer(-2))) == free)
        // Without a life: of a version that did not renew it.
        #expect(RedisExamination.lease("fs1", value: value, left: .success(.integer(-1))) == free)
        #expect(RedisExamination.lease("fs1", value: .failure(.server("NOPERM no")), left: .success(.integer(1))).grade == .warn)
    }

    @Test func fewOpenFilesAreWarnedAbout() {
        #expect(MachineExamination.openFiles(limit: (1024, 4096)).grade == .warn)
        #expect(MachineExamination.openFiles(limit: (1024, 1_048_576)).grade == .ok)
    }

    @Test func lookingAtTheDataFolderLeavesNothingThere() async throws {
        try await self.withFolder { folder in
            let files = FileManager.default
            let absent = MachineExamination.embeddedRedis(data: folder + "/share/screenpop", program: "/usr/bin/redis-server")
            #expect(absent.map(\.grade) == [.ok])
            #expect(try files.contentsOfDirectory(atPath: folder) == [])
            try files.createDirectory(atPath: folder + "/data", withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
            let empty = MachineExamination.embeddedRedis(data: folder + "/data", program: "/usr/bin/redis-server")
            #expect(empty.map(\.grade) == [.ok])
            #expect(try files.contentsOfDirectory(atPath: folder + "/data") == [])
            #expect(try files.attributesOfItem(atPath: folder + "/data")[.posixPermissions] as? Int == 0o755)
            do {
                let held = try DataDirectory(path: folder + "/data")
                let used = MachineExamination.embeddedRedis(data: held.path, program: "/usr/bin/redis-server")
                #expect(used.map(\.text).last == "another screenpop works with that data now")
            }
            // Free again: the lock's file stays, and nobody holds it.
            #expect(MachineExamination.embeddedRedis(data: folder + "/data", program: "/usr/bin/redis-server").map(\.grade) == [.ok])
            try "".write(toFile: folder + "/file", atomically: true, encoding: .utf8)
            for wrong in ["/file", "/file/below"] {
                let findings = MachineExamination.embeddedRedis(data: folder + wrong, program: "/usr/bin/redis-server")
                #expect(findings.map(\.grade) == [.ok, .fail], "\(findings)")
                #expect(findings.last?.text.contains(folder + "/file") == true, "\(findings)")
            }
            let long = MachineExamination.embeddedRedis(data: folder + "/" + String(repeating: "x", count: 100), program: "/usr/bin/redis-server")
            #expect(long.last?.grade == .fail && long.last?.text.contains("too long") == true)
        }
    }

    @Test func aMissingRedisServerIsAFailureWithTheCommandThatInstallsIt() {
        let findings = MachineExamination.embeddedRedis(data: "/nowhere", program: nil)
        #expect(findings.map(\.grade) == [.fail])
        #expect(findings[0].advice == "sudo apt-get install redis-server")
    }
}
