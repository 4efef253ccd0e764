import CallCenter
import EventSocket
import Hiredis
import Logging
import NIOCore
import NIOPosix
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

    @Test func aMissingRedisServerIsAFailureWithTheCommandThatInstallsIt() {
        let findings = MachineExamination.embeddedRedis(data: "/nowhere", program: nil)
        #expect(findings.map(\.grade) == [.fail])
        #expect(findings[0].advice == "sudo apt-get install redis-server")
    }
}
