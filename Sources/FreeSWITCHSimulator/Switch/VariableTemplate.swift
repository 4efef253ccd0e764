import OrderedCollections

/// CallLeg variables as a real FreeSWITCH sets them at one point of a call: a line per variable, `name=value`, in its order.
///
/// `{field}` stands for what differs from call to call; a line feed or carriage return is written `%0A` or `%0D`; a name after `- ` is unset.
struct VariableTemplate: Sendable {
    enum Field: String, Sendable {
        case uuid, other, number, name, destination, member, queue, agent, created, core, address, host, port, otherAddress, otherNumber, id
        case timestamp, local, gmt, sequence, joined, seconds, transfer, otherName
    }

    private enum Piece: Sendable {
        case text(String)
        case field(Field)
    }

    private enum Line: Sendable {
        case set(String, [Piece])
        case unset(String)
    }

    private let lines: [Line]

    init(_ text: String) {
        self.lines = text.split(separator: "\n").compactMap { line in
            if line.hasPrefix("- ") { return .unset(String(line.dropFirst(2))) }
            guard let equals = line.firstIndex(of: "=") else { return nil }
            return .set(String(line[..<equals]), Self.pieces(line[line.index(after: equals)...]))
        }
    }

    /// Sets the variables; a value already there keeps its place.
    func apply(to channel: inout CallLeg, _ value: (Field) -> String) {
        for line in self.lines {
            switch line {
            case .unset(let name): channel.variables[name] = nil
            case .set(let name, let pieces):
                channel.variables[name] = pieces.map { piece in
                    switch piece {
                    case .text(let text): text
                    case .field(let field): value(field)
                    }
                }.joined()
            }
        }
    }

    private static func pieces(_ text: Substring) -> [Piece] {
        var pieces: [Piece] = []
        var rest = text
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            guard let field = Field(rawValue: String(rest[rest.index(after: open)..<close])) else { break }
            if open > rest.startIndex { pieces.append(.text(self.literal(rest[..<open]))) }
            pieces.append(.field(field))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { pieces.append(.text(self.literal(rest))) }
        return pieces
    }

    private static func literal(_ text: Substring) -> String {
        String(text.replacing("%0D", with: "\r").replacing("%0A", with: "\n"))
    }
}
