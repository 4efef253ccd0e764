import Foundation
import Testing

/// `docs/threat-model.md` says what each defence is shown by: those tests are there.
@Suite struct ThreatModelTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test func `every test that the threat model names is there`() throws {
        let document = try String(contentsOf: Self.root.appending(path: "docs/threat-model.md"), encoding: .utf8)
        let section = try #require(document.components(separatedBy: "## Threats, defences, tests").last?.components(separatedBy: "\n## ").first)
        let rows = section.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
        #expect(rows.count > 15)
        var sources = ""
        let files = FileManager.default.enumerator(at: Self.root.appending(path: "Tests"), includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            if file.pathExtension == "swift" { sources += try String(contentsOf: file, encoding: .utf8) }
        }
        for row in rows {
            let cell = String(row.split(separator: "|").last { !$0.allSatisfy { $0 == " " } } ?? "")
            let names = cell.matches(of: /`([^`]+)`/).map { String($0.output.1) }
            #expect(!names.isEmpty || cell.contains("Tests/"), "no test: \(row)")
            for name in names { #expect(sources.contains("func `\(name)`(") || sources.contains("func \(name)("), "\(name)") }
            for path in cell.matches(of: /Tests\/[A-Za-z_\/.]+/) {
                #expect(
                    FileManager.default.fileExists(atPath: Self.root.appending(path: String(path.output)).path(percentEncoded: false)),
                    "\(path.output)")
            }
        }
    }
}
