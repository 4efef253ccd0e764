/// Where a node's pipeline is; `readyz` shows it.
package enum NodeStatus: Sendable, Equatable {
    /// Not connected, or connected while Redis does not write; with the last reason in words.
    case connecting(String?)
    /// Connected, taking the snapshot.
    case synchronizing
    /// The detail says what is amiss: without canaries, a gap in the events is not seen; or events come late. The Core-UUID is empty until something tells it.
    case live(coreUUID: String, detail: String? = nil)
    /// Another instance has the node; with one line that says which.
    case standby(String)
    /// Given up: the password was refused, say. With one line that says what to do.
    case failed(String)
}
