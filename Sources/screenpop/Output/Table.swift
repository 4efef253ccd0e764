/// Columns of text for people, as wide as what stands in them.
struct Table {
    var header: [String]
    var rows: [[String]]

    var lines: [String] {
        let all = ([self.header] + self.rows).map { $0.map(LineLogHandler.escaped) }
        let widths = self.header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (column, text) in row.enumerated() {
                line += text
                if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - text.count + 2) }
            }
            return line
        }
    }
}
