package import CallCenter
package import ScreenPopStore

/// A queue that ScreenPop defines, and how the nodes have it.
package struct QueueDefinitionState: Sendable, Equatable {
    package struct Loaded: Sendable, Equatable {
        package var node: String
        /// Parameters that the node has loaded otherwise: until the queue is reloaded.
        package var differs: [QueueSetting]

        package init(node: String, differs: [QueueSetting] = []) {
            self.node = node
            self.differs = differs
        }
    }

    package var stored: StoredQueueDefinition
    package var loaded: [Loaded]
    /// Nodes that cannot be asked now: away, or another instance's while this one stands by.
    package var unasked: [String]

    package init(stored: StoredQueueDefinition, loaded: [Loaded] = [], unasked: [String] = []) {
        self.stored = stored
        self.loaded = loaded
        self.unasked = unasked
    }
}

/// Queues that ScreenPop defines: a FreeSWITCH asks for them by mod_xml_curl when it loads one.
package protocol QueueDefinitionControl: Sendable {
    func definitions() async throws(CommandError) -> [QueueDefinitionState]
    func definition(of queue: String) async throws(CommandError) -> QueueDefinitionState
    /// Defines a queue that there is not yet, and loads it; when that fails it is not defined either.
    /// - Parameter values: by any of a parameter's names; those left out have mod_callcenter's own.
    /// - Parameter node: only needed where it is not clear which one is to load it.
    func define(
        _ queue: String, _ values: [String: String], loads: Bool, node: String?, by: Principal
    ) async throws(CommandError) -> CommandOutcome
    /// - Parameter keepsOthers: whether parameters that are not named stay, or become mod_callcenter's own again.
    /// - Parameter reloads: whether every node that has the queue reads it anew.
    func redefine(
        _ queue: String, _ values: [String: String], keepsOthers: Bool, reloads: Bool, by: Principal
    ) async throws(CommandError) -> QueueDefinitionState
    /// - Parameter unloads: whether nodes that have it let it go; without it such a queue stays defined.
    func undefine(_ queue: String, unloads: Bool, by: Principal) async throws(CommandError)
    /// What a FreeSWITCH that asks for a queue is to be told; `nil`: it is not ours. Asks no node, some of which wait for just this answer.
    func served(_ queue: QueueName) async throws(CommandError) -> QueueDefinition?
}

extension QueueSetting {
    /// A value of it as JSON shows it: nothing for a text that is not set.
    package func commandValue(_ text: String) -> CommandValue {
        switch self.kind {
        case .seconds: Int(text).map { .number($0) } ?? .text(text)
        case .flag: text == "true" || text == "false" ? .flag(text == "true") : .text(text)
        case .word, .sound, .template: text.isEmpty ? .null : .text(text)
        }
    }
}
