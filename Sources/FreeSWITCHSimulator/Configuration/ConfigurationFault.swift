/// What is wrong with a configuration, and where.
package struct ConfigurationFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// Below the configuration's folder: `autoload_configs/callcenter.conf.xml`
    package var file: String
    /// From 1; `nil` when it is no single line.
    package var line: Int?
    package var reason: String

    package init(file: String, line: Int? = nil, reason: String) {
        self.file = file
        self.line = line
        self.reason = reason
    }

    package var description: String { "\(self.file)\(self.line.map { ":\($0)" } ?? ""): \(self.reason)" }
}
