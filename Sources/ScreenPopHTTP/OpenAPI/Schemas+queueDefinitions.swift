import CallCenter
import ScreenPopService

extension Schemas {
    static let queueDefinitions: [Named] = [
        .request("QueueParameters", .object(Self.parameters.map { .optional($0.name, $0.schema) }).described("What is left out is not named.")),
        .request(
            "NewQueue",
            .object(
                [.required("name", Self.queueName)] + Self.parameters.map { .optional($0.name, $0.schema) } + [
                    .optional("load", Schema.boolean.described("`false`: only define it. `true` without it.")),
                    .optional("node", .text.described("Which node is to load it, when there are several.")),
                ])),
        .answer(
            "QueueDefinition",
            .object(
                .always("name", .text), .always("parameters", .object(Self.parameters.map { .always($0.name, $0.schema.orNull) })),
                .always(
                    "takesEffect",
                    Schema.oneWord(of: QueueDefinitionState.Effect.allCases.map(\.rawValue)).orNull
                        .described(
                            "`now`: it is loaded like that. `on-reload`: a node has it loaded otherwise. `on-load`: no node has it. "
                                + "`null`: a node cannot be asked that might make it another.")),
                .always(
                    "loaded",
                    .list(
                        .object(
                            .always("node", .text),
                            .always("differs", Schema.list(.text).described("Parameters that this node has loaded otherwise."))))),
                .always(
                    "unasked",
                    Schema.list(.text).described(
                        "Nodes that cannot be asked now: they are away, or another instance has them and this one stands by.")),
                .always("createdAt", .time), .always("changedAt", .time), .always("changedBy", .text.orNull))),
        .answer(
            "QueueParameter",
            .object(
                .always("name", .text), .always("kind", .oneWord(of: QueueSetting.kinds)),
                .sometimes("values", Schema.list(.text).described("Of a word: the only ones.")), .sometimes("minimum", .count),
                .sometimes("maximum", .count), .always("standard", Schema.anything.described("What mod_callcenter takes when it is not set.")),
                .always("allowed", Schema.text.described("What may be set, in words.")),
                .always("meaning", .object(.always("en", .text), .always("zh", .text))))),
        // Open: FreeSWITCH sends whatever whoever opens a configuration knows.
        .answer(
            "SwitchConfigurationRequest",
            .object(
                ["hostname", "section", "tag_name", "key_name", "key_value", "CC-Queue"].map { .sometimes($0, .text) }
            ).described("As mod_xml_curl sends it.")),
    ]

    private static let parameters: [(name: String, schema: Schema)] = QueueSetting.all.map { parameter in
        let schema: Schema =
            switch parameter.kind {
            case .word(let words): .oneWord(of: words)
            case .seconds: .integer(QueueSetting.seconds)
            case .flag: .boolean
            case .sound, .template: .text(0...512)
            }
        return (parameter.memberName, schema.described(parameter.meaning))
    }
}
