import NIOHTTP1

@testable import screenpop

/// Queues and their tiers, lists of both, and the end of the agent.
extension Walk {
    func tiers(_ queue: String) -> [Step] {
        let row = "\(queue)|\(self.agent)|"
        let queuePath = self.queuePath(queue)
        let tier = self.tierPath(queue)
        return [
            Step(
                name: "add a tier", method: .PUT, path: tier, body: #"{"level":2,"position":3}"#, status: 201,
                inFreeSWITCH: self.listed("\(row)Ready|2|3", "tier list")),
            Step(
                name: "change the tier", method: .PUT, path: tier, body: #"{"level":1,"position":9}"#, status: 200,
                inFreeSWITCH: self.listed("\(row)Ready|1|9", "tier list")),
            Step(
                name: "a tier with a state", method: .PUT, path: tier, body: #"{"level":1,"position":9,"state":"Standby"}"#, status: 200,
                inFreeSWITCH: self.listed("\(row)Standby|1|9", "tier list")),
            Step(
                name: "a state that no tier has", method: .PUT, path: tier, body: #"{"level":1,"position":1,"state":"Nowhere"}"#, status: 422,
                inFreeSWITCH: self.listed("\(row)Standby|1|9", "tier list")),
            Step(
                name: "a tier that is ready again", method: .PUT, path: tier, body: #"{"level":1,"position":1,"state":"Ready"}"#, status: 200,
                inFreeSWITCH: self.listed("\(row)Ready|1|1", "tier list")),
            Step(
                name: "a tier in a queue that is none", method: .PUT,
                path: "/api/v1/queues/nosuch%40default/tiers/\(APIClient.pathPart(self.agent))", body: #"{"level":1,"position":1}"#, status: 404),
            Step(
                name: "the queue's tiers", method: .GET, path: "\(queuePath)/tiers", status: 200,
                holds: { [agent = self.agent] in $0.body["items"].items.contains { $0["agent"].string == agent && $0["position"] == .number(1) } },
                isAwaited: true),
            Step(name: "the queue's agents", method: .GET, path: "\(queuePath)/agents", status: 200),
        ]
    }

    func queues(_ queue: String) -> [Step] {
        let path = self.queuePath(queue)
        return [
            Step(
                name: "the queue with its parameters", method: .GET, path: path, status: 200,
                holds: { $0.body["parameters"]["strategy"].string != nil && $0.body["parameters"]["maxWaitTime"].number != nil }),
            Step(name: "all queues", method: .GET, path: "/api/v1/queues", status: 200, holds: { !$0.body["items"].items.isEmpty }),
            Step(name: "who waits anywhere", method: .GET, path: "/api/v1/members", status: 200),
            Step(name: "the queue's members", method: .GET, path: "\(path)/members", status: 200),
            Step(name: "a queue that is none", method: .GET, path: "/api/v1/queues/nosuch%40default", status: 404),
        ]
    }

    /// Queues that stand in no file. Not loaded: whether a real FreeSWITCH asks this service is for its own configuration to say.
    func defining() -> [Step] {
        let name = self.other("queue")
        let definition = "\(self.queuePath(name))/definition"
        let configuration = "/api/v1/freeswitch/configuration"
        let form = "section=configuration&key_value=callcenter.conf&CC-Queue=\(APIClient.pathPart(name))"
        let notLoaded = self.listed("\(name)|", "queue list", false)
        return [
            Step(
                name: "what can be set of a queue", method: .GET, path: "/api/v1/queue-parameters", status: 200,
                holds: { $0.body["items"].items.contains { $0["name"].string == "strategy" && !$0["values"].items.isEmpty } }),
            Step(
                name: "define a queue", method: .POST, path: "/api/v1/queues", body: #"{"name":"\#(name)","strategy":"ring-all","load":false}"#,
                status: 201, answer: ["actual.loaded": .bool(false), "applied": .bool(true)], inFreeSWITCH: notLoaded),
            Step(
                name: "define it twice", method: .POST, path: "/api/v1/queues", body: #"{"name":"\#(name)","load":false}"#, status: 409,
                answer: ["code": .string("queue-exists")]),
            Step(
                name: "a strategy that is none", method: .POST, path: "/api/v1/queues", body: #"{"name":"x@default","strategy":"fastest"}"#,
                status: 422, answer: ["code": .string("invalid-value")]),
            Step(
                name: "set a parameter", method: .PATCH, path: definition, body: #"{"maxWaitTime":20}"#, status: 200,
                answer: ["parameters.maxWaitTime": .number(20), "parameters.strategy": .string("ring-all"), "takesEffect": .string("on-load")]),
            Step(
                name: "set all of them", method: .PUT, path: definition, body: #"{"maxWaitTime":30}"#, status: 200,
                answer: ["parameters.maxWaitTime": .number(30), "parameters.strategy": .string("longest-idle-agent")]),
            Step(name: "the definition", method: .GET, path: definition, status: 200, answer: ["name": .string(name)]),
            Step(
                name: "all definitions", method: .GET, path: "/api/v1/queue-definitions", status: 200,
                holds: { $0.body["items"].items.contains { $0["name"].string == name } }),
            Step(
                name: "what FreeSWITCH is told", method: .POST, path: configuration, body: form, status: 200,
                type: "application/x-www-form-urlencoded", holds: { $0.text.contains(#"<param name="max-wait-time" value="30"/>"#) }),
            Step(
                name: "what it is told by GET", method: .GET, path: "\(configuration)?\(form)", status: 200,
                holds: { $0.text.contains("<queue name=") }),
            Step(name: "delete the definition", method: .DELETE, path: definition, status: 204, inFreeSWITCH: notLoaded),
            Step(name: "it is defined no more", method: .GET, path: definition, status: 404, answer: ["code": .string("queue-not-found")]),
            Step(
                name: "FreeSWITCH looks in its files", method: .POST, path: configuration, body: form, status: 200,
                type: "application/x-www-form-urlencoded", holds: { $0.text.contains(#"<result status="not found"/>"#) }),
        ]
    }

    func removing(_ queue: String) -> [Step] {
        let path = self.path()
        return [
            Step(
                name: "remove the tier", method: .DELETE, path: self.tierPath(queue), status: 204,
                inFreeSWITCH: self.listed("|\(self.agent)|", "tier list", false)),
            Step(
                name: "delete the agent", method: .DELETE, path: path, status: 204, inFreeSWITCH: self.listed(self.agent, "agent list", false)),
            Step(name: "it is gone", method: .GET, path: path, status: 404, isAwaited: true),
            Step(
                name: "what is gone takes no command", method: .POST, path: "\(path)/ready", status: 404, answer: ["code": .string("agent-not-found")]
            ),
        ]
    }

    func loading(_ queue: String) async throws {
        let path = self.queuePath(queue)
        try await self.take([
            Step(
                name: "load what is loaded", method: .POST, path: "\(path)/load", body: "{}", status: 409, answer: ["code": .string("queue-exists")],
                inFreeSWITCH: self.listed(queue, "queue list")),
            Step(
                name: "reload a queue", method: .POST, path: "\(path)/reload", body: "{}", status: 200,
                answer: ["applied": .bool(true), "actual.loaded": .bool(true)], inFreeSWITCH: self.listed("\(queue)|", "queue list")),
            Step(
                name: "unload it", method: .POST, path: "\(path)/unload", body: "{}", status: 200, answer: ["actual.loaded": .bool(false)],
                inFreeSWITCH: self.listed("\(queue)|", "queue list", false)),
            Step(name: "it is not there", method: .GET, path: path, status: 404, isAwaited: true),
            Step(
                name: "load it", method: .POST, path: "\(path)/load", body: "{}", status: 200, answer: ["actual.loaded": .bool(true)],
                inFreeSWITCH: self.listed("\(queue)|", "queue list")),
            Step(name: "it is there", method: .GET, path: path, status: 200, isAwaited: true),
            Step(
                name: "load one that stands nowhere", method: .POST, path: "\(self.queuePath("nosuch@default"))/load", body: "{}", status: 404,
                inFreeSWITCH: self.listed("nosuch", "queue list", false)),
        ])
    }

    func importing(_ queue: String) async throws {
        let name = self.other("imported")
        let row = #"{"name":"\#(name)","type":"Callback","contact":{"user":"1997@example.org","callTimeout":10},"wrapUpTime":3}"#
        let list = #"{"agents":[\#(row)],"tiers":[{"queue":"\#(queue)","agent":"\#(name)","level":2,"position":4}]}"#
        let csv = "kind,name,queue,wrapUpTime,level,position\r\nagent,\(name),,21,,\r\ntier,\(name),\(queue),,1,7\r\n"
        try await self.take([
            Step(
                name: "plan an import", method: .POST, path: "/api/v1/import?plan=true", body: list, status: 200,
                answer: ["plan": .bool(true), "applied": .number(0)], inFreeSWITCH: self.listed(name, "agent list", false),
                holds: { $0.body["changes"].items.map { $0["action"].string } == ["add", "add"] }),
            Step(
                name: "import", method: .POST, path: "/api/v1/import", body: list, status: 200, answer: ["applied": .number(2)],
                inFreeSWITCH: self.column("contact", of: name) { $0 == "[call_timeout=10]user/1997@example.org" }),
            Step(
                name: "import it again", method: .POST, path: "/api/v1/import", body: list, status: 200, answer: ["applied": .number(0)],
                inFreeSWITCH: self.listed("\(queue)|\(name)|Ready|2|4", "tier list")),
            Step(
                name: "import a table", method: .POST, path: "/api/v1/import", body: csv, status: 200, answer: ["applied": .number(2)],
                inFreeSWITCH: self.column("wrap_up_time", of: name) { $0 == "21" }, type: "text/csv"),
            Step(
                name: "a table with a line in error", method: .POST, path: "/api/v1/import", body: csv.replacing(",21,", with: ",many,"), status: 422,
                inFreeSWITCH: self.listed("\(queue)|\(name)|Ready|1|7", "tier list"), type: "text/csv",
                holds: { $0.body["errors"].items.first?["line"] == .number(2) }),
            Step(
                name: "export a table", method: .GET, path: "/api/v1/export?format=csv", status: 200, holds: { $0.text.contains("\(name),") }),
        ])
        let exported = try await self.take(Step(name: "export", method: .GET, path: "/api/v1/export", status: 200)).body
        try await self.take(
            Step(
                name: "what was exported changes nothing", method: .POST, path: "/api/v1/import?delete=true", body: exported.text, status: 200,
                answer: ["applied": .number(0), "changes": .array([])]))
        let without = JSON.object([
            "agents": .array(exported["agents"].items.filter { $0["name"].string != name }),
            "tiers": .array(exported["tiers"].items.filter { $0["agent"].string != name }),
        ]).text
        try await self.take([
            Step(
                name: "without it, and nothing is deleted", method: .POST, path: "/api/v1/import", body: without, status: 200,
                answer: ["applied": .number(0)], inFreeSWITCH: self.listed(name, "agent list")),
            Step(
                name: "import and delete", method: .POST, path: "/api/v1/import?delete=true", body: without, status: 200,
                inFreeSWITCH: self.listed(name, "agent list", false),
                holds: { !$0.body["changes"].items.isEmpty && $0.body["changes"].items.allSatisfy { $0["action"].string == "delete" } }),
        ])
        try await self.wait("its tier is gone", self.listed(name, "tier list", false))
    }
}
