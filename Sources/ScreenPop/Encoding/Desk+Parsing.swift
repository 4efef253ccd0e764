import CallCenter

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension AgentRecord {
    /// Of a record as `json` wrote it, what only ScreenPop knows: why the status is what it is, what is pending, the wrap-up. The rest is read from
    /// the switch. `nil` for anything else.
    package init?(keptBy json: some Sequence<UInt8>) {
        guard let form = try? JSONDecoder().decode(Form.self, from: Data(json)) else { return nil }
        self.init(name: form.name, node: form.node)
        self.status = AgentStatus(form.status ?? "")
        self.statusChangedAt = form.statusChangedAt.flatMap { Timestamp(rfc3339: $0) }
        self.reason = form.reason
        self.reasonBy = form.reasonBy
        self.reasonSince = form.reasonSince.flatMap { Timestamp(rfc3339: $0) }
        self.reasonSource = form.reasonSource.flatMap { ReasonSource(rawValue: $0) }
        self.wrapUpTime = form.wrapUpTime
        if let pending = form.pending, let since = Timestamp(rfc3339: pending.since) {
            self.pending = PendingChange(
                status: pending.status.flatMap { AgentStatus(lenient: $0) }, state: pending.state.flatMap { AgentState(lenient: $0) },
                reason: pending.reason, leave: pending.leave ?? [], by: pending.by ?? "", since: since)
        }
        if let wrapUp = form.wrapUp, let since = Timestamp(rfc3339: wrapUp.since), let until = Timestamp(rfc3339: wrapUp.until) {
            self.wrapUp = WrapUp(since: since, until: until, isExtended: wrapUp.extended)
        }
        if let ended = form.endedWrapUp, let until = Timestamp(rfc3339: ended.until) {
            self.endedWrapUp = EndedWrapUp(wrapUpTime: ended.wrapUpTime, until: until)
        }
    }

    /// Whether there is anything in it that only ScreenPop knows.
    package var isKept: Bool {
        self.pending != nil || self.reasonSource != nil || self.wrapUp?.isExtended == true || self.endedWrapUp != nil
    }

    private struct Form: Decodable {
        struct Pending: Decodable {
            var status: String?
            var state: String?
            var reason: String?
            var leave: [String]?
            var by: String?
            var since: String
        }

        struct WrapUp: Decodable {
            var since: String
            var until: String
            var extended: Bool
        }

        struct EndedWrapUp: Decodable {
            var wrapUpTime: Int
            var until: String
        }

        var name: String
        var node: String
        var status: String?
        var statusChangedAt: String?
        var reason: String?
        var reasonBy: String?
        var reasonSince: String?
        var reasonSource: String?
        var wrapUpTime: Int
        var wrapUp: WrapUp?
        var endedWrapUp: EndedWrapUp?
        var pending: Pending?
    }
}

extension ReasonList {
    package init?(json: some Sequence<UInt8>) {
        guard let form = try? JSONDecoder().decode(Form.self, from: Data(json)) else { return nil }
        self.init(items: form.items.map { Item(code: $0.code, labels: $0.labels) }, allowsFreeText: form.freeText)
    }

    private struct Form: Decodable {
        struct Item: Decodable {
            var code: String
            var labels: [String: String]
        }

        var items: [Item]
        var freeText: Bool
    }
}
