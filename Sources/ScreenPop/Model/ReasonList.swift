/// The reasons that may be given with a status.
public struct ReasonList: Sendable, Equatable {
    public struct Item: Sendable, Equatable {
        public var code: String
        /// Language to label: `en`, `zh`.
        public var labels: [String: String]

        public init(code: String, labels: [String: String]) {
            self.code = code
            self.labels = labels
        }
    }

    public var items: [Item]
    /// Whether a reason may be something else than one of the codes.
    public var allowsFreeText: Bool

    public static let longestReason = 256

    public init(items: [Item], allowsFreeText: Bool) {
        self.items = items
        self.allowsFreeText = allowsFreeText
    }

    /// Until somebody sets others.
    public static let standard = ReasonList(
        items: [
            Item(code: "break", labels: ["en": "Short break", "zh": "小休"]),
            Item(code: "lunch", labels: ["en": "Lunch", "zh": "午餐"]),
            Item(code: "meeting", labels: ["en": "Meeting", "zh": "会议"]),
            Item(code: "training", labels: ["en": "Training", "zh": "培训"]),
            Item(code: "back-office", labels: ["en": "Back office", "zh": "后台工作"]),
        ], allowsFreeText: true)

    /// Whether the reason may be given.
    public func allows(_ reason: String) -> Bool {
        if self.items.contains(where: { $0.code == reason }) { return true }
        return self.allowsFreeText && !reason.isEmpty && reason.utf8.count <= Self.longestReason && Self.isPlain(reason)
    }

    /// What is wrong with the list itself; `nil`: nothing.
    public var problem: String? {
        guard self.items.count <= 100 else { return "at most 100 reasons" }
        var codes: Set<String> = []
        for item in self.items {
            guard (1...64).contains(item.code.utf8.count), item.code.utf8.allSatisfy(Self.isCodeByte) else {
                return "a code is 1 to 64 of a-z, 0-9, - and _"
            }
            guard codes.insert(item.code).inserted else { return "the code \(item.code) stands there twice" }
            guard item.labels.count <= 16 else { return "\(item.code): at most 16 labels" }
            for (language, label) in item.labels {
                guard (1...16).contains(language.utf8.count), language.utf8.allSatisfy(Self.isLanguageByte) else {
                    return "\(item.code): a language is written as en or zh-CN"
                }
                guard (1...128).contains(label.utf8.count), Self.isPlain(label) else { return "\(item.code): a label has 1 to 128 bytes" }
            }
        }
        return nil
    }

    /// Without control characters: it may stand in a line of a log.
    private static func isPlain(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control && $0 != "\u{2028}" && $0 != "\u{2029}" }
    }

    private static func isCodeByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func isLanguageByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
