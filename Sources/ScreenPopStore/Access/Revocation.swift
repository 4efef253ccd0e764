/// That a credential is void from now on, as all instances learn it: an entry of the log, which misses nobody who was away for a moment. No
/// desktop is sent it.
package enum Revocation {
    package static let type = "access.revoked"

    package static func token(_ id: String) -> String { "token:\(id)" }
    package static func user(_ name: String, version: String) -> String { "user:\(name)/\(version)" }
    package static func session(_ hash: String) -> String { "session:\(hash)" }

    /// A function of Lua for the scripts that revoke.
    static let script = """
        local function revoke(log, kept, credential)
            local json = '{"type":"access.revoked","credential":' .. cjson.encode(credential) .. '}'
            redis.call('XADD', log, 'MAXLEN', '~', kept, '*', 'type', 'access.revoked', 'json', json)
        end

        """
}
