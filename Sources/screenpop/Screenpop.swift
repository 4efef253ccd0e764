import ArgumentParser
import ScreenPop

@main
struct Screenpop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "screenpop",
        abstract: "Puts the caller in front of the agent before the agent says hello.",
        discussion: """
            Exit codes: 0 fine, 1 failed, 64 bad usage, 69 something needed is not there, 78 bad configuration.
            Completion: --generate-completion-script bash (or zsh, fish) prints what your shell reads.
            """,
        version: "screenpop \(Version.text)",
        groupedSubcommands: [
            CommandGroup(name: "The service", subcommands: [Serve.self, Demo.self, Simulate.self, Doctor.self]),
            CommandGroup(name: "Call centre", subcommands: [Agent.self, Tier.self, Queue.self, Call.self, Pop.self, Reasons.self, Node.self]),
            CommandGroup(
                name: "Administration",
                subcommands: [User.self, Token.self, Session.self, Audit.self, WhoAmI.self, Import.self, Export.self, FreeSWITCHConfig.self]),
        ]
    )
}
