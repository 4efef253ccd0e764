import EventSocket

/// Which channel variables are copied into a pop.
public struct AttributeFilter: Sendable, Equatable {
    /// Names, or names with one `*` at the end: `ivr_choice`, `crm_*`.
    public let patterns: [String]

    private let table: HeaderTable?
    private let names: [String]

    private static let prefix = "variable_"
    /// Together with the limits below: a pop stays a thing that fits a screen.
    static let mostAttributes = 64
    static let longestValue = 4096

    public init(_ patterns: [String]) {
        self.patterns = patterns
        self.names = patterns.filter { !$0.isEmpty && !$0.hasSuffix("*") }
        let prefixes = patterns.filter { $0.hasSuffix("*") }.map { Self.prefix + $0.dropLast() }
        self.table = patterns.isEmpty ? nil : HeaderTable(self.names.map { Self.prefix + $0 }, prefixes: prefixes)
    }

    public static let standard = AttributeFilter(["ivr_choice", "crm_*"])

    public static func == (a: AttributeFilter, b: AttributeFilter) -> Bool { a.patterns == b.patterns }

    /// The variables of an event's channel that pass.
    func attributes(of event: Event) -> [String: String] {
        guard let table = self.table else { return [:] }
        let matches = event.find(table)
        var found: [String: String] = [:]
        for (slot, name) in self.names.enumerated() {
            if let value = matches.string(slot) { self.add(name, value, to: &found) }
        }
        matches.forEachPrefixed { _, name, value in
            if let value { self.add(String(name.dropFirst(Self.prefix.count)), value, to: &found) }
        }
        return found
    }

    /// The same from a channel's dump.
    func attributes(of dump: [String: String]) -> [String: String] {
        var found: [String: String] = [:]
        for (header, value) in dump.sorted(by: { $0.key < $1.key }) where header.hasPrefix(Self.prefix) && !value.isEmpty {
            let name = String(header.dropFirst(Self.prefix.count))
            if self.passes(name) { self.add(name, value, to: &found) }
        }
        return found
    }

    /// Whether a variable of that name is copied.
    public func passes(_ name: String) -> Bool {
        self.patterns.contains { $0.hasSuffix("*") ? name.hasPrefix($0.dropLast()) : name == $0 }
    }

    private func add(_ name: String, _ value: String, to found: inout [String: String]) {
        guard found[name] == nil, found.count < Self.mostAttributes else { return }
        found[name] = String(value.prefix(Self.longestValue))
    }
}
