import CallCenter
import RecordingsSupport
import Testing

@Suite struct CallCenterReplyTests {
    @Test(arguments: [("+OK\n", "+OK"), ("available", "available"), ("In a queue call", "In a queue call"), ("2\n", "2"), ("", "")])
    func keepsWhatIsNoError(text: String, value: String) throws {
        #expect(try CallCenterReply(text).text == value)
    }

    @Test(arguments: [
        ("-ERR Agent not found!\n", CallCenterRefusal.agentNotFound),
        ("-ERR Agent already exist!\n", .agentExists),
        ("-ERR Agent type invalid!\n", .invalidType),
        ("-ERR Invalid Agent Type!\n", .invalidType),
        ("-ERR Invalid Agent Status!\n", .invalidStatus),
        ("-ERR Invalid Agent State!\n", .invalidState),
        ("-ERR Invalid Agent Update KEY!\n", .invalidKey),
        ("-ERR Tier already exist!\n", .tierExists),
        ("-ERR Tier not found!\n", .tierNotFound),
        ("-ERR Queue not found!\n", .queueNotFound),
        ("-ERR Invalid Queue not found!\n", .queueNotFound),
        ("-ERR Invalid Tier State!\n", .invalidTierState),
        ("-ERR Invalid Tier Update KEY!\n", .invalidKey),
        ("-ERR Invalid!\n", .invalidArguments),
        ("-USAGE: \ncallcenter_config <target> <args>,\n", .invalidArguments),
        ("-ERR no reply\n", .noReply),
        ("-ERR callcenter_config Command not found!\n", .commandNotFound),
        ("-ERR permission denied", .permissionDenied),
        ("-ERR Unknown Error!\nmore\n", .other("-ERR Unknown Error!")),
    ])
    func namesTheRefusal(text: String, refusal: CallCenterRefusal) {
        #expect(throws: refusal) { try CallCenterReply(text) }
    }

    /// Every refusal of `callcenter_config` that a real FreeSWITCH gave in the recording has a name.
    @Test func knowsEveryRecordedRefusal() throws {
        let messages = try Recording("commands").messages
        var refusals: [CallCenterRefusal] = []
        for (index, message) in messages.enumerated() where !message.isFromFreeSWITCH && message.text.hasPrefix("api callcenter_config") {
            guard let reply = messages[index...].first(where: { $0.hasContentType("api/response") }) else { continue }
            do { _ = try CallCenterReply(String(decoding: reply.body, as: UTF8.self)) } catch { refusals.append(error) }
        }
        #expect(refusals.count == 21)
        #expect(refusals.allSatisfy { if case .other = $0 { false } else { true } })
    }
}
