import Hiredis
package import NIOCore

extension Store {
    /// Writes all of them in their order, or none.
    package func append(audit entries: [AuditEntry]) -> EventLoopFuture<Void> {
        var arguments = RedisCommand()
        arguments.append(Lives.auditEntries)
        for entry in entries { arguments.append(entry.json) }
        return self.client.evaluate(.audit, keys: [self.keys.audit], arguments: arguments).map { _ in }
    }

    /// Newest first, and the cursor for the next page.
    package func audit(limit: Int, before: Cursor?) -> EventLoopFuture<(items: [ByteBuffer], next: Cursor?)> {
        let end = before.map { $0.predecessor.description } ?? "+"
        // One more than asked for shows whether there is a next page.
        return self.client.send(RedisCommand("XREVRANGE", self.keys.audit, end, "-", "COUNT", String(limit + 1)))
            .reading { reply throws(RedisError) in
                let entries = try StreamEntry.all(reply)
                let page = entries.prefix(limit)
                return (page.compactMap { $0.field("json") }, entries.count > limit ? page.last?.cursor : nil)
            }
    }
}

extension RedisScript {
    /// KEYS: the stream. ARGV: entries to keep; then the JSON of each.
    fileprivate static let audit = RedisScript(
        """
        for index = 2, #ARGV do redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'json', ARGV[index]) end
        return #ARGV - 1
        """)
}
