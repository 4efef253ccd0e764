#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ChannelRow {
    /// Reads the answer of `show channels as json`. With no channel it is `{"row_count": 0}`, without `rows`.
    /// - Throws: `refused` for `-ERR SQL disabled`, which says that this node keeps no list of its channels.
    public static func rows(in text: String) throws(ListError) -> [ChannelRow] {
        let list = "show channels"
        let answer = try decodeJSON(Answer.self, text, list: list)
        let rows = answer.rows ?? []
        guard answer.rowCount == rows.count else {
            throw .malformedJSON(list: list, reason: "row_count is \(answer.rowCount), but \(rows.count) rows came")
        }
        return rows.map { row in
            func value(_ name: String) -> String { row[name]?.text ?? "" }
            func optional(_ name: String) -> String? { row[name].flatMap { $0.text.isEmpty ? nil : $0.text } }
            var channel = ChannelRow()
            channel.uuid = value("uuid")
            channel.direction = value("direction")
            channel.createdEpoch = Int64(value("created_epoch")) ?? 0
            channel.name = value("name")
            channel.state = value("state")
            channel.callState = value("callstate")
            channel.callerNumber = optional("cid_num")
            channel.callerName = optional("cid_name")
            channel.destination = optional("dest")
            channel.calleeNumber = optional("callee_num")
            channel.application = optional("application")
            channel.applicationData = optional("application_data")
            channel.presenceID = optional("presence_id")
            channel.callUUID = optional("call_uuid")
            return channel
        }
    }

    private struct Answer: Decodable {
        var rowCount: Int
        var rows: [[String: JSONText]]?

        enum CodingKeys: String, CodingKey {
            case rowCount = "row_count"
            case rows
        }
    }
}

/// `uuid_dump UUID json`.
public enum ChannelDump {
    /// Header name to value, `variable_` names included. A header of several values is written the way an event writes it: `ARRAY::a|:b`.
    /// - Throws: `refused` for `-ERR No such channel!`.
    public static func headers(in text: String) throws(ListError) -> [String: String] {
        try decodeJSON([String: JSONText].self, text, list: "uuid_dump").mapValues(\.text)
    }
}

/// A JSON value of which only the text matters.
private struct JSONText: Decodable {
    var text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self.text = text
        } else if let values = try? container.decode([String].self) {
            self.text = "ARRAY::" + values.joined(separator: "|:")
        } else if let number = try? container.decode(Int64.self) {
            self.text = String(number)
        } else if let flag = try? container.decode(Bool.self) {
            self.text = String(flag)
        } else if container.decodeNil() {
            self.text = ""
        } else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a text, a number, true, false or null expected")
        }
    }
}

private func decodeJSON<Value: Decodable>(_ type: Value.Type, _ text: String, list: String) throws(ListError) -> Value {
    if text.hasPrefix("-") {
        throw .refused(list: list, reply: String(text.prefix { !$0.isNewline }))
    }
    do {
        return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch let error as DecodingError {
        throw .malformedJSON(list: list, reason: reason(error))
    } catch {
        throw .malformedJSON(list: list, reason: "not readable")
    }
}

/// Where it went wrong, without the text itself, which holds callers' numbers.
private func reason(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context) -> String {
        context.codingPath.isEmpty
            ? "the whole answer" : context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context): return "no \(key.stringValue) in \(place(context))"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context): return "\(type) expected at \(place(context))"
    case .dataCorrupted(let context): return "no JSON at \(place(context))"
    @unknown default: return "not readable"
    }
}
