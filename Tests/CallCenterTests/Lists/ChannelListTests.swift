import CallCenter
import RecordingsSupport
import Testing

private func answer(_ recording: String, to command: String) throws -> String {
    let messages = try Recording(recording).messages
    let index = try #require(messages.firstIndex { !$0.isFromFreeSWITCH && $0.text == "api \(command)\n\n" })
    let reply = try #require(messages[index...].first { $0.hasContentType("api/response") })
    return String(decoding: reply.body, as: UTF8.self)
}

@Suite struct ChannelListTests {
    @Test func readsTheRecordedChannelsOfATalkingARingingAndTwoWaitingCallers() throws {
        let channels = try ChannelRow.rows(in: answer("resync_mid_call.second_client", to: "show channels as json"))
        #expect(channels.count == 6)
        var talking = ChannelRow()
        talking.uuid = "7c8cad68-7df3-48b3-bcea-3198cf1f0ba4"
        talking.direction = "inbound"
        talking.createdEpoch = 1_795_388_076
        talking.name = "sofia/internal/0211111111@127.0.0.1:5555"
        talking.state = "CS_SOFT_EXECUTE"
        talking.callState = "ACTIVE"
        talking.callerNumber = "0211111111"
        talking.callerName = "Talking Tom"
        talking.destination = "7000"
        talking.calleeNumber = "1001"
        talking.application = "uuid_bridge"
        talking.applicationData = "d7e15705-77ab-4098-8510-c6b117ebb704"
        talking.callUUID = "7c8cad68-7df3-48b3-bcea-3198cf1f0ba4"
        #expect(channels.first == talking)
        #expect(channels.map(\.callState) == ["ACTIVE", "ACTIVE", "ACTIVE", "RINGING", "ACTIVE", "ACTIVE"])
    }

    @Test func readsThatThereIsNone() throws {
        #expect(try ChannelRow.rows(in: answer("commands", to: "show channels as json")) == [])
        #expect(try ChannelRow.rows(in: #"{"row_count":0,"rows":[]}"#) == [])
    }

    @Test(arguments: [
        ("-ERR SQL disabled, no data available!\n", ListError.refused(list: "show channels", reply: "-ERR SQL disabled, no data available!")),
        (#"{"row_count":2,"rows":[{"uuid":"a"}]}"#, .malformedJSON(list: "show channels", reason: "row_count is 2, but 1 rows came")),
        (#"{"rows":[]}"#, .malformedJSON(list: "show channels", reason: "no row_count in the whole answer")),
        (#"{"row_count":1,"rows":[{"uuid":{}}]}"#, .malformedJSON(list: "show channels", reason: "no JSON at rows.0.uuid")),
        (#"{"row_count":1,"rows":[{"uuid":"#, .malformedJSON(list: "show channels", reason: "no JSON at the whole answer")),
    ])
    func saysWhatIsWrongAndWhere(text: String, error: ListError) {
        #expect(throws: error) { try ChannelRow.rows(in: text) }
    }
}

@Suite struct ChannelDumpTests {
    @Test func readsTheRecordedDump() throws {
        let headers = try ChannelDump.headers(
            in: answer("resync_mid_call.second_client", to: "uuid_dump 7c8cad68-7df3-48b3-bcea-3198cf1f0ba4 json"))
        #expect(headers["Event-Name"] == "CHANNEL_DATA")
        #expect(headers["Unique-ID"] == "7c8cad68-7df3-48b3-bcea-3198cf1f0ba4")
        #expect(headers["Other-Leg-Unique-ID"] == "d7e15705-77ab-4098-8510-c6b117ebb704")
        #expect(headers["variable_cc_agent"] == "1001@default")
        #expect(headers["variable_cc_queue"] == "support@default")
    }

    @Test func writesSeveralValuesAsAnEventDoes() throws {
        #expect(
            try ChannelDump.headers(in: #"{"variable_x":["a","b"],"n":3,"t":true,"z":null}"#) == [
                "variable_x": "ARRAY::a|:b", "n": "3", "t": "true", "z": "",
            ])
    }

    @Test func saysThatTheChannelIsGone() throws {
        let text = try answer("commands", to: "uuid_dump 00000000-0000-0000-0000-000000000000 json")
        #expect(throws: ListError.refused(list: "uuid_dump", reply: "-ERR No such channel!")) { try ChannelDump.headers(in: text) }
    }
}
