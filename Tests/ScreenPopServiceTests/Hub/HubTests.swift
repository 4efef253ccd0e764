import Hiredis
import Logging
import NIOCore
import NIOEmbedded
import ScreenPop
import ScreenPopStore
import Synchronization
import Testing

@testable import ScreenPopService

struct HubTests {
    final class Heard: Sendable {
        private let payloads: Mutex<[String]> = Mutex([])
        var all: [String] { self.payloads.withLock { $0 } }

        func take(_ delivery: HubDelivery) {
            self.payloads.withLock { payloads in
                switch delivery {
                case .messages(let messages): payloads += messages.map { String(buffer: $0.payload) }
                case .reset(let cursor): payloads.append("reset \(cursor)")
                }
            }
        }
    }

    private let loop = EmbeddedEventLoop()
    private let hub: Hub

    init() {
        let client = RedisClient(
            endpoint: RedisEndpoint(address: .unix(path: "/nonexistent")), on: self.loop,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        self.hub = Hub(store: Store(client: client, site: "test", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    }

    private func entry(_ milliseconds: UInt64, _ json: String = #"{"type":"pop.offered","agent":"1001@default"}"#) -> LogEntry {
        LogEntry(
            cursor: Cursor(milliseconds: milliseconds, sequence: 3), type: "pop.offered", agent: "1001@default", queue: nil,
            json: ByteBuffer(string: json))
    }

    @Test func `the cursor stands behind the type`() {
        let message = HubMessage(self.entry(17))
        #expect(String(buffer: message.payload) == #"{"type":"pop.offered","cursor":"17-3","agent":"1001@default"}"#)
        #expect(message.cursor == Cursor(milliseconds: 17, sequence: 3))
        #expect(message.agent == "1001@default")
    }

    @Test func `a message of another shape is passed on as it is`() {
        #expect(String(buffer: HubMessage(self.entry(17, "[1]")).payload) == "[1]")
        #expect(String(buffer: HubMessage(self.entry(17, #"{"type":"pop"}"#)).payload) == #"{"type":"pop"}"#)
    }

    @Test func `listeners hear in order, on their event loop, until they leave`() {
        let heard = Heard()
        self.hub.start(at: .zero)
        let subscription = self.hub.subscribe(on: self.loop) { heard.take($0) }
        self.hub.distribute([self.entry(1), self.entry(2)])
        self.hub.show([Message(type: "pop.offered", json: Array(#"{"type":"pop.offered"}"#.utf8))])
        #expect(heard.all == [])
        self.loop.run()
        #expect(
            heard.all == [
                #"{"type":"pop.offered","cursor":"1-3","agent":"1001@default"}"#, #"{"type":"pop.offered","cursor":"2-3","agent":"1001@default"}"#,
                #"{"type":"pop.offered"}"#,
            ])
        self.hub.unsubscribe(subscription)
        self.hub.distribute([self.entry(3)])
        self.loop.run()
        #expect(heard.all.count == 3)
        #expect(self.hub.end == Cursor(milliseconds: 3, sequence: 3))
    }

    @Test func `who comes back gets what was missed, and no more than asked for`() async {
        self.hub.start(at: .zero)
        self.hub.distribute([self.entry(1), self.entry(2), self.entry(3)])
        let end = Cursor(milliseconds: 3, sequence: 3)
        let first = Cursor(milliseconds: 1, sequence: 3)
        #expect(await self.hub.resume(after: first, limit: 2) == .complete([HubMessage(self.entry(2)), HubMessage(self.entry(3))], through: end))
        #expect(await self.hub.resume(after: end, limit: 2) == .complete([], through: end))
        #expect(await self.hub.resume(after: first, limit: 1) == .gap)
    }

    @Test func `a lost log is said to all`() async {
        let heard = Heard()
        self.hub.start(at: .zero)
        _ = self.hub.subscribe(on: self.loop) { heard.take($0) }
        self.hub.distribute([self.entry(9)])
        self.hub.reset(to: Cursor(milliseconds: 4, sequence: 0))
        self.loop.run()
        #expect(heard.all.last == "reset 4-0")
        #expect(self.hub.end == Cursor(milliseconds: 4, sequence: 0))
    }
}
