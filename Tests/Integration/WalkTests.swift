import EventSocket
import Foundation
import FreeSWITCHSimulator
import NIOHTTP1
import Testing

/// Every command of the HTTP API in turn, each looked at in its answer and in FreeSWITCH itself.
///
/// Against the simulator; and against a real FreeSWITCH when `SCREENPOP_TEST_FREESWITCH=esl://:PASSWORD@HOST:8021` is set, which it leaves as it found
/// it: its agents have names of their own, its queues are those that are there. One that is the test's own, where queues may be unloaded and phones called,
/// says so by `SCREENPOP_TEST_PHONES=RINGING,ANSWERING,EXTENSION`: a SIP address that rings for ever, one that answers after a moment, an extension that
/// answers. Without it what cannot be walked there is named in the output.
@Suite(.serialized, .timeLimit(.minutes(5))) struct WalkTests {
    private static let real = ProcessInfo.processInfo.environment["SCREENPOP_TEST_FREESWITCH"]
    private static let phones = ProcessInfo.processInfo.environment["SCREENPOP_TEST_PHONES"]

    /// Nobody but the walk's own agent serves the queues.
    private static var telephony: SimulatedSwitch.Configuration {
        var telephony = RunningSite.telephony
        for index in telephony.agents.indices { telephony.agents[index].status = "Logged Out" }
        return telephony
    }

    /// Routes that the walk leaves out, and why.
    private static let elsewhere = [
        "GET /api/v1/ws": "has no answer but a WebSocket, whose messages have tests of their own",
        "GET /api/v1/events": "its answer does not end; see WaysOfAPopTests",
    ]

    @Test func `every command is carried out by the simulator`() async throws {
        try await RunningSite.run(telephony: Self.telephony) { site in
            let walk = Walk(site: site, switchboard: SimulatedSwitchboard(simulator: site.simulator))
            try await walk.run()
            #expect(walk.skipped.isEmpty)
            // What is not of the API are pages, which the browser's tests open.
            let unvisited = walk.unvisited.filter { $0.contains(" /api/") }
            #expect(unvisited.subtracting(Self.elsewhere.keys).sorted() == [], "routes that no step is answered by")
            #expect(Set(Self.elsewhere.keys).subtracting(unvisited).sorted() == [], "exceptions that are none")
        }
    }

    /// Not `.enabled(if:)`: a run without a FreeSWITCH says so, where `scripts/test` looks for it.
    @Test func `every command is carried out by a real FreeSWITCH`() async throws {
        guard let real = Self.real else {
            print("walk: no real FreeSWITCH; set SCREENPOP_TEST_FREESWITCH=esl://:PASSWORD@HOST:8021 to walk through one as well")
            return
        }
        let endpoint = try EventSocketEndpoint(url: real)
        try await RunningSite.run(freeswitch: endpoint) { site in
            let walk = Walk(site: site, switchboard: try await RealSwitchboard.connect(to: endpoint, phones: Self.phones))
            do { try await walk.run() } catch {
                await walk.cleanUp()
                throw error
            }
            await walk.cleanUp()
            print("walk: \(walk.walked) steps against \(endpoint)")
            for step in walk.skipped { print("walk: skipped on a real FreeSWITCH: \(step)") }
        }
    }
}
