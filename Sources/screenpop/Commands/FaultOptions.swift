import ArgumentParser
import FreeSWITCHSimulator

/// The flags for what goes wrong with a simulated FreeSWITCH, and for several of them.
struct FaultOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Commands that begin so take that long: 'callcenter_config queue reload=15'. Repeatable.", valueName: "command=seconds"))
    var slow: [String] = []

    @Option(
        help: ArgumentHelp(
            "Commands that begin so are answered with that: 'callcenter_config=-ERR Unknown Error!'. Repeatable.", valueName: "command=text"))
    var refuse: [String] = []

    @Flag(help: "Accept connections and never say a word, as a process that hangs does.")
    var silent = false

    @Option(
        help: ArgumentHelp(
            "How many FreeSWITCHes: on this port and the following ones, agents 1001, ... on the first, 2001, ... on the second.", valueName: "number"
        ))
    var nodes = 1

    @Flag(help: "The same agents on every node, which no service can tell apart.")
    var sameAgents = false

    func validate() throws {
        guard (1...9).contains(self.nodes) else { throw ValidationError("--nodes is from 1 to 9") }
        _ = try self.faults()
    }

    /// The faults in the order in which they are looked for: what is refused at once first.
    func faults() throws -> [SwitchFault] {
        try self.refuse.map { text in
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex, text[equals...].count > 1 else {
                throw ValidationError("--refuse: `\(text)` is not COMMAND=TEXT")
            }
            return SwitchFault(command: String(text[..<equals]), refusal: String(text[text.index(after: equals)...]))
        }
            + self.slow.map { text in
                guard let equals = text.lastIndex(of: "="), equals != text.startIndex,
                    let seconds = Double(text[text.index(after: equals)...]), (0...3600).contains(seconds)
                else { throw ValidationError("--slow: `\(text)` is not COMMAND=SECONDS, up to 3600") }
                return SwitchFault(command: String(text[..<equals]), delay: seconds)
            }
    }
}
