import EventSocket
import Foundation
import NIOCore
import RecordingsSupport
import ScreenPop
import Testing

/// 200 calls at 10 a second over 60 agents.
@Suite struct LoadRecording {
    static func events() throws -> [Event] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/xz")
        process.arguments = ["-dc", Recording.folder.appending(path: "load.esl.xz").path(percentEncoded: false)]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let bytes = ByteBuffer(bytes: try pipe.fileHandleForReading.readToEnd() ?? Data())
        process.waitUntilExit()
        return self.bodies(bytes)
    }

    /// The bodies of the plain events; the last message may be cut.
    private static func bodies(_ stream: ByteBuffer) -> [Event] {
        var rest = stream
        var events: [Event] = []
        while let end = rest.readableBytesView.firstRange(of: "\n\n".utf8) {
            guard let head = rest.readString(length: end.upperBound - rest.readerIndex) else { break }
            let length = head.split(separator: "\n").first { $0.hasPrefix("Content-Length: ") }.flatMap { Int($0.dropFirst(16)) } ?? 0
            guard let body = rest.readSlice(length: length) else { break }
            if head.contains("text/event-plain") { events.append(Event(plain: body)) }
        }
        return events
    }

    @Test func everyOfferIsOnePopWithOneEndAndNothingStays() throws {
        let events = try Self.events()
        let offers = events.count { $0.value("CC-Action") == "agent-offering" }
        var play = Play([])
        var most = 0
        for event in events {
            play.apply(event)
            most = max(most, play.reducer.holdings.pops)
        }
        var offered: [String: Int] = [:]
        var ended: [String: Int] = [:]
        for change in play.changes {
            switch change {
            case .pop(.offered, let pop): offered[pop.id, default: 0] += 1
            case .pop(.ended, let pop): ended[pop.id, default: 0] += 1
            default: break
            }
        }
        print("load: \(events.count) events, \(play.changes.count) changes, \(offers) offers, \(most) pops at once, left: \(play.reducer.holdings)")
        #expect(events.count == 4601)
        #expect(offers == 200)
        #expect(offered.count == 200)
        #expect(ended.count == 200)
        #expect(offered.values.allSatisfy { $0 == 1 })
        #expect(ended.values.allSatisfy { $0 == 1 })
        #expect(play.pops.allSatisfy { $0.bridgedAt != nil && $0.agentCallUUID != nil && $0.dialed != nil })
        #expect(play.pops.allSatisfy { $0.endReason == .completedCaller || $0.endReason == .completedAgent })
        #expect(play.reducer.holdings.pops == 0)
        #expect(play.reducer.holdings.members == 0)
        #expect(play.reducer.holdings.calls == 0)
        #expect(play.reducer.holdings.channels == 0)
    }
}
