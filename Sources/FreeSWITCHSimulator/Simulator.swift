package import Logging
package import NIOCore
import NIOPosix
import ServiceLifecycle

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A simulated FreeSWITCH with mod_callcenter behind a real event socket, for the demo, tests and benchmarks.
///
/// An actor on one event loop: the switch, the listener and all clients live there.
package actor Simulator: Service {
    package struct Configuration: Sendable {
        package struct User: Sendable {
            package var password: String
            /// `esl-allowed-api`; `nil` allows every function.
            package var allowedAPI: [String]?
            /// `esl-allowed-events`; `nil` allows every event.
            package var allowedEvents: [String]?

            package init(password: String, allowedAPI: [String]? = nil, allowedEvents: [String]? = nil) {
                self.password = password
                self.allowedAPI = allowedAPI
                self.allowedEvents = allowedEvents
            }
        }

        package var host = "127.0.0.1"
        /// 0 picks a free one.
        package var port = 0
        package var password = "ClueCon"
        /// Users of `userauth`, by `user@domain`.
        package var users: [String: User] = [:]
        /// Whether every client is turned away as by the access list.
        package var refusesClients = false
        /// Whether it accepts connections and then says nothing, as a process that hangs does.
        package var isSilent = false
        package var telephony = SimulatedSwitch.Configuration()

        package init() {}
    }

    private struct Client {
        var session: ClientSession
        var channel: any Channel
        var hasUnflushedBytes = false
        /// The `api` command it waits for. Until the answer it gets no event and no other command of it is read: one thread serves a client.
        var ticket: Int?
        var unreadPackets: [ClientPacket] = []
        var heldFrames: [ByteBuffer] = []
    }

    /// What one client may make the simulator hold back; a real one drops events past that, too.
    private static let maximumHeldBack = 100_000

    private let configuration: Configuration
    private let eventLoop: any EventLoop
    private let logger: Logger
    private var telephony: SimulatedSwitch
    private var listener: (any Channel)?
    private var clients: [Int: Client] = [:]
    private var nextClient = 0
    private var alarm: Scheduled<Void>?
    private var boundPort: Int?
    private var isSilent: Bool

    package nonisolated var unownedExecutor: UnownedSerialExecutor { self.eventLoop.executor.asUnownedSerialExecutor() }

    package init(
        configuration: Configuration = Configuration(), eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, logger: Logger
    ) {
        self.configuration = configuration
        self.eventLoop = eventLoopGroup.next()
        self.logger = logger
        self.isSilent = configuration.isSilent
        self.telephony = SimulatedSwitch(configuration: configuration.telephony, now: Self.clock())
    }

    /// The port clients connect to, once started.
    package var port: Int? { self.boundPort }

    /// Listens. Starting again after `stop` takes the same port.
    /// - Returns: the port.
    @discardableResult
    package func start() async throws -> Int {
        let simulator = self
        let listener = try await ServerBootstrap(group: self.eventLoop)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let id = simulator.assumeIsolated { $0.takeClientID() }
                    try channel.pipeline.syncOperations.addHandler(ClientHandler(simulator: simulator, id: id))
                }
            }
            .bind(host: self.configuration.host, port: self.boundPort ?? self.configuration.port).get()
        self.listener = listener
        let port = listener.localAddress?.port ?? 0
        self.boundPort = port
        self.act { _ in }
        self.logger.info("simulated FreeSWITCH listens", metadata: ["host": "\(self.configuration.host)", "port": "\(port)"])
        return port
    }

    /// Starts, unless it is already started, and serves until graceful shutdown or cancellation.
    package func run() async throws {
        if self.listener == nil { try await self.start() }
        try? await gracefulShutdown()
        await self.stop()
    }

    /// Ends as a real one does: SHUTDOWN, a notice, the connections closed, nobody listening.
    package func stop() async {
        self.act { $0.announceShutdown() }
        self.alarm?.cancel()
        self.alarm = nil
        let listener = self.listener
        self.listener = nil
        for client in self.clients.values { self.sayGoodbye(client, "The system is being shut down.\n") }
        self.clients = [:]
        try? await listener?.close()
    }

    /// Stops if need be, then comes back on the same port with another Core-UUID, without calls; agents survive with their states reset.
    package func restart() async throws {
        if self.listener != nil { await self.stop() }
        self.telephony.restart()
        try await self.start()
    }

    /// Closes every client's connection without a word; the switch goes on.
    package func dropConnections() {
        for client in self.clients.values { client.channel.close(promise: nil) }
        self.clients = [:]
    }

    /// Hangs, or comes to itself again: then it reads and says what it held back.
    package func setSilent(_ isSilent: Bool) {
        self.isSilent = isSilent
        guard !isSilent else { return }
        for id in Array(self.clients.keys) { self.resume(id) }
        self.flushClients()
        self.setAlarm()
    }

    /// Looks at the switch or does something to it, at the present moment; what happens goes out to the clients.
    @discardableResult
    package func act<Result: Sendable>(_ body: @Sendable (inout SimulatedSwitch) -> Result) -> Result {
        self.telephony.advance(to: Self.clock())
        let result = body(&self.telephony)
        self.deliverEvents()
        self.deliverAnswers()
        self.flushClients()
        self.setAlarm()
        return result
    }

    private static func clock() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000_000) }

    private func setAlarm() {
        self.alarm?.cancel()
        self.alarm = nil
        guard self.listener != nil, let deadline = self.telephony.nextDeadline else { return }
        let delay = TimeAmount.microseconds(max(0, deadline - self.telephony.now))
        self.alarm = self.eventLoop.assumeIsolated().scheduleTask(in: delay) {
            self.assumeIsolated { simulator in simulator.act { _ in } }
        }
    }
}

