package import Hiredis
package import Logging
import NIOCore

/// The Redis contract: keys, scripts, the log.
///
/// Everything that is read back for people is read as the JSON that was written: nothing is serialised twice.
package struct Store: Sendable {
    /// What stands in `schema`. Another version in Redis is refused, never converted silently.
    package static let schemaVersion = "1"

    package let client: RedisClient
    package let site: String
    package let keys: Keys
    let logger: Logger
    /// This instance, whatever its host and process are called: a container that restarts has the same of both.
    let instance: String

    /// `site` as `Keys.isValid(site:)` wants it.
    package init(client: RedisClient, site: String, logger: Logger) {
        self.client = client
        self.site = site
        self.keys = Keys(site: site)
        self.logger = logger
        self.instance = String(UInt64.random(in: .min ... .max), radix: 16)
    }
}

// MARK: replies

extension EventLoopFuture where Value == RedisValue {
    /// As `flatMapThrowing`, for what takes a reply apart.
    func reading<NewValue: Sendable>(_ read: @escaping @Sendable (RedisValue) throws(RedisError) -> NewValue) -> EventLoopFuture<NewValue> {
        self.flatMapThrowing { try read($0) }
    }

    /// Errors that our scripts return by name become `StoreError`s.
    func namingStoreErrors() -> EventLoopFuture<RedisValue> {
        self.flatMapErrorThrowing { error in
            guard let error = error as? RedisError, case .server(let text) = error, let code = error.serverCode else { throw error }
            switch code {
            case "FENCED": throw StoreError.fenced
            case "OUTOFORDER": throw StoreError.outOfOrder
            case "HALFWAY": throw StoreError.halfWay(String(text.dropFirst("HALFWAY ".count)))
            case "SCHEMA": throw StoreError.schema(String(text.dropFirst("SCHEMA ".count)))
            default: throw error
            }
        }
    }
}

extension RedisValue {
    func buffer() throws(RedisError) -> ByteBuffer? {
        switch self {
        case .null: return nil
        case .bulk(let buffer): return buffer
        case .status, .integer, .array, .error: throw .unexpectedReply
        }
    }

    func array() throws(RedisError) -> [RedisValue] {
        guard case .array(let values) = self else { throw .unexpectedReply }
        return values
    }

    func buffers() throws(RedisError) -> [ByteBuffer] {
        var buffers: [ByteBuffer] = []
        for value in try self.array() {
            guard case .bulk(let buffer) = value else { throw .unexpectedReply }
            buffers.append(buffer)
        }
        return buffers
    }

    func cursor() throws(RedisError) -> Cursor {
        guard let text = self.text, let cursor = Cursor(text) else { throw .unexpectedReply }
        return cursor
    }
}
