import CallCenter
import EventSocket
import Testing

@Suite struct TelephonyCommandTests {
    private static let id = ActionID(random: 0x1F)
    private static let channel = "5e0a6c2e-93a4-4a3e-8f0c-0c6a3f0f9b11"
    private static let other = "7142bc17-70f3-4c76-8a5c-83a6059f5da5"

    private func phone() throws -> PhoneAddress { try #require(PhoneAddress(contact: "[leg_timeout=10]sofia/internal/1001@192.0.2.7:5060")) }

    private func every() throws -> [(TelephonyCommand, String)] {
        let channel = try ChannelUUID(Self.channel)
        let other = try ChannelUUID(Self.other)
        let number = try #require(DialNumber("1002"))
        let context = try #require(DialContext("default"))
        let phone = try self.phone()
        let queue = try QueueName("sales@default")
        let agent = try AgentName("1001@default")
        let tracked = "execute_on_answer=callcenter_track 1001@default"
        let consultation =
            "{ignore_early_media=true,originate_timeout=30,screenpop_id=000000000000001f,attxfer_cancel_key=x,attxfer_hangup_key=y,"
            + "attxfer_conf_key=z,loopback_bowout=false,loopback_bowout_on_execute=false"
        return [
            (.hangUp(channel, .normalClearing), "uuid_kill \(channel) NORMAL_CLEARING"),
            (.hangUp(channel, .callRejected), "uuid_kill \(channel) CALL_REJECTED"),
            (.exists(channel), "uuid_exists \(channel)"),
            (.hold(channel), "uuid_hold '\(channel)'"),
            (.resume(channel), "uuid_hold 'off' '\(channel)'"),
            (.transfer(channel, .number(number, context)), "uuid_transfer '\(channel)' '1002' 'XML' 'default'"),
            (.transfer(channel, .queue(queue)), "uuid_transfer '\(channel)' 'callcenter:sales@default' 'inline'"),
            (
                .transfer(channel, .phone(phone, of: agent)),
                "uuid_transfer '\(channel)' 'bridge:{\(tracked)}[leg_timeout=10]sofia/internal/1001@192.0.2.7:5060' 'inline'"
            ),
            (.bridge(channel, other), "uuid_bridge '\(channel)' '\(other)'"),
            (
                .consult(channel, .number(number, context), id: Self.id, seconds: 30),
                "uuid_broadcast '\(channel)' 'att_xfer::\(consultation),origination_callee_id_number=1002,origination_callee_id_name=1002}loopback/1002/default/XML' 'aleg,holdb'"
            ),
            (
                .consult(channel, .phone(phone, of: agent), id: Self.id, seconds: 30),
                "uuid_broadcast '\(channel)' 'att_xfer::\(consultation),\(tracked)}[leg_timeout=10]sofia/internal/1001@192.0.2.7:5060' 'aleg,holdb'"
            ),
            (
                .dial(agent, phone, number, context, id: Self.id, seconds: 30, callerID: DialNumber("+441632960960")),
                "originate '{ignore_early_media=true,originate_timeout=30,screenpop_id=000000000000001f,"
                    + "\(tracked),origination_caller_id_number=1002,"
                    + "origination_caller_id_name=1002,effective_caller_id_number=+441632960960,effective_caller_id_name=+441632960960}"
                    + "[leg_timeout=10]sofia/internal/1001@192.0.2.7:5060' '1002' 'XML' 'default'"
            ),
            (
                .supervise(agent, phone, channel, .whisper, id: Self.id, seconds: 30),
                "originate '{ignore_early_media=true,originate_timeout=30,screenpop_id=000000000000001f,\(tracked),eavesdrop_enable_dtmf=false,"
                    + "eavesdrop_whisper_aleg=false,eavesdrop_whisper_bleg=true,origination_caller_id_name=ScreenPop}"
                    + "[leg_timeout=10]sofia/internal/1001@192.0.2.7:5060' '&eavesdrop(\(channel))'"
            ),
            (
                .changeSupervision(of: channel, hearing: other, .barge),
                "uuid_transfer '\(channel)' 'set:eavesdrop_whisper_aleg=true,set:eavesdrop_whisper_bleg=true,eavesdrop:\(other)' 'inline'"
            ),
            (
                .changeSupervision(of: channel, hearing: other, .listen),
                "uuid_transfer '\(channel)' 'set:eavesdrop_whisper_aleg=false,set:eavesdrop_whisper_bleg=false,eavesdrop:\(other)' 'inline'"
            ),
        ]
    }

    @Test func `each command is written so`() throws {
        for (command, text) in try self.every() {
            let call = try command.call()
            #expect("\(call.function) \(call.argument)" == text)
        }
    }

    @Test func `FreeSWITCH cuts each up into what was meant`() throws {
        for (command, text) in try self.every() where text.contains("'") {
            let argument = try command.call().argument
            // No value has a quote in it, so what stands between quotes is one.
            let meant = argument.dropFirst().dropLast().split(separator: "' '").map { String($0) }
            #expect(try ArgumentSplitter.split(argument) == meant)
        }
    }

    @Test func `a queue is not consulted, and a phone does not ring for ever`() throws {
        let channel = try ChannelUUID(Self.channel)
        #expect(throws: EventSocketError.self) { try TelephonyCommand.consult(channel, .queue(QueueName("a@b")), id: Self.id, seconds: 30).call() }
        for seconds in [0, -1, 601] {
            #expect(throws: EventSocketError.self) {
                try TelephonyCommand.supervise(AgentName("2001@default"), self.phone(), channel, .listen, id: Self.id, seconds: seconds).call()
            }
        }
    }

