package import CoreMetrics
package import NIOCore
import Synchronization

/// The backend of swift-metrics that `GET /metrics` reads. Give it to `MetricsSystem.bootstrap` and to `HTTPService`.
///
/// A series is found by name and labels; its line is rendered once, when it is made. Timers become histograms in seconds.
package final class PrometheusMetrics: MetricsFactory {
    /// A value that writes its own lines.
    protocol Series: AnyObject, Sendable {
        func emit(into buffer: inout ByteBuffer)
    }

    private struct Family {
        var type: String
        var series: [String: any Series] = [:]
    }

    private let families = Mutex<[String: Family]>([:])
    /// Beyond it, new series are not kept: labels are ours, but a mistake must not eat the memory.
    private let limit: Int

    package init(limit: Int = 4096) {
        self.limit = limit
    }

    /// The text format, version 0.0.4.
    package func emit(into buffer: inout ByteBuffer) {
        let families = self.families.withLock { families in
            families.map { ($0.key, $0.value.type, $0.value.series.sorted { $0.key < $1.key }.map(\.value)) }
        }
        for (name, type, series) in families.sorted(by: { $0.0 < $1.0 }) {
            buffer.writeString("# TYPE \(name) \(type)\n")
            for one in series { one.emit(into: &buffer) }
        }
    }

    private func series<S: Series>(_ label: String, _ type: String, _ dimensions: [(String, String)], _ make: (String, String) -> S) -> S? {
        let name = Self.sanitize(label)
        let labels = dimensions.map { "\(Self.sanitize($0.0))=\"\(Self.escape($0.1))\"" }.joined(separator: ",")
        return self.families.withLock { families in
            if let known = families[name]?.series[labels] { return known as? S }
            guard families[name].map({ $0.type == type }) ?? true, families.values.reduce(0, { $0 + $1.series.count }) < self.limit
            else { return nil }
            let made = make(name, labels)
            families[name, default: Family(type: type)].series[labels] = made
            return made
        }
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        self.series(label, "counter", dimensions, PrometheusCounter.init) ?? NOOPMetricsHandler.instance
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate {
            self.series(label, "histogram", dimensions, PrometheusHistogram.init) ?? NOOPMetricsHandler.instance
        } else {
            self.series(label, "gauge", dimensions, PrometheusGauge.init) ?? NOOPMetricsHandler.instance
        }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        self.series(label, "gauge", dimensions, PrometheusGauge.init) ?? NOOPMetricsHandler.instance
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        self.series(label, "histogram", dimensions, PrometheusHistogram.init) ?? NOOPMetricsHandler.instance
    }

    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`
    static func sanitize(_ name: String) -> String {
        var bytes = name.utf8.map { byte -> UInt8 in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: ":"): byte
            default: UInt8(ascii: "_")
            }
        }
        if bytes.first.map({ (0x30...0x39).contains($0) }) ?? true { bytes.insert(UInt8(ascii: "_"), at: 0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func escape(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

private final class PrometheusCounter: PrometheusMetrics.Series, CounterHandler {
    private let line: String
    private let value = Atomic<Int64>(0)

    init(name: String, labels: String) {
        self.line = labels.isEmpty ? "\(name) " : "\(name){\(labels)} "
    }

    func increment(by amount: Int64) { self.value.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { self.value.store(0, ordering: .relaxed) }

    func emit(into buffer: inout ByteBuffer) {
        buffer.writeString(self.line)
        buffer.writeString("\(self.value.load(ordering: .relaxed))\n")
    }
}

private final class PrometheusGauge: PrometheusMetrics.Series, RecorderHandler, MeterHandler {
    private let line: String
    private let value = Mutex<Double>(0)

    init(name: String, labels: String) {
        self.line = labels.isEmpty ? "\(name) " : "\(name){\(labels)} "
    }

    func record(_ value: Int64) { self.set(Double(value)) }
    func record(_ value: Double) { self.set(value) }
    func set(_ value: Int64) { self.set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { self.value.withLock { $0 += amount } }
    func decrement(by amount: Double) { self.value.withLock { $0 -= amount } }

    func emit(into buffer: inout ByteBuffer) {
        buffer.writeString(self.line)
        buffer.writeString("\(self.value.withLock { $0 })\n")
    }
}

private final class PrometheusHistogram: PrometheusMetrics.Series, TimerHandler, RecorderHandler {
    private struct State {
        var counts: [Int64]
        var sum = 0.0
        var count: Int64 = 0
    }

    /// From a tenth of a millisecond to ten seconds.
    private static let bounds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    private let lines: [String]
    private let sumLine: String
    private let countLine: String
    private let state: Mutex<State>

    init(name: String, labels: String) {
        let before = labels.isEmpty ? "" : "\(labels),"
        self.lines = (Self.bounds.map { "\($0)" } + ["+Inf"]).map { "\(name)_bucket{\(before)le=\"\($0)\"} " }
        let braces = labels.isEmpty ? "" : "{\(labels)}"
        self.sumLine = "\(name)_sum\(braces) "
        self.countLine = "\(name)_count\(braces) "
        self.state = Mutex(State(counts: Array(repeating: 0, count: Self.bounds.count)))
    }

    func recordNanoseconds(_ duration: Int64) { self.record(Double(duration) / 1e9) }
    func record(_ value: Int64) { self.record(Double(value)) }

    func record(_ value: Double) {
        let index = Self.bounds.firstIndex { value <= $0 }
        self.state.withLock { state in
            if let index { state.counts[index] += 1 }
            state.sum += value
            state.count += 1
        }
    }

    func emit(into buffer: inout ByteBuffer) {
        let state = self.state.withLock { $0 }
        var below: Int64 = 0
        for (line, count) in zip(self.lines, state.counts) {
            below += count
            buffer.writeString("\(line)\(below)\n")
        }
        buffer.writeString("\(self.lines[Self.bounds.count])\(state.count)\n")
        buffer.writeString("\(self.sumLine)\(state.sum)\n\(self.countLine)\(state.count)\n")
    }
}
