/// The answer of a `callcenter_config ... list`: a header line if there is a row, rows separated by `|` without any escaping, then `+OK`.
///
/// Free text may hold `|` and even a line feed. A line that is too short is continued by the next one; a row with too many separators is taken
/// apart from both ends, and what is left over belongs to the free text in the middle.
struct PipeTable {
    let list: String
    let columns: [String]
    private(set) var rows: [[String]] = []
    private var indices: [String: Int] = [:]

    private static let maximumLinesOfRow = 16

    /// - Parameters:
    ///   - list: the name of the list, for errors.
    ///   - free: columns that may hold the separator; at most two.
    ///   - fits: whether a text may stand in a column between two free ones; asked only where a row is ambiguous.
    init(_ text: String, list: String, free: [String] = [], fits: (_ column: String, _ value: Substring) -> Bool = { _, _ in true }) throws(ListError)
    {
        self.list = list
        var lines = Self.split(text[...], at: "\n")
        while let last = lines.last, last.isEmpty || last == "\r" { lines.removeLast() }
        guard let last = lines.popLast() else { throw .truncated(list: list) }
        guard last == "+OK" else {
            if let first = (lines.first ?? last) as Substring?, first.hasPrefix("-") { throw .refused(list: list, reply: String(first)) }
            throw .truncated(list: list)
        }
        self.columns = lines.first.map { Self.split($0, at: "|").map(String.init) } ?? []
        for (index, column) in self.columns.enumerated() where self.indices[column] == nil { self.indices[column] = index }
        let freeIndices = free.compactMap { self.indices[$0] }.sorted()

        var row: Substring?
        var start = 0
        for (number, line) in lines.enumerated().dropFirst() {
            let whole = row.map { Substring("\($0)\n\(line)") } ?? line
            if row == nil { start = number + 1 }
            let fields = Self.split(whole, at: "|")
            guard fields.count >= self.columns.count else {
                guard number + 1 - start < Self.maximumLinesOfRow else {
                    throw .malformedRow(list: list, line: start, columns: self.columns.count, found: fields.count)
                }
                row = whole
                continue
            }
            row = nil
            guard let fitted = Self.fit(fields, columns: self.columns, free: freeIndices, fits: fits) else {
                throw .malformedRow(list: list, line: start, columns: self.columns.count, found: fields.count)
            }
            self.rows.append(fitted)
        }
        if let row {
            let found = Self.split(row, at: "|").count
            throw .malformedRow(list: list, line: start, columns: self.columns.count, found: found)
        }
    }

    /// The text of a column in a row; empty when the list has no such column.
    func text(_ row: [String], _ column: String) -> String {
        guard let index = self.indices[column], row.indices.contains(index) else { return "" }
        return row[index]
    }

    /// `nil` for an empty text.
    func optional(_ row: [String], _ column: String) -> String? {
        let text = self.text(row, column)
        return text.isEmpty ? nil : text
    }

    /// 0 for what is no number.
    func int<Number: FixedWidthInteger>(_ row: [String], _ column: String) -> Number {
        Number(self.text(row, column)) ?? 0
    }

    /// Rows cannot be read without these; an empty list needs none.
    func require(_ names: String...) throws(ListError) {
        guard !self.columns.isEmpty else { return }
        for name in names where self.indices[name] == nil { throw .missingColumn(list: self.list, column: name) }
    }

    // By scalars: a name may begin with a combining mark, which would make one Character of the separator before it and itself.
    private static func split(_ text: Substring, at separator: Unicode.Scalar) -> [Substring] {
        text.unicodeScalars.split(separator: separator, omittingEmptySubsequences: false).map { Substring($0) }
    }

    private static func fit(_ fields: [Substring], columns: [String], free: [Int], fits: (String, Substring) -> Bool) -> [String]? {
        let extra = fields.count - columns.count
        guard extra > 0 else { return fields.map(String.init) }
        guard let first = free.first, let last = free.last else { return nil }
        // How many of the surplus separators the first free column keeps; the second has the rest. The one reading whose middle fits is taken.
        // Adjacent free columns (a number and a name) have no middle: the number is the one that hardly ever holds a separator.
        let candidates = first == last ? [extra] : Array(0...extra)
        for inFirst in candidates {
            let middle = fields[(first + 1 + inFirst)..<(last + inFirst + (first == last ? 1 : 0))]
            guard zip(columns[(first + 1)...], middle).allSatisfy({ fits($0, $1) }) else { continue }
            var row = fields[..<first].map(String.init)
            row.append(fields[first...(first + inFirst)].joined(separator: "|"))
            guard first != last else {
                row.append(contentsOf: fields[(first + inFirst + 1)...].map(String.init))
                return row
            }
            row.append(contentsOf: middle.map(String.init))
            row.append(fields[(last + inFirst)...(last + extra)].joined(separator: "|"))
            row.append(contentsOf: fields[(last + extra + 1)...].map(String.init))
            return row
        }
        return nil
    }
}
