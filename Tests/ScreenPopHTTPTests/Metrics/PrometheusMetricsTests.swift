import CoreMetrics
import NIOCore
import Testing

@testable import ScreenPopHTTP

@Suite struct PrometheusMetricsTests {
    private func text(_ metrics: PrometheusMetrics) -> String {
        var buffer = ByteBuffer()
        metrics.emit(into: &buffer)
        return String(buffer: buffer)
    }

    @Test func `counters and gauges, sorted, with escaped labels`() {
        let metrics = PrometheusMetrics()
        metrics.makeCounter(label: "pops.total", dimensions: [("end", "a\"b\\c\nd")]).increment(by: 2)
        metrics.makeCounter(label: "pops.total", dimensions: []).increment(by: 1)
        // The same series again is the same counter.
        metrics.makeCounter(label: "pops.total", dimensions: []).increment(by: 1)
        metrics.makeRecorder(label: "9lives", dimensions: [], aggregate: false).record(Int64(7))
        #expect(
            self.text(metrics) == """
                # TYPE _9lives gauge
                _9lives 7.0
                # TYPE pops_total counter
                pops_total 2
                pops_total{end="a\\"b\\\\c\\nd"} 2

                """)
    }

    @Test func `timers are histograms in seconds`() {
        let metrics = PrometheusMetrics()
        let timer = metrics.makeTimer(label: "t", dimensions: [("r", "/")])
        timer.recordNanoseconds(3_000_000)
        timer.recordNanoseconds(20_000_000_000)
        let lines = self.text(metrics).split(separator: "\n")
        #expect(lines.contains("t_bucket{r=\"/\",le=\"0.0025\"} 0"))
        #expect(lines.contains("t_bucket{r=\"/\",le=\"0.005\"} 1"))
        #expect(lines.contains("t_bucket{r=\"/\",le=\"10.0\"} 1"))
        #expect(lines.contains("t_bucket{r=\"/\",le=\"+Inf\"} 2"))
        #expect(lines.contains("t_sum{r=\"/\"} 20.003"))
        #expect(lines.contains("t_count{r=\"/\"} 2"))
    }

    @Test func `series are limited, and a name keeps its type`() {
        let metrics = PrometheusMetrics(limit: 2)
        for number in 0..<5 { metrics.makeCounter(label: "c", dimensions: [("n", "\(number)")]).increment(by: 1) }
        #expect(self.text(metrics) == "# TYPE c counter\nc{n=\"0\"} 1\nc{n=\"1\"} 1\n")
        let other = PrometheusMetrics()
        other.makeCounter(label: "c", dimensions: []).increment(by: 1)
        other.makeTimer(label: "c", dimensions: []).recordNanoseconds(1)
        #expect(self.text(other) == "# TYPE c counter\nc 1\n")
    }
}
