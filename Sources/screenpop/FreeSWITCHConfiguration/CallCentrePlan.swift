import CallCenter
import Foundation
import Yams

/// One YAML file from which the whole configuration of a FreeSWITCH is written: queues, the menu, the extensions.
struct CallCentrePlan {
    struct Queue {
        var definition: QueueDefinition
        /// What is dialled for it.
        var extensionNumber: String
    }

    struct Choice {
        /// One key of the telephone: 0 to 9.
        var key: String
        /// What becomes of the menu's variable.
        var value: String
        var queue: QueueName
    }

    struct Language {
        /// `en`, `zh`
        var code: String
        /// The key that chooses it.
        var key: String
    }

    struct Menu {
        var extensionNumber: String
        /// The channel variable with the choice, and the one with the language.
        var variable: String
        var languageVariable: String
        var languages: [Language]
        var choices: [Choice]
    }

    struct Phones {
        var first: Int
        var last: Int
    }

    var queues: [Queue]
    var menu: Menu?
    var phones: Phones
    /// Channel variables that go with the call to the agent's phone, and so into the pop.
    var exported: [String]
    /// Where the event socket listens: `::` for a container's own network, an address of this machine otherwise.
    var eventSocketAddress: String
    var eventSocketPort: Int
    /// Networks from which the event socket may be used.
    var eventSocketNetworks: [String]
    /// Where ScreenPop is, when FreeSWITCH is to ask it for queues that stand in no file: `http://screenpop:8080`
    var queueServer: String?

    /// - Throws: `CommandFailure` (configuration), which names the place of what is wrong.
    init(yaml: String, file: String) throws {
        let document: Document
        do {
            document = try YAMLDecoder().decode(Document.self, from: yaml)
        } catch {
            throw CommandFailure(.configuration, "\(file): \(Self.reason(error))")
        }
        func wrong(_ place: String, _ what: String) -> CommandFailure { CommandFailure(.configuration, "\(file): \(place): \(what)") }

        self.queues = []
        var dialled: [String: String] = [:]
        func take(_ number: String, for use: String) throws {
            guard (2...15).contains(number.utf8.count), number.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw wrong(use, "\(number.debugDescription) is not an extension: 2 to 15 digits")
            }
            if let other = dialled.updateValue(use, forKey: number) { throw wrong(use, "\(number) is \(other) already") }
        }
        for (name, values) in document.queues.sorted(by: { $0.key < $1.key }) {
            var parameters = values.mapValues(\.text)
            guard let number = parameters.removeValue(forKey: "extension") else {
                throw wrong("queues.\(name)", "say what is dialled for it: extension")
            }
            try take(number, for: "queues.\(name)")
            do {
                self.queues.append(Queue(definition: try QueueDefinition(name: name, values: parameters), extensionNumber: number))
            } catch {
                throw wrong("queues.\(name)", "\(error)")
            }
        }
        guard !self.queues.isEmpty else { throw wrong("queues", "there is none; write at least one") }

        let phones = document.phones ?? Document.Phones(first: 1001, last: 1010)
        guard (10...99_999_999).contains(phones.first), (phones.first...phones.first + 9_999).contains(phones.last) else {
            throw wrong("phones", "first and last are extensions, last not before first, and at most 10,000 of them")
        }
        self.phones = Phones(first: phones.first, last: phones.last)
        if let number = dialled.keys.first(where: { Int($0).map { (phones.first...phones.last).contains($0) } ?? false }) {
            throw wrong("phones", "\(number) is \(dialled[number] ?? "taken") already")
        }

        self.exported = document.export ?? []
        for name in self.exported where !Self.isVariable(name) { throw wrong("export", "\(name.debugDescription) is not a channel variable's name") }

