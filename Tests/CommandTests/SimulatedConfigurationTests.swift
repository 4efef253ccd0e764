import ArgumentParser
import CallCenter
import Foundation
import FreeSWITCHSimulator
import Logging
import Testing

@testable import screenpop

/// The simulator runs what is shipped for a real FreeSWITCH.
@Suite struct SimulatedConfigurationTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docker/freeswitch")

    private func shipped(environment: [String: String] = [:]) throws -> Simulator.Configuration {
        let files = try ConfigurationFilesReader.texts(in: Self.folder.appending(path: "conf").path(percentEncoded: false))
        var configuration = Simulator.Configuration()
        try configuration.take(try ConfigurationFolder(files: files, environment: environment))
        return configuration
    }

    private func plan() throws -> CallCentrePlan {
        try CallCentrePlan(yaml: String(contentsOf: Self.folder.appending(path: "callcenter.yaml"), encoding: .utf8), file: "callcenter.yaml")
    }

    @Test func `its queues are those of the plan, parameter by parameter`() async throws {
        let plan = try self.plan()
        let simulator = Simulator(configuration: try self.shipped(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let rows = try QueueRow.rows(in: await simulator.api("callcenter_config queue list"))
        #expect(rows.map(\.name).sorted() == plan.queues.map(\.definition.name.text).sorted() && !rows.isEmpty)
        for queue in plan.queues {
            let row = try #require(rows.first { $0.name == queue.definition.name.text })
            var compared = 0
            for setting in QueueSetting.all {
                // Music is listed under a name of its own, its variable filled in; the two of the announcement are not listed.
                guard let shown = row.parameters[setting.name == "moh-sound" ? "moh_sound" : setting.column] else { continue }
                compared += 1
                let planned = queue.definition.values[setting.name] ?? ""
                #expect(shown == (planned == "$${hold_music}" ? "tone_stream://%(400,4600,440);loops=-1" : planned), "\(row.name) \(setting.name)")
            }
            #expect(compared == QueueSetting.all.count - 2)
        }
    }

    @Test func `its extensions, menu, telephones and variables are those of the plan`() throws {
        let plan = try self.plan()
        let telephony = try self.shipped().telephony
        let queues = Dictionary(uniqueKeysWithValues: telephony.queueExtensions.map { ($0.key, $0.value) })
        #expect(queues == Dictionary(uniqueKeysWithValues: plan.queues.map { ($0.extensionNumber, $0.definition.name.text) }))
        #expect(telephony.deskPhones == Set((plan.phones.first...plan.phones.last).map(String.init)))
        #expect(telephony.agents.isEmpty && telephony.tiers.isEmpty)
        #expect(telephony.exportedVariables == plan.exported)
        let menu = try #require(plan.menu)
        #expect(telephony.menuExtension == menu.extensionNumber)
        #expect(telephony.menu.map(\.key) == menu.choices.map(\.key))
        #expect(telephony.menu.map(\.value.choice) == menu.choices.map(\.value))
        #expect(telephony.menu.map { queues[$0.value.extension] } == menu.choices.map(\.queue.text))
    }

    @Test func `the restricted user of the event socket is let in with the password of the environment, and not without one`() throws {
        #expect(try self.shipped().users.keys.isEmpty)
        let user = try #require(try self.shipped(environment: ["FREESWITCH_SCREENPOP_PASSWORD": "a long one"]).users["screenpop@screenpop"])
        #expect(user.password == "a long one")
        #expect(user.allowedAPI?.contains("callcenter_config") == true && user.allowedAPI?.contains("system") == false)
        #expect(user.allowedEvents?.contains("callcenter::info") == true)
    }

    @Test func `sample agents sit at its first telephones and serve its queues`() async throws {
        let folder = Self.folder.appending(path: "conf").path(percentEncoded: false)
        let traffic = try TrafficOptions.parse(["--agents", "3", "--calls-per-minute", "0", "--configuration", folder])
        let exchange = try await SimulatedExchange.start(
            listen: ListenAddress(host: "127.0.0.1", port: 0), password: "secret", traffic: traffic,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        #expect(exchange.agents == ["1001@default", "1002@default", "1003@default"])
        let simulator = try #require(exchange.services.first as? Simulator)
        let tiers = try TierRow.rows(in: await simulator.api("callcenter_config tier list"))
        #expect(tiers.filter { $0.agent == "1002@default" }.map(\.queue) == ["support@default"])
        #expect(tiers.filter { $0.agent == "1001@default" }.map(\.queue).sorted() == ["sales@default", "support@default"])
        await simulator.stop()
    }

    @Test func `a folder that is none is refused with its name`() async throws {
        let traffic = try TrafficOptions.parse(["--configuration", "/nowhere"])
        let failure = await #expect(throws: CommandFailure.self) {
            try await SimulatedExchange.start(
                listen: ListenAddress(host: "127.0.0.1", port: 0), password: "secret", traffic: traffic,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
        #expect(failure?.kind == .configuration && failure?.message.hasPrefix("--configuration /nowhere: ") == true)
    }
}
