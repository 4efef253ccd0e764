import CallCenter
import Foundation
import Hiredis
import NIOCore
import RedisServerSupport
import ScreenPop
import ScreenPopStore
import Testing

/// `docs/redis.md` and the code say the same.
@Suite(.timeLimit(.minutes(1)))
struct DocumentationTests {
    private static let text = try? String(
        contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/redis.md"), encoding: .utf8)

    /// What stands in backquotes at the beginning of a table's row, with `screenpop:{SITE}:`.
    private static func keysInTables(_ text: String) -> Set<String> {
        Set(
            text.split(separator: "\n").compactMap { line in
                guard line.hasPrefix("| `screenpop:") else { return nil }
                return line.split(separator: "`").dropFirst().first.map(String.init)
            })
    }

    @Test func everyKeyIsDocumentedAndEveryDocumentedKeyExists() throws {
        #expect(Self.keysInTables(try #require(Self.text)) == Set(Keys.documented))
    }

    @Test func theChannelAndTheSchemaAreDocumented() throws {
        let text = try #require(Self.text)
        #expect(text.contains(Keys(site: "SITE").popsChannel + " JSON"))
        #expect(text.contains("`screenpop:{SITE}:schema` (now `\(Store.schemaVersion)`)"))
    }

    /// A hash that has every field, against the list of its fields in the documentation.
    @Test func everyFieldIsDocumented() async throws {
        var pop = samplePop()
        pop.caller.name = "x"
        pop.memberUUID = "m"
        pop.agentCallUUID = "a"
        pop.answeredAt = time()
        pop.bridgedAt = time()
        pop.heldAt = time()
        pop.transferredTo = "7001"
        pop.url = "https://crm.example.org/"
        var agent = AgentRecord(name: "a", node: "fs1")
        agent.contact = "user/a"
        agent.reason = "lunch"
        agent.statusChangedAt = time()
        agent.stateChangedAt = time()
        agent.readyTime = time()
        agent.wrapUp = WrapUp(since: time(), until: time())
        agent.reasonBy = "Ann"
        agent.reasonSince = time()
        agent.reasonSource = .screenpop
        agent.pending = PendingChange(status: .onBreak, by: "Ann", since: time())
        agent.pops = ["p-1"]
        var queue = QueueRecord(name: "q", node: "fs1")
        queue.strategy = "ring-all"
        queue.longestWaitSince = time()
        var call = CallRecord(uuid: "c", node: "fs1", kind: .queue, startedAt: time())
        call.caller = Pop.Caller(number: "1", name: "n")
        call.dialed = "7000"
        call.queue = "q"
        call.agent = "a"
        call.answeredAt = time()
        call.endedAt = time()
        call.endReason = .transferred
        call.endedBy = .agent
        let changes: [Change] = [.currentPop(agent: "a", pop), .agent(agent), .queue(queue), .call(call)]

        let text = try #require(Self.text)
        try await withStore { test in
            _ = try await test.append(changes, number: 1)
            let hashes = [
                ("agent:NAME:pop", test.keys.agentPop("a")), ("agent:NAME", test.keys.agent("a")), ("queue:NAME", test.keys.queue("q")),
                ("call:UUID", test.keys.call("c")),
            ]
            for (name, key) in hashes {
                let start = try #require(text.range(of: "- `\(name)`:"))
                let end = text.range(of: "\n- `", range: start.upperBound..<text.endIndex)?.lowerBound ?? text.endIndex
                // Values stand in parentheses behind their field.
                let list = text[start.upperBound..<end].replacing(#/\([^)]*\)/#, with: "")
                let documented = Set(list.matches(of: #/`([a-z_]+)`/#).map { String($0.1) })
                #expect(Set(try await test.hash(key).keys) == documented, "\(name)")
            }
        }
    }

    /// The user of the documentation may read everything and write nothing.
    @Test func theReadOnlyUserIsOne() async throws {
        let text = try #require(Self.text)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("ACL SETUSER crm ") })
        try await withStore { test in
            let pop = samplePop()
            _ = try await test.append([.pop(.offered, pop), .currentPop(agent: pop.agent, pop)], number: 1)
            var setUser = RedisCommand()
            for word in line.split(separator: " ") { setUser.append(String(word)) }
            #expect(try await test.client.send(setUser).get() == .status("OK"))
            let client = RedisClient(
                endpoint: RedisEndpoint(address: .unix(path: test.server.socketPath), username: "crm", password: "CHANGE-THIS-PASSWORD"),
                on: test.client.eventLoop, logger: quiet)
            try await running(client) {
                let hash = try await client.send(RedisCommand("HGET", test.keys.agentPop(pop.agent), "id")).get()
                #expect(hash.text == pop.id)
                let log = try await client.send(RedisCommand("XREAD", "STREAMS", test.keys.log, "0")).get()
                #expect(log != .null)
                for forbidden in [
                    RedisCommand("HSET", test.keys.agent("a"), "a", "b"), RedisCommand("GET", "other"), RedisCommand("KEYS", "*"),
                    RedisCommand("XLEN", test.keys.audit), RedisCommand("HGETALL", test.keys.idempotency("x")),
                    RedisCommand("GET", test.keys.nodeLease("fs1")),
                    RedisCommand("PUBLISH", test.keys.popsChannel, "x"), RedisCommand("FLUSHALL"), RedisCommand("CONFIG", "GET", "*"),
                    RedisCommand("HGETALL", test.keys.user("anna")), RedisCommand("HGETALL", test.keys.token("id")),
                    RedisCommand("SMEMBERS", test.keys.users), RedisCommand("HGETALL", test.keys.session("hash")),
                ] {
                    let error = await #expect(throws: RedisError.self) { try await client.send(forbidden).get() }
                    #expect(error?.serverCode == "NOPERM")
                }
            }
        }
    }

    /// With the rule that the documentation gives for ScreenPop's own user, all of its work is done: keys without a site's prefix are none of ours.
    @Test func theWritingUserMayDoAllThatIsDone() async throws {
        let text = try #require(Self.text)
        let rule = try #require(text.firstMatch(of: /`(~screenpop:\{default\}:\* [^`]+)`/)?.output.1)
        try await withStore { test in
            var setUser = RedisCommand("ACL", "SETUSER", "screenpop", "on", ">a-password")
            for word in rule.split(separator: " ") { setUser.append(String(word)) }
            #expect(try await test.client.send(setUser).get() == .status("OK"))
            let client = RedisClient(
                endpoint: RedisEndpoint(address: .unix(path: test.server.socketPath), username: "screenpop", password: "a-password"),
                on: test.client.eventLoop, logger: quiet)
            try await running(client) {
                let store = Store(client: client, site: "default", logger: quiet)
                let fence = try await store.takeOver(node: "fs1", owner: "host:1").get()
                // A call that goes on, of a caller with and without a number; and then its end.
                var call = CallRecord(uuid: "call-1", node: "fs1", kind: .queue, startedAt: time())
                let pop = samplePop()
                func append(_ changes: [Change], _ number: Int64) async throws {
                    _ = try await store.append(
                        Batch(node: "fs1", fence: fence, number: number, coreUUID: "core-1", sequence: number, changes: changes)
                    ).get()
                }
                try await append(
                    [.call(call), .pop(.offered, pop), .currentPop(agent: pop.agent, pop), .agent(AgentRecord(name: "a", node: "fs1"))], 1)
                call.caller.number = "+8613900139000"
                call.endedAt = time(60)
                try await append([.call(call), .queue(QueueRecord(name: "q", node: "fs1")), .currentPop(agent: pop.agent, nil)], 2)
                #expect(try await store.calls(caller: "+8613900139000").get().count == 1)
                #expect(try await store.livePops(node: "fs1").get().count == 1)
            }
        }
    }
}
