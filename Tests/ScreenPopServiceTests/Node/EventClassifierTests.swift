import CallCenter
import EventSocket
import NIOCore
import RecordingsSupport
import Testing

@testable import ScreenPopService

struct EventClassifierTests {
    private let classifier = EventClassifier(instance: "host:1/abc")

    private func event(_ lines: String...) -> Event {
        Event(plain: ByteBuffer(string: lines.joined(separator: "\n") + "\n\n"))
    }

    @Test func `our own canary is known by its instance`() {
        let headers = self.classifier.canaryHeaders(number: 12)
        #expect(headers.map(\.0) == ["Event-Subclass", "ScreenPop-Instance", "ScreenPop-Count"])
        let own = self.event(
            "Event-Subclass: screenpop%3A%3Acanary", "Event-Name: CUSTOM", "Core-UUID: core-1", "Event-Date-Timestamp: 1795388079837387",
            "ScreenPop-Instance: host%3A1/abc", "ScreenPop-Count: 12")
        #expect(self.classifier.signal(of: own) == .canary(number: 12, coreUUID: "core-1", at: Timestamp(microseconds: 1_795_388_079_837_387)))
    }

    @Test func `others' canaries are events like all others`() throws {
        let foreign = try Recording("resync_mid_call.second_client").events
        #expect(foreign.count == 2)
        for event in foreign { #expect(self.classifier.signal(of: event) == .other) }
    }

    @Test func `a reload of the module is seen once for each interface`() throws {
        let signals = try Recording("module_reload_during_call").events.map { self.classifier.signal(of: $0) }
        #expect(signals.count { $0 == .callCenterLoaded } == 5)
        #expect(signals.count { $0 == .other } == signals.count - 5)
    }

    @Test func `a shutdown is seen once`() throws {
        let signals = try Recording("node_shutdown").events.map { self.classifier.signal(of: $0) }
        #expect(signals.count { $0 == .shutdown } == 1)
        #expect(signals.count { $0 == .callCenterLoaded } == 0)
    }
}
