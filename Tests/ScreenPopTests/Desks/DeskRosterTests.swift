import CallCenter
import Testing

@testable import ScreenPop

@Suite struct DeskRosterTests {
    private static func time(_ seconds: Int64) -> Timestamp { Timestamp(microseconds: (1_795_428_000 + seconds) * 1_000_000) }

    /// `here` holds office and home, opened in that order.
    private static var two: DeskRoster {
        var roster = DeskRoster()
        roster.settle(["office"], of: "here", at: self.time(0))
        roster.settle(["office", "home"], of: "here", at: self.time(1))
        return roster
    }

    @Test func `the first desk is primary, and stays so when others open`() {
        var roster = DeskRoster()
        #expect(roster.primary == nil)
        roster.settle(["office"], of: "here", at: Self.time(0))
        #expect(roster.primary == .init(desk: "office", since: Self.time(0)))
        roster.settle(["home"], of: "there", at: Self.time(1))
        #expect(roster.desks.map(\.id) == ["office", "home"])
        #expect(roster.primary == .init(desk: "office", since: Self.time(0)))
    }

    @Test func `a claim moves it at once, and claiming what one has changes nothing`() {
        var roster = Self.two
        let isTaken1 = roster.claim("home", of: "here", at: Self.time(5))
        #expect(isTaken1)
        #expect(roster.primary == .init(desk: "home", since: Self.time(5)))
        let isTaken2 = roster.claim("home", of: "here", at: Self.time(9))
        #expect(isTaken2)
        #expect(roster.primary == .init(desk: "home", since: Self.time(5)))
    }

    @Test func `who claims need not have been open before`() {
        var roster = Self.two
        let isTaken3 = roster.claim("phone", of: "there", at: Self.time(5))
        #expect(isTaken3)
        #expect(roster.primary?.desk == "phone")
        #expect(roster.desks.map(\.id) == ["office", "home", "phone"])
    }

    @Test func `the desk open longest follows a primary that closes`() {
        var roster = Self.two
        roster.settle(["tablet"], of: "there", at: Self.time(2))
        let isTaken4 = roster.claim("tablet", of: "there", at: Self.time(3))
        #expect(isTaken4)
        roster.settle([], of: "there", at: Self.time(4))
        #expect(roster.primary == .init(desk: "office", since: Self.time(4)))
        roster.settle(["home"], of: "here", at: Self.time(5))
        #expect(roster.primary == .init(desk: "home", since: Self.time(5)))
        roster.settle([], of: "here", at: Self.time(6))
        #expect(roster == DeskRoster())
    }

    @Test func `an instance speaks for its own desks alone`() {
        var roster = Self.two
        roster.settle([], of: "there", at: Self.time(2))
        #expect(roster == Self.two)
    }

    @Test func `a desk with sockets on two instances closes with the last of them`() {
        var roster = Self.two
        roster.settle(["office"], of: "there", at: Self.time(2))
        roster.settle(["home"], of: "here", at: Self.time(3))
        #expect(roster.primary?.desk == "office")
        roster.settle([], of: "there", at: Self.time(4))
        #expect(roster.primary?.desk == "home")
    }

    @Test func `an instance that lives no more holds nothing`() {
        var roster = Self.two
        roster.settle(["tablet"], of: "there", gone: ["here"], at: Self.time(2))
        #expect(roster.desks.map(\.id) == ["tablet"])
        #expect(roster.primary == .init(desk: "tablet", since: Self.time(2)))
    }

    @Test func `a primary that comes back to another instance is primary still`() {
        var roster = Self.two
        roster.settle(["home", "office"], of: "there", gone: ["here"], at: Self.time(2))
        #expect(roster.primary == .init(desk: "office", since: Self.time(0)))
        #expect(roster.desks.map(\.instances) == [["there"], ["there"]])
    }

    @Test func `settled twice is settled once`() {
        var roster = Self.two
        roster.settle(["office", "home"], of: "here", gone: ["there"], at: Self.time(9))
        #expect(roster == Self.two)
    }

    @Test func `there is an end to desks`() {
        var roster = DeskRoster()
        roster.settle((0..<DeskRoster.limit + 5).map { "desk-\($0)" }, of: "here", at: Self.time(0))
        #expect(roster.desks.count == DeskRoster.limit)
        let isTaken5 = roster.claim("one-more", of: "here", at: Self.time(1))
        #expect(!isTaken5)
        #expect(roster.primary?.desk == "desk-0")
        let isTaken6 = roster.claim("desk-7", of: "here", at: Self.time(1))
        #expect(isTaken6)
    }

    @Test func `what was written can be read`() throws {
        for roster in [DeskRoster(), Self.two] { #expect(DeskRoster(json: roster.json) == roster) }
        for text in ["", "{}", #"{"primary":null}"#, #"{"primary":{"desk":"a","since":"soon"},"desks":[]}"#, "[]"] {
            #expect(DeskRoster(json: text.utf8) == nil, "\(text)")
        }
    }

    @Test func `the message begins as the log wants it`() {
        let text = String(decoding: Message.primaryDesk(Self.two.primary, of: "1001@default").json, as: UTF8.self)
        #expect(text == #"{"type":"desk.primary","agent":"1001@default","desk":"office","since":"2026-11-23T10:00:00.000Z"}"#)
        let none = Message.primaryDesk(nil, of: "1001@default")
        #expect(String(decoding: none.json, as: UTF8.self) == #"{"type":"desk.primary","agent":"1001@default","desk":null,"since":null}"#)
        #expect(none.type == "desk.primary" && none.agent == "1001@default")
    }

    @Test func `an id is what a browser makes`() {
        for id in ["a", "0-9_Z", String(repeating: "x", count: 64)] { #expect(DeskRoster.isValid(id: id), "\(id)") }
        for id in ["", "a b", "a:b", "é", "a\n", String(repeating: "x", count: 65)] { #expect(!DeskRoster.isValid(id: id), "\(id)") }
    }
}
