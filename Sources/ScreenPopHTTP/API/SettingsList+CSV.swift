import CallCenter
import HTTPTypes
import ScreenPop
import ScreenPopService

/// A line for each agent and each tier, under a header line with the columns' names in any order. An empty cell is a value that is not given.
extension SettingsList {
    private enum Column: String, CaseIterable {
        case kind, name, queue, node, type, contact, maxNoAnswer, wrapUpTime, rejectDelayTime, busyDelayTime, noAnswerDelayTime, level, position

        /// Which kind of line it belongs to; `nil` is both.
        var kind: ImportPlan.Kind? {
            switch self {
            case .kind, .name: nil
            case .queue, .level, .position: .tier
            case .node, .type, .contact, .maxNoAnswer, .wrapUpTime, .rejectDelayTime, .busyDelayTime, .noAnswerDelayTime: .agent
            }
        }
    }

    // MARK: reading

    static func readCSV(_ bytes: some Collection<UInt8>) throws(Problem) -> (list: SettingsList, faults: [ImportPlan.Fault]) {
        let records: [CSVReader.Record]
        do { records = try CSVReader.records(in: bytes) } catch {
            throw Problem(.badRequest, "malformed-csv", "Line \(error.line): \(error.reason).")
        }
        guard let header = records.first else { return (SettingsList(), []) }
        let columns = try Self.columns(header)
        var list = SettingsList()
        var faults: [ImportPlan.Fault] = []
        for record in records.dropFirst() {
            do throws(Problem) { try list.append(record, columns) } catch { faults.append(error.fault(at: .line(record.line))) }
        }
        return (list, faults)
    }

    private static func columns(_ header: CSVReader.Record) throws(Problem) -> [Column] {
        var columns: [Column] = []
        for name in header.fields {
            guard let column = Column(rawValue: name), !columns.contains(column) else {
                throw Problem(
                    .badRequest, "malformed-csv",
                    "Line \(header.line): \"\(name.prefix(64))\" is no column, or stands twice; the header line has some of "
                        + "\(Column.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            columns.append(column)
        }
        guard columns.contains(.kind), columns.contains(.name) else {
            throw Problem(.badRequest, "malformed-csv", "The header line needs the columns kind and name.")
        }
        return columns
    }

    private mutating func append(_ record: CSVReader.Record, _ columns: [Column]) throws(Problem) {
        guard record.fields.count == columns.count else {
            throw Self.invalid("\(record.fields.count) fields for \(columns.count) columns")
        }
        var cells: [Column: String] = [:]
        for (column, field) in zip(columns, record.fields) where !field.isEmpty { cells[column] = SpreadsheetGuard.unguarded(field) }
        guard let kind = cells[.kind].flatMap({ ImportPlan.Kind(rawValue: $0) }) else { throw Self.invalid("kind is agent or tier") }
        guard let name = cells[.name] else { throw Self.invalid("name is missing") }
        for column in Column.allCases where cells[column] != nil && (column.kind ?? kind) != kind {
            throw Self.invalid("\(column.rawValue) has no meaning for a line of kind \(kind.rawValue)")
        }
        switch kind {
        case .agent: self.agents.append(try Self.agent(name, cells, line: record.line))
        case .tier:
            guard let queue = cells[.queue] else { throw Self.invalid("queue is missing") }
            var tier = Tier(queue: queue, agent: name, place: .line(record.line))
            tier.level = try Self.number(.level, cells)
            tier.position = try Self.number(.position, cells)
            self.tiers.append(tier)
        }
    }

    private static func agent(_ name: String, _ cells: [Column: String], line: Int) throws(Problem) -> Agent {
        var agent = Agent(name: name, place: .line(line))
        agent.node = cells[.node]
        agent.changes.type = cells[.type]
        agent.changes.contact = cells[.contact].map { Contact(dialString: $0) }
        agent.changes.maxNoAnswer = try self.number(.maxNoAnswer, cells)
        agent.changes.wrapUpTime = try self.number(.wrapUpTime, cells)
        agent.changes.rejectDelayTime = try self.number(.rejectDelayTime, cells)
        agent.changes.busyDelayTime = try self.number(.busyDelayTime, cells)
        agent.changes.noAnswerDelayTime = try self.number(.noAnswerDelayTime, cells)
        return agent
    }

    private static func number(_ column: Column, _ cells: [Column: String]) throws(Problem) -> Int? {
        guard let text = cells[column] else { return nil }
        guard let number = Int(text) else { throw self.invalid("\(column.rawValue) is no whole number") }
        return number
    }

    private static func invalid(_ detail: String) -> Problem {
        Problem(.unprocessableContent, CommandError.Code.invalidValue.rawValue, detail)
    }

    // MARK: writing

    var csv: String {
        var writer = CSVWriter()
        writer.record(Column.allCases.map(\.rawValue))
        func record(_ cells: [Column: String]) {
            writer.record(Column.allCases.map { SpreadsheetGuard.guarded(cells[$0] ?? "") })
        }
        for agent in self.agents {
            var cells: [Column: String] = [.kind: ImportPlan.Kind.agent.rawValue, .name: agent.name]
            cells[.node] = agent.node
            cells[.type] = agent.changes.type
            cells[.contact] = agent.changes.contact?.dialString
            cells[.maxNoAnswer] = agent.changes.maxNoAnswer.map(String.init)
            cells[.wrapUpTime] = agent.changes.wrapUpTime.map(String.init)
            cells[.rejectDelayTime] = agent.changes.rejectDelayTime.map(String.init)
            cells[.busyDelayTime] = agent.changes.busyDelayTime.map(String.init)
            cells[.noAnswerDelayTime] = agent.changes.noAnswerDelayTime.map(String.init)
            record(cells)
        }
        for tier in self.tiers {
            var cells: [Column: String] = [.kind: ImportPlan.Kind.tier.rawValue, .name: tier.agent, .queue: tier.queue]
            cells[.level] = tier.level.map(String.init)
            cells[.position] = tier.position.map(String.init)
            record(cells)
        }
        return writer.text
    }
}