    @Test(arguments: [
        "", "all", "off", "toggle", "undef", "-bleg-bleg", "x", "5e0a6c2e 7142bc17", "5e0a6c2e'", "5e0a6c2e)", "5e0a6c2e,hangup", "5e0a6c2e\n",
        "5e0a6c2e|x", "${system(x)}", "5e0a6c2e\\n", "5e0a6c2é8", ".5e0a6c2e", "@5e0a6c2e", String(repeating: "a", count: 129),
    ])
    func `what is no channel stands in no command`(_ text: String) {
        #expect(throws: NameError.self) { try ChannelUUID(text) }
    }

    /// The Call-ID of a SIP call.
    @Test func `a channel that is called as its caller wanted stands in commands`() throws {
        let channel = try ChannelUUID("3848276298220188511@atlanta.example.com")
        #expect(try TelephonyCommand.hold(channel).call() == APICall("uuid_hold", "'3848276298220188511@atlanta.example.com'"))
    }

    @Test(arguments: [
        "", "+", "1002 ", "1002'", "-1002", "&park()", "1002/default", "1002|1003", "sofia/x", "1+2", "１００２", String(repeating: "1", count: 33),
    ])
    func `what is no number is not dialled`(_ text: String) {
        #expect(DialNumber(text) == nil)
    }

    @Test func `patterns allow what they say`() throws {
        let cases: [(String, yes: [String], no: [String])] = [
            ("XXX", ["000", "999"], ["99", "9999", "*99", "+99"]),
            ("1XZN", ["1012", "1999"], ["1002", "1011", "2012"]),
            ("+86.", ["+861", "+8613900139000"], ["+86", "+87123", "8613900139000"]),
            ("*9.", ["*97", "*9123"], ["*9", "97", "*9#1"]),
            ("9196", ["9196"], ["9197", "91960"]),
        ]
        for (text, yes, no) in cases {
            let pattern = try #require(DialPattern(text))
            for (numbers, isAllowed) in [(yes, true), (no, false)] {
                for number in numbers {
                    let dialled = try #require(DialNumber(number))
                    #expect(pattern.matches(dialled) == isAllowed, "\(text) \(number)")
                }
            }
        }
        for text in ["", ".", "X+", "[0-9]", "X X", "X..", "abc"] { #expect(DialPattern(text) == nil, "\(text)") }
    }

    @Test(arguments: [
        "user/1001@example.org", "[call_timeout=10]user/1001@example.org", "[leg_timeout=5]sofia/internal/1001@192.0.2.7:5060",
        "loopback/1001/default",
        "verto.rtc/1001@example.org", "sofia/gateway/trunk/441632960960",
    ])
    func `an agent's contact is dialled as it is`(_ contact: String) throws {
        #expect(try #require(PhoneAddress(contact: contact)).text == contact)
    }

    @Test(arguments: [
        "", "[call_timeout=10]", "user/${system(touch /tmp/x)}", "{api_on_answer=x}user/1001", "[execute_on_answer=park]user/1001",
        "user/1001,user/1002",
        "user/1001|user/1002", "user/1001:_:user/1002", "user/1001@a;fs_path=b", "loopback/app=system:touch", "user/1001 &park", "user/1001'",
        "user/1001\"",
        "user/1001\\s", "<a=b>user/1001", "[leg_timeout=1]{a=b}user/1001", "[leg_timeout=1,a=b]user/1001", "[leg_timeout=99999]verto.rtc/1",
        "user/1001(x)",
        "user/1001\n", "user/1001&", "group/sales^", "user/1001$",
    ])
    func `a contact that would do more is not dialled`(_ contact: String) {
        #expect(PhoneAddress(contact: contact) == nil)
    }

    @Test func `the extension of a phone is what it shows to others`() throws {
        #expect(try self.phone().extensionNumber?.text == "1001")
        #expect(try #require(PhoneAddress(contact: "user/anna@example.org")).extensionNumber == nil)
    }

    @Test func `replies are told apart`() throws {
        #expect(try TelephonyReply("+OK Success\n").text == "+OK Success")
        #expect(try TelephonyReply("true").text == "true")
        let refusals: [(String, TelephonyRefusal)] = [
            ("-ERR No such channel!\n", .noSuchChannel), ("-ERR Operation failed\n", .operationFailed), ("-ERR invalid uuid\n", .noSuchChannel),
            ("-ERR Invalid uuid\n", .noSuchChannel), ("-ERR USER_BUSY\n", .notReached("USER_BUSY")), ("-ERR permission denied\n", .permissionDenied),
            ("-ERR uuid_kill Command not found!\n", .commandNotFound), ("-USAGE: <uuid>\n", .other("-USAGE: <uuid>")), ("-ERR\n", .other("-ERR")),
        ]
        for (text, refusal) in refusals { #expect(throws: refusal) { try TelephonyReply(text) } }
    }
}
