import Metrics

/// What the gate counts. Labels come from closed lists.
enum GateMetrics {
    enum Refusal: String, CaseIterable {
        /// Too many commands of one principal.
        case commands
        /// Too many requests of one address that show nobody.
        case strangers
        /// Too many sessions of one principal, open or begun.
        case sessions
        /// Too many requests of one principal whose answers would be kept.
        case idempotencyKeys = "idempotency-keys"
        /// Too many connections of one network that are no sessions.
        case connections
    }

    private static let refusals = Dictionary(
        uniqueKeysWithValues: Refusal.allCases.map { ($0, Counter(label: "screenpop_refused_total", dimensions: [("limit", $0.rawValue)])) })

    static let auditDropped = Counter(label: "screenpop_audit_dropped_total")
    static let auditWaiting = Gauge(label: "screenpop_audit_waiting")
    static let replayed = Counter(label: "screenpop_idempotent_replays_total")
    static let certificatesRefused = Counter(label: "screenpop_tls_reload_failures_total")

    static func refused(_ refusal: Refusal) { self.refusals[refusal]?.increment() }
}
