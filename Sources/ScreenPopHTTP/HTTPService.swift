import ServiceLifecycle

/// REST, WebSocket, SSE and the pages.
package struct HTTPService: Service {
    package func run() async throws {}
}
