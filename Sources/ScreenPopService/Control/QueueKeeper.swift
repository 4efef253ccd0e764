import CallCenter
import Logging
import ScreenPopStore
import Synchronization

/// Loads the queues that ScreenPop defines on a node that has lost them: a FreeSWITCH that starts reads its own files, and takes a queue of ours
/// with its first caller only.
///
/// One queue that cannot be loaded does not stand in the way of the others, and is tried again: whoever answers FreeSWITCH's question for it may only
/// be starting, too.
final class QueueKeeper: Sendable {
    private struct Visit {
        var node: String
        var number = 1
    }

    private let commands: ConfigurationCommands
    private let logger: Logger
    private let visits: AsyncStream<Visit>
    private let visitsInput: AsyncStream<Visit>.Continuation
    /// Waits until what failed is tried again.
    private let pause: @Sendable () async throws -> Void
    /// Nodes that are looked at again after a pause.
    private let waiting: Mutex<Set<String>> = Mutex([])

    /// In the audit of nobody: what a restart took is given back.
    private static let principal = Principal(id: "screenpop", name: "ScreenPop", role: .admin)
    /// Then somebody has to do something about it, and the log has said so.
    private static let mostVisits = 20

    /// - Parameter nodes: how many there are.
    init(commands: ConfigurationCommands, nodes: Int, logger: Logger, pause: @escaping @Sendable () async throws -> Void) {
        self.commands = commands
        self.logger = logger
        self.pause = pause
        // A node that becomes live again and again is looked at once more, not once for each time.
        (self.visits, self.visitsInput) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(2 * max(1, nodes)))
    }

    /// The node has become live, or it is known only now which queues it is to have. From any thread.
    func look(at node: String) {
        self.visitsInput.yield(Visit(node: node))
    }

    /// Until cancellation.
    func run() async {
        await withDiscardingTaskGroup { pauses in
            for await visit in self.visits where await !self.restore(visit.node) {
                guard visit.number < Self.mostVisits, self.waiting.withLock({ $0.insert(visit.node).inserted }) else { continue }
                pauses.addTask {
                    let isOver = (try? await self.pause()) == nil
                    _ = self.waiting.withLock { $0.remove(visit.node) }
                    if !isOver { self.visitsInput.yield(Visit(node: visit.node, number: visit.number + 1)) }
                }
            }
            pauses.cancelAll()
        }
    }

    /// - Returns: whether there is nothing to be tried again.
    private func restore(_ node: String) async -> Bool {
        // One that stands by loads nothing; the nodes become live when it is active.
        guard (try? self.commands.roster.nodes()) != nil else { return true }
        let wanted: [StoredQueueDefinition]
        do {
            wanted = try await self.commands.catalogue.all().filter { $0.nodes.contains(node) }
        } catch {
            self.logger.warning("queues that were loaded before are not loaded now", metadata: ["node": "\(node)", "reason": "\(error.message)"])
            return false
        }
        guard !wanted.isEmpty else { return true }
        guard let listed = await self.commands.loadedQueues().first(where: { $0.node == node })?.rows.map(\.name) else { return false }
        var isDone = true
        for stored in wanted where !listed.contains(stored.definition.name.text) {
            if await !self.load(stored.definition.name, on: node) { isDone = false }
        }
        return isDone
    }

    /// - Returns: whether the node has it.
    private func load(_ queue: QueueName, on node: String) async -> Bool {
        do {
            _ = try await self.commands.run(.load, queue: queue.text, node: node, by: Self.principal)
            self.logger.notice("loaded a queue anew", metadata: ["node": "\(node)", "queue": "\(queue)"])
            return true
        } catch {
            // Its first caller, or somebody else, was faster.
            if error.code == .queueExists {
                await self.commands.catalogue.note(queue, isLoaded: true, on: node)
                return true
            }
            self.logger.warning(
                "a queue that was loaded before is not loaded now",
                metadata: ["node": "\(node)", "queue": "\(queue)", "reason": "\(error.message)"])
            return false
        }
    }
}
