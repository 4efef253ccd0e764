/// The name of a setting: `--tls-key` on the command line, `SCREENPOP_TLS_KEY` in the environment, `tls-key` in the file.
enum SettingName: String, CaseIterable {
    case freeswitch
    case redis
    case data
    case listen
    case site
    case tlsCertificate = "tls-certificate"
    case tlsKey = "tls-key"
    case insecure
    case adminToken = "admin-token"
    case attribute
    case allowOrigin = "allow-origin"
    case allowDialStrings = "allow-dial-strings"
    case logLevel = "log-level"
    case dialExtension = "dial-extension"
    case dialNumber = "dial-number"
    case dialContext = "dial-context"
    case dialCallerID = "dial-caller-id"

    /// Names that belong to the contract but not yet to the program. Whoever sets one must hear that it does nothing, since it is about who gets in.
    static let later = ["jwt-secret", "jwks", "jwt-audience", "jwt-issuer"]

    static func environmentName(_ name: String) -> String {
        "SCREENPOP_" + name.uppercased().replacing("-", with: "_")
    }

    var environmentName: String { Self.environmentName(self.rawValue) }
}
