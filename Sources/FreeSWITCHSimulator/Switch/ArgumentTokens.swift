/// FreeSWITCH's own cutting of an argument string, for `callcenter_config` into at most eight: runs of spaces separate, single quotes group
/// (double ones do not), a backslash keeps the next character out of it, `^^X` in front makes `X` the separator.
struct ArgumentTokens {
    private var scalars: [Unicode.Scalar]
    private var position = 0
    private var separator: Unicode.Scalar

    static func split(_ text: String, separator: Unicode.Scalar = " ", maximum: Int = 8) -> [String] {
        var tokens = ArgumentTokens(text, separator: separator)
        var result: [String] = []
        tokens.skipBlanks()
        while tokens.position < tokens.scalars.count {
            let raw = result.count == maximum - 1 ? tokens.takeRest() : tokens.takeToken()
            result.append(tokens.unquote(raw))
            tokens.skipBlanks()
        }
        return result
    }

    private init(_ text: String, separator: Unicode.Scalar) {
        self.scalars = Array(text.unicodeScalars)
        self.separator = separator
        if self.scalars.count > 3, self.scalars[0] == "^", self.scalars[1] == "^" {
            self.separator = self.scalars[2]
            self.scalars.removeFirst(3)
        }
    }

    private mutating func skipBlanks() {
        guard self.separator == " " else { return }
        while self.position < self.scalars.count, self.scalars[self.position] == " " { self.position += 1 }
    }

    private mutating func takeRest() -> ArraySlice<Unicode.Scalar> {
        defer { self.position = self.scalars.count }
        return self.scalars[self.position...]
    }

    private mutating func takeToken() -> ArraySlice<Unicode.Scalar> {
        let start = self.position
        var isQuoted = false
        while self.position < self.scalars.count {
            let scalar = self.scalars[self.position]
            if scalar == "\\" {
                self.position = min(self.position + 2, self.scalars.count)
                continue
            }
            // With another separator than a space, a quote that nothing closes is a character like any other.
            if scalar == "'", isQuoted || self.separator == " " || self.scalars[(self.position + 1)...].contains("'") { isQuoted.toggle() }
            if scalar == self.separator, !isQuoted {
                defer { self.position += 1 }
                return self.scalars[start..<self.position]
            }
            self.position += 1
        }
        return self.scalars[start...]
    }

    private func unquote(_ raw: ArraySlice<Unicode.Scalar>) -> String {
        var out = String.UnicodeScalarView()
        var isQuoted = false
        var trailing = 0
        var rest = raw.drop { $0 == " " }
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\\":
                switch rest.first {
                case "'", "\"", "\\": if let next = rest.popFirst() { out.append(next) }
                // Not before a space: there the backslash stays in the token.
                case self.separator where self.separator != " ": if let next = rest.popFirst() { out.append(next) }
                case "n": out.append("\n"); rest.removeFirst()
                case "r": out.append("\r"); rest.removeFirst()
                case "t": out.append("\t"); rest.removeFirst()
                case "s": out.append(" "); rest.removeFirst()
                default: out.append(scalar)
                }
                trailing = 0
            case "'" where isQuoted || rest.contains("'"):
                isQuoted.toggle()
                trailing = 0
            default:
                out.append(scalar)
                trailing = scalar == " " && !isQuoted ? trailing + 1 : 0
            }
        }
        return String(String(out).dropLast(trailing))
    }
}
