import EventSocket
import NIOCore

/// What a pipeline needs of an event socket connection.
protocol NodeConnection: Sendable {
    func subscribe(events: [String], custom: [String]) async throws(EventSocketError)
    func api(_ call: APICall) async throws(EventSocketError) -> String
    /// Returns with the job's result.
    func backgroundAPI(_ call: APICall) async throws(EventSocketError) -> String
    @discardableResult func sendEvent(_ name: String, headers: [(String, String)]) async throws(EventSocketError) -> String
    func log(level: String) async throws(EventSocketError)
    func close() async
}

extension EventSocketConnection: NodeConnection {}

/// What a connection is made for: how long a reply may take depends on it.
enum ConnectionUse: Sendable {
    /// Events, and the canaries and snapshots that go with them.
    case following
    /// What administrators and desktops ask.
    case commands
    /// One command that FreeSWITCH may be long about.
    case slowCommand
}

/// Makes one connection; its deliveries come on the event loop.
typealias NodeConnector =
    @Sendable (_ eventLoop: any EventLoop, _ use: ConnectionUse, _ sink: @escaping @Sendable (EventSocketDelivery) -> Void)
    async throws(EventSocketError) -> any NodeConnection
