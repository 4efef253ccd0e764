import Metrics
import ScreenPopService

/// What the HTTP side counts. Labels come from closed lists: a peer cannot make new series.
enum HTTPMetrics {
    static let sessions = Gauge(label: "screenpop_push_sessions")
    static let slowSessions = Counter(label: "screenpop_push_slow_sessions_total")
    static let unreadConnections = Counter(label: "screenpop_http_unread_connections_total")
    static let pushed = Counter(label: "screenpop_push_messages_total")

    private static let pops = Dictionary(
        uniqueKeysWithValues: ["offered", "answered", "ended", "dismissed"].map {
            ("pop.\($0)", Counter(label: "screenpop_pops_total", dimensions: [("state", $0)]))
        })

    /// Every message of the log, once for the instance.
    static func distributed(_ delivery: HubDelivery) {
        guard case .messages(let messages) = delivery else { return }
        for message in messages where message.cursor != nil { Self.pops[message.type]?.increment() }
    }

    static func request(method: String, route: String, status: Int, took nanoseconds: Int64) {
        Counter(label: "screenpop_http_requests_total", dimensions: [("method", method), ("route", route), ("status", String(status))]).increment()
        Metrics.Timer(label: "screenpop_http_request_duration_seconds", dimensions: [("route", route)]).recordNanoseconds(nanoseconds)
    }
}
