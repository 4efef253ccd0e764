/// What a connection hands on, on its event loop, in wire order. Whoever receives it must not block.
public enum EventSocketDelivery: Sendable {
    case event(Event)
    /// A `log/data` line.
    case log(level: Int, text: String)
    /// All that one read from the socket held has been delivered: the moment to flush.
    case readComplete
    /// The last delivery of a connection, exactly once.
    case closed(EventSocketError)
}
