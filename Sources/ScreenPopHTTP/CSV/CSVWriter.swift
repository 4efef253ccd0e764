/// Comma-separated values (RFC 4180): CRLF, and quotes around what needs them.
struct CSVWriter {
    private(set) var text = ""

    mutating func record(_ fields: [String]) {
        self.text += fields.map(Self.field).joined(separator: ",") + "\r\n"
    }

    private static func field(_ text: String) -> String {
        // By scalars: CRLF is one Character.
        let needsQuotes = text.unicodeScalars.contains { $0 == "," || $0 == "\"" || $0 == "\r" || $0 == "\n" }
        return needsQuotes ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
    }
}

/// A spreadsheet takes a cell that begins like a formula for one, and runs it: such a cell is given an apostrophe in front, which reading takes
/// away again. The names of agents may well begin with a plus sign.
enum SpreadsheetGuard {
    private static func isDangerous(_ scalar: Unicode.Scalar?) -> Bool {
        switch scalar {
        // The wide ones count as the narrow ones in some.
        case "=", "+", "-", "@", "\t", "\r", "\n", "'", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}": true
        default: false
        }
    }

    static func guarded(_ cell: String) -> String {
        self.isDangerous(cell.unicodeScalars.first) ? "'" + cell : cell
    }

    /// The inverse of `guarded` for every text.
    static func unguarded(_ cell: String) -> String {
        guard cell.unicodeScalars.first == "'", self.isDangerous(cell.unicodeScalars.dropFirst().first) else { return cell }
        return String(cell.unicodeScalars.dropFirst())
    }
}
