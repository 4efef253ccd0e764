import EventSocket
import Foundation
import FreeSWITCHSimulator
import NIOHTTP1
import Testing

/// Every command of the HTTP API in turn, each looked at in its answer and in FreeSWITCH itself.
///
/// Against the simulator; and against a real FreeSWITCH when `SCREENPOP_TEST_FREESWITCH=esl://:PASSWORD@HOST:8021` is set, which it leaves as it found
/// it: its agents have names of their own, its queues are those that are there. What cannot be walked there is named in the output.
@Suite(.serialized, .timeLimit(.minutes(3))) struct WalkTests {
    private static let real = ProcessInfo.processInfo.environment["SCREENPOP_TEST_FREESWITCH"]

    @Test func `every command is carried out by the simulator`() async throws {
        try await RunningSite.run { site in
            let walk = Walk(site: site, switchboard: SimulatedSwitchboard(simulator: site.simulator))
            try await walk.run()
            #expect(walk.skipped.isEmpty)
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
            let walk = Walk(site: site, switchboard: try await RealSwitchboard.connect(to: endpoint))
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
