import EventSocket
import NIOCore
import Synchronization

@testable import ScreenPopService

/// A node's event socket as a pipeline sees it: replies by a closure, canaries that come back, events pushed by the test.
final class FakeSwitch: Sendable {
    struct State {
        var coreUUID = "core-1"
        var sequence = 1000
        var time: Int64 = 1_795_388_000_000_000
        /// What `connect` throws.
        var refusal: EventSocketError?
        var returnsCanaries = true
        var refusesSendEvent = false
        /// Events that may be subscribed; `nil`: all.
        var allowed: Set<String>?
        var reply: @Sendable (String) -> String
        /// A command that begins so is never answered: its connection is closed, as after the deadline.
        var silent: String?
        /// A command that begins so is answered when this is so no more.
        var held: String?
        /// A connection for this is made when this is so no more.
        var heldUse: ConnectionUse?
        var open: [FakeConnection] = []
        var connects = 0
        /// What each connection was made for.
        var uses: [ConnectionUse] = []
        /// Everything that was asked, in order.
        var commands: [String] = []
    }

    let state: Mutex<State>

    init(reply: @escaping @Sendable (String) -> String = FakeSwitch.empty) {
        self.state = Mutex(State(reply: reply))
    }

    /// mod_callcenter without anything, and no channel.
    static let empty: @Sendable (String) -> String = { $0.hasPrefix("show") ? #"{"row_count": 0}"# + "\n" : "+OK\n" }

    var commands: [String] { self.state.withLock { $0.commands } }
    var connects: Int { self.state.withLock { $0.connects } }

    var connector: NodeConnector {
        { eventLoop, use, sink throws(EventSocketError) in
            let connection = FakeConnection(on: eventLoop, to: self, sink: sink)
            self.state.withLock { state in
                state.connects += 1
                state.uses.append(use)
            }
            while self.state.withLock({ $0.heldUse == use }) { try? await Task.sleep(for: .milliseconds(1)) }
            let refusal = self.state.withLock { state in
                if state.refusal == nil { state.open.append(connection) }
                return state.refusal
            }
            if let refusal { throw refusal }
            return connection
        }
    }

    /// Sends events to whoever subscribed, as one read.
    func push(_ events: [Event]) {
        let open = self.state.withLock { $0.open.filter { $0.isSubscribed } }
        for connection in open { connection.deliver(events.map { .event($0) } + [.readComplete]) }
    }

    func push(_ headers: String...) {
        self.push([Event(plain: ByteBuffer(string: headers.joined(separator: "\n") + "\n\n"))])
    }

    /// Ends all connections.
    func drop() {
        let open = self.state.withLock { state in
            defer { state.open = [] }
            return state.open
        }
        for connection in open { connection.deliver([.closed(.closed("dropped"))]) }
    }

    func logLine(_ text: String) {
        for connection in self.state.withLock({ $0.open }) where !connection.isSubscribed { connection.deliver([.log(level: 2, text: text)]) }
    }

    func sendEvent(_ name: String, _ headers: [(String, String)]) {
        let text: String? = self.state.withLock { state in
            state.sequence += 1
            state.time += 1000
            guard state.returnsCanaries else { return nil }
            let own = headers.map { "\($0.0): \($0.1)" }.joined(separator: "\n")
            return """
                \(own)
                Event-Name: \(name)
                Core-UUID: \(state.coreUUID)
                Event-Date-Timestamp: \(state.time)
                Event-Sequence: \(state.sequence)


                """
        }
        if let text { self.push([Event(plain: ByteBuffer(string: text))]) }
    }
}

final class FakeConnection: NodeConnection {
    private let eventLoop: any EventLoop
    private let owner: FakeSwitch
    private let sink: @Sendable (EventSocketDelivery) -> Void
    private let subscribed = Mutex(false)

    init(on eventLoop: any EventLoop, to owner: FakeSwitch, sink: @escaping @Sendable (EventSocketDelivery) -> Void) {
        self.eventLoop = eventLoop
        self.owner = owner
        self.sink = sink
    }

    var isSubscribed: Bool { self.subscribed.withLock { $0 } }

    func deliver(_ deliveries: [EventSocketDelivery]) {
        self.eventLoop.execute { for delivery in deliveries { self.sink(delivery) } }
    }

    private func checkOpen() throws(EventSocketError) {
        guard self.owner.state.withLock({ $0.open.contains { $0 === self } }) else { throw .closed("dropped") }
    }

    func subscribe(events: [String], custom: [String]) async throws(EventSocketError) {
        try self.checkOpen()
        let isAllowed = self.owner.state.withLock { state in
            state.commands.append("event plain " + (events + (custom.isEmpty ? [] : ["CUSTOM"] + custom)).joined(separator: " "))
            return state.allowed.map { $0.isSuperset(of: events + custom) } ?? true
        }
        guard isAllowed else { throw .refused("-ERR permission denied") }
        self.subscribed.withLock { $0 = true }
    }

    func api(_ call: APICall) async throws(EventSocketError) -> String {
        try self.checkOpen()
        let text = call.argument.isEmpty ? call.function : "\(call.function) \(call.argument)"
        let (reply, isSilent) = self.owner.state.withLock { state in
            state.commands.append(text)
            return (state.reply, state.silent.map { text.hasPrefix($0) } ?? false)
        }
        if isSilent {
            await self.close()
            throw .timedOut("no reply")
        }
        while self.owner.state.withLock({ $0.held.map { text.hasPrefix($0) } ?? false }) {
            try? await Task.sleep(for: .milliseconds(1))
            try self.checkOpen()
        }
        return reply(text)
    }

    func backgroundAPI(_ call: APICall) async throws(EventSocketError) -> String { try await self.api(call) }

    func sendEvent(_ name: String, headers: [(String, String)]) async throws(EventSocketError) -> String {
        try self.checkOpen()
        if self.owner.state.withLock({ $0.refusesSendEvent }) { throw .refused("-ERR command not found") }
        self.owner.sendEvent(name, headers)
        return "uuid"
    }

    func log(level: String) async throws(EventSocketError) { try self.checkOpen() }

    func close() async {
        let wasOpen = self.owner.state.withLock { state in
            let count = state.open.count
            state.open.removeAll { $0 === self }
            return state.open.count < count
        }
        if wasOpen { self.deliver([.closed(.closed("exit"))]) }
    }
}
