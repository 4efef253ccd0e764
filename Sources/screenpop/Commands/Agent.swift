import ArgumentParser

struct Agent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Agents.")
}
