import CallCenter
import NIOCore
import ScreenPopStore
import Synchronization

/// The queues that ScreenPop defines: as Redis has them, because another instance may have changed them.
///
/// For a FreeSWITCH that asks while Redis is away, as they were last: a queue whose reload is not answered is gone.
final class QueueDefinitionCatalogue: Sendable {
    private let store: Store
    /// By the bytes of a name: to Swift, two spellings of one letter are equal; to FreeSWITCH they are two queues.
    private let known: Mutex<[[UInt8]: QueueDefinition]> = Mutex([:])

    init(store: Store) {
        self.store = store
    }

    func all() async throws(CommandError) -> [StoredQueueDefinition] {
        let all = try await self.read(self.store.queueDefinitions())
        self.known.withLock { known in
            known = Dictionary(all.map { (Array($0.definition.name.text.utf8), $0.definition) }, uniquingKeysWith: { first, _ in first })
        }
        return all
    }

    func find(_ name: QueueName) async throws(CommandError) -> StoredQueueDefinition? {
        let stored = try await self.read(self.store.queueDefinition(name))
        self.remember(stored?.definition, as: name)
        return stored
    }

    /// - Throws: `storeUnavailable` when Redis is away and it is not known from before.
    func served(_ name: QueueName) async throws(CommandError) -> QueueDefinition? {
        do throws(CommandError) {
            return try await self.find(name)?.definition
        } catch {
            guard let known = self.known.withLock({ $0[Array(name.text.utf8)] }) else { throw error }
            return known
        }
    }

    /// One that cannot be read, too.
    func has(_ name: QueueName) async throws(CommandError) -> Bool { try await self.read(self.store.hasQueueDefinition(name)) }

    func add(_ stored: StoredQueueDefinition) async throws(CommandError) -> Store.AddedQueueDefinition {
        let result = try await self.read(self.store.add(stored))
        if result == .added { self.remember(stored.definition, as: stored.definition.name) }
        return result
    }

    func replace(_ stored: StoredQueueDefinition, of version: String?) async throws(CommandError) -> Store.ReplacedQueueDefinition {
        let result = try await self.read(self.store.replace(stored, of: version))
        if result == .replaced { self.remember(stored.definition, as: stored.definition.name) }
        return result
    }

    func delete(_ name: QueueName, by: String) async throws(CommandError) -> Bool {
        let result = try await self.read(self.store.deleteQueueDefinition(name, by: by))
        self.remember(nil, as: name)
        return result
    }

    /// That a node is to have a queue of ours, or not any more. Not insisted on: what is lost by that is that a node which restarts gets the queue
    /// with its first caller.
    func note(_ name: QueueName, isLoaded: Bool, on node: String) async {
        try? await self.store.setQueue(name, isLoaded: isLoaded, on: node).get()
    }

    private func remember(_ definition: QueueDefinition?, as name: QueueName) {
        self.known.withLock { $0[Array(name.text.utf8)] = definition }
    }

    private func read<Value: Sendable>(_ future: EventLoopFuture<Value>) async throws(CommandError) -> Value {
        do { return try await future.get() } catch {
            Attempt.markUnlessUnsent(error)
            throw CommandError(.storeUnavailable, "Redis is away; try again")
        }
    }
}
