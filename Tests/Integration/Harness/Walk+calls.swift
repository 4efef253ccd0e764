import NIOHTTP1
import Testing

@testable import screenpop

/// Callers of a queue: offered, answered, held, heard, handed over, hung up.
extension Walk {
    func calls(_ queue: String, _ phones: Phones) async throws {
        try await self.offers(queue, phones)
        try await self.setPhone(self.agent, phones.answering, answers: true)
        try await self.setPhone(self.other("boss"), phones.answering, answers: true)
        try await self.conversation(queue, phones)
        try await self.endings(queue, phones)
        try await self.transfers(queue, phones)
        try await self.take(
            Step(name: "delete the other agent", method: .DELETE, path: self.path(self.other("boss")), status: 204))
    }

    private func setPhone(_ agent: String, _ address: String, answers: Bool) async throws {
        await self.switchboard.setPhone(of: agent, answers: answers)
        try await self.take(
            Step(
                name: "a phone that \(answers ? "answers" : "rings")", method: .PATCH, path: self.path(agent),
                body: #"{"contact":{"sofia":{"profile":"internal","address":"\#(address)"},"callTimeout":30}}"#, status: 200,
                answer: ["applied": .bool(true)]))
    }

    /// What is kept for later while the phone rings.
    private func offers(_ queue: String, _ phones: Phones) async throws {
        try await self.setPhone(self.agent, phones.ringing, answers: false)
        let takeBreak = Step(
            name: "a break while it rings", method: .POST, path: "\(self.path())/break", body: #"{"reason":"training"}"#, status: 202,
            answer: ["applied": .bool(false), "pending.status": .string("On Break")], inFreeSWITCH: self.get("status", "Available"))
        let first = try await self.ring(queue)
        try await self.take([
            Step(
                name: "who is being offered waits", method: .GET, path: "/api/v1/members", status: 200,
                holds: { $0.body["items"].items.contains { $0["queue"].string == queue } }, isAwaited: true),
            takeBreak,
            Step(
                name: "it is kept", method: .GET, path: self.path(), status: 200, answer: ["pending.status": .string("On Break")], isAwaited: true),
            Step(
                name: "no break after all", method: .DELETE, path: "\(self.path())/pending", status: 204,
                inFreeSWITCH: self.get("status", "Available")),
            Step(name: "nothing is kept", method: .GET, path: self.path(), status: 200, answer: ["pending": .null], isAwaited: true),
            takeBreak,
        ])
        try await self.kill(first)
        try await self.wait("the break that was kept", self.get("status", "On Break"))
        let second = try await self.ring(queue)
        try await self.take(
            Step(
                name: "a break at once", method: .POST, path: "\(self.path())/break", body: #"{"reason":"training","force":true}"#, status: 200,
                answer: ["applied": .bool(true)], inFreeSWITCH: self.get("status", "On Break")))
        try await self.kill(second)
    }

