import CallCenter
import Hiredis
import NIOCore
import Testing

@testable import ScreenPopStore

@Suite(.timeLimit(.minutes(1)))
struct AccessTests {
    private static let farAway = time(100 * 365 * 86_400)

    private func token(_ id: String, agent: String? = "1001@default", expiresAt: Timestamp? = nil, createdAt: Timestamp = time()) -> StoredToken {
        StoredToken(id: id, name: "desk 1", role: "agent", agent: agent, createdAt: createdAt, createdBy: "admin-token", expiresAt: expiresAt)
    }

    private func user(_ version: String, role: String = "agent", agent: String? = "1001@default", at: Timestamp = time()) -> StoredUser {
        StoredUser(name: "anna", role: role, agent: agent, createdAt: at, changedAt: at, version: version)
    }

    private func revocations(_ test: StoreUnderTest) async throws -> [String] {
        guard case .entries(let entries) = try await test.store.log(after: .zero, limit: 100).get() else { return [] }
        return entries.filter { $0.type == Revocation.type }.map { String(buffer: $0.json) }
    }

    @Test func `a token is found by its id and its secret's hash, and notes its use`() async throws {
        try await withStore { test in
            let kept = self.token("a", expiresAt: Self.farAway)
            try await test.store.add(kept, hash: "h1").get()
            try await test.store.add(self.token("b", agent: nil, createdAt: time(-5)), hash: "h2").get()
            #expect(try await test.store.token("a", hash: "h2", at: time(5)).get() == nil)
            #expect(try await test.store.token("c", hash: "h1", at: time(5)).get() == nil)
            #expect(try await test.store.tokens().get().map(\.lastUsedAt) == [nil, nil])
            #expect(try await test.store.token("a", hash: "h1", at: time(5)).get() == kept)
            #expect(try await test.store.token("a", hash: "h1", at: time(50)).get()?.lastUsedAt == time(5))
            #expect(try await test.store.tokens().get().map(\.id) == ["b", "a"])
            #expect(try await test.store.tokens().get().last?.lastUsedAt == time(5))
            #expect(try await test.store.token("a", hash: "h1", at: time(70)).get()?.lastUsedAt == time(5))
            #expect(try await test.store.tokens().get().last?.lastUsedAt == time(70))
        }
    }

    @Test func `a token whose time is over is gone, from the list too`() async throws {
        try await withStore { test in
            try await test.store.add(self.token("a", expiresAt: time(-86_400 * 365)), hash: "h").get()
            #expect(try await test.store.token("a", hash: "h", at: time()).get() == nil)
            #expect(try await test.store.tokens().get().isEmpty)
            #expect(try await test.integer("SCARD", test.keys.tokens) == 0)
        }
    }

    @Test func `an end that cannot be read is not taken for none`() async throws {
        try await withStore { test in
            try await test.store.add(self.token("a"), hash: "h").get()
            _ = try await test.redis("HSET", test.keys.token("a"), "expires_at", "soon")
            #expect(try await test.store.token("a", hash: "h", at: time()).get() == nil)
        }
    }

    @Test func `a revocation stands in the log, once`() async throws {
        try await withStore { test in
            try await test.store.add(self.token("a"), hash: "h").get()
            #expect(try await test.store.deleteToken("a").get())
            #expect(try await test.store.deleteToken("a").get() == false)
            #expect(try await test.store.token("a", hash: "h", at: time()).get() == nil)
            #expect(try await self.revocations(test) == [#"{"type":"access.revoked","credential":"token:a"}"#])
        }
    }

