import EventSocket

/// What may stand where FreeSWITCH plays or records something.
///
/// It expands `${...}` in both, and `${system(...)}` there runs a command, as does a `shell_stream://`; so both are allow-lists.
enum SoundText {
    private static let schemes = ["local_stream", "tone_stream", "silence_stream", "file"]
    /// What a call is known by; none of them is a function, or holds what a caller wrote but a number.
    private static let variables: Set<String> = ["uuid", "caller_id_number", "destination_number", "cc_queue", "cc_agent", "cc_member_uuid"]

    /// What FreeSWITCH itself holds that a queue has a use for: names of folders and of the site, and music. Passwords are kept as globals, too, and
    /// `queue list` shows what a queue's stood for.
    static let globals = ["hold_music", "sounds_dir", "sound_prefix", "recordings_dir", "base_dir", "prompts", "domain"]
    static let expectedGlobals = "of $${...} there may be \(globals.joined(separator: ", "))"

    static func isSound(_ text: String) -> Bool {
        guard text.utf8.count <= 512, let plain = self.withoutGlobals(text), !plain.contains("$") else { return false }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else { return false }
        guard let scheme = text.firstRange(of: "://") else { return self.isFileName(plain, more: "") }
        return self.schemes.contains(String(text[..<scheme.lowerBound]))
            && self.isFileName(plain.replacing("://", with: "/"), more: "%(),;=*:+?&")
    }

    /// Global variables, file name characters, and the variables above.
    static func isTemplate(_ text: String) -> Bool {
        guard text.utf8.count <= 512, var plain = self.withoutGlobals(text) else { return false }
        // What stands in for them is neither nothing, which could join two dots, nor anything with a meaning.
        plain = plain.replacing(/\$\{strftime\([%A-Za-z0-9_. -]*\)\}/, with: "x")
        for name in self.variables { plain = plain.replacing("${\(name)}", with: "x") }
        return !plain.contains("$") && self.isFileName(plain, more: "")
    }

    /// Without `$${name}`, which FreeSWITCH replaces when it reads its files. `nil` for one that has no end or a name that may not stand there, or
    /// where nothing in its place would join two dots.
    private static func withoutGlobals(_ text: String) -> String? {
        let plain = self.replacingGlobals(in: text, with: "0")
        return plain.contains("$$") || self.replacingGlobals(in: text, with: "").holds("..") ? nil : plain
    }

    /// - Parameter replacement: nothing that a global's name could be made of.
    static func replacingGlobals(in text: String, with replacement: String) -> String {
        self.globals.reduce(text) { $0.replacing("$${\($1)}", with: replacement) }
    }

    private static func isFileName(_ text: String, more: String) -> Bool {
        !text.holds("..")
            && text.unicodeScalars.allSatisfy { scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "/", ".", "_", "-", "@": true
                case _ where scalar.isASCII: more.unicodeScalars.contains(scalar)
                default: scalar.properties.isAlphabetic
                }
            }
    }
}

/// What FreeSWITCH does to every XML it reads, files and answers of mod_xml_curl alike, line by line and before it looks for tags.
enum PreProcessing {
    /// A line that holds it anywhere is an order (set, include, run a program), or else is left out; a `<` before it makes the difference.
    static let word: StaticString = "X-PRE-PROCESS"

    /// It looks once the globals are filled in; one that is not set is nothing.
    static func isOrder(_ text: String) -> Bool { SoundText.replacingGlobals(in: text, with: "").holds("x-pre-process") }
}

/// Text in XML.
package enum XMLText {
    /// For an attribute or between tags. Control characters, which XML cannot hold, are left out.
    package static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&apos;"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: break
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