    private func conversation(_ queue: String, _ phones: Phones) async throws {
        let talk = try await self.talk(queue)
        let call = "/api/v1/calls/\(APIClient.pathPart(talk.call))"
        let boss = self.other("boss")
        try await self.take(
            Step(
                name: "the call has the number that popped up", method: .GET, path: call, status: 200,
                answer: ["caller.number": .string("5551234")]))
        try await self.take([
            Step(
                name: "the live calls", method: .GET, path: "/api/v1/calls", status: 200,
                holds: { $0.body["items"].items.contains { $0["uuid"].string == talk.call } }, isAwaited: true),
            Step(name: "its trace", method: .GET, path: "\(call)/trace", status: 200, holds: { !$0.body["items"].items.isEmpty }),
            Step(
                name: "what this caller called before", method: .GET, path: "\(self.path())/pops/\(talk.pop)/calls", status: 200,
                holds: { $0.body["items"].items.allSatisfy { $0["caller"]["number"].string == "5551234" } }),
            Step(
                name: "the pop was seen", method: .POST, path: "\(self.path())/pops/\(talk.pop)/ack", body: #"{"stage":"shown"}"#, status: 204),
            Step(
                name: "hold", method: .POST, path: "\(self.path())/call/hold", body: "{}", status: 200, answer: ["applied": .bool(true)],
                inFreeSWITCH: ("show", "channels as json", { $0.contains("\"HELD\"") }), settles: true),
            Step(
                name: "resume", method: .POST, path: "\(self.path())/call/resume", body: "{}", status: 200, answer: ["applied": .bool(true)],
                inFreeSWITCH: ("show", "channels as json", { !$0.contains("\"HELD\"") }), settles: true),
            Step(
                name: "listen", method: .POST, path: "\(call)/supervise", body: #"{"mode":"listen","agent":"\#(boss)"}"#, status: 201,
                answer: ["mode": .string("listen"), "agent": .string(self.agent)]),
        ])
        try await self.wait("somebody listens", ("show", "channels as json", { $0.contains("\"eavesdrop\"") }))
        try await self.take([
            Step(
                name: "barge in", method: .PUT, path: "\(call)/supervise", body: #"{"mode":"barge","agent":"\#(boss)"}"#, status: 200,
                answer: ["mode": .string("barge")], isAwaited: true),
            Step(
                name: "listen no longer", method: .DELETE, path: "\(call)/supervise?agent=\(APIClient.pathPart(boss))", status: 204,
                inFreeSWITCH: ("show", "channels as json", { !$0.contains("\"eavesdrop\"") }), settles: true),
            Step(
                name: "leave the queue, after the call", method: .POST, path: "\(self.path())/leave", body: #"{"queues":["\#(queue)"]}"#, status: 202,
                inFreeSWITCH: self.listed("\(queue)|\(self.agent)|", "tier list")),
            Step(
                name: "transfer to what may not be dialled", method: .POST, path: "\(self.path())/call/transfer",
                body: #"{"to":{"extension":"12"}}"#, status: 403, answer: ["code": .string("target-not-allowed")],
                inFreeSWITCH: self.channel(talk.caller, exists: true)),
            Step(
                name: "transfer blindly", method: .POST, path: "\(self.path())/call/transfer", body: #"{"to":{"extension":"\#(phones.target)"}}"#,
                status: 200, answer: ["applied": .bool(true)], inFreeSWITCH: self.channel(talk.caller, exists: true)),
        ])
        try await self.wait("the agent left the queue", self.listed("\(queue)|\(self.agent)|", "tier list", false))
        try await self.kill(talk.caller)
        try await self.take([
            Step(
                name: "back into the queue", method: .PUT, path: self.tierPath(queue), body: #"{"level":1,"position":1}"#, status: 201,
                inFreeSWITCH: self.listed("\(queue)|\(self.agent)|Ready|1|1", "tier list")),
            Step(
                name: "what the caller called before", method: .GET, path: "/api/v1/callers/5551234/calls", status: 200,
                holds: { $0.body["items"].items.contains { $0["uuid"].string == talk.call } }, isAwaited: true),
        ])
    }

    private func endings(_ queue: String, _ phones: Phones) async throws {
        let first = try await self.talk(queue)
        try await self.take([
            Step(
                name: "hang up", method: .POST, path: "\(self.path())/call/hangup", body: "{}", status: 200, answer: ["applied": .bool(true)]),
            // Not awaited: what was answered is so for whoever reads next.
            Step(
                name: "no call to hang up", method: .POST, path: "\(self.path())/call/hangup", body: "{}", status: 409,
                answer: ["code": .string("no-call")]),
            Step(name: "no pop", method: .GET, path: "\(self.path())/pop", status: 204),
        ])
        try await self.wait("the talk is over", self.get("state", "Waiting"))
        try await self.take([
            Step(
                name: "wrapping up", method: .GET, path: self.path(), status: 200, holds: { $0.body["wrapUp"]["until"].string != nil },
                isAwaited: true),
            Step(
                name: "wrapped up already", method: .DELETE, path: "\(self.path())/wrap-up", status: 200, answer: ["applied": .bool(true)],
                inFreeSWITCH: self.column("wrap_up_time") { $0 == "0" }),
        ])
        try await self.wait("the caller is gone", self.channel(first.caller, exists: false))
        let second = try await self.talk(queue)
        try await self.take([
            Step(
                name: "end somebody's call", method: .POST, path: "/api/v1/calls/\(APIClient.pathPart(second.call))/hangup", body: "{}", status: 200,
                answer: ["applied": .bool(true)]),
            Step(
                name: "it has ended", method: .GET, path: "/api/v1/calls/\(APIClient.pathPart(second.call))", status: 200,
                inFreeSWITCH: self.channel(second.caller, exists: false), settles: true, holds: { $0.body["endedAt"].string != nil }),
        ])
        try await self.take(
            Step(
                name: "pops that are over", method: .GET, path: "\(self.path())/pops", status: 200,
                holds: { $0.body["items"].items.contains { $0["id"].string == second.pop } }, isAwaited: true))
        let dialled = try await self.take(
            Step(
                name: "dial", method: .POST, path: "\(self.path())/dial", body: #"{"to":{"extension":"\#(phones.target)"}}"#, status: 200,
                answer: ["applied": .bool(true), "actual.state": .string("ringing")], isAwaited: true))
        let leg = try #require(dialled["actual.callUUID"].string)
        try await self.wait("the phone of who dialled rings", self.channel(leg, exists: true))
        try await self.kill(leg)
    }

    // MARK: callers

    /// A caller rings at the agent's phone; his channel.
    private func ring(_ queue: String) async throws -> String {
        try await self.take([
            Step(
                name: "be ready for a call", method: .POST, path: "\(self.path())/ready", status: 200, inFreeSWITCH: self.get("status", "Available"),
                isAwaited: true)
        ])
        let caller = try await self.switchboard.call(queue)
        try await self.take(
            Step(
                name: "it pops up", method: .GET, path: "\(self.path())/pop", status: 200,
                answer: ["state": .string("offered"), "caller.number": .string("5551234")], isAwaited: true))
        return caller
    }

    /// A caller talks to the agent.
    func talk(_ queue: String) async throws -> (caller: String, call: String, pop: String) {
        try await self.take(
            Step(
                name: "be ready for a talk", method: .POST, path: "\(self.path())/ready", status: 200,
                inFreeSWITCH: self.get("status", "Available"), isAwaited: true))
        let caller = try await self.switchboard.call(queue)
        let pop = try await self.take(
            Step(
                name: "they talk", method: .GET, path: "\(self.path())/pop", status: 200,
                answer: ["state": .string("answered")], holds: { $0.body["bridgedAt"].string != nil }, isAwaited: true))
        return (caller, try #require(pop.body["callUUID"].string), try #require(pop.body["id"].string))
    }

    /// The caller hangs up, and is gone from the agent's desktop.
    func kill(_ caller: String) async throws {
        _ = try await self.switchboard.api("uuid_kill", caller)
        try await self.wait("the caller is gone", self.channel(caller, exists: false))
        try await self.take(
            Step(name: "no pop", method: .GET, path: "\(self.path())/pop", status: 204, isAwaited: true))
    }
}
