import NIOCore
import ScreenPopStore
import Testing

@Suite(.timeLimit(.minutes(1))) struct ImportClaimTests {
    @Test func oneAtATimeUntilItIsReleased() async throws {
        try await withStore { test in
            #expect(try await test.store.claimImport(owner: "one", life: .seconds(60)).get())
            #expect(try await !test.store.claimImport(owner: "two", life: .seconds(60)).get())
            // Who has it not can neither keep it nor end it.
            try await test.store.releaseImport(owner: "two").get()
            #expect(try await !test.store.renewImport(owner: "two", life: .seconds(600)).get())
            #expect((1...60_000).contains(try #require(try await test.integer("PTTL", test.keys.importing))))
            #expect(try await test.store.renewImport(owner: "one", life: .seconds(600)).get())
            #expect((500_000...600_000).contains(try #require(try await test.integer("PTTL", test.keys.importing))))
            try await test.store.releaseImport(owner: "one").get()
            #expect(try await test.store.claimImport(owner: "two", life: .seconds(60)).get())
        }
    }

    @Test func whoIsGoneDoesNotHoldItForEver() async throws {
        try await withStore { test in
            #expect(try await test.store.claimImport(owner: "one", life: .milliseconds(50)).get())
            let end = ContinuousClock.now + .seconds(10)
            while try await !test.store.claimImport(owner: "two", life: .seconds(60)).get() {
                try #require(ContinuousClock.now < end)
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }
}
