import NIOCore
import Testing

@testable import ScreenPopHTTP

@Suite struct LocalDesksTests {
    private static let agent = "1001@default"
    private static func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(UInt64(seconds * 1_000_000_000)) }

    private func desks(_ open: String...) -> LocalDesks {
        var desks = LocalDesks(grace: .seconds(3))
        for id in open { desks.opened(id, of: Self.agent) }
        _ = desks.takeUnsettled()
        return desks
    }

    @Test func `a desk that opens is told of once`() {
        var desks = LocalDesks(grace: .seconds(3))
        desks.opened("office", of: Self.agent)
        desks.opened("home", of: Self.agent)
        #expect(desks.open(Self.agent) == ["office", "home"])
        let told1 = desks.takeUnsettled()
        #expect(told1 == [Self.agent])
        let told2 = desks.takeUnsettled()
        #expect(told2 == [])
    }

    @Test func `a reload within the grace is no close`() {
        var desks = self.desks("office")
        desks.closed("office", of: Self.agent, isFinal: false, now: Self.at(10))
        desks.tick(now: Self.at(12))
        let told3 = desks.takeUnsettled()
        #expect(desks.open(Self.agent) == ["office"] && told3 == [])
        desks.opened("office", of: Self.agent)
        desks.tick(now: Self.at(20))
        #expect(desks.open(Self.agent) == ["office"])
    }

    @Test func `after the grace it is closed`() {
        var desks = self.desks("office", "home")
        desks.closed("office", of: Self.agent, isFinal: false, now: Self.at(10))
        desks.tick(now: Self.at(13))
        #expect(desks.open(Self.agent) == ["home"])
        let told4 = desks.takeUnsettled()
        #expect(told4 == [Self.agent])
        desks.closed("home", of: Self.agent, isFinal: false, now: Self.at(13))
        desks.tick(now: Self.at(16))
        let told5 = desks.takeUnsettled()
        #expect(desks.isEmpty && told5 == [Self.agent])
    }

    @Test func `who says goodbye is closed at once, with its last tab`() {
        var desks = self.desks("office", "office")
        desks.closed("office", of: Self.agent, isFinal: true, now: Self.at(10))
        let told6 = desks.takeUnsettled()
        #expect(desks.open(Self.agent) == ["office"] && told6 == [])
        desks.closed("office", of: Self.agent, isFinal: true, now: Self.at(10))
        let told7 = desks.takeUnsettled()
        #expect(desks.open(Self.agent) == [] && told7 == [Self.agent])
        // Of none there is nothing to close.
        desks.closed("office", of: Self.agent, isFinal: true, now: Self.at(10))
        let told8 = desks.takeUnsettled()
        #expect(told8 == [])
    }

    @Test func `what could not be told is told again`() {
        var desks = self.desks("office")
        desks.failed([Self.agent])
        let told9 = desks.takeUnsettled()
        #expect(told9 == [Self.agent])
        desks.doubtAll()
        let told10 = desks.takeUnsettled()
        #expect(told10 == [Self.agent])
    }

    @Test func `only of others' primary desks one has to see whether they live`() {
        var desks = self.desks("office")
        desks.doubtOthers()
        let told11 = desks.takeUnsettled()
        #expect(told11 == [Self.agent], "nothing was heard yet")
        desks.heard(primary: "office", of: Self.agent)
        desks.doubtOthers()
        let told12 = desks.takeUnsettled()
        #expect(told12 == [])
        desks.heard(primary: "elsewhere", of: Self.agent)
        desks.doubtOthers()
        let told13 = desks.takeUnsettled()
        #expect(told13 == [Self.agent])
        // Of agents without a desk here nothing is kept.
        desks.heard(primary: "x", of: "1002@default")
        desks.doubtOthers()
        let told14 = desks.takeUnsettled()
        #expect(told14 == [Self.agent])
    }
}
