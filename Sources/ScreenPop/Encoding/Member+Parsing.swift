import CallCenter

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension MemberRecord {
    /// Reads a member as `json` wrote it. `nil` for anything else.
    package init?(json: some Sequence<UInt8>) {
        guard let form = try? JSONDecoder().decode(Form.self, from: Data(json)), let state = State(rawValue: form.state),
            let joinedAt = Timestamp(rfc3339: form.joinedAt)
        else { return nil }
        self.init(uuid: form.uuid, queue: form.queue, node: form.node, joinedAt: joinedAt)
        self.callUUID = form.callUUID
        self.caller = Pop.Caller(number: form.caller.number, name: form.caller.name)
        self.state = state
        self.servingAgent = form.servingAgent
        if let text = form.leftAt {
            guard let leftAt = Timestamp(rfc3339: text) else { return nil }
            self.leftAt = leftAt
        }
        if let text = form.leaveReason {
            guard let reason = Pop.EndReason(rawValue: text) else { return nil }
            self.leaveReason = reason
        }
    }

    private struct Form: Decodable {
        struct Caller: Decodable {
            var number: String?
            var name: String?
        }

        var uuid: String
        var callUUID: String?
        var queue: String
        var node: String
        var caller: Caller
        var state: String
        var joinedAt: String
        var servingAgent: String?
        var leftAt: String?
        var leaveReason: String?
    }
}
