/// How FreeSWITCH reaches an agent: built from validated parts, because a free dial string can run commands when the agent is offered a call.
public enum Contact: Sendable, Hashable {
    /// `[call_timeout=10]user/1001@example.org`
    case user(String, callTimeout: Int?)
    /// `[leg_timeout=10]sofia/internal/1001@192.0.2.7:5060`: `call_timeout` would do nothing here
    case sofia(profile: String, address: String, callTimeout: Int?)
    /// `loopback/1001/default`
    case loopback(extension: String, context: String)
    /// One that none of the three names; read from FreeSWITCH, never written unless dial strings are allowed.
    case dialString(String)
}
