import CallCenter
import Foundation
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

@Suite struct SwitchConfigurationTests {
    private static let load = ["section": "configuration", "tag_name": "configuration", "key_name": "name", "key_value": "callcenter.conf"]

    @Test func `a queue that is asked for by name is ours to answer, and nothing else is`() throws {
        var fields = Self.load
        #expect(SwitchConfigurationRequest(fields: fields).queue == nil, "mod_callcenter starts, and reads its whole file")
        fields["CC-Queue"] = "billing@default"
        #expect(SwitchConfigurationRequest(fields: fields).queue?.text == "billing@default")
        for (name, value) in [
            ("section", "directory"), ("key_value", "sofia.conf"), ("CC-Queue", "a b"), ("CC-Queue", ""), ("CC-Queue", "x'|<queue>"),
        ] {
            var other = fields
            other[name] = value
            #expect(SwitchConfigurationRequest(fields: other).queue == nil, "\(name)=\(value)")
        }
        #expect(SwitchConfigurationRequest(fields: [:]).queue == nil)
    }

    /// What an XML parser that is not FreeSWITCH's makes of it: elements with their attributes, or why not.
    private final class Elements: NSObject, XMLParserDelegate {
        var found: [(name: String, attributes: [String: String])] = []

        static func read(_ text: String) throws -> [(name: String, attributes: [String: String])] {
            let parser = XMLParser(data: Data(text.utf8))
            let elements = Elements()
            parser.delegate = elements
            #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "") in \(text)")
            return elements.found
        }

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?, attributes: [String: String]
        ) {
            self.found.append((name, attributes))
        }
    }

    @Test func `what is answered is XML that says just what was defined`() throws {
        let definition = try QueueDefinition(
            name: "计费+a@default",
            values: [
                "moh-sound": "tone_stream://%(400,4600,440);loops=-1", "record-template": "/r/${strftime(%Y-%m-%d)}/${uuid}.wav",
                "announce-sound": "file://a&b", "max-wait-time": "90",
            ])
        let elements = try Elements.read(SwitchConfiguration.callCenter(definition))
        #expect(elements.prefix(5).map(\.name) == ["document", "section", "configuration", "queues", "queue"])
        #expect(elements[0].attributes == ["type": "freeswitch/xml"])
        #expect(elements[1].attributes == ["name": "configuration"])
        #expect(elements[2].attributes["name"] == "callcenter.conf")
        #expect(elements[4].attributes == ["name": "计费+a@default"])
        var values: [String: String] = [:]
        for element in elements.dropFirst(5) {
            #expect(element.name == "param")
            values[try #require(element.attributes["name"])] = element.attributes["value"]
        }
        #expect(values == definition.values.filter { !$0.value.isEmpty })
        let missing = try Elements.read(SwitchConfiguration.notFound)
        #expect(missing.map(\.name) == ["document", "section", "result"])
        #expect(missing[1].attributes == ["name": "result"] && missing[2].attributes == ["status": "not found"])
    }

    @Test func `no line is one that FreeSWITCH takes for an order`() throws {
        let text = SwitchConfiguration.callCenter(try QueueDefinition(name: "a@b", values: ["moh-sound": "$${hold_music}"]))
        for line in text.split(separator: "\n") {
            #expect(!line.contains("<?") && !line.lowercased().contains("x-pre-process") && !line.contains("<include>"))
        }
        #expect(throws: QueueDefinitionError.reservedName("X-PRE-PROCESS")) { try QueueDefinition(name: "x-Pre-Process@default") }
        for parameter in ["moh-sound", "announce-sound", "record-template"] {
            #expect(throws: QueueDefinitionError.self) { try QueueDefinition(name: "a@b", values: [parameter: "/x-pre-process/a.wav"]) }
        }
    }

    @Test func `a change keeps what it does not name`() throws {
        let definition = try QueueDefinition(name: "a@b", values: ["strategy": "ring-all", "max-wait-time": "90"])
        let changed = try definition.setting(["maxWaitTime": "30", "moh_sound": "local_stream://moh"])
        #expect(changed.values["strategy"] == "ring-all")
        #expect(changed.values["max-wait-time"] == "30")
        #expect(changed.values["moh-sound"] == "local_stream://moh")
        #expect(throws: QueueDefinitionError.self) { try definition.setting(["maxWaitTime": "soon"]) }
        #expect(throws: QueueDefinitionError.unknownParameter("colour")) { try definition.setting(["colour": "red"]) }
    }

    @Test func `what a FreeSWITCH has loaded otherwise is told, as far as it lists it`() throws {
        let list = """
            name|strategy|moh_sound|tier_rules_apply|max_wait_time
            a@b|ring-all|(null)|false|20
            +OK

            """
        let row = try #require(try QueueRow.rows(in: list).first)
        #expect(try QueueDefinition(name: "a@b", values: ["strategy": "ring-all", "max-wait-time": "20"]).differences(from: row).isEmpty)
        let other = try QueueDefinition(
            name: "a@b", values: ["strategy": "top-down", "max-wait-time": "30", "tier-rules-apply": "true", "announce-frequency": "5"])
        #expect(other.differences(from: row).map(\.memberName) == ["strategy", "tierRulesApply", "maxWaitTime"])
        // It lists what the variable stood for.
        #expect(
            try QueueDefinition(name: "a@b", values: ["strategy": "ring-all", "max-wait-time": "20", "moh-sound": "$${hold_music}"]).differences(
                from: row
            ).isEmpty)
    }

    @Test func `every parameter is explained in Chinese`() {
        for parameter in QueueSetting.all { #expect(parameter.chineseMeaning != parameter.meaning, "\(parameter.name)") }
    }
}
