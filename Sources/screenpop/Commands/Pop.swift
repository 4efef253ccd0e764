import ArgumentParser

struct Pop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Pops.")
}