        self.menu = nil
        if let menu = document.menu {
            let number = menu.extensionNumber.text
            try take(number, for: "menu")
            let variable = menu.variable ?? "ivr_choice"
            let languageVariable = menu.languageVariable ?? "ivr_language"
            for name in [variable, languageVariable] where !Self.isVariable(name) {
                throw wrong("menu", "\(name.debugDescription) is not a channel variable's name")
            }
            var languages: [Language] = []
            for (key, code) in menu.languages.sorted(by: { $0.key < $1.key }) {
                guard Self.isKey(key) else { throw wrong("menu.languages", "\(key.debugDescription) is not one key, 0 to 9") }
                guard ["en", "zh"].contains(code) else { throw wrong("menu.languages", "\(code.debugDescription): there are prompts for en and zh") }
                languages.append(Language(code: code, key: key))
            }
            guard !languages.isEmpty else { throw wrong("menu.languages", "there is none") }
            var choices: [Choice] = []
            for (key, choice) in menu.choices.sorted(by: { $0.key < $1.key }) {
                guard Self.isKey(key) else { throw wrong("menu.choices", "\(key.debugDescription) is not one key, 0 to 9") }
                guard let queue = self.queues.first(where: { $0.definition.name.text == choice.queue }) else {
                    throw wrong("menu.choices.\(key)", "there is no queue \(choice.queue.debugDescription)")
                }
                guard Self.isValue(choice.value) else { throw wrong("menu.choices.\(key)", "value: letters, digits, _ and - only") }
                choices.append(Choice(key: key, value: choice.value, queue: queue.definition.name))
            }
            guard !choices.isEmpty else { throw wrong("menu.choices", "there is none") }
            self.menu = Menu(
                extensionNumber: number, variable: variable, languageVariable: languageVariable, languages: languages, choices: choices)
            for name in [variable, languageVariable] where !self.exported.contains(name) { self.exported.append(name) }
        }

        let socket = document.eventSocket ?? Document.EventSocket()
        self.eventSocketAddress = socket.listen ?? "127.0.0.1"
        self.eventSocketPort = socket.port ?? 8021
        self.eventSocketNetworks = socket.networks ?? ["127.0.0.0/8", "::1/128"]
        guard Self.isAddress(self.eventSocketAddress) else { throw wrong("event-socket.listen", "is not an address") }
        guard (1...65_535).contains(self.eventSocketPort) else { throw wrong("event-socket.port", "is not a port") }
        for network in self.eventSocketNetworks where !Self.isNetwork(network) {
            throw wrong("event-socket.networks", "\(network.debugDescription) is not a network like 172.16.0.0/12")
        }

        self.queueServer = document.queueServer.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        if let server = self.queueServer, !Self.isServer(server) {
            throw wrong("queue-server", "\(server.debugDescription) is not an address like http://screenpop:8080")
        }
    }

    // MARK: what may stand in the files

    private static func isKey(_ text: String) -> Bool { text.utf8.count == 1 && text.utf8.allSatisfy { (0x30...0x39).contains($0) } }

    private static func isVariable(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }

    private static func isValue(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
    }

    private static func isAddress(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64 && text.allSatisfy { $0.isASCII && ($0.isHexDigit || $0 == "." || $0 == ":") }
    }

    private static func isNetwork(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 2 && self.isAddress(String(parts[0])) && (Int(parts[1]).map { (0...128).contains($0) } ?? false)
    }

    /// A scheme, a host, a port and a path, without credentials: those have a place of their own.
    private static func isServer(_ text: String) -> Bool {
        text.utf8.count <= 256
            && text.wholeMatch(of: /https?:\/\/(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9][A-Za-z0-9.\-]*)(:[0-9]{1,5})?(\/[A-Za-z0-9._~\-]+)*/) != nil
    }

    private static func reason(_ error: any Error) -> String {
        func place(_ path: [any CodingKey]) -> String { path.isEmpty ? "the file" : path.map(\.stringValue).joined(separator: ".") }
        return switch error {
        case DecodingError.keyNotFound(let key, let context): "\(place(context.codingPath)): \(key.stringValue) is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context), DecodingError.dataCorrupted(let context):
            "\(place(context.codingPath)): \(context.debugDescription)"
        default: "\(error)"
        }
    }
}

/// The file as it is written.
private struct Document: Decodable {
    /// `90`, `true` and `ring-all` alike.
    struct Scalar: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                self.text = flag ? "true" : "false"
            } else if let number = try? container.decode(Int.self) {
                self.text = String(number)
            } else {
                self.text = try container.decode(String.self)
            }
        }
    }

    struct Phones: Decodable {
        var first: Int
        var last: Int
    }

    struct EventSocket: Decodable {
        var listen: String?
        var port: Int?
        var networks: [String]?
    }

    struct Menu: Decodable {
        struct Choice: Decodable {
            var value: String
            var queue: String
        }

        var extensionNumber: Scalar
        var variable: String?
        var languageVariable: String?
        var languages: [String: String]
        var choices: [String: Choice]

        enum CodingKeys: String, CodingKey {
            case extensionNumber = "extension"
            case variable, languages, choices
            case languageVariable = "language-variable"
        }
    }

    var queues: [String: [String: Scalar]]
    var menu: Menu?
    var phones: Phones?
    var export: [String]?
    var eventSocket: EventSocket?
    var queueServer: String?

    enum CodingKeys: String, CodingKey {
        case queues, menu, phones, export
        case eventSocket = "event-socket"
        case queueServer = "queue-server"
    }
}
