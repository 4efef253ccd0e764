import CallCenter
import EventSocket
import NIOCore
import ScreenPop
import Synchronization

@testable import ScreenPopService

/// Agent 1001 talks to a caller of a queue. Each command about calls is answered as told, and followed by the events that a real FreeSWITCH was
/// seen to send.
final class TalkingAgent: Sendable {
    static let agentLeg = "agent-leg-1001"
    static let callerLeg = "caller-0211"

    private struct Script {
        var replies: [String: String] = [:]
        /// By the command's function: what follows its reply, once.
        var events: [String: [Event]] = [:]
        var time: Int64 = 1_795_388_100_000_000
        var node: FakeSwitch?
        /// What a snapshot shows.
        var legs: [Leg] = []
    }

    /// A channel as a snapshot shows it.
    struct Leg: Sendable {
        let uuid: String
        let peer: String?
        let id: String?
        let isAnswered: Bool

        /// - Parameters:
        ///   - peer: whom it talks to.
        ///   - id: the action that it was made for.
        init(_ uuid: String, with peer: String? = nil, of id: String? = nil, answered: Bool = false) {
            self.uuid = uuid
            self.peer = peer
            self.id = id
            self.isAnswered = answered || peer != nil
        }

        private static let time = "1795388100000000"

        var row: String {
            #"{"uuid":"\#(self.uuid)","direction":"\#(self.uuid == TalkingAgent.callerLeg ? "inbound" : "outbound")","created_epoch":"1795388100"}"#
        }

