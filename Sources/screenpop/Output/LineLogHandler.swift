import Foundation
import Logging

/// Logs to standard error, one event one line: what came from outside cannot make a line of its own.
struct LineLogHandler: LogHandler {
    let label: String
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(label: String, level: Logger.Level) {
        self.label = label
        self.logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var metadata = self.metadata
        if let provided = self.metadataProvider?.get() { metadata.merge(provided) { _, new in new } }
        if let own = event.metadata { metadata.merge(own) { _, new in new } }
        if let error = event.error { metadata["error"] = "\(error)" }
        StandardStreams.error(
            Self.line(time: Date(), level: event.level, label: self.label, message: event.message.description, metadata: metadata))
    }

    /// `2026-11-23T15:00:00.123Z warning screenpop: message key=value other="with spaces"`
    static func line(time: Date, level: Logger.Level, label: String, message: String, metadata: Logger.Metadata) -> String {
        let stamp = time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        var line = "\(stamp) \(level) \(label): \(Self.escaped(message))"
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            let text = Self.escaped(value.description)
            let needsQuotes = text.isEmpty || text.contains { $0 == " " || $0 == "\"" || $0 == "=" }
            line += " \(Self.escaped(key))=" + (needsQuotes ? "\"" + text.replacing("\"", with: "\\\"") + "\"" : text)
        }
        return line
    }

    /// Line ends and other control characters (also those of Unicode that a terminal obeys) as `\n`, `\u{1B}`, ...
    static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: Self.isControl) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where Self.isControl(scalar): result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

extension LoggingSystem {
    /// To be called once, before anything logs.
    static func logLines(level: Logger.Level) {
        Self.bootstrap { label in LineLogHandler(label: label, level: level) }
    }
}
