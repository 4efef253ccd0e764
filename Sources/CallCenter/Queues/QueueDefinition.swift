/// Why a queue cannot be defined like that.
public enum QueueDefinitionError: Error, Sendable, Hashable {
    case name(NameError)
    /// A name with a word that FreeSWITCH takes for an order to itself when it reads the file: `X-PRE-PROCESS`.
    case reservedName(String)
    case unknownParameter(String)
    /// What was said, and what may be said.
    case illegalValue(parameter: String, value: String, expected: String)
}

extension QueueDefinitionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .name(let error): "\(error)"
        case .reservedName(let word): "the name holds \(word), which FreeSWITCH takes for an order when it reads a configuration"
        case .unknownParameter(let name):
            "there is no queue parameter \(String(name.prefix(64)).debugDescription); there are \(QueueSetting.all.map(\.name).joined(separator: ", "))"
        case .illegalValue(let parameter, let value, let expected):
            "\(parameter): \(String(value.prefix(64)).debugDescription) is not \(expected)"
        }
    }
}

/// A queue as ScreenPop defines it for mod_callcenter. Every parameter has a value; those not given have mod_callcenter's own.
public struct QueueDefinition: Sendable, Hashable {
    public let name: QueueName
    /// By the parameter's name; each was checked.
    public private(set) var values: [String: String]

    /// - Parameter values: by any of a parameter's names: `max-wait-time`, `maxWaitTime`, `max_wait_time`. Flags are `true` and `false`.
    public init(name: String, values: [String: String] = [:]) throws(QueueDefinitionError) {
        do { self.name = try QueueName(name) } catch { throw .name(error) }
        // The whole line it stands in would be left out.
        guard !PreProcessing.isOrder(name) else { throw .reservedName("\(PreProcessing.word)") }
        self.values = Dictionary(uniqueKeysWithValues: QueueSetting.all.map { ($0.name, $0.standard) })
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            guard let parameter = QueueSetting.named(key) else { throw .unknownParameter(key) }
            self.values[parameter.name] = try parameter.checked(value)
        }
    }

    /// The same queue with some parameters set otherwise.
    /// - Parameter values: as in `init`.
    public func setting(_ values: [String: String]) throws(QueueDefinitionError) -> QueueDefinition {
        var definition = self
        for (name, value) in try QueueDefinition(name: self.name.text, values: values).values {
            guard values.keys.contains(where: { QueueSetting.named($0)?.name == name }) else { continue }
            definition.values[name] = value
        }
        return definition
    }

    /// The parameters that a FreeSWITCH has loaded otherwise than they are here, in the order they are written.
    ///
    /// What it does not list cannot be told, nor what stands here as `$${name}`: it lists what that stood for when the queue was loaded.
    public func differences(from row: QueueRow) -> [QueueSetting] {
        QueueSetting.all.filter { parameter in
            guard let listed = row.parameters[parameter.column], let value = self.values[parameter.name], !value.contains("$${") else { return false }
            return (listed == "(null)" ? "" : listed) != value
        }
    }

    /// `<queue name="support@default">...</queue>`, every parameter that has a value, in order.
    /// - Parameter explained: with what each means as a comment before it.
    public func xml(indent: String = "", explained: Bool = false) -> String {
        var lines = ["\(indent)<queue name=\"\(XMLText.escaped(self.name.text))\">"]
        for parameter in QueueSetting.all {
            let value = self.values[parameter.name] ?? ""
            if explained { lines += parameter.comment(indent: indent + "  ") }
            let element = "<param name=\"\(parameter.name)\" value=\"\(XMLText.escaped(value))\"/>"
            // An empty text is not the same as none: mod_callcenter would look for a file without a name.
            if !value.isEmpty {
                lines.append("\(indent)  \(element)")
            } else if explained {
                lines.append("\(indent)  <!-- \(element) -->")
            }
        }
        lines.append("\(indent)</queue>")
        return lines.joined(separator: "\n")
    }
}

extension QueueSetting {
    /// The value as it is written, or why not.
    public func checked(_ value: String) throws(QueueDefinitionError) -> String {
        switch self.kind {
        case .word(let words):
            guard let word = words.first(where: { $0.lowercased() == value.lowercased() }) else { throw self.illegal(value) }
            return word
        case .seconds:
            guard let seconds = Int(value), Self.seconds.contains(seconds) else { throw self.illegal(value) }
            return String(seconds)
        case .flag:
            guard value == "true" || value == "false" else { throw self.illegal(value) }
            return value
        case .sound:
            guard value.isEmpty || SoundText.isSound(value) && !PreProcessing.isOrder(value) else { throw self.illegal(value) }
            return value
        case .template:
            guard value.isEmpty || SoundText.isTemplate(value) && !PreProcessing.isOrder(value) else { throw self.illegal(value) }
            return value
        }
    }

    /// What may be said, in words that follow "is not".
    public var expected: String {
        switch self.kind {
        case .word(let words): "one of \(words.joined(separator: ", "))"
        case .seconds: "a number of seconds, \(Self.seconds.lowerBound) to \(Self.seconds.upperBound)"
        case .flag: "true or false"
        case .sound: "a sound: local_stream://NAME, tone_stream://..., silence_stream://..., a file, or $${hold_music}; \(SoundText.expectedGlobals)"
        case .template:
            "a file name with ${uuid}, ${caller_id_number}, ${strftime(%Y-%m-%d)} and the like, and no other ${...}; \(SoundText.expectedGlobals)"
        }
    }

    private func illegal(_ value: String) -> QueueDefinitionError {
        .illegalValue(parameter: self.name, value: value, expected: self.expected)
    }

    fileprivate func comment(indent: String) -> [String] {
        let choices: String
        switch self.kind {
        case .word(let words): choices = " One of: \(words.joined(separator: ", "))."
        case .seconds, .flag, .sound, .template: choices = ""
        }
        let standard = self.standard.isEmpty ? "" : " Without it: \(self.standard)."
        return ["\(indent)<!-- \(self.meaning)\(choices)\(standard) -->"]
    }
}
