import Metrics

/// What the gate counts. Labels come from closed lists.
enum GateMetrics {
    enum Refusal: String, CaseIterable {
        /// Too many commands of one principal.
        case commands
        /// Too many acknowledgements of one principal.
        case acknowledgements
        /// Too many requests of one address that show nobody.
        case strangers
        /// Too many sessions of one principal, open or begun.
        case sessions
    }

    private static let refusals = Dictionary(
        uniqueKeysWithValues: Refusal.allCases.map { ($0, Counter(label: "screenpop_refused_total", dimensions: [("limit", $0.rawValue)])) })

    static let auditDropped = Counter(label: "screenpop_audit_dropped_total")
    private static let refusalsNotKept = Counter(label: "screenpop_audit_refusals_not_kept_total")
    static let auditWaiting = Gauge(label: "screenpop_audit_waiting")
    static let replayed = Counter(label: "screenpop_idempotent_replays_total")
    static let certificatesRefused = Counter(label: "screenpop_tls_reload_failures_total")

    static func refusalWasNotKept() { self.refusalsNotKept.increment() }

    static func refused(_ refusal: Refusal) { self.refusals[refusal]?.increment() }
}
