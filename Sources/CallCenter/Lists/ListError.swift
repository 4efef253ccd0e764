/// Why the answer to a list command could not be read. No caller's data is in it: the texts name lists, lines and columns only.
public enum ListError: Error, Sendable, Hashable {
    /// FreeSWITCH answered `-ERR ...` or `-USAGE`; its words, first line only.
    case refused(list: String, reply: String)
    /// The closing `+OK` is missing: the answer was cut, or is no list.
    case truncated(list: String)
    /// The header line lacks a column that the rows cannot do without.
    case missingColumn(list: String, column: String)
    /// A row that does not fit the header. `line` counts from 1, the header included.
    case malformedRow(list: String, line: Int, columns: Int, found: Int)
    /// The answer is no JSON of the expected shape; `reason` says what was expected and where.
    case malformedJSON(list: String, reason: String)
}

extension ListError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let list, let reply): "\(list): FreeSWITCH answered \(reply)"
        case .truncated(let list): "\(list): the answer does not end in +OK"
        case .missingColumn(let list, let column): "\(list): the header line has no column \(column)"
        case .malformedRow(let list, let line, let columns, let found): "\(list), line \(line): \(found) fields for \(columns) columns"
        case .malformedJSON(let list, let reason): "\(list): \(reason)"
        }
    }
}