// MARK: driving

extension Simulator {
    /// Somebody dials an extension; the uuid of the caller's channel.
    @discardableResult
    package func dial(number: String, name: String, to destination: String, variables: [String: String] = [:]) -> String {
        let sorted = variables.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return self.act { $0.dial(number: number, name: name, to: destination, variables: sorted) }
    }

    /// An agent dials from the desk phone; `nil` when the agent has none.
    package func dialOut(agent: String, number: String) -> String? { self.act { $0.dialOut(agent: agent, number: number) } }

    /// Whether something rang.
    @discardableResult
    package func answer(agent: String) -> Bool { self.act { $0.answer(agent: agent) } }

    @discardableResult
    package func answerFarEnd(call: String) -> Bool { self.act { $0.answerFarEnd(call: call) } }

    @discardableResult
    package func reject(agent: String, busy: Bool = false) -> Bool { self.act { $0.reject(agent: agent, busy: busy) } }

    @discardableResult
    package func hangUp(_ call: String, by side: CallSide) -> Bool { self.act { $0.hangUp(call, by: side) } }

    @discardableResult
    package func hold(agent: String) -> Bool { self.act { $0.hold(agent: agent, true) } }

    @discardableResult
    package func unhold(agent: String) -> Bool { self.act { $0.hold(agent: agent, false) } }

    @discardableResult
    package func dtmf(_ digit: String, call: String) -> Bool { self.act { $0.dtmf(digit, call: call) } }

    package func setPhone(_ phone: SimulatedSwitch.Phone, of agent: String) { self.act { $0.setPhone(phone, of: agent) } }

    /// Runs an API function as a client would: `callcenter_config agent set status ...`.
    @discardableResult
    package func api(_ line: String) -> String { self.act { $0.api(line) } }

    /// Replaces what is slow or goes wrong from now on.
    package func setFaults(_ faults: [SwitchFault]) { self.act { $0.setFaults(faults) } }

    /// How many clients are connected.
    package var clientCount: Int { self.clients.count }
}

// MARK: clients

extension Simulator {
    func takeClientID() -> Int {
        self.nextClient += 1
        return self.nextClient
    }

    func clientConnected(_ id: Int, channel: any Channel) {
        guard !self.configuration.refusesClients else {
            let text = "Access Denied, go away.\n"
            channel.writeAndFlush(
                ByteBuffer(string: "Content-Type: text/rude-rejection\nContent-Length: \(text.utf8.count)\n\n\(text)"), promise: nil)
            channel.close(promise: nil)
            return
        }
        let users = self.configuration.users.mapValues {
            ClientSession.User(password: $0.password, allowedAPI: $0.allowedAPI, allowedEvents: $0.allowedEvents)
        }
        let credentials = ClientSession.Credentials(password: self.configuration.password, users: users)
        self.clients[id] = Client(session: ClientSession(credentials: credentials), channel: channel)
        self.write("Content-Type: auth/request\n\n", to: id)
        self.flushClients()
    }

    func clientDisconnected(_ id: Int) { self.clients[id] = nil }

    func received(_ packet: ClientPacket, from id: Int) {
        guard let client = self.clients[id] else { return }
        guard !self.isSilent, client.ticket == nil else {
            guard client.unreadPackets.count < Self.maximumHeldBack else { return client.channel.close(promise: nil) }
            self.clients[id]?.unreadPackets.append(packet)
            return
        }
        guard let actions = self.clients[id]?.session.receive(packet) else { return }
        for action in actions { self.perform(action, for: id) }
    }

