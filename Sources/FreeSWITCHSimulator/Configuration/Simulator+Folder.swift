import CallCenter
import OrderedCollections

// What a simulated FreeSWITCH takes from a configuration folder.
extension Simulator.Configuration {
    /// Queues, agents and tiers of mod_callcenter, the dialplan's ways to the queues, the menu, the telephones, and who may use the event socket.
    /// Everything else of the folder is left alone.
    ///
    /// - Throws: `ConfigurationFault` for what cannot be read, and for what this simulator does not play.
    package mutating func take(_ folder: ConfigurationFolder) throws(ConfigurationFault) {
        try self.telephony.takeCallCenter(folder)
        self.telephony.takeDialplan(folder)
        for user in folder.section("directory").flatMap({ domain in domain.users.map { (domain["name"] ?? "", $0) } }) {
            let (domain, element) = user
            let settings = Dictionary(element.all("params").flatMap { $0.pairs() }.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
            guard let id = element["id"] else { continue }
            guard let password = settings["esl-password"] else {
                self.telephony.deskPhones.insert(id)
                continue
            }
            // One whose password only a command would have made.
            guard !password.isEmpty else { continue }
            self.users["\(id)@\(domain)"] = User(
                password: password, allowedAPI: Self.list(settings["esl-allowed-api"]), allowedEvents: Self.list(settings["esl-allowed-events"]))
        }
    }

    private static func list(_ text: String?) -> [String]? { text?.split { $0 == "," || $0 == " " }.map(String.init) }
}

extension SimulatedSwitch.Configuration {
    fileprivate mutating func takeCallCenter(_ folder: ConfigurationFolder) throws(ConfigurationFault) {
        let file = "callcenter.conf"
        guard let callCenter = folder.configuration(file) else { throw ConfigurationFault(file: file, reason: "is not in the configuration") }
        self.queues = []
        for element in callCenter.all("queues", "queue") { self.queues.append(try SimulatedQueue(element, file: file)) }
        self.agents = callCenter.all("agents", "agent").compactMap { SimulatedAgent($0) }
        self.tiers = callCenter.all("tiers", "tier").compactMap { element in
            guard let queue = element["queue"], let agent = element["agent"] else { return nil }
            return SimulatedTier(
                queue: queue, agent: agent, level: element["level"].flatMap { Int($0) } ?? 1, position: element["position"].flatMap { Int($0) } ?? 1)
        }
        self.deskPhones = []
    }

    /// The extensions that are one number each. A menu whose keys lead to menus is passed over, in the first of those, since the simulated one has a
    /// single level.
    fileprivate mutating func takeDialplan(_ folder: ConfigurationFolder) {
        let extensions = folder.section("dialplan").filter { $0["name"] == "default" }.flatMap { $0.all("extension", "condition") }
            .compactMap { DialplanExtension($0) }
        func steps(_ number: String) -> [DialplanStep] { extensions.first { $0.number == number }?.steps ?? [] }
        self.queueExtensions = [:]
        self.extensionVariables = [:]
        self.menuExtension = ""
        self.menu = [:]
        for one in extensions.sorted(by: { $0.number < $1.number }) {
            if let exported = one.variable("cc_export_vars") {
                self.exportedVariables = exported.split(separator: ",").map(String.init)
            }
            if let queue = one.argument("callcenter") { self.queueExtensions[one.number] = queue }
        }
        let menus = folder.configuration("ivr.conf")?.all("menus", "menu") ?? []
        func entries(_ name: String?) -> [(digit: String, to: String)] {
            menus.first { $0["name"] == name }?.all("entry").compactMap { entry in
                let words = entry["param"]?.split(separator: " ") ?? []
                guard let digit = entry["digits"], words.count > 1, words[0] == "transfer" else { return nil }
                return (digit, String(words[1]))
            } ?? []
        }
        // The one that can be dialled: the others are reached from it.
        guard let start = extensions.first(where: { $0.argument("ivr") != nil && $0.number.allSatisfy(\.isNumber) }) else { return }
        self.menuExtension = start.number
        var keys = entries(start.argument("ivr"))
        if let inner = keys.lazy.compactMap({ key in extensions.first { $0.number == key.to }?.argument("ivr") }).first { keys = entries(inner) }
        for (digit, to) in keys {
            guard let choice = extensions.first(where: { $0.number == to }), let target = choice.argument("transfer")?.prefix(while: { $0 != " " })
            else {
                continue
            }
            self.menu[digit] = SimulatedSwitch.MenuChoice(extension: String(target), choice: choice.lastValue ?? "")
        }
    }
}

/// An extension that is reached by one number or one word: `^7000$`
private struct DialplanExtension {
    var number: String
    var steps: [DialplanStep]

