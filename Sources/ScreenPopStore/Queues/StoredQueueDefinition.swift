package import CallCenter

/// A queue as an administrator defined it, and where it is to be loaded.
package struct StoredQueueDefinition: Sendable, Equatable {
    package var definition: QueueDefinition
    /// Nodes that it was loaded on by a command of ours, by name: a node that has restarted gets it again.
    package var nodes: [String]
    package var createdAt: Timestamp
    package var changedAt: Timestamp
    /// Who changed it last, for people.
    package var changedBy: String
    /// Another one with each change.
    package var version: String

    package init(
        definition: QueueDefinition, nodes: [String] = [], createdAt: Timestamp, changedAt: Timestamp, changedBy: String, version: String
    ) {
        self.definition = definition
        self.nodes = nodes
        self.createdAt = createdAt
        self.changedAt = changedAt
        self.changedBy = changedBy
        self.version = version
    }

    /// How many a site may have.
    package static let limit = 1000

    /// Before the name of a node, in a field's name. No parameter of a queue has a colon in it.
    private static let node = "node:"

    /// `nil` for a hash that holds no definition, or one with a parameter that this version does not know.
    init?(name: String, _ fields: [String: String]) {
        guard let version = fields["version"], let createdAt = fields["created_at"].flatMap({ Timestamp(rfc3339: $0) }),
            let changedAt = fields["changed_at"].flatMap({ Timestamp(rfc3339: $0) })
        else { return nil }
        let others: Set<String> = ["version", "created_at", "changed_at", "changed_by"]
        let values = fields.filter { !others.contains($0.key) && !$0.key.hasPrefix(Self.node) }
        guard let definition = try? QueueDefinition(name: name, values: values) else { return nil }
        self.init(
            definition: definition, nodes: fields.keys.filter { $0.hasPrefix(Self.node) }.map { String($0.dropFirst(Self.node.count)) }.sorted(),
            createdAt: createdAt, changedAt: changedAt, changedBy: fields["changed_by"] ?? "", version: version)
    }

    static func field(ofNode node: String) -> String { self.node + node }
}

extension Fields {
    /// Without the nodes, which are kept whatever else changes. A parameter without a value has no field.
    init(_ stored: StoredQueueDefinition) {
        for parameter in QueueSetting.all { self.set(parameter.name, stored.definition.values[parameter.name]) }
        self.set("version", stored.version)
        self.set("created_at", stored.createdAt)
        self.set("changed_at", stored.changedAt)
        self.set("changed_by", stored.changedBy)
    }
}
