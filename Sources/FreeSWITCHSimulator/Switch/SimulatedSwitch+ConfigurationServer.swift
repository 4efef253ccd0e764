import CallCenter
import OrderedCollections

/// Whom mod_xml_curl asks, binding `configuration`.
package struct ConfigurationServer: Sendable, Equatable {
    package var url: String
    /// `NAME:PASSWORD`
    package var credentials: String

    package init(url: String, credentials: String) {
        self.url = url
        self.credentials = credentials
    }
}

/// One question of mod_xml_curl. Whoever carries it out answers with `answerLookup`.
package struct ConfigurationLookup: Sendable, Equatable {
    package var ticket: Int
    package var server: ConfigurationServer
    /// `application/x-www-form-urlencoded`
    package var form: String
}

/// mod_callcenter that reads a queue by mod_xml_curl: what a server answers comes before the file, and the file is read when it says "not found",
/// or nothing.
extension SimulatedSwitch {
    package mutating func setConfigurationServer(_ server: ConfigurationServer?) { self.configurationServer = server }

    /// Questions that came up since the last time somebody asked.
    package mutating func takeLookups() -> [ConfigurationLookup] {
        defer { self.commands.lookups = [] }
        return self.commands.lookups
    }

    /// - Parameter document: what the server answered with 200; `nil` for everything else.
    package mutating func answerLookup(_ ticket: Int, document: String?) {
        guard let name = self.commands.loading.removeValue(forKey: ticket) else { return }
        if let parameters = document.flatMap({ QueueDocument.parameters(of: name, in: $0) }) {
            self.queues[name] = SimulatedQueue(name: name, parameters: parameters)
            self.answer(ticket, "+OK\n")
        } else {
            self.answer(ticket, self.loadQueueFromFile(name))
        }
    }

    /// Asks the server, when the command loads a queue and there is one; the ticket to answer it under.
    mutating func lookUp(_ line: String, ticket: Int?) -> Int? {
        guard let server = self.configurationServer, self.isCallCenterLoaded, line.hasPrefix("callcenter_config ") else { return nil }
        let words = ArgumentTokens.split(String(line.dropFirst("callcenter_config ".count)))
        guard words.count > 2, words[0].lowercased() == "queue" else { return nil }
        let name = words[2]
        switch words[1].lowercased() {
        case "load": break
        // Gone before anybody is asked whether there is another.
        case "reload": self.queues[name] = nil
        default: return nil
        }
        let ticket = ticket ?? self.commands.takeTicket()
        self.commands.loading[ticket] = name
        let form = [
            ("hostname", "vm"), ("section", "configuration"), ("tag_name", "configuration"), ("key_name", "name"), ("key_value", "callcenter.conf"),
            ("Event-Name", "REQUEST_PARAMS"), ("Core-UUID", self.coreUUID), ("CC-Queue", name),
        ]
        self.commands.lookups.append(
            ConfigurationLookup(ticket: ticket, server: server, form: form.map { "\($0)=\(Self.encoded($1))" }.joined(separator: "&")))
        return ticket
    }

    /// For a form, as libcurl does it.
    private static func encoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}

/// What FreeSWITCH reads out of an answer.
enum QueueDocument {
    /// The queue's parameters as they are written; `nil` when the document has no such queue.
    static func parameters(of queue: String, in document: String) -> [String: String]? {
        var found: [String: String]?
        var isInside = false
        for tag in document.replacing(/<!--[\s\S]*?-->/, with: "").matches(of: /<(\/?)([A-Za-z-]+)((?:\s+[A-Za-z-]+="[^"]*")*)\s*\/?>/) {
            let attributes = self.attributes(String(tag.output.3))
            switch (tag.output.2, tag.output.1.isEmpty) {
            case ("queue", true):
                isInside = found == nil && attributes["name"]?.lowercased() == queue.lowercased()
                if isInside { found = [:] }
            case ("queue", false): isInside = false
            case ("param", true):
                if isInside, let name = attributes["name"], let value = attributes["value"] { found?[name] = value }
            default: continue
            }
        }
        return found
    }

    private static func attributes(_ text: String) -> [String: String] {
        var attributes: [String: String] = [:]
        for match in text.matches(of: /([A-Za-z-]+)="([^"]*)"/) { attributes[String(match.output.1)] = self.plain(String(match.output.2)) }
        return attributes
    }

    private static func plain(_ text: String) -> String {
        text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"").replacing("&apos;", with: "'")
            .replacing("&amp;", with: "&")
    }
}

extension SimulatedQueue {
    /// - Parameter parameters: as `callcenter.conf` names them. Strategies that the simulator does not play are played as longest-idle-agent, and
    ///   listed by their own name.
    init(name: String, parameters: [String: String]) {
        func value(_ name: String) -> String { parameters[name] ?? QueueSetting.named(name)?.standard ?? "" }
        self.init(name: name, strategy: Strategy(rawValue: value("strategy")) ?? .longestIdleAgent)
        self.timeBaseScore = value("time-base-score")
        self.abandonedResumeAllowed = value("abandoned-resume-allowed") == "true"
        self.maxWaitTime = Int(value("max-wait-time")) ?? 0
        self.maxWaitTimeWithNoAgent = Int(value("max-wait-time-with-no-agent")) ?? 0
        self.discardAbandonedAfter = Int(value("discard-abandoned-after")) ?? 60
        self.agentNoAnswerStatus = value("agent-no-answer-status")
        for parameter in QueueSetting.all { self.others[parameter.name] = Self.expanded(value(parameter.name)) }
    }

    /// FreeSWITCH replaces its global variables before it looks at anything.
    private static func expanded(_ text: String) -> String {
        text.replacing("$${hold_music}", with: self.music).replacing(/\$\$\{[A-Za-z0-9_]+\}/, with: "")
    }
}