    /// Goes on with a client that had to wait.
    private func resume(_ id: Int) {
        guard !self.isSilent, let client = self.clients[id], client.ticket == nil else { return }
        self.clients[id]?.heldFrames = []
        for frame in client.heldFrames { self.write(frame, to: id) }
        let packets = client.unreadPackets
        self.clients[id]?.unreadPackets = []
        // One of them may make it wait again; then the rest is put back.
        for packet in packets { self.received(packet, from: id) }
    }

    private func deliverAnswers() {
        for (ticket, text) in self.telephony.takeAnswers() {
            guard let id = self.clients.first(where: { $0.value.ticket == ticket })?.key else { continue }
            self.clients[id]?.ticket = nil
            self.answer(text, to: id)
            self.resume(id)
        }
    }

    private func answer(_ text: String, to id: Int) {
        self.write("Content-Type: api/response\nContent-Length: \(text.utf8.count)\n\n\(text)", to: id)
    }

    private func perform(_ action: ClientSession.Action, for id: Int) {
        switch action {
        case .reply(let text): self.write(ClientSession.frame(ofReply: text), to: id)
        case .api(let line):
            self.telephony.advance(to: Self.clock())
            self.deliverEvents()
            switch self.telephony.begin(line) {
            case .text(let text): self.answer(text, to: id)
            case .later(let ticket): self.clients[id]?.ticket = ticket
            }
        case .backgroundAPI(let line, let jobUUID):
            self.telephony.advance(to: Self.clock())
            self.deliverEvents()
            let job = jobUUID ?? self.telephony.makeUUID()
            self.write("Content-Type: command/reply\nReply-Text: +OK Job-UUID: \(job)\nJob-UUID: \(job)\n\n", to: id)
            self.telephony.runJob(job, line)
        case .sendEvent(let packet):
            self.telephony.advance(to: Self.clock())
            self.deliverEvents()
            let headers = packet.headers.map { SwitchEvent.Header(name: $0.name, value: $0.value) }
            let uuid = self.telephony.sendEvent(command: packet.command, headers: headers, body: packet.body)
            self.write("Content-Type: command/reply\nReply-Text: +OK \(uuid)\n\n", to: id)
        case .disconnect:
            guard let client = self.clients.removeValue(forKey: id) else { return }
            self.sayGoodbye(client, "Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n")
            return
        }
        self.deliverEvents()
        self.deliverAnswers()
        self.setAlarm()
    }

    private func sayGoodbye(_ client: Client, _ text: String) {
        let frame = ByteBuffer(string: "Content-Type: text/disconnect-notice\nContent-Length: \(text.utf8.count)\n\n\(text)")
        client.channel.writeAndFlush(frame, promise: nil)
        client.channel.close(promise: nil)
    }

    private func deliverEvents() {
        for event in self.telephony.takeEvents() {
            // Written once per format, however many clients want it.
            var plain: ByteBuffer?
            var json: ByteBuffer?
            var xml: ByteBuffer?
            for (id, client) in self.clients where client.session.wants(event) {
                switch client.session.subscription.format {
                case .plain:
                    let frame = plain ?? EventText.frame(EventText.plain(event), type: "text/event-plain")
                    plain = frame
                    self.write(frame, to: id)
                case .json:
                    let frame = json ?? EventText.frame(EventText.json(event.headers, body: event.body), type: "text/event-json")
                    json = frame
                    self.write(frame, to: id)
                case .xml:
                    let frame = xml ?? EventText.frame(EventText.xml(event), type: "text/event-xml")
                    xml = frame
                    self.write(frame, to: id)
                }
            }
        }
    }

    private func write(_ text: String, to id: Int) { self.write(ByteBuffer(string: text), to: id) }

    private func write(_ frame: ByteBuffer, to id: Int) {
        guard let client = self.clients[id] else { return }
        guard !self.isSilent, client.ticket == nil else {
            if client.heldFrames.count < Self.maximumHeldBack { self.clients[id]?.heldFrames.append(frame) }
            return
        }
        client.channel.write(frame, promise: nil)
        self.clients[id]?.hasUnflushedBytes = true
    }

    func flushClients() {
        for (id, client) in self.clients where client.hasUnflushedBytes {
            client.channel.flush()
            self.clients[id]?.hasUnflushedBytes = false
        }
    }
}
