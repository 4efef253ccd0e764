import Foundation
import NIOHTTP1

@testable import screenpop

/// An agent: added, its status, its settings, its reasons and its wrap-up.
extension Walk {
    func adding() -> [Step] {
        let contact = #"{"sofia":{"profile":"internal","address":"1999@192.0.2.7:5060"},"callTimeout":10}"#
        let written = "[leg_timeout=10]sofia/internal/1999@192.0.2.7:5060"
        return [
            Step(
                name: "add an agent", method: .POST, path: "/api/v1/agents",
                body: #"{"name":"\#(self.agent)","contact":\#(contact),"maxNoAnswer":3,"wrapUpTime":7,"rejectDelayTime":2,"busyDelayTime":4}"#,
                status: 201, inFreeSWITCH: self.listed("|\(written)|Logged Out|", "agent list '\(self.agent)'")),
            Step(
                name: "add it again", method: .POST, path: "/api/v1/agents", body: #"{"name":"\#(self.agent)"}"#, status: 409,
                answer: ["code": .string("agent-exists")]),
            Step(
                name: "read it", method: .GET, path: self.path(), status: 200,
                answer: ["status": .string("Logged Out"), "contact.sofia.address": .string("1999@192.0.2.7:5060")], isAwaited: true),
            Step(
                name: "read them all", method: .GET, path: "/api/v1/agents", status: 200,
                holds: { [agent = self.agent] in
                    $0.body["items"].items.contains { $0["name"].string == agent }
                }),
        ]
    }

    func statuses() -> [Step] {
        let path = self.path()
        return [
            Step(
                name: "log in", method: .POST, path: "\(path)/login", body: "{}", status: 200,
                answer: ["applied": .bool(true), "actual.status": .string("Available"), "actual.state": .string("Waiting")],
                inFreeSWITCH: self.get("status", "Available")),
            Step(
                name: "take a break", method: .POST, path: "\(path)/break", body: #"{"reason":"lunch"}"#, status: 200,
                answer: ["actual.status": .string("On Break")], inFreeSWITCH: self.get("status", "On Break")),
            Step(
                name: "be ready", method: .POST, path: "\(path)/ready", status: 200,
                answer: ["actual.status": .string("Available"), "actual.state": .string("Waiting")], inFreeSWITCH: self.get("state", "Waiting")),
            Step(
                name: "a status in other letters", method: .PUT, path: "\(path)/status", body: #"{"status":"available (on demand)"}"#, status: 200,
                answer: ["actual.status": .string("Available (On Demand)")], inFreeSWITCH: self.get("status", "Available (On Demand)")),
            Step(
                name: "a status that is none", method: .PUT, path: "\(path)/status", body: #"{"status":"Lunch"}"#, status: 422,
                answer: ["code": .string("invalid-status")], inFreeSWITCH: self.get("status", "Available (On Demand)")),
            Step(
                name: "a state", method: .PUT, path: "\(path)/state", body: #"{"state":"Idle"}"#, status: 200,
                answer: ["actual.state": .string("Idle")],
                inFreeSWITCH: self.get("state", "Idle")),
            Step(
                name: "a state that is none", method: .PUT, path: "\(path)/state", body: #"{"state":"Nowhere"}"#, status: 422,
                answer: ["code": .string("invalid-state")]),
            Step(
                name: "log out", method: .POST, path: "\(path)/logout", status: 200, answer: ["actual.status": .string("Logged Out")],
                inFreeSWITCH: self.get("status", "Logged Out")),
        ]
    }

