import CallCenter
import Hiredis
import NIOCore
import ScreenPopStore
import Testing

@Suite(.timeLimit(.minutes(1))) struct QueueDefinitionTests {
    private func stored(_ name: String, _ values: [String: String] = [:], version: String = "v1", by: String = "Ann") throws -> StoredQueueDefinition
    {
        StoredQueueDefinition(
            definition: try QueueDefinition(name: name, values: values), createdAt: time(), changedAt: time(), changedBy: by, version: version)
    }

    private func announced(_ test: StoreUnderTest) async throws -> [String] {
        guard case .entries(let entries) = try await test.store.log(after: .zero, limit: 100).get() else { return [] }
        return entries.map { "\($0.type) \($0.queue ?? "-") \(String(buffer: $0.json))" }
    }

    @Test func `a definition is kept whole, once, and told of`() async throws {
        try await withStore { test in
            let queue = try self.stored("billing@default", ["strategy": "ring-all", "max-wait-time": "90", "moh-sound": "$${hold_music}"])
            #expect(try await test.store.add(queue).get() == .added)
            #expect(try await test.store.add(queue).get() == .exists)
            #expect(try await test.store.queueDefinition(queue.definition.name).get() == queue)
            #expect(try await test.store.queueDefinition(QueueName("other@default")).get() == nil)
            let first = try self.stored("a@default")
            #expect(try await test.store.add(first).get() == .added)
            #expect(try await test.store.queueDefinitions().get() == [first, queue])
            let message =
                #"{"type":"config.changed","what":"queue-definition-added","node":null,"agent":null,"queue":"billing@default","source":"screenpop","by":"Ann"}"#
            #expect(try await self.announced(test).first == "config.changed billing@default \(message)")
        }
    }

    @Test func `a change keeps the nodes and when it was created, and does not overwrite another`() async throws {
        try await withStore { test in
            let old = try self.stored("billing@default", ["max-wait-time": "90"])
            _ = try await test.store.add(old).get()
            try await test.store.setQueue(old.definition.name, isLoaded: true, on: "fs 1:a").get()
            try await test.store.setQueue(QueueName("nobody@default"), isLoaded: true, on: "fs1").get()
            #expect(try await test.integer("EXISTS", test.keys.queueDefinition("nobody@default")) == 0)
            var new = try self.stored("billing@default", ["strategy": "top-down"], version: "v2", by: "Bob")
            new.createdAt = time(50)
            new.changedAt = time(50)
            #expect(try await test.store.replace(new, of: "v1").get() == .replaced)
            #expect(try await test.store.replace(new, of: "v1").get() == .changedMeanwhile)
            #expect(try await test.store.replace(try self.stored("nobody@default"), of: nil).get() == .missing)
            let found = try #require(try await test.store.queueDefinition(old.definition.name).get())
            #expect(found.definition == new.definition)
            #expect(found.nodes == ["fs 1:a"])
            #expect(found.createdAt == time() && found.changedAt == time(50) && found.changedBy == "Bob" && found.version == "v2")
            try await test.store.setQueue(old.definition.name, isLoaded: false, on: "fs 1:a").get()
            #expect(try await test.store.queueDefinition(old.definition.name).get()?.nodes == [])
            #expect(try await test.store.deleteQueueDefinition(old.definition.name, by: "Bob").get())
            #expect(try await test.store.deleteQueueDefinition(old.definition.name, by: "Bob").get() == false)
            #expect(try await test.store.queueDefinitions().get().isEmpty)
            #expect(try await self.announced(test).count == 3)
        }
    }

    @Test func `one that cannot be read is none, and can be deleted`() async throws {
        try await withStore { test in
            let queue = try self.stored("billing@default")
            _ = try await test.store.add(queue).get()
            _ = try await test.redis("HSET", test.keys.queueDefinition("billing@default"), "moh-sound", "shell_stream:///bin/sh")
            #expect(try await test.store.queueDefinition(queue.definition.name).get() == nil)
            #expect(try await test.store.queueDefinitions().get().isEmpty)
            #expect(try await test.store.hasQueueDefinition(queue.definition.name).get())
            #expect(try await test.store.deleteQueueDefinition(queue.definition.name, by: "Ann").get())
            #expect(try await test.store.hasQueueDefinition(queue.definition.name).get() == false)
            #expect(try await test.store.add(queue).get() == .added)
        }
    }
}
