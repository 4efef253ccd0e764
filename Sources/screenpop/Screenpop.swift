import ArgumentParser

@main
struct Screenpop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "screenpop",
        abstract: "Puts the caller in front of the agent before the agent says hello.",
        discussion: """
            Exit codes: 0 fine, 1 failed, 64 bad usage, 69 something needed is not there, 78 bad configuration.
            """,
        subcommands: [Serve.self, Demo.self, Simulate.self, Doctor.self, Agent.self, Pop.self, FreeSWITCHConfig.self]
    )
}
