import NIOCore
import Testing

@testable import ScreenPopHTTP

@Suite struct SecretTests {
    @Test func `scrypt is that of RFC 7914, and what is kept says how it was made`() throws {
        let vector = Scrypt(logN: 14, r: 8, p: 1).derive("pleaseletmein", salt: Array("SodiumChloride".utf8))
        #expect(vector.map(Hexadecimal.text) == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2")
        let cheap = Scrypt(logN: 4)
        let kept = try #require(cheap.hash("密码"))
        #expect(kept.hasPrefix("scrypt$4$8$1$"))
        #expect(try #require(cheap.hash("密码")) != kept)
        #expect(Scrypt.verify("密码", kept) && !Scrypt.verify("密码x", kept) && !Scrypt.verify("", kept))
        for wrong in [
            "", "scrypt", "scrypt$4$8$1$00$", "scrypt$60$8$1$00$00", kept.replacing("scrypt", with: "plain"),
            kept.replacing("$4$8", with: "$24$64"), kept.replacing("$4$8", with: "$-1$8"), String(kept.dropLast()),
        ] {
            #expect(!Scrypt.verify("密码", wrong), "\(wrong)")
        }
    }

    @Test func `the standard cost is OWASP's, and a user who does not exist costs it too`() async throws {
        #expect(Scrypt.standard == Scrypt(logN: 17, r: 8, p: 1))
        let passwords = Passwords(cost: Scrypt(logN: 14), threads: 1, limit: 4)
        passwords.start()
        let clock = ContinuousClock()
        let hash = try await passwords.hash("right")
        let known = try await clock.measure { _ = try await passwords.verify("wrong", hash) }
        let unknown = try await clock.measure { _ = try await passwords.verify("wrong", nil) }
        #expect(unknown > known / 4)
        #expect(try await passwords.verify("right", hash))
        await passwords.stop()
    }

