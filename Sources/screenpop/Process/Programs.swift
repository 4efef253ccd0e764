import Foundation

/// Finds programs as a shell would.
enum Programs {
    static func path(of name: String, environment: [String: String] = ProcessInfo.processInfo.environment) -> String? {
        // A service manager's PATH may lack the folders of the administrator's programs.
        let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init) + ["/usr/bin", "/usr/sbin", "/usr/local/bin"]
        return folders.lazy.filter { $0.hasPrefix("/") }.map { $0 + "/" + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
