import CallCenter
import FreeSWITCHSimulator
import Testing

/// A queue by mod_xml_curl: what is asked, and what an answer makes of it.
@Suite struct ConfigurationServerTests {
    private static let server = ConfigurationServer(url: "http://127.0.0.1:1/configuration", credentials: "a:b")

    private func scene() -> Scene {
        var scene = Scene()
        scene.act { $0.setConfigurationServer(Self.server) }
        return scene
    }

    @Test func `a queue that is served is loaded with its parameters`() throws {
        var scene = self.scene()
        #expect(scene.callcenter("queue load billing@default") == "")
        let lookups = scene.act { $0.takeLookups() }
        let lookup = try #require(lookups.first)
        #expect(lookups.count == 1 && lookup.server == Self.server)
        for field in ["section=configuration", "key_value=callcenter.conf", "CC-Queue=billing%40default"] {
            #expect(lookup.form.split(separator: "&").contains(Substring(field)))
        }
        let definition = try QueueDefinition(
            name: "billing@default", values: ["strategy": "ring-progressively", "max-wait-time": "77", "moh-sound": "$${hold_music}"])
        scene.act { $0.answerLookup(lookup.ticket, document: SwitchConfiguration.callCenter(definition)) }
        #expect(scene.act { $0.takeAnswers() }.map(\.text) == ["+OK\n"])
        let list = scene.callcenter("queue list")
        let row = try #require(try QueueRow.rows(in: list).first { $0.name == "billing@default" })
        #expect(definition.differences(from: row).isEmpty)
        #expect(list.contains("billing@default|ring-progressively|tone_stream://"))
    }

    @Test func `the file is read after not found, and after nothing`() throws {
        for document in [SwitchConfiguration.notFound, nil] {
            var scene = self.scene()
            for (command, answer) in [
                ("queue reload support@default", "+OK\n"), ("queue load nosuch@default", "-ERR Invalid Queue not found!\n"),
            ] {
                _ = scene.callcenter(command)
                let lookup = try #require(scene.act { $0.takeLookups() }.first)
                scene.act { $0.answerLookup(lookup.ticket, document: document) }
                #expect(scene.act { $0.takeAnswers() }.map(\.text) == [answer])
            }
        }
    }

    @Test func `a reload that is answered without the queue has destroyed it`() throws {
        var scene = self.scene()
        _ = scene.callcenter("queue load billing@default")
        let definition = try QueueDefinition(name: "billing@default")
        for document in [SwitchConfiguration.callCenter(definition), SwitchConfiguration.notFound] {
            if document == SwitchConfiguration.notFound { _ = scene.callcenter("queue reload billing@default") }
            let lookup = try #require(scene.act { $0.takeLookups() }.first)
            scene.act { $0.answerLookup(lookup.ticket, document: document) }
        }
        #expect(scene.act { $0.takeAnswers() }.map(\.text) == ["+OK\n", "-ERR Invalid Queue not found!\n"])
        #expect(!scene.callcenter("queue list").contains("billing"))
    }

    @Test func `a restart knows the file alone`() throws {
        var scene = self.scene()
        _ = scene.callcenter("queue load billing@default")
        let lookup = try #require(scene.act { $0.takeLookups() }.first)
        let definition = try QueueDefinition(name: "billing@default")
        scene.act { $0.answerLookup(lookup.ticket, document: SwitchConfiguration.callCenter(definition)) }
        #expect(scene.callcenter("queue list").contains("billing"))
        scene.act { $0.restart() }
        #expect(!scene.callcenter("queue list").contains("billing"))
    }
}
