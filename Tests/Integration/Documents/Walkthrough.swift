import Foundation

/// A document with transcripts: commands of a shell, and what they answer.
struct Walkthrough {
    enum Step {
        /// `$ name=$(...)`: kept for the commands after it.
        case assign(name: String, command: String)
        /// `$ curl ...` with the answer below it: the body, and the status on a line of its own.
        case ask(command: String, answer: String, status: Int)
        /// `<!-- simulate call 100 Alice 7000 -->`
        case simulate(String)
        /// `<!-- until 200 /api/v1/agents/1001%40default/pop -->`: what the reader waits for with his eyes.
        case until(status: Int, path: String)
        /// `<!-- until "state":"answered" /api/v1/agents/1001%40default/pop -->`
        case untilSays(text: String, path: String)
        /// `<!-- until ringing 1002@default -->`: what he hears.
        case untilRinging(agent: String)
    }

    struct Unreadable: Error, CustomStringConvertible {
        var description: String
    }

    let steps: [(line: Int, step: Step)]

    init(_ document: String) throws {
        var steps: [(Int, Step)] = []
        var lines = document.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { ($0 + 1, String($1)) }[...]
        var isTranscript = false
        while let (number, line) = lines.popFirst() {
            if line.hasPrefix("```") {
                isTranscript = line == "```console"
            } else if let directive = line.wholeMatch(of: /<!-- (simulate|until) (.*) -->/) {
                steps.append((number, try Self.directive(String(directive.output.1), String(directive.output.2))))
            } else if isTranscript, line.hasPrefix("$ ") {
                var command = String(line.dropFirst(2))
                while command.hasSuffix("\\"), let (_, more) = lines.popFirst() { command += "\n" + more }
                var said: [String] = []
                while let (_, next) = lines.first, !next.hasPrefix("$ "), !next.hasPrefix("```") {
                    said.append(next)
                    lines.removeFirst()
                }
                if let name = command.prefixMatch(of: /([a-z]+)=/)?.output.1 {
                    steps.append((number, .assign(name: String(name), command: command)))
                } else {
                    guard let status = said.last.flatMap({ Int($0) }) else {
                        throw Unreadable(description: "line \(number): no status below the answer of \(command)")
                    }
                    steps.append((number, .ask(command: command, answer: said.dropLast().joined(separator: "\n"), status: status)))
                }
            }
        }
        self.steps = steps
    }

    private static func directive(_ word: String, _ rest: String) throws -> Step {
        guard word == "until" else { return .simulate(rest) }
        if let agent = rest.wholeMatch(of: /ringing (.*)/)?.output.1 { return .untilRinging(agent: String(agent)) }
        let parts = rest.split(separator: " /", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw Unreadable(description: "until \(rest)") }
        return Int(parts[0]).map { .until(status: $0, path: "/" + parts[1]) } ?? .untilSays(text: parts[0], path: "/" + parts[1])
    }

    /// Whether an answer is the documented one, where `…` stands for whatever there is: a value, the rest of a list, the other members.
    static func matches(_ answer: JSON, _ pattern: JSON) -> Bool {
        switch (pattern, answer) {
        case (.string("…"), _): return true
        case (.string(let pattern), .string(let text)) where pattern.contains("…"):
            let parts = pattern.split(separator: "…", omittingEmptySubsequences: false).map(String.init)
            return text.hasPrefix(parts.first ?? "") && text.hasSuffix(parts.last ?? "") && text.count >= pattern.count - 1
        case (.array(let expected), .array(let found)):
            let isOpen = expected.last == .string("…")
            let named = isOpen ? expected.dropLast() : expected[...]
            guard isOpen ? found.count >= named.count : found.count == named.count else { return false }
            return zip(named, found).allSatisfy { self.matches($1, $0) }
        case (.object(let expected), .object(let found)):
            let isOpen = expected["…"] != nil
            let named = expected.filter { $0.key != "…" }
            guard isOpen || Set(found.keys) == Set(named.keys) else { return false }
            return named.allSatisfy { name, value in found[name].map { self.matches($0, value) } ?? false }
        default: return pattern == answer
        }
    }

    /// The answer of a document as JSON: `…` outside of quotes is put in some.
    static func pattern(_ text: String) throws -> JSON {
        var result = ""
        var isQuoted = false
        var last: Character = " "
        for character in text {
            if character == "\"", last != "\\" { isQuoted.toggle() }
            if character == "…", !isQuoted {
                // Behind a comma or at the start of an object it is a member, else a value.
                result += result.last == ":" ? "\"…\"" : self.isInObject(result) ? "\"…\":\"…\"" : "\"…\""
            } else {
                result.append(character)
            }
            last = character
        }
        return try JSON(result)
    }

    /// Whether what is written next stands directly in an object.
    private static func isInObject(_ text: String) -> Bool {
        var open: [Character] = []
        var isQuoted = false
        var last: Character = " "
        for character in text {
            if character == "\"", last != "\\" { isQuoted.toggle() }
            if !isQuoted {
                if character == "{" || character == "[" { open.append(character) }
                if character == "}" || character == "]" { _ = open.popLast() }
            }
            last = character
        }
        return open.last == "{"
    }
}
