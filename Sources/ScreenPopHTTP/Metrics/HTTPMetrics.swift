import Metrics

/// What the HTTP side counts. Labels come from closed lists: a peer cannot make new series.
enum HTTPMetrics {
    static let sessions = Gauge(label: "screenpop_push_sessions")
    static let slowSessions = Counter(label: "screenpop_push_slow_sessions_total")
    static let pushed = Counter(label: "screenpop_push_messages_total")

    static func request(method: String, route: String, status: Int, took nanoseconds: Int64) {
        Counter(label: "screenpop_http_requests_total", dimensions: [("method", method), ("route", route), ("status", String(status))]).increment()
        Metrics.Timer(label: "screenpop_http_request_duration_seconds", dimensions: [("route", route)]).recordNanoseconds(nanoseconds)
    }
}
