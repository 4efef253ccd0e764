/// Where a node's pipeline is; `readyz` shows it.
package enum NodeStatus: Sendable, Equatable {
    /// Not connected, with the last reason in words.
    case connecting(String?)
    /// Connected, taking the snapshot.
    case synchronizing
    case live(coreUUID: String)
    /// Given up: the password was refused, say. With one line that says what to do.
    case failed(String)
}
