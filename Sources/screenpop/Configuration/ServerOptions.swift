import ArgumentParser
import Foundation
import ScreenPop

/// The flags of `serve`, which `demo` and `doctor` take as well.
struct ServerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A YAML file with the same names as these flags.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "An event socket, esl://:PASSWORD@HOST:8021; ?name=NODE names the node. Repeat it for several.", valueName: "url"))
    var freeswitch: [String] = []

    @Option(help: ArgumentHelp("redis://, rediss:// or redis+unix://. Without it a redis-server of our own is started.", valueName: "url"))
    var redis: String?

    @Option(help: ArgumentHelp("The folder for the embedded Redis. Default: ~/.local/share/screenpop", valueName: "folder"))
    var data: String?

    @Option(help: ArgumentHelp("Where to serve HTTP. Port 0 picks one. Default: 127.0.0.1:8080", valueName: "host:port"))
    var listen: String?

    @Option(help: ArgumentHelp("The call centre's name, part of every key in Redis. Default: default", valueName: "name"))
    var site: String?

    @Option(help: ArgumentHelp("PEM file with the certificate and its chain.", valueName: "file"))
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("PEM file with the certificate's key.", valueName: "file"))
    var tlsKey: String?

    @Flag(help: "Listen beyond this machine without TLS.")
    var insecure = false

    @Option(
        help: ArgumentHelp(
            "At least 16 characters. Without it one is made and printed. SCREENPOP_ADMIN_TOKEN keeps it out of the list of processes.",
            valueName: "text"))
    var adminToken: String?

    @Option(
        help: ArgumentHelp(
            "Accept JWTs signed HS256 with this secret of at least 32 bytes. SCREENPOP_JWT_SECRET keeps it out of the list of processes.",
            valueName: "text"))
    var jwtSecret: String?

    @Option(help: ArgumentHelp("Accept JWTs signed RS256 or ES256 with a key of this JSON Web Key Set.", valueName: "file or url"))
    var jwks: String?

    @Option(help: ArgumentHelp("What a JWT's aud must name. Needed with --jwt-secret or --jwks.", valueName: "text"))
    var jwtAudience: String?

    @Option(help: ArgumentHelp("What a JWT's iss must be. Default: any", valueName: "text"))
    var jwtIssuer: String?

    @Option(
        name: .customLong("login-url"),
        help: ArgumentHelp(
            "Your company's log-in, which the pages offer: it is opened with return_to and state, and comes back with #token=JWT&state=...",
            valueName: "url"))
    var logInURL: String?

    @Option(help: ArgumentHelp("How long a log-in at the pages lasts. Default: 12", valueName: "hours"))
    var sessionHours: String?

    @Option(help: ArgumentHelp("A channel variable that is copied into the pop; `crm_*` for all that begin so. Repeatable.", valueName: "name"))
    var attribute: [String] = []

    @Option(
        name: .customLong("pop-url"),
        help: ArgumentHelp(
            """
            The page about a caller, which pops then link to: https://crm.example.org/search?number={caller.number}&id={attributes.crm_id?}. \
            A call without a value for {name} has no link; {name?} is empty then. There are \(PopURLTemplate.placeholderNames). Default: none
            """, valueName: "template"))
    var popURL: String?

    @Option(help: ArgumentHelp("A web origin, besides our own, whose pages may connect. Repeatable.", valueName: "origin"))
    var allowOrigin: [String] = []

    @Flag(help: "Let an admin write an agent's contact as a bare dial string.")
    var allowDialStrings = false

    @Option(
        help: ArgumentHelp(
            "How often to look on each node for agents, tiers and queues that somebody changed past ScreenPop; 0 never. Default: 60",
            valueName: "seconds"))
    var reconcileSeconds: String?
    @Flag(help: "Log in to a FreeSWITCH on another machine although its password is the one it was delivered with, ClueCon.")
    var allowDefaultPassword = false

    @Option(
        help: ArgumentHelp(
            "A proxy whose X-Forwarded-For and X-Forwarded-Proto are believed: 192.0.2.7 or 10.0.0.0/8. Repeatable.", valueName: "address"))
    var trustedProxy: [String] = []

    @Option(
        help: ArgumentHelp(
            "Extensions that may be dialled and transferred to: X is any digit, Z 1-9, N 2-9, a final . more digits. Repeatable. Default: 3 to 6 digits",
            valueName: "pattern"))
    var dialExtension: [String] = []

    @Option(help: ArgumentHelp("Outside numbers that may be, in the same way. Repeatable. Default: none", valueName: "pattern"))
    var dialNumber: [String] = []

    @Option(help: ArgumentHelp("The dialplan context of both. Default: default", valueName: "name"))
    var dialContext: String?

    @Option(help: ArgumentHelp("The number shown to who is dialled. Default: the extension of the agent's phone", valueName: "number"))
    var dialCallerID: String?

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical. Default: info", valueName: "level"))
    var logLevel: String?

    /// The flags that were given.
    var flags: [SettingName: [String]] {
        var flags: [SettingName: [String]] = [:]
        func put(_ name: SettingName, _ value: String?) {
            if let value { flags[name] = [value] }
        }
        func put(_ name: SettingName, _ values: [String]) {
            if !values.isEmpty { flags[name] = values }
        }
        put(.freeswitch, self.freeswitch)
        put(.redis, self.redis)
        put(.data, self.data)
        put(.listen, self.listen)
        put(.site, self.site)
        put(.tlsCertificate, self.tlsCertificate)
        put(.tlsKey, self.tlsKey)
        put(.insecure, self.insecure ? "true" : nil)
        put(.adminToken, self.adminToken)
        put(.jwtSecret, self.jwtSecret)
        put(.jwks, self.jwks)
        put(.jwtAudience, self.jwtAudience)
        put(.jwtIssuer, self.jwtIssuer)
        put(.logInURL, self.logInURL)
        put(.sessionHours, self.sessionHours)
        put(.attribute, self.attribute)
        put(.popURL, self.popURL)
        put(.allowOrigin, self.allowOrigin)
        put(.allowDialStrings, self.allowDialStrings ? "true" : nil)
        put(.reconcileSeconds, self.reconcileSeconds)
        put(.allowDefaultPassword, self.allowDefaultPassword ? "true" : nil)
        put(.trustedProxy, self.trustedProxy)
        put(.logLevel, self.logLevel)
        put(.dialExtension, self.dialExtension)
        put(.dialNumber, self.dialNumber)
        put(.dialContext, self.dialContext)
        put(.dialCallerID, self.dialCallerID)
        return flags
    }

    /// - Throws: `CommandFailure` (configuration)
    func settings(needsFreeSWITCH: Bool = true) throws -> ServerSettings {
        let environment = ProcessInfo.processInfo.environment
        let sources = try SettingSources(
            flags: self.flags, environment: environment, configurationFile: self.config ?? environment["SCREENPOP_CONFIG"])
        return try ServerSettings(sources, environment: environment, needsFreeSWITCH: needsFreeSWITCH)
    }
}
