import Metrics

/// What a pipeline counts. Labels are the node's name and nothing from outside.
struct NodeMetrics {
    let events: Counter
    let changes: Counter
    let batches: Counter
    let resyncs: Counter
    let outboxDepth: Gauge
    let outboxSuperseded: Gauge
    let outboxLost: Gauge
    /// How long FreeSWITCH holds our events.
    let canaryDelay: Timer
    let commandLatency: Timer

    init(node: String) {
        let dimensions = [("node", node)]
        self.events = Counter(label: "screenpop_events_total", dimensions: dimensions)
        self.changes = Counter(label: "screenpop_changes_total", dimensions: dimensions)
        self.batches = Counter(label: "screenpop_batches_total", dimensions: dimensions)
        self.resyncs = Counter(label: "screenpop_resyncs_total", dimensions: dimensions)
        self.outboxDepth = Gauge(label: "screenpop_outbox_changes", dimensions: dimensions)
        self.outboxSuperseded = Gauge(label: "screenpop_outbox_superseded", dimensions: dimensions)
        self.outboxLost = Gauge(label: "screenpop_outbox_lost", dimensions: dimensions)
        self.canaryDelay = Timer(label: "screenpop_canary_delay_seconds", dimensions: dimensions)
        self.commandLatency = Timer(label: "screenpop_command_seconds", dimensions: dimensions)
    }
}