    @Test func `passwords beyond the limit are refused at once`() async throws {
        let passwords = Passwords(cost: Scrypt(logN: 12), threads: 1, limit: 2)
        passwords.start()
        let refused = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    do {
                        _ = try await passwords.hash("x")
                        return false
                    } catch {
                        return (error as? Problem)?.code == "too-busy"
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect((1...48).contains(refused))
        _ = try await passwords.hash("x")
        await passwords.stop()
    }

    @Test func `hash, comparison and form of secrets`() {
        #expect(Secret.hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(Secret.isWellFormed(Secret.make()) && Secret.make() != Secret.make())
        #expect(Secret.isEqual(Array("a".utf8), Array("a".utf8)) && !Secret.isEqual(Array("a".utf8), Array("b".utf8)))
        #expect(!Secret.isEqual(Array("a".utf8), Array("ab".utf8)))
        #expect(TokenText(TokenText.make().text) != nil)
    }

    @Test func `a credential is a token before it is a cookie`() {
        let id = "screenpop_session=abc"
        #expect(Credential(authorization: nil, cookies: []) == nil)
        #expect(Credential(authorization: nil, cookies: ["a=b; \(id); c=d"]) == .session("abc"))
        #expect(Credential(authorization: nil, cookies: ["a=b", id]) == .session("abc"))
        #expect(Credential(authorization: "Bearer x", cookies: [id]) == .bearer("x"))
        #expect(Credential(authorization: "bearer  x", cookies: []) == .bearer("x"))
        #expect(Credential(authorization: nil, cookies: ["xscreenpop_session=abc; screenpop_session"]) == nil)
    }

    @Test func `who fails waits longer each time, and no longer than a minute`() {
        var throttle = LogInThrottle(.init(free: 3), limit: 4)
        var now = NIODeadline.now()
        for _ in 0..<3 { #expect(throttle.attempt("a", now: now) == .goOn) }
        var waits: [TimeAmount] = []
        for _ in 0..<8 {
            guard case .wait(let time) = throttle.attempt("a", now: now) else { break }
            waits.append(time)
            now = now + time
            #expect(throttle.attempt("a", now: now) == .goOn)
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
        #expect(throttle.attempt("b", now: now) == .goOn)
        throttle.succeeded("a")
        #expect(throttle.attempt("a", now: now) == .goOn)
        // An attempt that told nothing does not count.
        for _ in 0..<10 {
            #expect(throttle.attempt("c", now: now) == .goOn)
            throttle.withdraw("c")
        }
        // Strangers fill no memory.
        for number in 0..<1000 { #expect(throttle.attempt("\(number)", now: now + .seconds(Int64(number))) == .goOn) }
    }

    @Test func `who guesses locks out neither the user elsewhere nor the office`() {
        let now = NIODeadline.now()
        var throttles = LogIn.Throttles()
        // Somebody guesses from afar: from there it becomes slow, at the user's own desk it does not.
        for _ in 0..<5 { #expect(throttles.attempt("anna", from: "203.0.113.5", now: now) == .goOn) }
        #expect(throttles.attempt("anna", from: "203.0.113.5", now: now) == .wait(.seconds(1)))
        #expect(throttles.attempt("anna", from: "192.0.2.7", now: now) == .goOn)
        // Thirty who mistype once, behind one address: the others come in.
        for number in 0..<30 { #expect(throttles.attempt("user \(number)", from: "192.0.2.7", now: now) == .goOn) }
        #expect(throttles.attempt("ben", from: "192.0.2.7", now: now) == .goOn)
    }

    @Test func `whoever guesses from everywhere does not lock a user out of where he logs in`() {
        let now = NIODeadline.now()
        var throttles = LogIn.Throttles()
        #expect(throttles.attempt("anna", from: "192.0.2.7", now: now) == .goOn)
        throttles.succeeded("anna", from: "192.0.2.7")
        for number in 0..<50 { #expect(throttles.attempt("anna", from: "203.0.113.\(number)", now: now) == .goOn) }
        #expect(throttles.attempt("anna", from: "203.0.113.99", now: now) == .wait(.seconds(1)))
        // Nor does a colleague's desk become hers, nor is guessing from her own any quicker than elsewhere.
        #expect(throttles.attempt("anna", from: "192.0.2.8", now: now) == .wait(.seconds(1)))
        for _ in 0..<5 { #expect(throttles.attempt("anna", from: "192.0.2.7", now: now) == .goOn) }
        #expect(throttles.attempt("anna", from: "192.0.2.7", now: now) == .wait(.seconds(1)))
        throttles.succeeded("anna", from: "192.0.2.7")
        #expect(throttles.attempt("anna", from: "192.0.2.7", now: now) == .goOn)
        // The last few networks count, of so many users.
        var familiar = FamiliarNetworks(users: 4)
        for number in 0..<100 { familiar.insert("198.51.100.\(number)", of: "anna") }
        #expect((0..<100).filter { familiar.contains("198.51.100.\($0)", of: "anna") } == Array(92..<100))
        for number in 0..<100 { familiar.insert("192.0.2.1", of: "user \(number)") }
        #expect((0..<100).filter { familiar.contains("192.0.2.1", of: "user \($0)") }.count <= 4)
        #expect(familiar.contains("192.0.2.1", of: "user 99") && !familiar.contains("192.0.2.1", of: "anna"))
    }

    @Test func `guessing from many addresses, or at many users, becomes slow all the same`() {
        let now = NIODeadline.now()
        var throttles = LogIn.Throttles()
        for number in 0..<50 { #expect(throttles.attempt("anna", from: "203.0.113.\(number)", now: now) == .goOn) }
        #expect(throttles.attempt("anna", from: "203.0.113.99", now: now) == .wait(.seconds(1)))
        for number in 0..<100 { #expect(throttles.attempt("user \(number)", from: "198.51.100.1", now: now) == .goOn) }
        #expect(throttles.attempt("carl", from: "198.51.100.1", now: now) == .wait(.seconds(1)))
        // One refused for its address does not count against the user, and a success does not count at all.
        for _ in 0..<200 {
            #expect(throttles.attempt("carl", from: "198.51.100.2", now: now) == .goOn)
            throttles.succeeded("carl", from: "198.51.100.2")
        }
    }
}
