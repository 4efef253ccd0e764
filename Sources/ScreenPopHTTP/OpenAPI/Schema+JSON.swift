import ScreenPop

extension Schema {
    /// Whether members that are not named may be there. In what we are sent nothing may, so that a misspelt name is not overlooked; in what we answer a
    /// later version may say more.
    enum Strictness {
        case open, closed
    }

    func write(to writer: inout JSONWriter, _ strictness: Strictness) {
        writer.object { object in
            self.writeKind(to: &object, strictness)
            if let text = self.text { object.member("description", text) }
            if let example = self.example {
                object.name("examples")
                object.array(CollectionOfOne(example)) { $0.json(Array($1.utf8)) }
            }
        }
    }

    private func writeKind(to object: inout JSONWriter, _ strictness: Strictness) {
        switch self.kind {
        case .text(let text):
            self.writeType("string", to: &object)
            if let format = text.format { object.member("format", format) }
            if let pattern = text.pattern { object.member("pattern", pattern) }
            if let length = text.length {
                object.member("minLength", length.lowerBound)
                object.member("maxLength", length.upperBound)
            }
            guard !text.values.isEmpty else { return }
            object.name("enum")
            object.array(text.values.map(Optional.some) + (self.isNullable ? [nil] : [])) { writer, value in
                if let value { writer.value(value) } else { writer.null() }
            }
        case .integer(let range):
            self.writeType("integer", to: &object)
            object.member("minimum", range.lowerBound)
            object.member("maximum", range.upperBound)
        case .number: self.writeType("number", to: &object)
        case .boolean: self.writeType("boolean", to: &object)
        case .null: object.member("type", "null")
        case .anything: break
        case .array(let items, let maximum):
            self.writeType("array", to: &object)
            object.name("items")
            items.write(to: &object, strictness)
            if let maximum { object.member("maxItems", maximum) }
        case .object(let members):
            self.writeType("object", to: &object)
            object.name("properties")
            object.object { properties in
                for member in members {
                    properties.name(escaping: member.name)
                    member.schema.write(to: &properties, strictness)
                }
            }
            let required = members.filter(\.isRequired).map(\.name)
            if !required.isEmpty { object.member("required", required) }
            if strictness == .closed { object.member("additionalProperties", false) }
        case .map(let values):
            self.writeType("object", to: &object)
            object.name("additionalProperties")
            values.write(to: &object, strictness)
        case .reference(let name):
            let path = "#/components/schemas/\(name)"
            guard self.isNullable else { return object.member("$ref", path) }
            object.name("anyOf")
            object.array([path, nil]) { writer, path in
                writer.object { part in
                    if let path { part.member("$ref", path) } else { part.member("type", "null") }
                }
            }
        case .oneOf(let schemas):
            object.name("oneOf")
            object.array(self.isNullable ? schemas + [.null] : schemas) { $1.write(to: &$0, strictness) }
        }
    }

    private func writeType(_ type: String, to object: inout JSONWriter) {
        guard self.isNullable else { return object.member("type", type) }
        object.member("type", [type, "null"])
    }
}