    init?(_ condition: ConfigurationElement) {
        guard condition["field"] == "destination_number", let pattern = condition["expression"], pattern.hasPrefix("^"), pattern.hasSuffix("$") else {
            return nil
        }
        self.number = String(pattern.dropFirst().dropLast())
        guard self.number.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }) else { return nil }
        self.steps = condition.all("action").map { DialplanStep($0["application"] ?? "", $0["data"] ?? "") }
    }

    func argument(_ application: String) -> String? { self.steps.first { $0.application == application }?.argument }

    /// What a `set` makes of a variable.
    func variable(_ name: String) -> String? {
        self.steps.lazy.filter { $0.application == "set" && $0.argument.hasPrefix(name + "=") }.map { String($0.argument.dropFirst(name.count + 1)) }
            .first
    }

    /// Of the last `set`.
    var lastValue: String? {
        self.steps.last { $0.application == "set" }.flatMap { step in
            step.argument.split(separator: "=", maxSplits: 1).dropFirst().first.map(String.init)
        }
    }
}

extension ConfigurationElement {
    /// Of a domain.
    fileprivate var users: [ConfigurationElement] { self.all("groups", "group", "users", "user") + self.all("users", "user") }
}

extension SimulatedAgent {
    fileprivate init?(_ element: ConfigurationElement) {
        guard let name = element["name"] else { return nil }
        self.init(name: name)
        self.type = element["type"] ?? self.type
        self.contact = element["contact"] ?? ""
        self.status = element["status"] ?? self.status
        func number(_ attribute: String) -> Int { element[attribute].flatMap { Int($0) } ?? 0 }
        self.maxNoAnswer = number("max-no-answer")
        self.wrapUpTime = number("wrap-up-time")
        self.rejectDelayTime = number("reject-delay-time")
        self.busyDelayTime = number("busy-delay-time")
        self.noAnswerDelayTime = number("no-answer-delay-time")
    }
}

extension SimulatedQueue {
    private static let played: Set<String> = [
        "strategy", "time-base-score", "abandoned-resume-allowed", "max-wait-time", "max-wait-time-with-no-agent", "discard-abandoned-after",
        "agent-no-answer-status",
    ]

    fileprivate init(_ element: ConfigurationElement, file: String) throws(ConfigurationFault) {
        let name = element["name"] ?? ""
        let definition: QueueDefinition
        do throws(QueueDefinitionError) {
            definition = try QueueDefinition(
                name: name, values: Dictionary(element.pairs().map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }))
        } catch {
            throw ConfigurationFault(file: file, reason: "queue \(name.debugDescription): \(error)")
        }
        func value(_ parameter: String) -> String { definition.values[parameter] ?? "" }
        guard let strategy = Strategy(rawValue: value("strategy")) else {
            let played = Strategy.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationFault(
                file: file, reason: "queue \(name): the strategy \(value("strategy")) is not simulated; these are: \(played)")
        }
        self.init(name: name, strategy: strategy)
        self.timeBaseScore = value("time-base-score")
        self.abandonedResumeAllowed = value("abandoned-resume-allowed") == "true"
        self.maxWaitTime = Int(value("max-wait-time")) ?? 0
        self.maxWaitTimeWithNoAgent = Int(value("max-wait-time-with-no-agent")) ?? 0
        self.discardAbandonedAfter = Int(value("discard-abandoned-after")) ?? 0
        self.agentNoAnswerStatus = value("agent-no-answer-status")
        self.others = definition.values.filter { !Self.played.contains($0.key) }
    }
}
