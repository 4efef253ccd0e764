/// What a channel is told to do: one application of the dialplan.
struct DialplanStep: Sendable, Equatable {
    var application: String
    var argument = ""

    /// `&park()`, `&eavesdrop(UUID)`: what `originate` takes in place of an extension.
    init?(ampersand text: String) {
        guard text.hasPrefix("&"), text.count > 1 else { return nil }
        let inside = text.dropFirst().prefix { $0 != ")" }
        let open = inside.firstIndex(of: "(") ?? inside.endIndex
        self.application = String(inside[..<open])
        self.argument = String(inside[open...].dropFirst())
    }

    /// `callcenter:support@default`
    private init(inline text: String) {
        let trimmed = text.drop { $0 == " " }
        let colon = trimmed.firstIndex(of: ":") ?? trimmed.endIndex
        self.application = String(trimmed[..<colon])
        self.argument = String(trimmed[colon...].dropFirst().drop { $0 == " " })
    }

    /// The destination of the `inline` dialplan: `set:a=b,callcenter:support@default`; `m:^:` in front makes `^` the separator.
    static func inline(_ text: String) -> [DialplanStep] {
        let scalars = Array(text.unicodeScalars)
        guard scalars.count > 4, scalars[0] == "m", scalars[1] == ":", scalars[3] == ":" else {
            return ArgumentTokens.split(text, separator: ",", maximum: 128).map { DialplanStep(inline: $0) }
        }
        var rest = String.UnicodeScalarView()
        rest.append(contentsOf: scalars[4...])
        return ArgumentTokens.split(String(rest), separator: scalars[2], maximum: 128).map { DialplanStep(inline: $0) }
    }
}