    /// Every setting, one at a time and then together.
    func settings() -> [Step] {
        let path = self.path()
        let numbers = [
            ("maxNoAnswer", "max_no_answer", 5), ("wrapUpTime", "wrap_up_time", 11), ("rejectDelayTime", "reject_delay_time", 12),
            ("busyDelayTime", "busy_delay_time", 13), ("noAnswerDelayTime", "no_answer_delay_time", 14),
        ]
        var steps = numbers.map { name, column, value in
            Step(
                name: "change \(name)", method: .PATCH, path: path, body: #"{"\#(name)":\#(value)}"#, status: 200,
                answer: ["applied": .bool(true), "actual.\(name)": .number(Double(value))],
                inFreeSWITCH: self.column(column) { $0 == "\(value)" })
        }
        let time = 1_900_000_000
        steps += [
            Step(
                name: "change the type", method: .PATCH, path: path, body: #"{"type":"uuid-standby"}"#, status: 200, answer: ["applied": .bool(true)],
                inFreeSWITCH: self.column("type") { $0 == "uuid-standby" }),
            Step(
                name: "change the contact", method: .PATCH, path: path,
                body: #"{"type":"Callback","contact":{"user":"1998@example.org","callTimeout":15}}"#, status: 200, answer: ["applied": .bool(true)],
                inFreeSWITCH: self.column("contact") { $0 == "[call_timeout=15]user/1998@example.org" }),
            Step(
                name: "no call before a time", method: .PATCH, path: path, body: #"{"readyTime":"2030-03-17T17:46:40Z"}"#, status: 200,
                answer: ["applied": .bool(true)], inFreeSWITCH: self.column("ready_time") { $0 == "\(time)" }),
            Step(
                name: "at any time", method: .PATCH, path: path, body: #"{"readyTime":null}"#, status: 200, answer: ["applied": .bool(true)],
                inFreeSWITCH: self.column("ready_time") { $0 == "0" }),
            Step(
                name: "status and state with a setting", method: .PATCH, path: path,
                body: #"{"wrapUpTime":7,"status":"On Break","reason":"lunch","state":"Idle"}"#, status: 200,
                answer: ["applied": .bool(true), "actual.status": .string("On Break"), "actual.state": .string("Idle")],
                inFreeSWITCH: self.column("wrap_up_time") { $0 == "7" }),
            Step(
                name: "the status is there, too", method: .GET, path: path, status: 200,
                answer: ["status": .string("On Break"), "state": .string("Idle"), "reason": .string("lunch"), "wrapUpTime": .number(7)],
                inFreeSWITCH: self.get("status", "On Break"), isAwaited: true),
            Step(
                name: "one wrong member, and nothing is changed", method: .PATCH, path: path, body: #"{"wrapUpTime":9,"state":"Nowhere"}"#,
                status: 422,
                answer: ["code": .string("invalid-state")], inFreeSWITCH: self.column("wrap_up_time") { $0 == "7" }),
            Step(name: "nothing to change", method: .PATCH, path: path, body: "{}", status: 422),
        ]
        return steps
    }

    func reasons() -> [Step] {
        let path = self.path()
        let list = #"{"items":[{"code":"training","labels":{"en":"Training","zh":"培训"}}],"freeText":false}"#
        return [
            Step(
                name: "the reasons", method: .GET, path: "/api/v1/reasons", status: 200,
                holds: { $0.body["items"].items.contains { $0["code"].string == "lunch" } }),
            Step(name: "other reasons", method: .PUT, path: "/api/v1/reasons", body: list, status: 200),
            Step(
                name: "they are read back", method: .GET, path: "/api/v1/reasons", status: 200,
                holds: { $0.body == (try? JSON(list)) }),
            Step(name: "be ready before a break", method: .POST, path: "\(path)/ready", status: 200, inFreeSWITCH: self.get("status", "Available")),
            Step(
                name: "a break with a reason that is none", method: .POST, path: "\(path)/break", body: #"{"reason":"lunch"}"#, status: 422,
                answer: ["code": .string("invalid-reason")], inFreeSWITCH: self.get("status", "Available")),
            Step(
                name: "a break with a reason", method: .POST, path: "\(path)/break", body: #"{"reason":"training"}"#, status: 200,
                inFreeSWITCH: self.get("status", "On Break")),
            Step(
                name: "it is shown", method: .GET, path: path, status: 200,
                answer: ["reason": .string("training"), "reasonSource": .string("screenpop")], isAwaited: true),
            Step(name: "the end of the break", method: .POST, path: "\(path)/ready", status: 200, inFreeSWITCH: self.get("state", "Waiting")),
            Step(
                name: "the reasons that are over", method: .GET, path: "\(path)/reasons", status: 200,
                holds: { $0.body["items"].items.first?["reason"].string == "training" }, isAwaited: true),
        ]
    }

    func wrapUp() -> [Step] {
        let path = "\(self.path())/wrap-up"
        return [
            Step(
                name: "time to write it down", method: .POST, path: path, body: #"{"seconds":60}"#, status: 200, answer: ["applied": .bool(true)],
                inFreeSWITCH: self.column("ready_time") { abs((Double($0) ?? 0) - Date().timeIntervalSince1970 - 60) < 10 }),
            Step(
                name: "and more of it", method: .POST, path: path, body: #"{"seconds":60}"#, status: 200, answer: ["applied": .bool(true)],
                inFreeSWITCH: self.column("ready_time") { abs((Double($0) ?? 0) - Date().timeIntervalSince1970 - 120) < 10 }),
            Step(name: "it is shown", method: .GET, path: self.path(), status: 200, answer: ["wrapUp.extended": .bool(true)], isAwaited: true),
            Step(
                name: "written down", method: .DELETE, path: path, status: 200, answer: ["applied": .bool(true)],
                inFreeSWITCH: self.column("ready_time") { $0 == "0" }),
            Step(name: "it is over", method: .GET, path: self.path(), status: 200, answer: ["wrapUp": .null], isAwaited: true),
        ]
    }
}
