import NIOCore

struct ReconnectBackoff {
    var attempt = 0
    mutating func next() -> TimeAmount { attempt += 1; return .milliseconds(Int64.random(in: 25...min(1000, 50 << min(attempt, 5)))) }
}
