import HTTPTypes
import ScreenPopService

/// How the nodes are, for those who may ask; `readyz` tells everybody the same in short.
struct NodeRoutes: Sendable {
    let api: API
    let nodes: @Sendable () -> [(name: String, status: NodeStatus)]

    func addRoutes(to routes: inout Routes) {
        self.api.on(&routes, .get, "/nodes", .readNodes) { _, _ in .list(self.nodes().map { $0.status.json(name: $0.name) }) }
    }
}
