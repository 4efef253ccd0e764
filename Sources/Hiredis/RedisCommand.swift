/// A command and its arguments as bytes, lengths known, so that no argument can become two.
public struct RedisCommand: Sendable {
    /// All arguments, one after the other.
    package private(set) var bytes: [UInt8] = []
    package private(set) var lengths: [Int] = []

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
        self.bytes.append(contentsOf: bytes)
        self.lengths.append(bytes.count)
    }

    public mutating func append(_ number: Int64) { self.append(String(number)) }
}