    @Test func `a user is created with a password and changed without one`() async throws {
        try await withStore { test in
            #expect(try await test.store.save(self.user("v1"), password: nil).get() == .needsPassword)
            #expect(try await test.store.user("anna").get() == nil)
            #expect(try await test.store.save(self.user("v1"), password: "p1").get() == .created)
            #expect(try await self.revocations(test).isEmpty)
            #expect(
                try await test.store.save(self.user("v2", role: "supervisor", agent: nil, at: time(9)), password: nil).get()
                    == .changed(revoked: "user:anna/v1"))
            let found = try #require(try await test.store.userWithPassword("anna").get())
            #expect(found.password == "p1")
            #expect(found.user.role == "supervisor" && found.user.agent == nil && found.user.version == "v2")
            #expect(found.user.createdAt == time() && found.user.changedAt == time(9))
            #expect(try await test.store.users().get() == [found.user])
            #expect(try await self.revocations(test) == [#"{"type":"access.revoked","credential":"user:anna\/v1"}"#])
            #expect(try await test.store.deleteUser("anna").get() == "user:anna/v2")
            #expect(try await test.store.deleteUser("anna").get() == nil)
            #expect(try await test.store.users().get().isEmpty)
            #expect(try await self.revocations(test).count == 2)
        }
    }

    @Test func `a session ends with its user's version`() async throws {
        try await withStore { test in
            _ = try await test.store.save(self.user("v1"), password: "p").get()
            let session = StoredSession(user: self.user("v1"), expiresAt: Self.farAway)
            #expect(try await test.store.begin(session, hash: "s1", at: time()).get())
            #expect(try await test.store.session(hash: "s1").get() == session)
            #expect(try await test.store.session(hash: "s2").get() == nil)
            _ = try await test.store.save(self.user("v2"), password: nil).get()
            #expect(try await test.store.session(hash: "s1").get() == nil)
            // The password was checked before the change, the session would begin after it.
            #expect(try await test.store.begin(session, hash: "s2", at: time()).get() == false)
            let second = StoredSession(user: self.user("v2"), expiresAt: Self.farAway)
            #expect(try await test.store.begin(second, hash: "s2", at: time()).get())
            #expect(try await test.store.endSession(hash: "s2").get())
            #expect(try await test.store.endSession(hash: "s2").get() == false)
            #expect(try await self.revocations(test).last == #"{"type":"access.revoked","credential":"session:s2"}"#)
        }
    }

    @Test func `a session of somebody who is no user of ours stands by itself`() async throws {
        try await withStore { test in
            for agent in [nil, "1001@default"] {
                let session = StoredSession(
                    vouched: VouchedPerson(subject: "anna", name: "Anna B.", role: "agent", agent: agent), expiresAt: Self.farAway)
                #expect(try await test.store.begin(session, hash: "s1", at: time()).get())
                #expect(try await test.store.session(hash: "s1").get() == session)
            }
            // A user of that name is another person.
            _ = try await test.store.save(self.user("v1"), password: "p").get()
            #expect(try await test.store.deleteUser("anna").get() != nil)
            #expect(try await test.store.session(hash: "s1").get() != nil)
            #expect(try await test.store.endSession(hash: "s1").get())
            #expect(try await test.store.session(hash: "s1").get() == nil)
        }
    }

    @Test func `sessions are listed by when they were begun, and those that are over are not`() async throws {
        try await withStore { test in
            _ = try await test.store.save(self.user("v1"), password: "p").get()
            let anna = StoredSession(user: self.user("v1"), expiresAt: Self.farAway)
            let ben = StoredSession(
                vouched: VouchedPerson(subject: "ben", name: "Ben", role: "agent", agent: "1002@default"), expiresAt: Self.farAway)
            let hashes = (0..<5).map { "\($0)" + String(repeating: "a", count: 63) }
            for (index, hash) in hashes.enumerated() {
                #expect(try await test.store.begin(index == 0 ? anna : ben, hash: hash, at: time(Int64(index))).get())
            }
            let ids = hashes.map(ListedSession.id(ofHash:))
            let first = try await test.store.sessions(limit: 2, before: nil).get()
            #expect(first.items.map(\.id) == [ids[4], ids[3]])
            #expect(first.items[0] == ListedSession(id: ids[4], session: ben, begunAt: time(4)))
            let second = try await test.store.sessions(limit: 2, before: first.next).get()
            #expect(second.items.map(\.id) == [ids[2], ids[1]])
            let third = try await test.store.sessions(limit: 2, before: second.next).get()
            #expect(third.items == [ListedSession(id: ids[0], session: anna, begunAt: time(0))])
            #expect(third.next == nil)
            #expect(try await test.store.endSession(hash: hashes[3]).get())
            _ = try await test.store.save(self.user("v2"), password: nil).get()
            #expect(try await test.store.sessions(limit: 50, before: nil).get().items.map(\.id) == [ids[4], ids[2], ids[1]])
            // And the list itself has them no more.
            let count = try await test.store.client.send(RedisCommand("ZCARD", test.store.keys.sessions)).get()
            #expect(count == .integer(3))
            #expect(try await test.store.sessions(limit: 2, before: .zero).get().items.isEmpty)
            #expect(try await test.store.sessions(limit: 2, before: Cursor(milliseconds: .max, sequence: .max)).get().items.count == 2)
        }
    }

    @Test func `a session is ended by its id, and only by the whole of it`() async throws {
        try await withStore { test in
            let ben = StoredSession(
                vouched: VouchedPerson(subject: "ben", name: "Ben", role: "agent", agent: "1002@default"), expiresAt: Self.farAway)
            // More than are looked through at once.
            let hashes = (0..<1100).map { String(repeating: "0", count: 20) + String(1000 + $0) + String(repeating: "f", count: 40) }
            for hash in hashes { _ = try await test.store.begin(ben, hash: hash, at: time()).get() }
            let id = ListedSession.id(ofHash: hashes[1099])
            #expect(try await test.store.endSession(id: id).get() == EndedSession(hash: hashes[1099], user: nil, subject: "ben"))
            #expect(try await test.store.endSession(id: id).get() == nil)
            #expect(try await test.store.session(hash: hashes[1099]).get() == nil)
            #expect(try await test.store.session(hash: hashes[1098]).get() != nil)
            #expect(try await self.revocations(test) == ["{\"type\":\"access.revoked\",\"credential\":\"session:\(hashes[1099])\"}"])
        }
    }

    @Test func `the list of sessions does not grow with those that are over`() async throws {
        try await withStore { test in
            for number in 0..<20 {
                let ben = StoredSession(
                    vouched: VouchedPerson(subject: "ben", name: "Ben", role: "agent", agent: nil), expiresAt: Self.farAway)
                let hash = "\(number)" + String(repeating: "b", count: 60)
                #expect(try await test.store.begin(ben, hash: hash, at: time(Int64(number))).get())
                // As if its life were over.
                _ = try await test.store.client.send(RedisCommand("DEL", test.store.keys.session(hash))).get()
            }
            #expect(try await test.store.client.send(RedisCommand("ZCARD", test.store.keys.sessions)).get() == .integer(1))
        }
    }
}
