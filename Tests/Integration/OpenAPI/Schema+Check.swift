import Foundation

@testable import ScreenPopHTTP

extension Schema {
    /// What of the value is not as the schema says; a member that is not named is wrong wherever it stands, also in an answer.
    func faults(_ value: JSON, at place: String = "") -> [String] {
        if self.isNullable, value == .null { return [] }
        func wrong(_ expected: String) -> [String] { ["\(place.isEmpty ? "/" : place): \(expected) expected, found \(value)"] }
        switch (self.kind, value) {
        case (.anything, _), (.null, .null), (.boolean, .bool), (.number, .number): return []
        case (.text(let form), .string(let text)): return form.accepts(text) ? [] : wrong("text like \(form)")
        case (.integer(let range), .number(let number)):
            return Int(exactly: number).map(range.contains) ?? false ? [] : wrong("a whole number in \(range)")
        case (.array(let items, let maximum), .array(let values)):
            guard values.count <= maximum ?? .max else { return wrong("at most \(maximum ?? 0)") }
            return values.enumerated().flatMap { items.faults($1, at: "\(place)/\($0)") }
        case (.map(let values), .object(let members)): return members.flatMap { values.faults($1, at: "\(place)/\($0)") }
        case (.object(let known), .object(let members)):
            let missing = known.filter { $0.isRequired && members[$0.name] == nil }.map { "\(place)/\($0.name): missing" }
            return missing
                + members.flatMap { name, member in
                    known.first { $0.name == name }.map { $0.schema.faults(member, at: "\(place)/\(name)") } ?? [
                        "\(place)/\(name): not in the document"
                    ]
                }
        case (.reference, _):
            let resolved = Schemas.resolved(self)
            if case .reference(let name) = resolved.kind { return ["\(place): there is no schema \(name)"] }
            return resolved.faults(value, at: place)
        case (.oneOf(let schemas), _):
            let faults = schemas.map { $0.faults(value, at: place) }
            return faults.count(where: \.isEmpty) == 1 ? [] : faults.flatMap(\.self)
        case (.boolean, _): return wrong("true or false")
        case (.number, _), (.integer, _): return wrong("a number")
        case (.text, _): return wrong("text")
        case (.array, _): return wrong("a list")
        case (.object, _), (.map, _): return wrong("an object")
        case (.null, _): return wrong("null")
        }
    }

    /// A value with every member there can be.
    var sample: JSON {
        if let example, let value = try? JSON(example) { return value }
        switch self.kind {
        case .text(let form):
            if let value = form.values.first { return .string(value) }
            return .string(
                form.format == "date-time" ? "2026-11-24T15:00:00.000Z" : String(repeating: "1", count: max(1, form.length?.lowerBound ?? 1)))
        case .integer(let range): return .number(Double(range.lowerBound))
        case .number: return .number(1)
        case .boolean: return .bool(true)
        case .null, .anything: return .null
        case .array(let items, _): return .array([items.sample])
        case .map(let values): return .object(["a": values.sample])
        case .object(let members): return .object(Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.schema.sample) }))
        case .reference: return Schemas.resolved(self).sample
        case .oneOf(let schemas): return schemas.first?.sample ?? .null
        }
    }

    /// For each object in it: a sample in which that object has one member too many, and the names that it may have.
    func withOneTooMany(_ name: String) -> [(value: JSON, known: Set<String>)] {
        switch self.kind {
        case .object(let members):
            guard case .object(let sample) = self.sample else { return [] }
            let here = (JSON.object(sample.merging([name: .bool(true)]) { $1 }), Set(members.map(\.name)))
            return [here]
                + members.flatMap { member in
                    member.schema.withOneTooMany(name).map { (JSON.object(sample.merging([member.name: $0.value]) { $1 }), $0.known) }
                }
        case .array(let items, _): return items.withOneTooMany(name).map { (JSON.array([$0.value]), $0.known) }
        case .reference: return Schemas.resolved(self).withOneTooMany(name)
        case .oneOf(let schemas):
            // A decoder asks for the members of all forms before it says which it is.
            let all = schemas.reduce(into: Set<String>()) { names, schema in
                if case .object(let members) = schema.kind { names.formUnion(members.map(\.name)) }
            }
            return schemas.flatMap { schema in
                let variants = schema.withOneTooMany(name)
                guard case .object = schema.kind, let own = variants.first else { return variants }
                return [(own.value, all)] + variants.dropFirst()
            }
        case .text, .integer, .number, .boolean, .null, .anything, .map: return []
        }
    }
}

extension Schema.Text {
    fileprivate func accepts(_ text: String) -> Bool {
        guard self.values.isEmpty || self.values.contains(text) else { return false }
        if let length, !length.contains(text.unicodeScalars.count) { return false }
        if let pattern, text.range(of: pattern, options: .regularExpression) == nil { return false }
        guard self.format == "date-time" else { return true }
        return text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil
    }
}
