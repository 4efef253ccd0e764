#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Lines to standard output (what programs read) and standard error (what people read), unbuffered: a program that waits for
/// `listening on` through a pipe sees it at once.
enum StandardStreams {
    static func output(_ line: String) {
        self.write(line, to: STDOUT_FILENO)
    }

    /// What is no line of ours: as it is, and a line's end where it has none.
    static func output(bytes: some Collection<UInt8>) {
        var bytes = Array(bytes)
        if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
        bytes.withUnsafeBytes { self.write($0, to: STDOUT_FILENO) }
    }

    static func error(_ line: String) {
        self.write(line, to: STDERR_FILENO)
    }

    /// One `write` for a line, so that lines of several threads do not mix. A reader that is gone is not our failure: the rest is dropped.
    static func write(_ line: String, to descriptor: Int32) {
        var line = line
        line.append("\n")
        line.withUTF8 { self.write(UnsafeRawBufferPointer($0), to: descriptor) }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) {
        var rest = bytes
        while !rest.isEmpty {
            #if canImport(Darwin)
            let written = Darwin.write(descriptor, rest.baseAddress, rest.count)
            #else
            let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
            #endif
            if written < 0 {
                guard errno == EINTR else { return }
                continue
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
        }
    }
}
