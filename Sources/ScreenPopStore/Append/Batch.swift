package import ScreenPop

/// One batch for the append script.
package struct Batch: Sendable {
    package var node: String
    /// The writer's fencing token: a smaller one than the node's is refused, and whatever another instance than the node's writes.
    package var fence: Int64
    /// One more with each batch of this writer. A batch whose fate is unknown is repeated word for word under its number: one that the script has
    /// written already is confirmed and not written again, one that failed half-way goes on where it stopped; one that does not follow the last
    /// written number fails with `StoreError.outOfOrder`, so that nothing overtakes a batch that failed. The first number after a take-over, or of a node that Redis does not know, may be any.
    package var number: Int64
    package var coreUUID: String?
    package var sequence: Int64
    /// May be empty: then the batch only takes its number.
    package var changes: [Change]

    package init(node: String, fence: Int64, number: Int64, coreUUID: String?, sequence: Int64, changes: [Change]) {
        self.node = node
        self.fence = fence
        self.number = number
        self.coreUUID = coreUUID
        self.sequence = sequence
        self.changes = changes
    }
}

package enum StoreError: Error, Sendable, Equatable {
    /// Another instance has taken the node over.
    case fenced
    /// A batch before this one is missing.
    case outOfOrder
    /// Redis refused a command in the middle of a batch, with this error. What comes before it is written; the same batch goes on from there.
    case halfWay(String)
    /// What is in Redis was written by a version of ScreenPop with another schema, this one.
    case schema(String)
}
