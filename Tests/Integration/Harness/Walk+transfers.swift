import NIOHTTP1
import Testing

@testable import screenpop

/// Somebody is asked about a call: first for nothing, then he takes it over.
extension Walk {
    func transfers(_ queue: String, _ phones: Phones) async throws {
        let boss = self.other("boss")
        let talk = try await self.talk(queue)
        let path = "\(self.path())/transfers"
        let refused = try await self.consult(boss)
        try await self.take([
            Step(
                name: "one transfer at a time", method: .POST, path: path, body: #"{"to":{"agent":"\#(boss)"}}"#, status: 409,
                answer: ["code": .string("wrong-state")]),
            Step(
                name: "come back to the caller", method: .DELETE, path: "\(path)/\(refused)", status: 200, answer: ["state": .string("cancelled")],
                inFreeSWITCH: self.channel(talk.caller, exists: true)),
            Step(
                name: "no transfer to complete", method: .POST, path: "\(path)/\(refused)/complete", status: 409,
                answer: ["code": .string("wrong-state")]),
        ])
        let taken = try await self.consult(boss)
        try await self.take([
            Step(
                name: "leave the two alone", method: .POST, path: "\(path)/\(taken)/complete", status: 200, answer: ["state": .string("completed")],
                inFreeSWITCH: self.channel(talk.caller, exists: true)),
            Step(
                name: "what became of them", method: .GET, path: path, status: 200,
                holds: { $0.body["items"].items.prefix(2).map { $0["state"].string } == ["completed", "cancelled"] }),
            Step(
                name: "who handed it over is free", method: .GET, path: "\(self.path())/pops?limit=1", status: 200,
                holds: { $0.body["items"].items.first?["endReason"].string == "transferred" }, isAwaited: true),
        ])
        try await self.kill(talk.caller)
    }

    /// - Returns: the transfer's id, once its target has answered.
    private func consult(_ target: String) async throws -> String {
        let begun = try await self.take(
            Step(
                name: "ask somebody", method: .POST, path: "\(self.path())/transfers", body: #"{"to":{"agent":"\#(target)"}}"#, status: 201,
                answer: ["to.agent": .string(target), "agent": .string(self.agent)], isAwaited: true))
        let id = try #require(begun["id"].string)
        try await self.take(
            Step(
                name: "they talk about it", method: .GET, path: "\(self.path())/transfers/\(id)", status: 200,
                answer: ["state": .string("consulting")], isAwaited: true))
        return id
    }
}
