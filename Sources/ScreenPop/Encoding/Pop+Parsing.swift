import CallCenter

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Pop {
    /// Reads a pop as `json` wrote it. `nil` for anything else: of a pop that cannot be read nothing is guessed.
    public init?(json: some Sequence<UInt8>) {
        guard let form = try? JSONDecoder().decode(Form.self, from: Data(json)) else { return nil }
        func time(_ text: String?) -> Timestamp?? {
            guard let text else { return .some(nil) }
            return Timestamp(rfc3339: text).map { .some($0) }
        }
        guard let kind = Kind(rawValue: form.kind), let state = State(rawValue: form.state), let offeredAt = Timestamp(rfc3339: form.offeredAt),
            let joinedAt = time(form.joinedAt), let answeredAt = time(form.answeredAt), let bridgedAt = time(form.bridgedAt),
            let heldAt = time(form.heldAt), let endedAt = time(form.endedAt)
        else { return nil }
        self.init(id: form.id, kind: kind, agent: form.agent, node: form.node, offeredAt: offeredAt)
        self.version = form.version
        self.state = state
        self.provisional = form.provisional
        self.queue = form.queue
        self.caller = Caller(number: form.caller.number, name: form.caller.name)
        self.dialed = form.dialed
        self.callUUID = form.callUUID
        self.memberUUID = form.memberUUID
        self.agentCallUUID = form.agentCallUUID
        self.joinedAt = joinedAt
        self.answeredAt = answeredAt
        self.bridgedAt = bridgedAt
        self.heldAt = heldAt
        self.endedAt = endedAt
        self.waitSeconds = form.waitSeconds
        self.transferredTo = form.transferredTo
        if let text = form.endReason {
            guard let reason = EndReason(rawValue: text) else { return nil }
            self.endReason = reason
        }
        if let text = form.endedBy {
            guard let party = Party(rawValue: text) else { return nil }
            self.endedBy = party
        }
        self.attributes = form.attributes
        self.url = form.url
        for entry in form.history {
            guard let at = Timestamp(rfc3339: entry.at), let reason = EndReason(rawValue: entry.endReason) else { return nil }
            self.history.append(HistoryEntry(at: at, agent: entry.agent, queue: entry.queue, endReason: reason))
        }
    }

    private struct Form: Decodable {
        struct Caller: Decodable {
            var number: String?
            var name: String?
        }

        struct Entry: Decodable {
            var at: String
            var agent: String
            var queue: String?
            var endReason: String
        }

        var id: String
        var version: Int
        var kind: String
        var state: String
        var provisional: Bool
        var agent: String
        var node: String
        var queue: String?
        var caller: Caller
        var dialed: String?
        var callUUID: String?
        var memberUUID: String?
        var agentCallUUID: String?
        var joinedAt: String?
        var offeredAt: String
        var answeredAt: String?
        var bridgedAt: String?
        var heldAt: String?
        var endedAt: String?
        var waitSeconds: Int?
        var endReason: String?
        var endedBy: String?
        var transferredTo: String?
        var attributes: [String: String]
        var history: [Entry]
        var url: String?
    }
}
