import CallCenter
import ScreenPopService
import ScreenPopStore

/// Knows one queue, `billing@default`.
extension FakeControl {
    private static let stored: StoredQueueDefinition? = (try? QueueDefinition(name: "billing@default", values: ["max-wait-time": "90"])).map {
        StoredQueueDefinition(
            definition: $0, createdAt: Timestamp(microseconds: 0), changedAt: Timestamp(microseconds: 0), changedBy: "Ann", version: "v1")
    }

    private func known(_ queue: String) throws(CommandError) -> StoredQueueDefinition {
        guard queue == "billing@default", let stored = Self.stored else { throw CommandError(.queueNotFound, "ScreenPop defines no queue \(queue)") }
        return stored
    }

    func definitions() async throws(CommandError) -> [QueueDefinitionState] {
        _ = try self.note("definitions")
        return [QueueDefinitionState(stored: try self.known("billing@default"), loaded: [.init(node: "fs1")])]
    }
    func definition(of queue: String) async throws(CommandError) -> QueueDefinitionState {
        _ = try self.note("definition \(queue)")
        let differs = QueueSetting.all.filter { $0.name == "max-wait-time" }
        return QueueDefinitionState(stored: try self.known(queue), loaded: [.init(node: "fs1", differs: differs)])
    }
    func define(
        _ queue: String, _ values: [String: String], loads: Bool, node: String?, by: Principal
    ) async throws(CommandError) -> CommandOutcome {
        let text = values.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: ",")
        return try self.note("define \(queue) \(text)\(loads ? "" : " unloaded")\(node.map { " on \($0)" } ?? "")", by: by)
    }
    func redefine(
        _ queue: String, _ values: [String: String], keepsOthers: Bool, reloads: Bool, by: Principal
    ) async throws(CommandError) -> QueueDefinitionState {
        let text = values.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: ",")
        _ = try self.note("redefine \(queue) \(text)\(keepsOthers ? "" : " whole")\(reloads ? " reload" : "")", by: by)
        return QueueDefinitionState(stored: try self.known(queue))
    }
    func undefine(_ queue: String, unloads: Bool, by: Principal) async throws(CommandError) {
        _ = try self.note("undefine \(queue)\(unloads ? " unload" : "")", by: by)
        _ = try self.known(queue)
    }
    func served(_ queue: QueueName) async throws(CommandError) -> QueueDefinition? {
        _ = try self.note("serve \(queue)")
        return queue.text == "billing@default" ? Self.stored?.definition : nil
    }
}
