import NIOCore
import ScreenPopStore
import Testing

@Suite(.timeLimit(.minutes(1))) struct IdempotencyTests {
    private func request(_ owner: String, fingerprint: String = "f") -> IdempotentRequest {
        IdempotentRequest(hash: "h", fingerprint: fingerprint, owner: owner)
    }

    @Test func oneCarriesItOutTheOthersGetItsAnswer() async throws {
        try await withStore { test in
            let answer = KeptAnswer(
                status: 201, headers: ["Content-Type: application/json", "Location: /x"], body: ByteBuffer(string: "{\"a\":\"ä\"}"))
            #expect(try await test.store.claim(self.request("one"), deadline: .seconds(60)).get() == .begun)
            #expect(try await test.store.claim(self.request("two"), deadline: .seconds(60)).get() == .inProgress)
            #expect(try await test.store.claim(self.request("two", fingerprint: "g"), deadline: .seconds(60)).get() == .mismatch)
            #expect(try await test.store.keep(answer, isRefusal: false, of: self.request("one")).get())
            #expect(try await test.store.claim(self.request("two"), deadline: .seconds(60)).get() == .answered(answer))
            #expect(try await test.store.claim(self.request("two", fingerprint: "g"), deadline: .seconds(60)).get() == .mismatch)
            let life = try #require(try await test.integer("PTTL", test.keys.idempotency("h")))
            #expect((86_390_000...86_400_000).contains(life))
            // What did nothing need not be remembered for long.
            #expect(try await test.store.keep(answer, isRefusal: true, of: self.request("one")).get())
            #expect((290_000...300_000).contains(try #require(try await test.integer("PTTL", test.keys.idempotency("h")))))
        }
    }

    @Test func anEmptyAnswerIsNotOneThatWasNotKept() async throws {
        try await withStore { test in
            let bodies: [String: ByteBuffer?] = ["empty": ByteBuffer(), "secret": nil]
            for (hash, body) in bodies {
                let request = IdempotentRequest(hash: hash, fingerprint: "f", owner: "one")
                let answer = KeptAnswer(status: 204, headers: [], body: body)
                let claim = try await test.store.claim(request, deadline: .seconds(60)).get()
                #expect(claim == .begun)
                #expect(try await test.store.keep(answer, isRefusal: false, of: request).get())
                #expect(try await test.store.claim(request, deadline: .seconds(60)).get() == .answered(answer))
            }
        }
    }

    @Test func whatWasReleasedMayBeTriedAgain() async throws {
        try await withStore { test in
            #expect(try await test.store.claim(self.request("one"), deadline: .seconds(60)).get() == .begun)
            // Somebody else cannot release it.
            try await test.store.release(self.request("two")).get()
            #expect(try await test.store.claim(self.request("two"), deadline: .seconds(60)).get() == .inProgress)
            try await test.store.release(self.request("one")).get()
            #expect(try await test.store.claim(self.request("two"), deadline: .seconds(60)).get() == .begun)
        }
    }

    @Test func whoeverCarriesItOutHoldsItLonger() async throws {
        try await withStore { test in
            #expect(try await test.store.claim(self.request("one"), deadline: .seconds(10)).get() == .begun)
            try await test.store.renew(self.request("one"), deadline: .seconds(60)).get()
            // Nobody else does.
            try await test.store.renew(self.request("two"), deadline: .seconds(90)).get()
            let life = try #require(try await test.integer("PTTL", test.keys.idempotency("h")))
            #expect((50_000...60_000).contains(life))
        }
    }

    @Test func whoeverLostItsClaimDoesNotAnswerForItsSuccessor() async throws {
        try await withStore { test in
            #expect(try await test.store.claim(self.request("one"), deadline: .milliseconds(20)).get() == .begun)
            while try await test.integer("EXISTS", test.keys.idempotency("h")) == 1 {}
            #expect(try await test.store.claim(self.request("two"), deadline: .seconds(60)).get() == .begun)
            #expect(try await !test.store.keep(KeptAnswer(status: 200, headers: [], body: nil), isRefusal: false, of: self.request("one")).get())
            #expect(try await test.store.claim(self.request("three"), deadline: .seconds(60)).get() == .inProgress)
        }
    }

    @Test func aLateAnswerIsKeptWhenNobodyElseBegan() async throws {
        try await withStore { test in
            let answer = KeptAnswer(status: 200, headers: [], body: ByteBuffer(string: "x"))
            #expect(try await test.store.claim(self.request("one"), deadline: .milliseconds(20)).get() == .begun)
            while try await test.integer("EXISTS", test.keys.idempotency("h")) == 1 {}
            #expect(try await test.store.keep(answer, isRefusal: false, of: self.request("one")).get())
            #expect(try await test.store.claim(self.request("two"), deadline: .seconds(60)).get() == .answered(answer))
        }
    }
}
