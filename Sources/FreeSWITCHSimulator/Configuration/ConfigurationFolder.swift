/// FreeSWITCH's configuration folder as FreeSWITCH reads it: from `freeswitch.xml` through all that it includes, with `$${...}` filled in.
///
/// No command of it is run (`exec-set`): a variable that only such a one sets is empty.
package struct ConfigurationFolder: Sendable {
    /// `<document>`, without directives.
    package let document: ConfigurationElement

    /// - Parameters:
    ///   - files: texts by their paths below the folder.
    ///   - environment: what `env-set` finds.
    package init(files: [String: String], environment: [String: String] = [:]) throws(ConfigurationFault) {
        var reader = Reader(files: files, environment: environment)
        guard let text = files["freeswitch.xml"] else { throw ConfigurationFault(file: "freeswitch.xml", reason: "is not there") }
        let root = try ConfigurationElement.read(text, file: "freeswitch.xml")
        self.document = try reader.expanded(root, file: "freeswitch.xml", depth: 0)
    }

    /// `directory`, `dialplan`
    package func section(_ name: String) -> [ConfigurationElement] {
        self.document.all("section").filter { $0["name"] == name }.flatMap(\.children)
    }

    /// `callcenter.conf`
    package func configuration(_ name: String) -> ConfigurationElement? {
        self.section("configuration").first { $0.name == "configuration" && $0["name"] == name }
    }

    private struct Reader {
        private static let maximumDepth = 16

        let files: [String: String]
        let environment: [String: String]
        private var variables = ["local_ip_v4": "127.0.0.1", "conf_dir": "/etc/freeswitch", "sounds_dir": "/usr/share/freeswitch/sounds"]

        init(files: [String: String], environment: [String: String]) {
            self.files = files
            self.environment = environment
        }

        mutating func expanded(_ element: ConfigurationElement, file: String, depth: Int) throws(ConfigurationFault) -> ConfigurationElement {
            var result = element
            for (name, value) in element.attributes { result.attributes[name] = self.filled(value) }
            result.children = try self.children(of: element, file: file, depth: depth)
            return result
        }

        private mutating func children(
            of element: ConfigurationElement, file: String, depth: Int
        ) throws(ConfigurationFault) -> [ConfigurationElement] {
            var result: [ConfigurationElement] = []
            for child in element.children {
                if child.name == "X-PRE-PROCESS" {
                    result += try self.obeyed(child, file: file, depth: depth)
                } else {
                    result.append(try self.expanded(child, file: file, depth: depth))
                }
            }
            return result
        }

        private mutating func obeyed(
            _ directive: ConfigurationElement, file: String, depth: Int
        ) throws(ConfigurationFault) -> [ConfigurationElement] {
            let data = directive["data"] ?? ""
            let pair = data.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            switch directive["cmd"] {
            case "set" where pair.count == 2: self.variables[pair[0]] = self.filled(pair[1])
            case "env-set" where pair.count == 2:
                if let value = self.environment[String(pair[1].drop { $0 == "$" })], !value.isEmpty { self.variables[pair[0]] = value }
            case "include": return try self.included(data, file: file, depth: depth)
            default: break
            }
            return []
        }

        /// A file's own root, `<include>`, is no element of the document.
        private mutating func included(_ pattern: String, file: String, depth: Int) throws(ConfigurationFault) -> [ConfigurationElement] {
            guard depth < Self.maximumDepth else { throw ConfigurationFault(file: file, reason: "files include each other too deep") }
            var result: [ConfigurationElement] = []
            for path in try self.matches(pattern, file: file) {
                let root = try ConfigurationElement.read(self.files[path] ?? "", file: path)
                if root.name == "include" {
                    result += try self.children(of: root, file: path, depth: depth + 1)
                } else {
                    result.append(try self.expanded(root, file: path, depth: depth + 1))
                }
            }
            return result
        }

        /// The files a pattern means, seen from the folder of the file it stands in. As in FreeSWITCH, it may well mean none.
        private func matches(_ pattern: String, file: String) throws(ConfigurationFault) -> [String] {
            guard !pattern.hasPrefix("/") else { throw ConfigurationFault(file: file, reason: "\(pattern) lies outside of the folder") }
            var parts = file.split(separator: "/").dropLast().map(String.init)
            for part in pattern.split(separator: "/") {
                if part == ".." {
                    guard parts.popLast() != nil else { throw ConfigurationFault(file: file, reason: "\(pattern) lies outside of the folder") }
                } else if part != "." {
                    parts.append(String(part))
                }
            }
            let path = parts.joined(separator: "/")
            guard let star = path.firstIndex(of: "*") else { return self.files[path] == nil ? [] : [path] }
            let (before, after) = (path[..<star], path[path.index(after: star)...])
            guard !after.contains("*"), !after.contains("/") else { throw ConfigurationFault(file: file, reason: "\(pattern) has a * too many") }
            return self.files.keys.filter { name in
                name.utf8.count >= before.utf8.count + after.utf8.count && name.hasPrefix(before) && name.hasSuffix(after)
                    && !name.dropFirst(before.count).contains("/")
            }.sorted()
        }

        private func filled(_ text: String) -> String {
            var result = ""
            var rest = text[...]
            while let start = rest.firstRange(of: "$${"), let end = rest[start.upperBound...].firstIndex(of: "}") {
                result += rest[..<start.lowerBound]
                result += self.variables[String(rest[start.upperBound..<end])] ?? ""
                rest = rest[rest.index(after: end)...]
            }
            return result + rest
        }
    }
}
