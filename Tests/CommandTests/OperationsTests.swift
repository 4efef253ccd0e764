import Foundation
import Testing

/// docs/operations.md, the alerts and the dashboard against the metrics that the code makes.
@Suite struct OperationsTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    /// Names of metrics by their type, from where they are made.
    private static func made() throws -> [String: String] {
        var made: [String: String] = [:]
        let files = try #require(FileManager.default.enumerator(at: Self.root.appending(path: "Sources"), includingPropertiesForKeys: nil))
        for case let file as URL in files where file.pathExtension == "swift" {
            for match in try String(contentsOf: file, encoding: .utf8).matches(of: /(Counter|Gauge|Timer)\(\s*label: "(screenpop_\w+)"/) {
                made[String(match.2)] = ["Counter": "counter", "Gauge": "gauge", "Timer": "histogram"][String(match.1)]
            }
        }
        return made
    }

    @Test func `every metric is explained, with its type, and none that is not there`() throws {
        let page = try Self.text("docs/operations.md")
        let explained = page.matches(of: /(?m)^\| `(screenpop_\w+)(?:\{[\w,]+\})?` \| (\w+) \|/).map { (String($0.1), String($0.2)) }
        #expect(try Self.made() == Dictionary(explained) { first, _ in first })
        #expect(Set(explained.map(\.0)).count == explained.count)
    }

    @Test func `every alert has a row that says what to do`() throws {
        let alerts = try Self.text("docker/prometheus/alerts.yml").matches(of: /- alert: (\w+)/).map { String($0.1) }
        #expect(!alerts.isEmpty)
        let page = try Self.text("docs/operations.md")
        let section = try #require(page.firstMatch(of: /(?s)### Alerts\n(.*?)\n##/)).1
        let rows = section.matches(of: /(?m)^\| ([\w, ]+?) \|/).flatMap { $0.1.split(separator: ", ").map(String.init) }
        #expect(Set(alerts) == Set(rows).subtracting(["alert"]))
    }

    @Test(arguments: ["docker/prometheus/alerts.yml", "docker/grafana/dashboards/screenpop.json"])
    func `what is asked of Prometheus is there to be asked for`(file: String) throws {
        let made = try Self.made()
        let asked = try Self.text(file).matches(of: /(screenpop_\w+)(\{[^}]*\})?/)
        #expect(!asked.isEmpty)
        for match in asked {
            let name = String(match.1)
            if name.hasSuffix("_bucket") {
                #expect(made[String(name.dropLast("_bucket".count))] == "histogram", "\(name)")
            } else {
                // A histogram has no line under its bare name.
                #expect(made[name] == "counter" || made[name] == "gauge", "\(name)")
            }
            #expect(!(match.2 ?? "").contains("quantile"), "histograms have buckets, only summaries have quantiles")
        }
    }
}
