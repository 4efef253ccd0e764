import NIOCore
import ScreenPopStore
import Testing

@Suite(.timeLimit(.minutes(1))) struct AuditTests {
    private func entry(_ number: Int) -> AuditEntry {
        var entry = AuditEntry(
            at: time(), principal: "token:7", name: "desk \"1\"", role: "supervisor", operation: "setStatus",
            targets: [.init("agent", "1001@default")], from: "192.0.2.7", way: .http, status: 200, request: Array(#"{"status":"On Break"}"#.utf8))
        entry.id = "a-\(number)"
        return entry
    }

    @Test func anEntryIsWrittenWithAllItsMembers() async throws {
        try await withStore { test in
            try await test.store.append(audit: [self.entry(1)]).get()
            let page = try await test.store.audit(limit: 10, before: nil).get()
            #expect(
                page.items.map { string($0) } == [
                    #"{"id":"a-1","at":"2026-11-23T10:00:00.000Z","principal":"token:7","name":"desk \"1\"","role":"supervisor","#
                        + #""operation":"setStatus","target":{"agent":"1001@default"},"from":"192.0.2.7","way":"http","status":200,"code":null,"#
                        + #""replayed":false,"request":{"status":"On Break"},"result":null}"#
                ])
            #expect(page.next == nil)
        }
    }

    @Test func pagesGoFromTheNewestToTheOldestWithoutGapOrRepetition() async throws {
        try await withStore { test in
            #expect(try await test.store.audit(limit: 2, before: nil).get().items.isEmpty)
            try await test.store.append(audit: (1...5).map { self.entry($0) }).get()
            var seen: [String] = []
            var before: Cursor?
            repeat {
                let page = try await test.store.audit(limit: 2, before: before).get()
                seen += page.items.compactMap { string($0)?.split(separator: "\"")[3] }.map { String($0) }
                before = page.next
            } while before != nil
            #expect(seen == ["a-5", "a-4", "a-3", "a-2", "a-1"])
        }
    }

    @Test func theOldestGoWhenThereAreTooMany() async throws {
        // Blocks of 100 are freed at once: Redis's own setting.
        try await withStore { test in
            let many = (1...1000).map { self.entry($0) }
            for _ in 0..<102 { try await test.store.append(audit: many).get() }
            let count = try #require(try await test.integer("XLEN", test.keys.audit))
            #expect((100_000...100_200).contains(count))
        }
    }
}
