import NIOCore
import Testing

@testable import ScreenPopHTTP

@Suite struct AuditSummaryTests {
    private func summary(_ body: String) -> String? {
        AuditSummary(ByteBuffer(string: body)).map { String(decoding: $0.json, as: UTF8.self) }
    }

    @Test(arguments: [
        (#"{"status":"On Break","reason":"lunch"}"#, #"{"reason":"lunch","status":"On Break"}"#),
        (#"{"level":1,"position":12,"force":true,"x":null}"#, #"{"force":true,"level":1,"position":12,"x":null}"#),
        // Secrets.
        (#"{"user":"anna","password":"hunter2"}"#, #"{"password":"***","user":"anna"}"#),
        (#"{"newPassword":{"a":"hunter2"},"accessToken":["hunter2"]}"#, #"{"accessToken":"***","newPassword":"***"}"#),
        (#"{"contact":{"dialString":"{sip_auth_password=hunter2}sofia/x/y"}}"#, #"{"contact":{"dialString":"***"}}"#),
        // Numbers somebody is called at.
        (#"{"to":{"number":"+8613900139000"}}"#, #"{"to":{"number":"+***00"}}"#),
        (#"{"to":{"extension":"1002"}}"#, #"{"to":{"extension":"1002"}}"#),
        (#"{"to":{"extension":"013900139000"}}"#, #"{"to":{"extension":"***00"}}"#),
        (#"{"to":{"agent":"1002@default"}}"#, #"{"to":{"agent":"1002@default"}}"#),
        (#"{"to":{"agent":"+8613900139000"}}"#, #"{"to":{"agent":"+***00"}}"#),
        (#"{"to":"13900139000"}"#, #"{"to":"***00"}"#), (#"{"to":13900139000}"#, #"{"to":"***00"}"#),
        (#"{"reason":"call +86 139-0013 9000 back at 10"}"#, #"{"reason":"call +***00 back at 10"}"#),
        (#"{"reason":"1 lunch, 2 breaks"}"#, #"{"reason":"1 lunch, 2 breaks"}"#),
        (#"{"+8613900139000":1,"status":"x"}"#, #"{"status":"x"}"#),
        (#"{"queues":["support@default","800800800@x"]}"#, #"{"queues":["support@default","800800800@x"]}"#),
        (#"{"list":["13900139000"]}"#, #"{"list":["***00"]}"#),
        // A time is nobody's number, and a number is no time.
        (#"{"readyTime":"2026-11-27T23:00:00.000Z"}"#, #"{"readyTime":"2026-11-27T23:00:00.000Z"}"#),
        (#"{"readyTime":"13900139000"}"#, #"{"readyTime":"***00"}"#),
        // No more than a line.
        (#"{"a":{"b":{"c":{"d":1}}}}"#, #"{"a":{"b":{"c":"…"}}}"#),
    ])
    func `shows what was asked and nothing that must not be seen`(body: String, shown: String) {
        #expect(self.summary(body) == shown)
    }

    @Test(arguments: ["", "{}", "[]", "kind,name\nagent,x", "{", "null"])
    func `what is no object has no summary`(body: String) {
        #expect(self.summary(body) == nil)
    }

    @Test func `of what holds secrets only those members are shown that are none`() throws {
        let body = ByteBuffer(string: #"{"role":"agent","passwort":"correct horse","pass":"x"}"#)
        let summary = try #require(AuditSummary(body, onlyShowing: ["role"]))
        #expect(String(decoding: summary.json, as: UTF8.self) == #"{"pass":"***","passwort":"***","role":"agent"}"#)
    }

    @Test func `is short whatever comes, and of a whole list there is none`() throws {
        func body(_ text: String) -> String {
            let members = (0..<500).map { "\"\(String(UnicodeScalar(UInt8(97 + $0 % 26))))\(String(repeating: "x", count: $0 / 26))\":[\"\(text)\"]" }
            return "{\(members.joined(separator: ","))}"
        }
        let large = body(String(repeating: "long text ", count: 10))
        #expect(large.utf8.count > 50_000)
        let summary = try #require(self.summary(large))
        #expect(summary.utf8.count < 2048)
        #expect(self.summary(body(String(repeating: "long text ", count: 5000))) == nil)
    }
}
