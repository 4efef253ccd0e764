/// What a JSON value looks like: as much of JSON Schema 2020-12 as our documents say. They are written from it, and tests hold answers against it.
struct Schema: Sendable {
    indirect enum Kind: Sendable {
        case text(Text)
        case integer(ClosedRange<Int>)
        case number
        case boolean
        case array(Schema, maximum: Int?)
        case object([Member])
        /// An object of names that nobody knows beforehand.
        case map(Schema)
        /// One of `Schemas.all`.
        case reference(String)
        case oneOf([Schema])
        /// Any JSON value.
        case anything
        case null
    }

    struct Text: Sendable {
        /// `date-time`, `uuid`, ...
        var format: String?
        var pattern: String?
        var length: ClosedRange<Int>?
        /// The only ones there are.
        var values: [String] = []
    }

    struct Member: Sendable {
        var name: String
        var schema: Schema
        var isRequired: Bool

        /// Of a request: must be there.
        static func required(_ name: String, _ schema: Schema) -> Member { Member(name: name, schema: schema, isRequired: true) }
        /// Of a request: may be left out, for which `null` is another way.
        static func optional(_ name: String, _ schema: Schema) -> Member { Member(name: name, schema: schema.orNull, isRequired: false) }
        /// Of an answer.
        static func always(_ name: String, _ schema: Schema) -> Member { Member(name: name, schema: schema, isRequired: true) }
        /// Of an answer.
        static func sometimes(_ name: String, _ schema: Schema) -> Member { Member(name: name, schema: schema, isRequired: false) }
    }

    var kind: Kind
    var isNullable = false
    /// A sentence for people.
    var text: String?
    /// JSON.
    var example: String?

    init(_ kind: Kind) {
        self.kind = kind
    }

    var orNull: Schema {
        var schema = self
        schema.isNullable = true
        return schema
    }

    func described(_ text: String) -> Schema {
        var schema = self
        schema.text = text
        return schema
    }

    /// - Parameter json: A whole JSON value: `"lunch"` with its quotes.
    func example(_ json: String) -> Schema {
        var schema = self
        schema.example = json
        return schema
    }
}

extension Schema {
    static let text = Schema(.text(Text()))
    static let boolean = Schema(.boolean)
    static let anything = Schema(.anything)
    static let null = Schema(.null)
    static let count = Schema(.integer(0...9_007_199_254_740_991))
    static let time = Schema(.text(Text(format: "date-time"))).example(#""2026-11-24T15:00:00.123Z""#)
    /// The switch's name of a channel or a member.
    static let uuid = Schema(.text(Text())).example(#""90870089-0ab2-4211-a88d-6a816810151a""#)
    static let cursor = Schema(.text(Text(pattern: "^[0-9]+-[0-9]+$"))).described("A place in the log.").example(#""1795388079837-0""#)

    static func text(_ length: ClosedRange<Int>) -> Schema { Schema(.text(Text(length: length))) }
    static func text(matching pattern: String, _ length: ClosedRange<Int>? = nil) -> Schema { Schema(.text(Text(pattern: pattern, length: length))) }
    static func oneWord(of values: [String]) -> Schema { Schema(.text(Text(values: values))) }
    static func integer(_ range: ClosedRange<Int>) -> Schema { Schema(.integer(range)) }
    static func list(_ items: Schema, maximum: Int? = nil) -> Schema { Schema(.array(items, maximum: maximum)) }
    static func object(_ members: Member...) -> Schema { Schema(.object(members)) }
    static func object(_ members: [Member]) -> Schema { Schema(.object(members)) }
    static func map(_ values: Schema) -> Schema { Schema(.map(values)) }
    static func oneOf(_ schemas: Schema...) -> Schema { Schema(.oneOf(schemas)) }
    static func named(_ name: String) -> Schema { Schema(.reference(name)) }

    /// `{"items":[...],"next":CURSOR or null}`
    static func page(of items: Schema) -> Schema {
        .object(
            .always("items", .list(items)), .always("next", Schema.cursor.orNull.described("What `before` takes to read on; `null`: this was all.")))
    }
}
