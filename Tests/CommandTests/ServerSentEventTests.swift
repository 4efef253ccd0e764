import Testing

@testable import screenpop

@Suite struct ServerSentEventTests {
    private let stream = ":\n\nid: 1-0\nevent: pop.offered\ndata: {\"a\":1}\n\nretry: 5\r\ndata:x\r\ndata: y\r\n\r\nevent: lonely\n\ndata: half"
    private let expected = [
        ServerSentEvent(id: "1-0", type: "pop.offered", data: "{\"a\":1}"), ServerSentEvent(id: nil, type: "message", data: "x\ny"),
    ]

    @Test func eventsEndAtAnEmptyLineAndAnEventWithoutDataIsNone() throws {
        var parser = ServerSentEventParser()
        #expect(try parser.feed(Array(self.stream.utf8)) == self.expected)
        #expect(try parser.feed(Array("\n\n".utf8)) == [ServerSentEvent(data: "half")])
    }

    @Test func itDoesNotMatterWhereTheBytesAreCut() throws {
        let bytes = Array(self.stream.utf8)
        for cut in bytes.indices {
            var parser = ServerSentEventParser()
            let events = try parser.feed(bytes[..<cut]) + parser.feed(bytes[cut...])
            #expect(events == self.expected, "cut at \(cut)")
        }
    }

    @Test func anEventWithoutEndIsRefused() throws {
        var parser = ServerSentEventParser()
        let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: ServerSentEventParser.limit)
        _ = try parser.feed(chunk)
        #expect(throws: CommandFailure.self) { try parser.feed(chunk) }
    }
}
