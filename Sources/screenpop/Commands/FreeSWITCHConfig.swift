import ArgumentParser
import Foundation

struct FreeSWITCHConfig: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "freeswitch-config",
        abstract: "Write a FreeSWITCH's configuration from one YAML file: queues, menu, telephones.",
        discussion: """
            Without --write it only shows what would change. Files that are not ScreenPop's are never touched. \
            docker/freeswitch/callcenter.yaml is an example with everything in it.
            """)

    @Argument(help: ArgumentHelp("The YAML file.", valueName: "file")) var file: String
    @Option(help: ArgumentHelp("FreeSWITCH's configuration folder: /etc/freeswitch", valueName: "folder")) var output: String
    @Flag(help: "Write the files.") var write = false
    @Flag(help: "Change nothing, and exit with 1 when something would change.") var check = false

    func validate() throws {
        guard !(self.write && self.check) else { throw ValidationError("--write and --check exclude each other") }
    }

    func run() async throws {
        try await CommandFailure.reported {
            guard let text = try? String(contentsOfFile: self.file, encoding: .utf8) else {
                throw CommandFailure(.configuration, "\(self.file) cannot be read")
            }
            let plan = try CallCentrePlan(yaml: text, file: self.file)
            let files = ConfigurationFiles(plan: plan).files
            let folder = URL(filePath: self.output, directoryHint: .isDirectory)
            var changed = 0
            // All is written before a word is said: whoever listens may hang up (`| head`).
            var lines: [String] = []
            for (path, text) in files {
                let place = folder.appending(path: path)
                let before = try? String(contentsOf: place, encoding: .utf8)
                guard before != text else { continue }
                changed += 1
                lines.append(before == nil ? "new      \(path)" : "changed  \(path)")
                if let before { lines += Self.difference(before, text).map { "  " + $0 } }
                if self.write { try Self.write(text, to: place) }
            }
            lines += Self.missingPrompts(of: plan, in: folder)
            for line in lines { StandardStreams.output(line) }
            switch (changed, self.write) {
            case (0, _): StandardStreams.output("nothing to change: \(files.count) files are as \(self.file) says")
            case (_, true):
                StandardStreams.output("wrote \(changed) of \(files.count) files; tell FreeSWITCH with `reloadxml`, and load each queue anew")
            case (_, false): StandardStreams.output("\(changed) of \(files.count) files would change; --write writes them")
            }
            if self.check, changed > 0 { throw CommandFailure(.failed, "\(self.output) is not as \(self.file) says") }
        }
    }

    /// The menu's voice is recorded by somebody: it cannot be written from the plan.
    private static func missingPrompts(of plan: CallCentrePlan, in folder: URL) -> [String] {
        guard let menu = plan.menu else { return [] }
        let names = ["language.wav", "invalid.wav"] + menu.languages.map { "choose-\($0.code).wav" }
        let missing = names.filter {
            !FileManager.default.isReadableFile(atPath: folder.appending(path: "prompts/\($0)").path(percentEncoded: false))
        }
        guard !missing.isEmpty else { return [] }
        return [
            "missing  prompts/: \(missing.joined(separator: ", ")) (8 kHz mono); without them the menu is silent. "
                + "docker/freeswitch/conf/prompts has some in English and Chinese"
        ]
    }

    private static func write(_ text: String, to place: URL) throws {
        do {
            try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: place, atomically: true, encoding: .utf8)
        } catch {
            throw CommandFailure(.unavailable, "\(place.path(percentEncoded: false)) cannot be written: \(error.localizedDescription)")
        }
    }

    /// Lines that go and lines that come, each with its sign.
    static func difference(_ before: String, _ after: String) -> [String] {
        let old = before.split(separator: "\n", omittingEmptySubsequences: false)
        let new = after.split(separator: "\n", omittingEmptySubsequences: false)
        return new.difference(from: old).sorted { $0.line < $1.line }.map { change in
            switch change {
            case .remove(_, let line, _): "- \(line)"
            case .insert(_, let line, _): "+ \(line)"
            }
        }
    }
}

extension CollectionDifference.Change {
    fileprivate var line: Int {
        switch self {
        case .remove(let offset, _, _), .insert(let offset, _, _): offset
        }
    }
}
