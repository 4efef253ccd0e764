import ArgumentParser

@main
struct Screenpop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "screenpop")
}
