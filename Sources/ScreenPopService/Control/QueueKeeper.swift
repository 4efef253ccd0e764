import CallCenter
import Logging
import ScreenPopStore

/// Loads the queues that ScreenPop defines on a node that has lost them: a FreeSWITCH that starts reads its own files, and takes a queue of ours
/// with its first caller only.
struct QueueKeeper: Sendable {
    private let commands: ConfigurationCommands
    private let logger: Logger
    /// Nodes that have become live.
    private let nodes: AsyncStream<String>

    /// In the audit of nobody: what a restart took is given back.
    private static let principal = Principal(id: "screenpop", name: "ScreenPop", role: .admin)

    init(commands: ConfigurationCommands, nodes: AsyncStream<String>, logger: Logger) {
        self.commands = commands
        self.nodes = nodes
        self.logger = logger
    }

    /// Until cancellation.
    func run() async {
        for await node in self.nodes { await self.restore(node) }
    }

    private func restore(_ node: String) async {
        do throws(CommandError) {
            let wanted = try await self.commands.catalogue.all().filter { $0.nodes.contains(node) }
            guard !wanted.isEmpty, let listed = await self.commands.loadedQueues().first(where: { $0.node == node })?.rows.map(\.name) else { return }
            for stored in wanted where !listed.contains(stored.definition.name.text) {
                _ = try await self.commands.run(.load, queue: stored.definition.name.text, node: node, by: Self.principal)
                self.logger.notice("loaded a queue anew", metadata: ["node": "\(node)", "queue": "\(stored.definition.name)"])
            }
        } catch {
            self.logger.warning("queues that were loaded before are not loaded now", metadata: ["node": "\(node)", "reason": "\(error.message)"])
        }
    }
}
