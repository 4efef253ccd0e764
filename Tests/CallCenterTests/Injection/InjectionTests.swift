import EventSocket
import Foundation
import Testing

@testable import CallCenter

/// At least a million generated arguments a run, known attacks first, against a second reading of how FreeSWITCH takes commands apart.
///
/// `SCREENPOP_INJECTION_SEED` repeats a run, `SCREENPOP_INJECTION_COUNT` makes it longer.
@Suite struct InjectionTests {
    private static func number(_ name: String) -> UInt64? { ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } }

    /// Every attack in every place.
    @Test func knownAttacksAreOneArgumentOrRefused() throws {
        var property = InjectionProperty()
        for attack in AttackCorpus.attacks {
            try property.checkArguments([attack])
            try property.checkArguments(["1001@default", attack, "1", attack])
            for other in ["'", "\\", " ", "^^:", "x"] { try property.checkArguments([attack, other, attack]) }
            try Self.everyPlace(attack, &property)
        }
        #expect(property.accepted > AttackCorpus.attacks.count)
        #expect(property.accepted < property.tried)
    }

    @Test func aMillionArgumentsAreOneArgumentOrRefused() async throws {
        let seed = Self.number("SCREENPOP_INJECTION_SEED") ?? UInt64.random(in: 1...1_000_000_000)
        let wanted = Int(Self.number("SCREENPOP_INJECTION_COUNT") ?? 1_000_000)
        let start = ContinuousClock.now
        let workers = 4
        var tried = 0
        var accepted = 0
        try await withThrowingTaskGroup(of: InjectionProperty.self) { group in
            for worker in 0..<workers {
                group.addTask { try Self.run(seed: seed &+ UInt64(worker) &* 0x9E37_79B9, wanted: wanted / workers + 1) }
            }
            for try await property in group {
                tried += property.tried
                accepted += property.accepted
            }
        }
        print("injection: \(tried) arguments, \(accepted) accepted, seed \(seed), \(start.duration(to: .now))")
        #expect(tried >= wanted)
        // Neither is everything refused, nor anything taken.
        #expect(accepted > tried / 5 && accepted < tried * 19 / 20)
    }

    private struct Found: Error, CustomStringConvertible {
        var description: String
    }

    private static func run(seed: UInt64, wanted: Int) throws -> InjectionProperty {
        var generator = InjectionGenerator(seed: seed)
        var property = InjectionProperty()
        do {
            while property.tried < wanted {
                for _ in 0..<4 { try property.checkArguments([generator.text(), generator.name(), generator.text(), generator.name()]) }
                try Self.step(&generator, &property)
            }
        } catch { throw Found(description: "seed \(seed), after \(property.tried): \(error)") }
        return property
    }

    /// One of each typed command, with what the generator gives.
    private static func step(_ generator: inout InjectionGenerator, _ property: inout InjectionProperty) throws {
        try property.checkEvent([(generator.word(8), generator.text()), (generator.name(), generator.name())])
        try property.checkLogin(user: generator.name() + "@" + generator.name(), password: generator.text())
        try property.checkFilter(generator.word(6), generator.text())
        try property.checkSubscription(generator.name(), generator.name())
        try property.checkCalls(
            InjectionProperty.CallTexts(
                channel: generator.channel(), other: generator.channel(), number: generator.number(), context: generator.context(),
                queue: generator.name(), agent: generator.name(), contact: generator.address(), seconds: generator.below(700) - 20))
        let contact = generator.contact()
        let number = generator.below(40) - 4
        guard let agent = try? AgentName(generator.name()), let queue = try? QueueName(generator.name()) else { return property.refused(2) }
        try Self.commands(agent, queue, contact: contact, status: generator.text(), state: generator.text(), number: number, &property)
        try property.checkJob(.reloadQueue(queue), jobUUID: generator.word(12), expecting: ["queue", "reload", queue.text])
    }

    private static func everyPlace(_ attack: String, _ property: inout InjectionProperty) throws {
        let harmless = InjectionProperty.CallTexts(
            channel: "7142bc17-70f3-4c76-8a5c-83a6059f5da5", other: "ad5ad560-7982-4b90-b208-6ada8c0b36d6", number: "1002", context: "default",
            queue: "support@default", agent: "1001@default", contact: "[leg_timeout=10]sofia/internal/1002@192.0.2.7:5060", seconds: 30)
        let places: [WritableKeyPath<InjectionProperty.CallTexts, String>] = [
            \.channel, \.other, \.number, \.context, \.queue, \.agent, \.contact,
        ]
        for place in places {
            for text in [attack, harmless[keyPath: place] + attack, attack + harmless[keyPath: place]] {
                var texts = harmless
                texts[keyPath: place] = text
                try property.checkCalls(texts)
            }
        }
        for contact in [
            "user/\(attack)", "user/1002@\(attack)", "sofia/\(attack)/1@x", "loopback/\(attack)", "loopback/1/\(attack)", "[\(attack)]user/1",
        ] {
            var texts = harmless
            texts.contact = contact
            try property.checkCalls(texts)
        }
        try property.checkEvent([("X-Name", attack)])
        try property.checkEvent([(attack, "value")])
        try property.checkEvent([("A", attack), (attack, attack), ("B", "last")])
        try property.checkLogin(user: "screenpop@127.0.0.1", password: attack)
        try property.checkLogin(user: attack, password: "secret")
        try property.checkLogin(user: "a@\(attack)", password: attack)
        try property.checkFilter("Event-Name", attack)
        try property.checkFilter(attack, attack)
        try property.checkSubscription("HEARTBEAT", attack)
        try property.checkSubscription(attack, "callcenter::info")
        for contact: Contact in [
            .user(attack, callTimeout: 10), .user("1001@\(attack)", callTimeout: nil), .sofia(profile: attack, address: "1@x", callTimeout: 3),
            .sofia(profile: "internal", address: attack, callTimeout: nil), .sofia(profile: "internal", address: "\(attack)@x", callTimeout: nil),
            .sofia(profile: "internal", address: "1@\(attack)", callTimeout: nil),
            .sofia(profile: "internal", address: "1@x:\(attack)", callTimeout: 1),
            .loopback(extension: attack, context: "default"), .loopback(extension: "1", context: attack), .dialString(attack),
            .dialString("sofia/internal/\(attack)"),
        ] {
            let agent = try AgentName("1001@default")
            try property.check(.setContact(agent, contact), values: 1, expecting: ["agent", "set", "contact", agent.text, contact.dialString])
            if (try? contact.validate()) != nil { #expect(Self.isHarmless(contact.dialString), "\(contact)") }
        }
        let agent = try (try? AgentName(attack)) ?? AgentName("1001@default")
        let queue = try (try? QueueName(attack)) ?? QueueName("support@default")
        try Self.commands(
            agent, queue, contact: .user("1001", callTimeout: nil), status: attack, state: attack, number: attack.utf8.count - 1, &property)
        for word in ["", attack] where !word.isEmpty {
            try property.checkJob(.loadQueue(queue), jobUUID: word, expecting: ["queue", "load", queue.text])
        }
    }

    private static func commands(
        _ agent: AgentName, _ queue: QueueName, contact: Contact, status: String, state: String, number: Int, _ property: inout InjectionProperty
    ) throws {
        let (a, q) = (agent.text, queue.text)
        let n = String(number)
        func check(_ command: CallCenterCommand, _ values: Int, _ argv: [String]) throws {
            try property.check(command, values: values, expecting: argv)
        }
        try check(.addAgent(agent, type: .callback), 1, ["agent", "add", a, "Callback"])
        try check(.deleteAgent(agent), 1, ["agent", "del", a])
        try check(.setStatus(agent, .availableOnDemand), 1, ["agent", "set", "status", a, "Available (On Demand)"])
        try check(.setStatus(agent, .other(status)), 2, ["agent", "set", "status", a, status])
        try check(.setState(agent, .other(state)), 2, ["agent", "set", "state", a, state])
        try check(.setContact(agent, contact), 2, ["agent", "set", "contact", a, contact.dialString])
        try check(.setNumber(agent, .wrapUpTime, number), 2, ["agent", "set", "wrap_up_time", a, n])
        try check(.getAgent(agent, .status), 1, ["agent", "get", "status", a])
        try check(.listAgents(agent), 1, ["agent", "list", a])
        try check(.addTier(queue, agent, level: number, position: number), 4, ["tier", "add", q, a, n, n])
        try check(.setTierLevel(queue, agent, number), 3, ["tier", "set", "level", q, a, n])
        try check(.setTierState(queue, agent, .activeInbound), 2, ["tier", "set", "state", q, a, "Active Inbound"])
        try check(.deleteTier(queue, agent), 2, ["tier", "del", q, a])
        try check(.listQueueMembers(queue), 1, ["queue", "list", "members", q])
        try check(.unloadQueue(queue), 1, ["queue", "unload", q])
        if (try? contact.validate()) != nil, !Self.isHarmless(contact.dialString) { throw Found(description: "contact \(contact.dialString)") }
    }

    /// Whether expansion would find nothing in a contact: no `${`, no variables for the whole call, no second destination run as a command.
    private static func isHarmless(_ dialString: String) -> Bool {
        dialString.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            && !dialString.utf8.contains { Array("${}&'\"\\`<>;^".utf8).contains($0) }
    }

    /// The test would notice: without any one of the rules, something comes out as what it is not.
    @Test(arguments: InjectionSubject.Rule.allCases) func everyRuleIsNeeded(rule: InjectionSubject.Rule) {
        #expect(throws: InjectionProperty.Violation.self) { try Self.tryEverything(on: .mutant(without: rule)) }
    }

    @Test func theMutantsLackNothingElse() throws {
        try Self.tryEverything(on: .mutant(without: nil))
        var generator = InjectionGenerator(seed: 7)
        let mutant = InjectionSubject.mutant(without: nil)
        for _ in 0..<2000 {
            let values = [generator.text(), generator.name()]
            #expect((try? mutant.arguments("agent set contact", values)) == (try? InjectionSubject.ours.arguments("agent set contact", values)))
            let headers = [(generator.word(4), values[0]), (values[1], "x")]
            #expect((try? mutant.event(headers)) == (try? InjectionSubject.ours.event(headers)), "\(headers)")
        }
    }

    private static func tryEverything(on subject: InjectionSubject) throws(InjectionProperty.Violation) {
        var property = InjectionProperty(subject)
        for attack in AttackCorpus.attacks where attack.utf8.count < 1000 {
            try property.checkArguments([attack])
            try property.checkArguments(["1001@default", attack, "1"])
            try property.checkEvent([("X", attack)])
            try property.checkEvent([(attack, "1")])
        }
        for name in InjectionProperty.acting { try property.checkEvent([(name, "true")]) }
        var generator = InjectionGenerator(seed: 11)
        for _ in 0..<500 { try property.checkArguments([generator.text(), generator.text()]) }
    }

    /// The splitters of the commands about calls would notice, too.
    @Test func whatIsQuotedWhereNobodyUnquotesIsNoticed() throws {
        let property = InjectionProperty()
        func tokens(_ line: String, _ cut: InjectionProperty.Cut) throws -> [String] {
            try property.tokens(Array("api \(line)\n\n".utf8), of: String(line.prefix { $0 != " " }), cut)
        }
        #expect(try tokens("uuid_kill 'abc' NORMAL_CLEARING", .atFirstSpace) == ["'abc'", "NORMAL_CLEARING"])
        #expect(try tokens("uuid_exists 'abc'", .whole) == ["'abc'"])
        #expect(try tokens("uuid_hold 'abc'", .atSpaces) == ["abc"])
        for phone in [
            "user/+@[E]", "user/1@[a=b]user/2", "user/1,user/2", "user/1|user/2", "[a=b]user/1", "{a=b}user/1", "user/${system(id)}",
            "loopback/app=system:id", "user/1:_:user/2",
        ] {
            #expect(throws: InjectionProperty.Violation.self) { try InjectionProperty.checkPhone(phone) }
            #expect(PhoneAddress(contact: phone) == nil, "\(phone)")
        }
        for phone in ["user/1001@[2001:db8::1]", "[leg_timeout=10]sofia/internal/1001@[2001:db8::1]:5060"] {
            try InjectionProperty.checkPhone(phone)
            #expect(PhoneAddress(contact: phone) != nil, "\(phone)")
        }
    }

    /// Names that mod_callcenter keeps well get through, in every script.
    @Test(arguments: [
        "客服一@default", "王小明", "عميل@default", "مركز_الاتصال", "Ünal@default", "José-María", "Ελένη@x", "Юлия.Иванова", "한국어+1", "नशा@default", "日本語",
        "ไทย@x", "Łódź",
        "e\u{301}a", "ñandú_2", "agent.1001@pbx-2.example.org",
    ])
    func namesOfEveryScriptAreAccepted(name: String) throws {
        let agent = try AgentName(name)
        var property = InjectionProperty()
        try property.check(.addAgent(agent, type: .callback), values: 1, expecting: ["agent", "add", name, "Callback"])
        try property.check(.loadQueue(try QueueName(name)), values: 1, expecting: ["queue", "load", name])
        #expect(property.accepted == 2)
    }
}
