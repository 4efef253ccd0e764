import HTTPTypes
import Hummingbird
import NIOCore
import ScreenPopService
import ScreenPopStore

/// `GET /api/v1/events`, and what is left to say at `GET /api/v1/ws` when no WebSocket came of it.
struct PushRoutes: Sendable {
    let api: API
    let shards: PushShards
    let handshake: WebSocketHandshake

    func addRoutes(to routes: inout Routes) {
        // What of it somebody may listen to depends on what he asks for.
        routes.on(.get, API.prefix + "/events", .readSession) { request, context in
            try await self.api.gate.watch(.listen, path: "/events", opening: .http, request, context) { visit in
                let identity = try await self.api.authenticate(request, context, .readSession)
                try visit.admit(identity.principal)
                return try self.events(request, context, identity, &visit)
            }
        }
        routes.on(.get, WebSocketHandshake.path) { request, context in
            let target = request.head.path ?? WebSocketHandshake.path
            // Watched as any request: whoever shows nobody too often is told so.
            _ = try await self.api.gate.watch(.listen, path: "/ws", opening: .websocket, request, context) { visit in
                let head = WebSocketHandshake.Head(method: request.method.rawValue, target: target) { name in
                    guard let field = HTTPField.Name(name) else { return [] }
                    if name == "host" { return request.head.authority.map { [$0] } ?? [] }
                    return request.headers[values: field]
                }
                let asked = try self.handshake.read(head)
                let identity = try await self.api.authenticator.authenticate(asked.credential, on: context.eventLoop).get()
                try visit.admit(identity.principal)
                visit.asks(asked.opening)
                _ = try self.handshake.accept(asked, from: identity)
                // The gate in front takes out the one header of those that it refuses; one that keeps it was admitted, and comes too late to be
                // upgraded. A proxy takes out both.
                let asksForUpgrade = request.headers[.connection]?.lowercased().contains("upgrade") ?? false
                if request.headers[.upgrade] == nil, asksForUpgrade { throw self.api.gate.refusalOfOpening() }
                return Response(status: .noContent)
            }
            // Without it there is nothing to wait for on a new connection: a proxy in between took it out, and would again.
            guard request.headers[.upgrade] != nil else { throw WebSocketHandshake.upgradeRequired }
            // Only the first request of a connection can be upgraded, and some browsers ask on one that they kept: send them to a new one.
            return Response(status: .temporaryRedirect, headers: [.location: target, .connection: "close"])
        }
    }

    private func events(_ request: Request, _ context: HTTPContext, _ identity: Identity, _ visit: inout Visit) throws -> Response {
        let query = try Query(request.uri.query)
        let principal = identity.principal
        // Who names nothing gets all that he may have.
        let otherwise = [principal.agent.map(Topic.agent), .agents, .queues].compactMap(\.self).filter { AccessTable.allows(principal, $0) }
        let asked = try PushSession.Opening(query: query, lastEventID: request.headers[.lastEventID], otherwise: otherwise)
        visit.asks(asked)
        let limits = self.api.configuration.limits
        let opening = try asked.authorised(for: principal, topics: limits.topics)
        guard opening.desk == nil else {
            throw Problem(.unprocessableContent, "invalid-value", "An event stream is no desk; one comes by WebSocket.")
        }
        guard !self.handshake.isFull(principal) else { throw Problem.tooManySessions }
        try self.api.gate.admitOpening(to: opening.topics.count, of: principal)
        let heartbeat = self.api.configuration.heartbeat
        let eventLoop = context.eventLoop
        let shards = self.shards
        let sessions = self.api.gate.sessions
        let body = ResponseBody { writer in
            let (chunks, continuation) = AsyncStream.makeStream(of: ByteBuffer.self, bufferingPolicy: .bufferingOldest(EventStream.maximumChunks))
            let debt = EventStream.Debt()
            sessions.opened(principal)
            defer { sessions.closed(principal) }
            try await request.body.consumeWithInboundCloseHandler { _ in
                let held = try await eventLoop.submit {
                    guard let shard = shards.shard(on: eventLoop) else { throw ChannelError.inappropriateOperationForState }
                    let stream = EventStream(
                        continuation, debt: debt, limit: limits.owedBytes, patience: limits.unwritable, heartbeat: heartbeat, now: eventLoop.now)
                    let session = PushSession(opening, identity: identity, shard: shard, transport: stream)
                    session.open()
                    return NIOLoopBound((stream, session), eventLoop: eventLoop)
                }.get()
                defer { eventLoop.execute { held.value.1.close() } }
                for await chunk in chunks {
                    try await writer.write(chunk)
                    if debt.pay(chunk.readableBytes) { eventLoop.execute { held.value.1.catchUp() } }
                }
            } onInboundClosed: {
                continuation.finish()
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .connection: "close"], body: body)
    }
}
