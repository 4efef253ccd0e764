import CallCenter
import Hiredis
import NIOCore
import ScreenPop
import ScreenPopStore
import Testing

@Suite(.timeLimit(.minutes(1))) struct DeskStoreTests {
    private static let agent = "1001@default"

    @Test func `what is replaced is what was read, and a change of the primary is in the log`() async throws {
        try await withStore { test in
            let empty = try await test.store.desks(of: Self.agent).get()
            #expect(empty.text == "" && empty.roster == DeskRoster() && empty.gone == [])
            var roster = empty.roster
            roster.settle(["office"], of: test.store.deskHolder, at: time())
            #expect(try await test.store.replace(empty, by: roster, of: Self.agent).get())
            #expect(try await test.store.replace(empty, by: roster, of: Self.agent).get() == false, "somebody was quicker")

            let kept = try await test.store.desks(of: Self.agent).get()
            #expect(kept.roster == roster && kept.gone == [] && kept.asOf > empty.asOf)
            #expect(try await test.store.agentSnapshot(Self.agent).get().primary == roster.primary)
            guard case .entries(let entries) = try await test.store.log(after: empty.asOf, limit: 10).get() else {
                Issue.record("the log has a gap")
                return
            }
            #expect(entries.map(\.type) == ["desk.primary"] && entries.map(\.agent) == [Self.agent])

            // Another desk opens: nobody else has to know.
            roster.settle(["office", "home"], of: test.store.deskHolder, at: time(1))
            #expect(try await test.store.replace(kept, by: roster, of: Self.agent).get())
            #expect(try await test.store.desks(of: Self.agent).get().asOf == kept.asOf)
            #expect(try await test.client.send(RedisCommand("PTTL", test.keys.desks(Self.agent))).get() != .integer(-1))

            let two = try await test.store.desks(of: Self.agent).get()
            #expect(try await test.store.replace(two, by: DeskRoster(), of: Self.agent).get())
            #expect(try await test.client.send(RedisCommand("EXISTS", test.keys.desks(Self.agent))).get() == .integer(0))
            #expect(try await test.store.agentSnapshot(Self.agent).get().primary == nil)
        }
    }

    @Test func `an instance that does not say that it lives is gone`() async throws {
        try await withStore { test in
            let empty = try await test.store.desks(of: Self.agent).get()
            var roster = DeskRoster()
            roster.settle(["office"], of: test.store.deskHolder, at: time())
            roster.settle(["home"], of: "another", at: time(1))
            #expect(try await test.store.replace(empty, by: roster, of: Self.agent).get())
            #expect(try await test.store.desks(of: Self.agent).get().gone == ["another"])
            #expect(try await test.store.keepHoldingDesks().get())
            _ = try await test.client.send(RedisCommand("DEL", test.keys.instance(test.store.deskHolder))).get()
            #expect(try await test.store.desks(of: Self.agent).get().gone == ["another", test.store.deskHolder])
            #expect(try await test.store.keepHoldingDesks().get() == false)
            #expect(try await test.store.keepHoldingDesks().get())
            #expect(try await test.store.desks(of: Self.agent).get().gone == ["another"])
        }
    }

    @Test func `what cannot be read is replaced`() async throws {
        try await withStore { test in
            for text in ["nonsense", "{}", #"{"desks":7}"#, #"{"desks":[7]}"#, #"{"desks":[{"instances":[7]},{"instances":7}]}"#, "[]"] {
                _ = try await test.client.send(RedisCommand("SET", test.keys.desks(Self.agent), text)).get()
                let kept = try await test.store.desks(of: Self.agent).get()
                #expect(kept.roster == DeskRoster() && kept.text == text)
                var roster = kept.roster
                roster.settle(["office"], of: test.store.deskHolder, at: time())
                #expect(try await test.store.replace(kept, by: roster, of: Self.agent).get())
                #expect(try await test.store.desks(of: Self.agent).get().roster == roster)
            }
        }
    }
}
