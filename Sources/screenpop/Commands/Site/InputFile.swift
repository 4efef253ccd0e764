import Foundation

/// A file named on the command line; `-` is standard input.
enum InputFile {
    /// - Throws: `CommandFailure` (unavailable) with what is wrong with it.
    static func read(_ name: String) throws -> Data {
        do {
            if name == "-" { return try FileHandle.standardInput.readToEnd() ?? Data() }
            return try Data(contentsOf: URL(filePath: name))
        } catch {
            throw CommandFailure(.unavailable, "cannot read \(name): \(error.localizedDescription)")
        }
    }
}
