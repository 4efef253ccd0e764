import ScreenPopService
import Testing

@testable import ScreenPopHTTP

@Suite(.timeLimit(.minutes(1))) struct CallControlTests {
    private static let agent = "/api/v1/agents/1001%40default"

    @Test func `each route asks for what it says`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            let cases: [(String, String, String?, Int, String)] = [
                ("POST", "\(Self.agent)/call/hangup", nil, 200, "hangup 1001@default -"),
                ("POST", "\(Self.agent)/call/hangup", #"{"pop":"p-1"}"#, 200, "hangup 1001@default p-1"),
                ("POST", "\(Self.agent)/call/hold", #"{"call":"c1"}"#, 200, "hold 1001@default c1"),
                ("POST", "\(Self.agent)/call/resume", "{}", 200, "resume 1001@default -"),
                ("POST", "\(Self.agent)/call/transfer", #"{"to":{"queue":"sales@default"}}"#, 200, "transfer 1001@default - queue sales@default"),
                ("POST", "\(Self.agent)/dial", #"{"to":{"number":"+8613900139000"}}"#, 200, "dial 1001@default number +8613900139000"),
                ("POST", "\(Self.agent)/transfers", #"{"to":{"agent":"1002@default"}}"#, 201, "consult 1001@default - agent 1002@default"),
                ("GET", "\(Self.agent)/transfers", nil, 200, "transfers 1001@default"),
                ("GET", "\(Self.agent)/transfers/t1", nil, 200, "read transfer 1001@default t1"),
                ("POST", "\(Self.agent)/transfers/t1/complete", "{}", 200, "complete 1001@default t1"),
                ("DELETE", "\(Self.agent)/transfers/t1", nil, 200, "cancel 1001@default t1"),
                ("POST", "/api/v1/calls/c1/hangup", nil, 200, "end c1"),
                ("POST", "/api/v1/calls/c1/supervise", #"{"agent":"2001@default"}"#, 201, "supervise c1 listen 2001@default"),
                ("PUT", "/api/v1/calls/c1/supervise", #"{"mode":"barge","agent":"2001@default"}"#, 200, "change c1 barge 2001@default"),
                ("DELETE", "/api/v1/calls/c1/supervise?agent=2001%40default", nil, 204, "unsupervise c1 2001@default"),
            ]
            for (method, path, body, status, asked) in cases {
                let answer = try await wire.request(method, path, body: body)
                #expect(answer.status == status, "\(method) \(path) \(answer.body)")
                #expect(server.control.asked.last == asked)
            }
            let calls = try await wire.request("GET", "/api/v1/calls")
            #expect(calls.status == 200)
            #expect(calls.body.hasPrefix(#"{"items":[{"uuid":"c1","node":"fs1","kind":"queue""#))
        }
    }

    @Test func `a transfer is shown with its target, state and reason`() async throws {
        try await TestServer.run { server in
            let answer = try await Wire.connect(server.port).request("POST", "\(Self.agent)/transfers", body: #"{"to":{"extension":"1002"}}"#)
            #expect(
                answer.body
                    == #"{"id":"t1","node":"fs1","agent":"1001@default","call":"c1","pop":"p-1","to":{"extension":"1002"},"state":"ringing","reason":null,"#
                    + #""by":"admin","createdAt":"1970-01-01T00:00:00.000Z","answeredAt":null,"endedAt":null}"#)
        }
    }

    @Test func `what cannot be meant is refused before it is asked for`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            let cases: [(String, String, String, String)] = [
                ("POST", "\(Self.agent)/call/transfer", "{}", "invalid-value"),
                ("POST", "\(Self.agent)/call/transfer", #"{"to":{}}"#, "invalid-value"),
                ("POST", "\(Self.agent)/call/transfer", #"{"to":{"extension":"1","queue":"a@b"}}"#, "invalid-value"),
                ("POST", "\(Self.agent)/call/transfer", #"{"to":{"dialString":"sofia/x"}}"#, "unknown-member"),
                ("POST", "\(Self.agent)/call/hold", #"{"call":"a","pop":"b"}"#, "invalid-value"),
                ("POST", "/api/v1/calls/c1/supervise", #"{"mode":"shout","agent":"2001@default"}"#, "invalid-value"),
                ("POST", "/api/v1/calls/c1/supervise", "{}", "invalid-value"),
                ("PUT", "/api/v1/calls/c1/supervise", #"{"agent":"2001@default"}"#, "invalid-value"),
            ]
            for (method, path, body, code) in cases {
                let answer = try await wire.request(method, path, body: body)
                #expect(answer.status == 422, "\(path) \(body)")
                #expect(answer.body.contains(#""code":"\#(code)""#), "\(path) \(body)")
            }
            #expect(server.control.asked.isEmpty)
        }
    }

    @Test(arguments: [(CommandError.Code.noCall, 409), (.wrongState, 409), (.targetNotAllowed, 403), (.callNotFound, 404), (.transferNotFound, 404)])
    func `refusals have their statuses`(_ code: CommandError.Code, _ status: Int) async throws {
        try await TestServer.run { server in
            server.control.fail(CommandError(code, "no"))
            let answer = try await Wire.connect(server.port).request("POST", "\(Self.agent)/call/hangup")
            #expect(answer.status == status)
            #expect(answer.body.contains(#""code":"\#(code.rawValue)""#))
        }
    }
}
