/// An element of one of FreeSWITCH's XML files: it says everything in attributes, so texts are passed over.
package struct ConfigurationElement: Sendable, Equatable {
    package var name: String
    package var attributes: [String: String] = [:]
    package var children: [ConfigurationElement] = []

    package init(name: String) { self.name = name }

    package subscript(_ attribute: String) -> String? { self.attributes[attribute] }

    package func all(_ name: String) -> [ConfigurationElement] { self.children.filter { $0.name == name } }

    /// The elements at the end of a path of names: `queues`, `queue`.
    package func all(_ path: String...) -> [ConfigurationElement] {
        path.reduce([self]) { elements, name in elements.flatMap { $0.all(name) } }
    }

    /// `<param name="..." value="..."/>` of this element, or another pair of the kind.
    package func pairs(_ name: String = "param") -> [(name: String, value: String)] {
        self.all(name).compactMap { element in element["name"].map { ($0, element["value"] ?? "") } }
    }
}

extension ConfigurationElement {
    /// Reads one file: elements, attributes, comments and the five entities. Document types and CDATA are refused, which none of
    /// FreeSWITCH's files has, and which is where XML gets dangerous.
    package static func read(_ text: String, file: String) throws(ConfigurationFault) -> ConfigurationElement {
        var reader = Reader(bytes: Array(text.utf8), file: file)
        return try reader.document()
    }

    private struct Reader {
        private static let maximumDepth = 64

        let bytes: [UInt8]
        let file: String
        var index = 0

        private func fault(_ reason: String) -> ConfigurationFault {
            let line = 1 + self.bytes.prefix(self.index).count { $0 == UInt8(ascii: "\n") }
            return ConfigurationFault(file: self.file, line: line, reason: reason)
        }

        mutating func document() throws(ConfigurationFault) -> ConfigurationElement {
            var open: [ConfigurationElement] = []
            var root: ConfigurationElement?
            while self.index < self.bytes.count {
                guard self.bytes[self.index] == UInt8(ascii: "<") else {
                    guard !open.isEmpty || self.isSpace else { throw self.fault("there is text outside of the elements") }
                    self.index += 1
                    continue
                }
                if self.take("<!--") {
                    try self.skip(past: "-->")
                } else if self.take("<?") {
                    try self.skip(past: "?>")
                } else if self.take("<!") {
                    throw self.fault("<! begins a comment and nothing else here")
                } else {
                    let isEnd = self.take("</")
                    if !isEnd { self.index += 1 }
                    var element = ConfigurationElement(name: try self.name())
                    var isComplete = isEnd
                    if isEnd {
                        self.skipSpace()
                        guard self.take(">") else { throw self.fault("an end tag holds a name alone") }
                        guard let opened = open.popLast(), opened.name == element.name else {
                            throw self.fault("</\(element.name)> ends nothing that is open")
                        }
                        element = opened
                    } else {
                        isComplete = try self.attributes(of: &element)
                    }
                    guard isComplete else {
                        open.append(element)
                        guard open.count <= Self.maximumDepth else { throw self.fault("elements stand in each other too deep") }
                        continue
                    }
                    if open.isEmpty {
                        guard root == nil else { throw self.fault("there is a second root element, <\(element.name)>") }
                        root = element
                    } else {
                        open[open.count - 1].children.append(element)
                    }
                }
            }
            if let unfinished = open.last { throw self.fault("<\(unfinished.name)> has no end") }
            guard let root else { throw self.fault("there is no element") }
            return root
        }

        /// - Returns: whether the element ends with its own tag.
        private mutating func attributes(of element: inout ConfigurationElement) throws(ConfigurationFault) -> Bool {
            while true {
                self.skipSpace()
                if self.take("/>") { return true }
                if self.take(">") { return false }
                let name = try self.name()
                self.skipSpace()
                guard self.take("=") else { throw self.fault("the attribute \(name) has no value") }
                self.skipSpace()
                guard self.index < self.bytes.count, [UInt8(ascii: "\""), UInt8(ascii: "'")].contains(self.bytes[self.index]) else {
                    throw self.fault("the value of \(name) stands in no quotes")
                }
                let quote = self.bytes[self.index]
                let start = self.index + 1
                guard let end = self.bytes[start...].firstIndex(where: { $0 == quote || $0 == UInt8(ascii: "<") }), self.bytes[end] == quote else {
                    throw self.fault("the value of \(name) does not end")
                }
                let value = try self.text(String(decoding: self.bytes[start..<end], as: UTF8.self))
                self.index = end + 1
                guard element.attributes.updateValue(value, forKey: name) == nil else { throw self.fault("\(name) stands twice") }
            }
        }

        private mutating func name() throws(ConfigurationFault) -> String {
            let start = self.index
            while self.index < self.bytes.count {
                switch self.bytes[self.index] {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"):
                    self.index += 1
                    continue
                default: break
                }
                break
            }
            guard start < self.index else { throw self.fault("a name is missing") }
            return String(decoding: self.bytes[start..<self.index], as: UTF8.self)
        }

        private func text(_ escaped: String) throws(ConfigurationFault) -> String {
            guard escaped.contains("&") else { return escaped }
            var result = ""
            var rest = escaped[...]
            while let start = rest.firstIndex(of: "&") {
                result += rest[..<start]
                guard let end = rest[start...].firstIndex(of: ";") else { throw self.fault("& begins an entity, and there is no ; behind it") }
                let entity = rest[rest.index(after: start)..<end]
                guard let character = Self.character(entity) else { throw self.fault("&\(entity); is unknown") }
                result.unicodeScalars.append(character)
                rest = rest[rest.index(after: end)...]
            }
            return result + rest
        }

        private static func character(_ entity: Substring) -> Unicode.Scalar? {
            switch entity {
            case "lt": "<"
            case "gt": ">"
            case "amp": "&"
            case "quot": "\""
            case "apos": "'"
            case _ where entity.hasPrefix("#x"): UInt32(entity.dropFirst(2), radix: 16).flatMap { Unicode.Scalar($0) }
            case _ where entity.hasPrefix("#"): UInt32(entity.dropFirst()).flatMap { Unicode.Scalar($0) }
            default: nil
            }
        }

        private var isSpace: Bool { [0x20, 0x09, 0x0A, 0x0D].contains(self.bytes[self.index]) }

        private mutating func skipSpace() {
            while self.index < self.bytes.count, self.isSpace { self.index += 1 }
        }

        private mutating func take(_ text: String) -> Bool {
            guard self.bytes[self.index...].starts(with: text.utf8) else { return false }
            self.index += text.utf8.count
            return true
        }

        private mutating func skip(past end: String) throws(ConfigurationFault) {
            while self.index < self.bytes.count {
                if self.take(end) { return }
                self.index += 1
            }
            throw self.fault("a comment does not end")
        }
    }
}
