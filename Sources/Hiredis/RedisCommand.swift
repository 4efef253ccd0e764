/// A command and its arguments as bytes, lengths known, so that no argument can become two.
public struct RedisCommand: Sendable, Equatable {
    /// All arguments, one after the other.
    package private(set) var bytes: [UInt8] = []
    package private(set) var lengths: [Int] = []

    /// No name: the arguments of a script (`RedisClient.evaluate`), or the tail of another command.
    public init() {}

    public init(_ name: StaticString) {
        self.append(name.description)
    }

    public init(_ name: StaticString, _ arguments: String...) {
        self.append(name.description)
        for argument in arguments { self.append(argument) }
    }

    public mutating func append(_ text: String) {
        let before = self.bytes.count
        self.bytes.append(contentsOf: text.utf8)
        self.lengths.append(self.bytes.count - before)
    }

    public mutating func append(_ bytes: some Collection<UInt8>) {
        let before = self.bytes.count
        self.bytes.append(contentsOf: bytes)
        self.lengths.append(self.bytes.count - before)
    }

    public mutating func append(_ number: Int64) { self.append(String(number)) }

    /// Appends all arguments of another one.
    public mutating func append(argumentsOf other: RedisCommand) {
        self.bytes.append(contentsOf: other.bytes)
        self.lengths.append(contentsOf: other.lengths)
    }

    package mutating func reserveCapacity(arguments: Int, bytes: Int) {
        self.lengths.reserveCapacity(self.lengths.count + arguments)
        self.bytes.reserveCapacity(self.bytes.count + bytes)
    }
}
