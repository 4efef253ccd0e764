import ArgumentParser
import FreeSWITCHSimulator
import Testing

@testable import screenpop

@Suite struct FaultOptionsTests {
    @Test func flagsBecomeFaults() throws {
        let options = try FaultOptions.parse([
            "--slow", "callcenter_config queue reload=1.5", "--refuse", "callcenter_config agent add=-ERR a=b", "--slow", "status=2", "--nodes", "2",
        ])
        #expect(
            try options.faults() == [
                SwitchFault(command: "callcenter_config agent add", refusal: "-ERR a=b"),
                SwitchFault(command: "callcenter_config queue reload", delay: 1.5), SwitchFault(command: "status", delay: 2),
            ])
        #expect(options.nodes == 2 && !options.sameAgents && !options.silent)
    }

    @Test(arguments: [
        ["--slow", "status"], ["--slow", "=1"], ["--slow", "status=soon"], ["--slow", "status=-1"], ["--slow", "status=3601"],
        ["--refuse", "status"],
        ["--refuse", "status="], ["--refuse", "=x"], ["--nodes", "0"], ["--nodes", "10"],
    ])
    func whatIsNoFaultIsSaid(arguments: [String]) {
        #expect(throws: (any Error).self) { try FaultOptions.parse(arguments) }
    }
}
