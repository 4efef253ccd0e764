import Foundation
import ScreenPopService
import ScreenPopStore
import Testing

@testable import ScreenPopHTTP

@Suite(.timeLimit(.minutes(1))) struct QueueDefinitionRouteTests {
    private static let definition = "/api/v1/queues/billing%40default/definition"
    private static let configuration = "/api/v1/freeswitch/configuration"

    @Test func `a body's members are a queue's parameters, each of its kind`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            let body = #"{"name":"a@b","strategy":"ring-all","maxWaitTime":90,"tierRulesApply":true,"mohSound":"local_stream://moh","node":"fs1"}"#
            let created = try await wire.request("POST", "/api/v1/queues", body: body)
            #expect(created.status == 201)
            #expect(try await wire.request("POST", "/api/v1/queues", body: #"{"name":"a@b","load":false}"#).status == 201)
            #expect(try await wire.request("PATCH", Self.definition, body: #"{"maxWaitTime":5}"#).status == 200)
            #expect(try await wire.request("PATCH", Self.definition + "?reload=true", body: #"{"mohSound":""}"#).status == 200)
            #expect(try await wire.request("PUT", Self.definition, body: "{}").status == 200)
            #expect(try await wire.request("DELETE", Self.definition).status == 204)
            #expect(try await wire.request("DELETE", Self.definition + "?unload=true").status == 204)
            #expect(
                server.control.asked == [
                    "define a@b max-wait-time=90,moh-sound=local_stream://moh,strategy=ring-all,tier-rules-apply=true on fs1", "define a@b  unloaded",
                    "redefine billing@default max-wait-time=5", "redefine billing@default moh-sound= reload", "redefine billing@default  whole",
                    "undefine billing@default", "undefine billing@default unload",
                ])
            for (method, path, body, code) in [
                ("POST", "/api/v1/queues", "{}", "invalid-value"), ("POST", "/api/v1/queues", #"{"name":"a@b","maxWaitTime":"90"}"#, "invalid-value"),
                ("POST", "/api/v1/queues", #"{"name":"a@b","max-wait-time":90}"#, "unknown-member"),
                ("PATCH", Self.definition, "{}", "invalid-value"),
                ("PATCH", Self.definition + "?reload=soon", #"{"maxWaitTime":5}"#, "invalid-value"),
            ] {
                let answer = try await wire.request(method, path, body: body)
                #expect(answer.status == 422 && answer.body.contains(#""code":"\#(code)""#), "\(method) \(path) \(body): \(answer.body)")
            }
            #expect(server.control.asked.count == 7)
        }
    }

    @Test func `a definition is shown with what it takes to have effect`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            let one = try await wire.request("GET", Self.definition)
            #expect(one.body.contains(#""takesEffect":"on-reload","loaded":[{"node":"fs1","differs":["maxWaitTime"]}],"unasked":[],"#))
            #expect(
                one.body.contains(#""maxWaitTime":90"#) && one.body.contains(#""mohSound":null"#) && one.body.contains(#""tierRulesApply":false"#))
            #expect(try await wire.request("GET", "/api/v1/queue-definitions").body.contains(#""takesEffect":"now""#))
            #expect(try await wire.request("PUT", Self.definition, body: "{}").body.contains(#""takesEffect":"on-load","loaded":[]"#))
            #expect(try await wire.request("GET", "/api/v1/queues/other%40default/definition").status == 404)
            let parameters = try await wire.request("GET", "/api/v1/queue-parameters")
            #expect(parameters.body.contains(#"{"name":"maxWaitTime","kind":"seconds","minimum":0,"maximum":86400,"standard":0,"#))
            #expect(parameters.body.contains("等待多少秒后来电者离开队列"))
        }
    }

    @Test func `a FreeSWITCH is told of our queues, and of everything else that it is not found`() async throws {
        try await TestServer.run { server in
            let basic = "Authorization: Basic " + Data("freeswitch:\(TestServer.token)".utf8).base64EncodedString()
            let load = "hostname=vm&section=configuration&tag_name=configuration&key_name=name&key_value=callcenter.conf"
            let wire = try await Wire.connect(server.port)
            for (form, isOurs) in [
                (load + "&CC-Queue=billing%40default", true), (load + "&CC-Queue=support%40default", false), (load, false),
                ("section=directory&tag_name=domain&user=1001", false), ("", false), ("%zz=%80&" + load + "&CC-Queue=billing@default", true),
                (load + "&CC-Queue=%22/%3E%3Cx", false),
            ] {
                for answer in [
                    try await wire.request("POST", Self.configuration, token: nil, headers: [basic], body: form),
                    try await wire.request("GET", Self.configuration + "?" + form, token: nil, headers: [basic]),
                ] {
                    #expect(answer.status == 200)
                    #expect(answer["content-type"] == "text/xml; charset=utf-8")
                    #expect(answer.body.contains(#"<result status="not found"/>"#) != isOurs, "\(form)")
                    #expect(answer.body.contains(#"<queue name="billing@default">"#) == isOurs, "\(form)")
                }
            }
            // It asks all the time, and changes nothing: what stands in the audit is the next command.
            _ = try await wire.request("DELETE", Self.definition)
            #expect(try await server.records.entries(1).first?.operation == "defineQueues")
            let long = try await wire.request("POST", Self.configuration, token: nil, headers: [basic], body: String(repeating: "a", count: 70_000))
            #expect(long.status == 413)
        }
    }

    @Test func `a name and a password are good here alone, and nobody gets in without`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            func basic(_ text: String) -> String { "Authorization: Basic " + Data(text.utf8).base64EncodedString() }
            #expect(try await wire.request("GET", Self.configuration).status == 200)
            for header in [
                basic("freeswitch:wrong"), basic(TestServer.token), basic(":"), "Authorization: Basic ???", "Authorization: Basic",
                "Authorization: Digest x", "X-Nothing: x",
            ] {
                #expect(try await wire.request("GET", Self.configuration, token: nil, headers: [header]).status == 401, "\(header)")
            }
            for path in ["/api/v1/queues", "/api/v1/queue-definitions", "/api/v1/agents"] {
                #expect(try await wire.request("GET", path, token: nil, headers: [basic("x:\(TestServer.token)")]).status == 401)
            }
        }
    }
}
