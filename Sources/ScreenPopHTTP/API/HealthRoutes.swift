import Hummingbird
import NIOCore
import ScreenPop
import ScreenPopService

/// Routes without a token, for those who watch over the service.
struct HealthRoutes: Sendable {
    let nodes: @Sendable () -> [(name: String, status: NodeStatus)]
    let redisIsConnected: @Sendable () -> Bool
    let metrics: PrometheusMetrics?

    func addRoutes(to routes: inout Routes) {
        routes.on(.get, "/healthz") { _, _ in .json(JSONWriter.object { $0.member("status", "ok") }) }
        routes.on(.get, "/readyz") { _, _ in self.readiness() }
        routes.on(.get, "/metrics") { _, _ in
            var text = ByteBuffer()
            self.metrics?.emit(into: &text)
            return Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"], body: ResponseBody(byteBuffer: text))
        }
    }

    private func readiness() -> Response {
        let nodes = self.nodes()
        let redis = self.redisIsConnected()
        // One node away must not take the desktops of the others from this instance.
        let isReady = redis && (nodes.isEmpty || nodes.contains(where: \.status.isLive))
        return .json(
            JSONWriter.object { object in
                object.member("ready", isReady)
                object.member("degraded", nodes.filter { !$0.status.isWhole }.map(\.name))
                object.member(
                    "redis",
                    json: JSONWriter.object { part in
                        part.member("ready", redis)
                        part.member("detail", redis ? nil : "Redis is not connected.")
                    })
                object.member("nodes", items: nodes.map { $0.status.json(name: $0.name) })
            }, status: isReady ? .ok : .serviceUnavailable)
    }
}
