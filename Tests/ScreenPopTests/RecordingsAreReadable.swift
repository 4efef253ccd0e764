import EventSocket
import RecordingsSupport
import Testing

@Test func recordingsAreReadable() throws {
    #expect(try Recording("answered").events.count == 27)
    #expect(try Recording("answered").events[0].value("CC-Action") == "agent-add")
    for name in try Recording.names() { _ = try Recording(name) }
}
