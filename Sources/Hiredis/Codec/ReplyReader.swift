import CHiredis
import NIOCore

/// hiredis' reply parser behind a safe face: bytes in, values out.
///
/// Bound to whoever owns it (a channel handler on its event loop), hence a class that is not Sendable. Every reply is copied out and freed in the
/// function that got it; no pointer leaves this file. After the first error it refuses everything: RESP cannot be resynchronised.
@safe
final class ReplyReader {
    struct Limits: Sendable {
        /// Bytes fed since the last whole reply. hiredis itself has no such limit (its `maxbuf` is something else), so a bulk string that
        /// announces a gigabyte would be buffered.
        var bytes: Int
        /// Elements of all arrays of one reply together. hiredis allocates an array when it is announced: without this, 13 bytes make 16 GiB.
        var elements: Int
        /// Arrays in arrays. hiredis 0.14 allows 8 as well, 1.x more; ours bounds our own recursion whatever the library.
        var depth = 8
    }

    private let limits: Limits
    private let reader: UnsafeMutablePointer<redisReader>
    /// Both live as long as the reader, which points at them.
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    private let budget: UnsafeMutablePointer<ArrayBudget>
    private var bytesSinceReply = 0
    private var failure: RedisError?

    init(limits: Limits) {
        guard let reader = unsafe redisReaderCreate(), let standard = unsafe reader.pointee.fn else {
            fatalError("out of memory for a Redis reply reader")
        }
        self.limits = limits
        unsafe self.reader = reader
        unsafe self.budget = .allocate(capacity: 1)
        unsafe self.budget.initialize(to: ArrayBudget(remaining: limits.elements, standard: standard.pointee))
        unsafe self.functions = .allocate(capacity: 1)
        unsafe self.functions.initialize(to: standard.pointee)
        // hiredis 0.14 counts in int, 1.x in size_t: the closure takes whichever the header says.
        unsafe self.functions.pointee.createArray = { task, count in
            guard let context = unsafe task?.pointee.privdata else { return nil }
            let budget = unsafe context.assumingMemoryBound(to: ArrayBudget.self)
            guard let create = unsafe budget.pointee.standard.createArray else { return nil }
            let elements = Int(clamping: count)
            guard unsafe elements <= budget.pointee.remaining else {
                unsafe budget.pointee.exceeded = true
                return nil
            }
            unsafe budget.pointee.remaining -= elements
            return unsafe create(task, count)
        }
        unsafe reader.pointee.fn = unsafe self.functions
        unsafe reader.pointee.privdata = unsafe UnsafeMutableRawPointer(self.budget)
    }

    deinit {
        // The reader first: it frees a half-read reply through `functions`.
        unsafe redisReaderFree(self.reader)
        unsafe self.functions.deinitialize(count: 1)
        unsafe self.functions.deallocate()
        unsafe self.budget.deinitialize(count: 1)
        unsafe self.budget.deallocate()
    }

    /// Takes what came from the connection. Call `next()` until it gives `nil` after each feed.
    func feed(_ buffer: ByteBuffer) throws(RedisError) {
        if let failure = self.failure { throw failure }
        guard buffer.readableBytes > 0 else { return }
        self.bytesSinceReply += buffer.readableBytes
        guard self.bytesSinceReply <= self.limits.bytes else { throw self.fail("a reply larger than \(self.limits.bytes) bytes") }
        let status = unsafe buffer.withUnsafeReadableBytes { bytes in
            unsafe redisReaderFeed(self.reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        guard status == REDIS_OK else { throw self.fail("the reply parser took no more bytes") }
    }

    /// The next whole reply; `nil` when more bytes are needed. An error reply is a value here (`RedisValue.error`).
    func next() throws(RedisError) -> RedisValue? {
        if let failure = self.failure { throw failure }
        var pointer: UnsafeMutableRawPointer?
        guard unsafe redisReaderGetReply(self.reader, &pointer) == REDIS_OK else {
            throw self.fail(
                unsafe self.budget.pointee.exceeded
                    ? "a reply with more than \(self.limits.elements) array elements" : "bytes that are no RESP2 reply")
        }
        guard let root = unsafe pointer else { return nil }
        // The whole tree is ours, and the root frees its children.
        defer { unsafe freeReplyObject(root) }
        self.bytesSinceReply = 0
        unsafe self.budget.pointee.remaining = self.limits.elements
        return unsafe try self.copy(root.assumingMemoryBound(to: redisReply.self).pointee, depth: 0)
    }

    /// What hiredis says about the error. It may quote bytes of the reply: for debugging only.
    var diagnosis: String {
        unsafe withUnsafeBytes(of: self.reader.pointee.errstr) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    private func copy(_ reply: redisReply, depth: Int) throws(RedisError) -> RedisValue {
        switch unsafe reply.type {
        case REDIS_REPLY_STRING: return .bulk(unsafe ByteBuffer(bytes: self.bytes(of: reply)))
        case REDIS_REPLY_STATUS: return .status(unsafe self.text(of: reply))
        case REDIS_REPLY_ERROR: return .error(unsafe self.text(of: reply))
        case REDIS_REPLY_INTEGER: return .integer(unsafe Int64(reply.integer))
        case REDIS_REPLY_NIL: return .null
        case REDIS_REPLY_ARRAY:
            guard depth < self.limits.depth else { throw self.fail("arrays nested deeper than \(self.limits.depth)") }
            var elements: [RedisValue] = []
            elements.reserveCapacity(unsafe reply.elements)
            for index in unsafe 0..<Int(reply.elements) {
                guard let element = unsafe reply.element?[index] else { throw self.fail("an array with a hole") }
                elements.append(unsafe try self.copy(element.pointee, depth: depth + 1))
            }
            return .array(elements)
        default:
            // RESP3, which hiredis 1.x can read and which we never asked for.
            throw self.fail("a reply of a type that is not RESP2")
        }
    }

    private func bytes(of reply: redisReply) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: reply.str, count: unsafe reply.str == nil ? 0 : Int(reply.len))
    }

    private func text(of reply: redisReply) -> String {
        unsafe String(decoding: self.bytes(of: reply), as: UTF8.self)
    }

    private func fail(_ text: String) -> RedisError {
        let error = RedisError.protocolViolation(text)
        self.failure = error
        return error
    }
}

@available(*, unavailable)
extension ReplyReader: Sendable {}

/// What the array function needs at hand, reached through hiredis' `privdata`.
@unsafe
private struct ArrayBudget {
    var remaining: Int
    var exceeded = false
    /// hiredis' own functions, which ours calls when the budget allows.
    let standard: redisReplyObjectFunctions

    init(remaining: Int, standard: redisReplyObjectFunctions) {
        unsafe self.remaining = remaining
        unsafe self.standard = standard
    }
}
