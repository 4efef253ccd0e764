#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A password from whoever sits there, or from a pipe.
enum Password {
    /// - Throws: `CommandFailure` (usage) when there is none, or the two are not the same.
    static func read(for user: String) throws -> String {
        guard isatty(STDIN_FILENO) == 1 else {
            guard let line = readLine(strippingNewline: true), !line.isEmpty else {
                throw CommandFailure(.usage, "no password: give it as the first line of standard input")
            }
            return line
        }
        let first = try self.ask("password of \(user): ")
        guard try self.ask("once more: ") == first else { throw CommandFailure(.usage, "the two passwords are not the same") }
        return first
    }

    /// Without showing what is typed.
    private static func ask(_ prompt: String) throws -> String {
        var shown = termios()
        guard tcgetattr(STDIN_FILENO, &shown) == 0 else { throw CommandFailure(.failed, "the terminal does not let itself be read") }
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        StandardStreams.error(LineLogHandler.escaped(prompt))
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown) }
        guard let line = readLine(strippingNewline: true), !line.isEmpty else { throw CommandFailure(.usage, "a password is needed") }
        return line
    }
}
