import EventSocket
import Testing

@testable import CallCenter

@Suite struct ArgumentSplitterTests {
    /// What was tried on a real FreeSWITCH, or read in its source.
    @Test(arguments: [
        ("agent list", ["agent", "list"]),
        ("agent   set  status", ["agent", "set", "status"]),
        ("set 'On Break' x", ["set", "On Break", "x"]),
        (#"set "On Break""#, ["set", #""On"#, #"Break""#]),
        (#"add a\ b@default"#, ["add", #"a\ b@default"#]),
        (#"x\'y \"q\" \\z"#, ["x'y", #""q""#, #"\z"#]),
        (#"a\nb c\sd \q"#, ["a\nb", "c d", #"\q"#]),
        ("one 'two three four", ["one", "'two three four"]),
        ("^^:agent:add:a b", ["agent", "add", "a b"]),
        ("^^:a:b\\:c:it's", ["a", "b:c", "it's"]),
        ("^^:", ["^^:"]),
        ("1 2 3 4 5 6 7 ", ["1", "2", "3", "4", "5", "6", "7"]),
        ("1 2 3 4 5 6 7 '8 9' 10", ["1", "2", "3", "4", "5", "6", "7", "8 9 10"]),
        ("a b\0 c", ["a", "b"]),
        ("1 2 3 4 5 6 7 8 9 10", ["1", "2", "3", "4", "5", "6", "7", "8 9 10"]),
        ("a '' b", ["a", "", "b"]),
        ("a ' b ' c", ["a", " b ", "c"]),
    ])
    func splitsAsDescribed(text: String, tokens: [String]) throws {
        #expect(try ArgumentSplitter.split(text) == tokens)
    }

    @Test func refusesATrailingBackslash() {
        #expect(throws: ArgumentSplitter.Trap.trailingBackslash) { try ArgumentSplitter.split("a b\\") }
    }
}

@Suite struct CommandTextTests {
    @Test(arguments: [
        ("1001@default", "agent get '1001@default'"),
        ("", "agent get ''"),
        ("On Break", "agent get 'On Break'"),
        ("O'Brien", #"agent get 'O\'Brien'"#),
        (#"\"#, #"agent get '\\'"#),
        (#"\n"#, #"agent get '\\n'"#),
        ("^^:x", "agent get '^^:x'"),
        ("王小明", "agent get '王小明'"),
    ])
    func quotesAValue(value: String, text: String) throws {
        #expect(try CommandText("agent get", value).text == text)
    }

    @Test func refusesEveryControlCharacter() {
        for byte in Array(0..<0x20 as Range<UInt8>) + [0x7F] {
            let value = "a\(Character(Unicode.Scalar(byte)))b"
            #expect(throws: EventSocketError.self, "byte \(byte)") { try CommandText("agent get", value) }
        }
    }
}

struct SplitMix: RandomNumberGenerator {
    private(set) var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
