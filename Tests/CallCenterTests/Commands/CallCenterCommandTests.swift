import CallCenter
import EventSocket
import Testing

@Suite struct CallCenterCommandTests {
    private static let agent = try? AgentName("1001@default")
    private static let queue = try? QueueName("support@default")

    @Test func writesEachCommand() throws {
        let agent = try #require(Self.agent)
        let queue = try #require(Self.queue)
        let expected: [(CallCenterCommand, String)] = [
            (.addAgent(agent, type: .callback), "agent add '1001@default' 'Callback'"),
            (.addAgent(agent, type: .uuidStandby), "agent add '1001@default' 'uuid-standby'"),
            (.deleteAgent(agent), "agent del '1001@default'"),
            (.setStatus(agent, .availableOnDemand), "agent set status '1001@default' 'Available (On Demand)'"),
            (.setStatus(agent, .onBreak), "agent set status '1001@default' 'On Break'"),
            (.setState(agent, .inAQueueCall), "agent set state '1001@default' 'In a queue call'"),
            (.setType(agent, .callback), "agent set type '1001@default' 'Callback'"),
            (
                .setContact(agent, .sofia(profile: "internal", address: "1001@192.0.2.7:5060", callTimeout: 10)),
                "agent set contact '1001@default' '[leg_timeout=10]sofia/internal/1001@192.0.2.7:5060'"
            ),
            (.setNumber(agent, .maxNoAnswer, 3), "agent set max_no_answer '1001@default' '3'"),
            (.setNumber(agent, .wrapUpTime, 0), "agent set wrap_up_time '1001@default' '0'"),
            (.setNumber(agent, .rejectDelayTime, 1), "agent set reject_delay_time '1001@default' '1'"),
            (.setNumber(agent, .busyDelayTime, 1), "agent set busy_delay_time '1001@default' '1'"),
            (.setNumber(agent, .noAnswerDelayTime, 1), "agent set no_answer_delay_time '1001@default' '1'"),
            (.setNumber(agent, .readyTime, 1), "agent set ready_time '1001@default' '1'"),
            (.getAgent(agent, .status), "agent get status '1001@default'"),
            (.getAgent(agent, .state), "agent get state '1001@default'"),
            (.getAgent(agent, .uuid), "agent get uuid '1001@default'"),
            (.listAgents(), "agent list"),
            (.listAgents(agent), "agent list '1001@default'"),
            (.addTier(queue, agent, level: 1, position: 2), "tier add 'support@default' '1001@default' '1' '2'"),
            (.setTierLevel(queue, agent, 3), "tier set level 'support@default' '1001@default' '3'"),
            (.setTierPosition(queue, agent, 4), "tier set position 'support@default' '1001@default' '4'"),
            (.setTierState(queue, agent, .activeInbound), "tier set state 'support@default' '1001@default' 'Active Inbound'"),
            (.deleteTier(queue, agent), "tier del 'support@default' '1001@default'"),
            (.listTiers, "tier list"),
            (.listQueues, "queue list"),
            (.listQueueAgents(queue), "queue list agents 'support@default'"),
            (.listQueueTiers(queue), "queue list tiers 'support@default'"),
            (.listQueueMembers(queue), "queue list members 'support@default'"),
            (.loadQueue(queue), "queue load 'support@default'"),
            (.reloadQueue(queue), "queue reload 'support@default'"),
            (.unloadQueue(queue), "queue unload 'support@default'"),
        ]
        for (command, argument) in expected {
            let call = try command.call()
            #expect(call.function == "callcenter_config")
            #expect(call.argument == argument)
        }
    }

    @Test func refusesValuesThatAreNotMod_callcenters() throws {
        let agent = try #require(Self.agent)
        let commands: [CallCenterCommand] = [
            .setStatus(agent, .other("available")), .setState(agent, .other("waiting")), .setNumber(agent, .wrapUpTime, -1),
            .setContact(agent, .dialString("${system(touch /tmp/x)}")), .setContact(agent, .user("1001' x", callTimeout: nil)),
        ]
        for command in commands {
            #expect(throws: EventSocketError.self, "\(command)") { try command.call() }
        }
    }
}

@Suite struct NameTests {
    @Test(arguments: ["1001@default", "a", "A.b-c_d+e@f", "客服1@default", "Ünal", "न\u{93F}", String(repeating: "x", count: 64)])
    func accepts(name: String) throws {
        #expect(try AgentName(name).text == name)
        #expect(try QueueName(name).text == name)
    }

    @Test(arguments: [
        "a b", "^^x", "a^", "a'b", "a\"b", "a\\", "a|b", "a\nb", "a\0", "${x}", "a,b", "a/b", "a;b", "a&b", "\u{301}a", "a\u{200B}", "a\u{A0}b", "😀",
        "a:b",
        "a\u{7F}", "a\u{2028}", "%41",
    ])
    func refuses(name: String) {
        #expect(throws: NameError.self) { try AgentName(name) }
        #expect(throws: NameError.self) { try QueueName(name) }
    }

    @Test(arguments: ["unload_mod_event_socket@default", "mod_event_socket", "x.MOD_EVENT_SOCKET.y", "mod_event_socket\u{301}.unload"])
    func refusesWhatWouldUnloadTheEventSocket(name: String) {
        #expect(throws: NameError.reserved) { try AgentName(name) }
        #expect(throws: NameError.reserved) { try QueueName(name) }
        #expect(throws: ContactError.self) { try Contact.user(name, callTimeout: nil).validate() }
        #expect(throws: ContactError.self) { try Contact.sofia(profile: "internal", address: "1@\(name)", callTimeout: nil).validate() }
        #expect(throws: ContactError.self) { try Contact.dialString(name).validate() }
    }

    @Test func refusesTheEmptyAndTheLong() {
        #expect(throws: NameError.empty) { try AgentName("") }
        #expect(throws: NameError.tooLong(65)) { try AgentName(String(repeating: "x", count: 65)) }
    }
}