        var dump: String {
            var headers = [#""Caller-Channel-Created-Time":"\#(Self.time)""#]
            if self.isAnswered { headers.append(#""Caller-Channel-Answered-Time":"\#(Self.time)""#) }
            if let peer = self.peer { headers += [#""Caller-Channel-Bridged-Time":"\#(Self.time)""#, #""variable_signal_bond":"\#(peer)""#] }
            if let id = self.id { headers.append(#""variable_screenpop_id":"\#(id)""#) }
            return "{\(headers.joined(separator: ","))}"
        }
    }

    /// The fake's closure is made before the fake.
    private final class Stage: Sendable {
        let script = Mutex(Script())
    }

    let bench: Bench
    let commands: CallCommands
    private let stage: Stage

    init(rules: DialRules = .standard) {
        let stage = Stage()
        let node = FakeSwitch { text in
            let function = String(text.prefix { $0 != " " })
            guard function.hasPrefix("uuid_") && function != "uuid_dump" || function == "originate" else {
                return Self.list(text, stage.script.withLock { $0.legs })
            }
            let (reply, events, node) = stage.script.withLock { script in
                (script.replies[function] ?? "+OK\n", script.events.removeValue(forKey: function) ?? [], script.node)
            }
            if !events.isEmpty { node?.push(events) }
            return reply
        }
        stage.script.withLock { $0.node = node }
        self.stage = stage
        self.bench = Bench(node) { $0.machine.lossRhythm = .zero }
        self.commands = CallCommands(
            roster: NodeRoster(nodes: [("fs1", self.bench.pipeline)], directory: self.bench.directory), nodes: [self.bench.pipeline], rules: rules)
    }

    private static func list(_ text: String, _ legs: [Leg]) -> String {
        if text == "show channels as json", !legs.isEmpty {
            return #"{"row_count":\#(legs.count),"rows":[\#(legs.map(\.row).joined(separator: ","))]}"#
        }
        if text.hasPrefix("uuid_dump"), let leg = legs.first(where: { text.contains($0.uuid) }) { return leg.dump }
        return FakeSwitch.empty(text)
    }

    /// FreeSWITCH says that it lost events; a minute and a half later only these legs are there. Returns when that is known.
    func loseEvents(leaving legs: [Leg]) async throws {
        self.stage.script.withLock { $0.legs = legs }
        self.bench.node.state.withLock { $0.time = 1_795_388_190_000_000 }
        self.bench.node.logLine("Lost [7] events!")
        try await eventually("a resync") {
            self.bench.store.changes.contains { if case .system(let change) = $0 { change.what == .resync } else { false } }
        }
    }

    func reply(_ text: String, to function: String) { self.stage.script.withLock { $0.replies[function] = text } }
    func follow(_ function: String, with events: [Event]) { self.stage.script.withLock { $0.events[function] = events } }
    func push(_ events: [Event]) { self.bench.node.push(events) }

    /// What was sent about calls, in order.
    var sent: [String] {
        self.bench.node.commands.filter { $0.hasPrefix("uuid_") && !$0.hasPrefix("uuid_dump") || $0.hasPrefix("originate") }
    }

    /// The states that desktops were told of a transfer or a supervision.
    func told(_ type: String) -> [String] {
        self.bench.store.changes.compactMap { change in
            guard case .notice(let message) = change, message.type == type else { return nil }
            let text = String(decoding: message.json, as: UTF8.self)
            let state = text.firstRange(of: #""state":""#).map { String(text[$0.upperBound...].prefix { $0 != "\"" }) } ?? "-"
            let reason = text.firstRange(of: #""reason":""#).map { " " + text[$0.upperBound...].prefix { $0 != "\"" } } ?? ""
            return state + reason
        }
    }

    // MARK: events

    func event(_ name: String, _ headers: [(String, String)]) -> Event {
        let time = self.stage.script.withLock { script in
            script.time += 1000
            return script.time
        }
        var text = "Event-Name: \(name)\nCore-UUID: core-1\nEvent-Date-Timestamp: \(time)\nEvent-Sequence: \(time)\n"
        for (header, value) in headers { text += "\(header): \(value)\n" }
        return Event(plain: ByteBuffer(string: text + "\n"))
    }

    func channel(_ name: String, _ uuid: String, _ headers: [(String, String)] = []) -> Event {
        let isCaller = uuid == Self.callerLeg
        return self.event(
            "CHANNEL_\(name)",
            [
                ("Unique-ID", uuid), ("Call-Direction", isCaller ? "inbound" : "outbound"),
                ("Channel-Name", isCaller ? "sofia/external/0211@203.0.113.5" : "sofia/internal/\(uuid)@192.0.2.7:5060"),
            ] + headers)
    }

    func bridge(_ a: String, _ b: String) -> Event {
        self.channel("BRIDGE", a, [("Bridge-A-Unique-ID", a), ("Bridge-B-Unique-ID", b), ("Other-Leg-Unique-ID", b)])
    }

    func hangup(_ uuid: String, _ cause: String = "NORMAL_CLEARING", _ headers: [(String, String)] = []) -> [Event] {
        ["HANGUP", "HANGUP_COMPLETE", "DESTROY"].map { self.channel($0, uuid, [("Hangup-Cause", cause)] + headers) }
    }

    func callCenter(_ action: String, _ headers: [(String, String)]) -> Event {
        self.event(
            "CUSTOM",
            [("Event-Subclass", "callcenter%3A%3Ainfo"), ("CC-Action", action)]
                + headers.map { ("CC-\($0.0)", $0.1.replacing("%", with: "%25")) })
    }

    func queueEvent(_ action: String, _ headers: [(String, String)] = []) -> Event {
        self.callCenter(
            action,
            [
                ("Queue", "support@default"), ("Agent", "1001@default"), ("Member-UUID", "member"), ("Member-Session-UUID", Self.callerLeg),
                ("Member-CID-Number", "0211"),
            ] + headers)
    }

    func agent(_ name: String, contact: String) -> [Event] {
        [
            self.callCenter("agent-add", [("Agent", name), ("Agent-Type", "Callback")]),
            self.callCenter("agent-contact-change", [("Agent", name), ("Agent-Contact", contact)]),
            self.callCenter("agent-status-change", [("Agent", name), ("Agent-Status", "Available")]),
        ]
    }

    /// What mod_callcenter tells when the agent's leg is gone.
    func bridgeEnd() -> [Event] {
        [self.queueEvent("bridge-agent-end", [("Agent-UUID", Self.agentLeg)]), self.queueEvent("member-queue-end", [("Cause", "Terminated")])]
    }

    /// Runs the node, brings the call about, and runs the test.
    func run(_ body: @escaping @Sendable (TalkingAgent) async throws -> Void) async throws {
        try await self.bench.run { bench in
            try await eventually("live") { if case .live = bench.status { true } else { false } }
            self.push(
                self.agent("1001@default", contact: "[leg_timeout=10]sofia/internal/1001@192.0.2.7:5060")
                    + self.agent("1002@default", contact: "user/1002@example.org") + self.agent("2001@default", contact: "user/2001@example.org")
                    + self.agent("3001@default", contact: "user/${system(touch x)}"))
            let side = [
                ("variable_cc_side", "agent"), ("variable_cc_agent", "1001@default"), ("variable_cc_member_uuid", "member"),
                ("variable_cc_member_session_uuid", Self.callerLeg), ("variable_cc_queue", "support@default"),
            ]
            self.push([
                self.channel("CREATE", Self.callerLeg), self.queueEvent("member-queue-start"), self.queueEvent("agent-offering"),
                self.channel("CREATE", Self.agentLeg, side), self.channel("ANSWER", Self.agentLeg, side),
                self.queueEvent("bridge-agent-start", [("Agent-UUID", Self.agentLeg)]), self.bridge(Self.callerLeg, Self.agentLeg),
            ])
            try await eventually("answered") { bench.store.pops.last?.0 == .answered || bench.store.pops.last?.1.bridgedAt != nil }
            try await body(self)
        }
    }
}
