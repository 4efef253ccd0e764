import CHiredis
import NIOCore

/// Commands as RESP, by hiredis' formatter.
enum CommandWriter {
    /// Redis refuses a request with more arguments (`PROTO_MAX_MULTIBULK_LEN`).
    static let maximumArguments = 1024 * 1024
    /// hiredis 0.14 adds lengths up in an `int`: stay far below.
    static let maximumBytes = 256 * 1024 * 1024

    /// An upper bound of what the command takes on the wire: per argument `$`, up to 20 digits and two line ends.
    static func sizeBound(of command: RedisCommand) -> Int {
        command.bytes.count + (command.lengths.count + 1) * 25
    }

    static func write(_ command: RedisCommand, to buffer: inout ByteBuffer) throws(RedisError) {
        let count = command.lengths.count
        guard count > 0, count <= self.maximumArguments, self.sizeBound(of: command) <= self.maximumBytes else { throw .commandTooLarge }

        var formatted: UnsafeMutablePointer<CChar>?
        let length = unsafe withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { pointers in
            unsafe command.bytes.withUnsafeBytes { bytes in
                unsafe command.lengths.withUnsafeBufferPointer { lengths in
                    // An empty array may have no address; hiredis hands the pointer to memcpy, which must not see NULL even for no bytes.
                    var next = unsafe bytes.baseAddress ?? UnsafeRawPointer(lengths.baseAddress!)
                    for unsafe(index, length) in unsafe lengths.enumerated() {
                        unsafe pointers.initializeElement(at: index, to: next.assumingMemoryBound(to: CChar.self))
                        unsafe next += length
                    }
                    // int in hiredis 0.14, long long in 1.x
                    return unsafe Int(redisFormatCommandArgv(&formatted, Int32(count), pointers.baseAddress, lengths.baseAddress))
                }
            }
        }
        guard length >= 0, let text = unsafe formatted else { throw .commandTooLarge }
        defer { unsafe redisFreeCommand(text) }
        unsafe buffer.writeBytes(UnsafeRawBufferPointer(start: text, count: length))
    }
}
