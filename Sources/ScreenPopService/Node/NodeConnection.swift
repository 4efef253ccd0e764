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

/// Makes one connection; its deliveries come on the event loop.
typealias NodeConnector =
    @Sendable (_ eventLoop: any EventLoop, _ sink: @escaping @Sendable (EventSocketDelivery) -> Void) async throws(EventSocketError) ->
    any NodeConnection
