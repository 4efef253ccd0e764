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
    case jwtSecret = "jwt-secret"
    case jwks
    case jwtAudience = "jwt-audience"
    case jwtIssuer = "jwt-issuer"
    case logInURL = "login-url"
    case sessionHours = "session-hours"
    case attribute
    case popURL = "pop-url"
    case allowOrigin = "allow-origin"
    case allowDialStrings = "allow-dial-strings"
    case reconcileSeconds = "reconcile-seconds"
    case allowDefaultPassword = "allow-default-password"
    case trustedProxy = "trusted-proxy"
    case logLevel = "log-level"
    case dialExtension = "dial-extension"
    case dialNumber = "dial-number"
    case dialContext = "dial-context"
    case dialCallerID = "dial-caller-id"

    static func environmentName(_ name: String) -> String {
        "SCREENPOP_" + name.uppercased().replacing("-", with: "_")
    }

    var environmentName: String { Self.environmentName(self.rawValue) }
}
