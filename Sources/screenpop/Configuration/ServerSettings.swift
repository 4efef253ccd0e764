import EventSocket
import Hiredis
import Logging
import ScreenPop
import ScreenPopHTTP
import ScreenPopService

/// What `serve` was told, read and checked.
struct ServerSettings: Sendable {
    enum Redis: Sendable, Equatable {
        case endpoint(RedisEndpoint)
        /// A server of our own, its data in this folder.
        case embedded(data: String)
    }

    enum Transport: Sendable, Equatable {
        case plain
        case tls(certificate: String, key: String)
    }

    var freeswitch: [EventSocketEndpoint]
    var redis: Redis
    var listen: ListenAddress
    var site: String
    var transport: Transport
    /// `nil`: one is to be made.
    var adminToken: String?
    /// `nil`: none are accepted.
    var jwt: HTTPService.Configuration.JWT?
    /// `nil`: the pages offer none.
    var logInURL: String?
    var sessionHours: Int
    /// `nil`: the standard ones.
    var attributes: [String]?
    /// `nil`: pops have no link.
    var popURL: PopURLTemplate?
    var allowedOrigins: [String]
    var allowDialStrings: Bool
    /// 0: never.
    var reconcileSeconds: Int
    var trustedProxies: [AddressRange]
    var dialing: DialRules
    var logLevel: Logger.Level

    static let minimumTokenLength = 16

    /// - Parameter environment: also tells where the home folder is, for the default of `data`.
    /// - Throws: `CommandFailure` of kind configuration that names the place of what is wrong.
    init(_ sources: SettingSources, environment: [String: String], needsFreeSWITCH: Bool = true) throws {
        self.logLevel = try Self.logLevel(sources)
        self.freeswitch = try Self.freeswitch(sources)
        if needsFreeSWITCH, self.freeswitch.isEmpty {
            throw CommandFailure(
                .configuration,
                """
                no FreeSWITCH is named; say where one is with --freeswitch esl://:PASSWORD@HOST:8021 (repeat it for several), \
                SCREENPOP_FREESWITCH, or `freeswitch:` in the file of --config
                """)
        }
        self.redis = try Self.redis(sources, environment: environment)
        self.listen = try Self.listen(sources)
        self.site = try Self.site(sources)
        self.transport = try Self.transport(sources)
        self.adminToken = try Self.adminToken(sources)
        self.jwt = try Self.jwt(sources)
        self.logInURL = try Self.logInURL(sources, acceptsJWTs: self.jwt != nil)
        self.sessionHours = try Self.sessionHours(sources)
        self.attributes = try sources.strings(.attribute)?.value
        self.popURL = try Self.popURL(sources, attributes: self.attributes)
        self.allowedOrigins = try Self.origins(sources)
        self.reconcileSeconds = try Self.reconcileSeconds(sources)
        self.allowDialStrings = try sources.bool(.allowDialStrings)
        self.trustedProxies = try Self.trustedProxies(sources)
        self.dialing = try DialRules(sources)
        if case .plain = self.transport, !self.listen.isLoopback, try !sources.bool(.insecure) {
            throw CommandFailure(
                .configuration,
                """
                \(self.listen) can be reached from other machines, and without TLS the tokens and the callers' numbers can be read on the way: \
                give --tls-certificate and --tls-key, or say --insecure when a proxy in front does TLS
                """)
        }
    }

    private static func freeswitch(_ sources: SettingSources) throws -> [EventSocketEndpoint] {
        guard let setting = try sources.strings(.freeswitch) else { return [] }
        let allowsDefaultPassword = try sources.bool(.allowDefaultPassword)
        var endpoints: [EventSocketEndpoint] = []
        for url in setting.value {
            guard let endpoint = try? EventSocketEndpoint(url: url) else {
                // Not the URL itself: it holds a password.
                throw CommandFailure(
                    .configuration,
                    """
                    \(setting.place): value \(endpoints.count + 1) is not an event socket address; \
                    write esl://:PASSWORD@HOST:8021 or esl://USER%40DOMAIN:PASSWORD@HOST:8021, with ?name=NODE to name the node
                    """)
            }
            if endpoints.contains(where: { $0.name == endpoint.name }) {
                throw CommandFailure(.configuration, "\(setting.place): two nodes are called `\(endpoint.name)`; name them apart with ?name=NODE")
            }
            guard allowsDefaultPassword || endpoint.isWithoutDefaultPassword else {
                throw CommandFailure(
                    .configuration,
                    """
                    \(setting.place): the password of `\(endpoint.name)` is the one that FreeSWITCH is delivered with, and it is on another \
                    machine; set one of your own in event_socket.conf.xml, or say --allow-default-password
                    """)
            }
            endpoints.append(endpoint)
        }
        return endpoints
    }

    private static func redis(_ sources: SettingSources, environment: [String: String]) throws -> Redis {
        guard let setting = try sources.string(.redis) else {
            return .embedded(data: try DataDirectory.path(chosen: try sources.string(.data)?.value, environment: environment))
        }
        do {
            return .endpoint(try RedisEndpoint(url: setting.value))
        } catch {
            let scheme = setting.value.prefix { $0 != ":" }
            let reason =
                scheme == "redis+sentinel" || scheme == "redis+cluster"
                ? "\(scheme):// comes with a later version"
                : "this is not the address of a Redis; write redis://HOST:6379, rediss://HOST:6379 or redis+unix:///path/of/socket"
            throw CommandFailure(.configuration, "\(setting.place): \(reason)")
        }
    }

    private static func listen(_ sources: SettingSources) throws -> ListenAddress {
        guard let setting = try sources.string(.listen) else { return ListenAddress(host: "127.0.0.1", port: 8080) }
        guard let address = ListenAddress(setting.value) else {
            throw CommandFailure(.configuration, "\(setting.place): `\(setting.value)` is not HOST:PORT, such as 127.0.0.1:8080 or [::]:8443")
        }
        return address
    }

    /// A site is part of every key, inside the braces of a hash tag.
    private static func site(_ sources: SettingSources) throws -> String {
        guard let setting = try sources.string(.site) else { return "default" }
        let allowed = setting.value.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
            default: false
            }
        }
        guard allowed, (1...64).contains(setting.value.utf8.count) else {
            throw CommandFailure(
                .configuration, "\(setting.place): `\(setting.value)` is not a name of a site: 1 to 64 letters, digits, dots, hyphens or underscores")
        }
        return setting.value
    }

    private static func transport(_ sources: SettingSources) throws -> Transport {
        switch (try sources.string(.tlsCertificate), try sources.string(.tlsKey)) {
        case (nil, nil): return .plain
        case (let certificate?, let key?): return .tls(certificate: certificate.value, key: key.value)
        case (let certificate?, nil):
            throw CommandFailure(.configuration, "\(certificate.place) is given without --tls-key: TLS needs both")
        case (nil, let key?):
            throw CommandFailure(.configuration, "\(key.place) is given without --tls-certificate: TLS needs both")
        }
    }

    private static func adminToken(_ sources: SettingSources) throws -> String? {
        guard let setting = try sources.string(.adminToken) else { return nil }
        // It travels in headers, one of which is a list with commas.
        let allowed = setting.value.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ",") }
        guard setting.value.utf8.count >= Self.minimumTokenLength else {
            throw CommandFailure(.configuration, "\(setting.place): an admin token has at least \(Self.minimumTokenLength) characters")
        }
        guard allowed else {
            throw CommandFailure(.configuration, "\(setting.place): an admin token holds no space, no comma and nothing beyond ASCII")
        }
        return setting.value
    }

    private static func origins(_ sources: SettingSources) throws -> [String] {
        guard let setting = try sources.strings(.allowOrigin) else { return [] }
        for origin in setting.value {
            let rest = origin.hasPrefix("https://") ? origin.dropFirst(8) : origin.hasPrefix("http://") ? origin.dropFirst(7) : ""
            guard !rest.isEmpty, !rest.contains(where: { $0 == "/" || $0 == "*" || $0.isWhitespace }) else {
                throw CommandFailure(
                    .configuration, "\(setting.place): `\(origin)` is not an origin, such as https://crm.example.org (no path, no *)")
            }
        }
        return setting.value
    }

    /// - Parameter attributes: the allow-list; a variable that is not of it would never have a value.
    private static func popURL(_ sources: SettingSources, attributes: [String]?) throws -> PopURLTemplate? {
        guard let setting = try sources.string(.popURL) else { return nil }
        let template: PopURLTemplate
        do {
            template = try PopURLTemplate(setting.value)
        } catch {
            throw CommandFailure(.configuration, "\(setting.place): \(error)")
        }
        let filter = attributes.map(AttributeFilter.init) ?? .standard
        if let name = template.attributes.first(where: { !filter.passes($0) }) {
            throw CommandFailure(
                .configuration,
                """
                \(setting.place): the channel variable `\(name)` is not copied into pops, so {attributes.\(name)} would never have a value; \
                name it with --attribute, beside those you have (by default ivr_choice, ivr_language and crm_*)
                """)
        }
        return template
    }

    private static func reconcileSeconds(_ sources: SettingSources) throws -> Int {
        guard let setting = try sources.string(.reconcileSeconds) else { return 60 }
        guard let seconds = Int(setting.value), seconds == 0 || (5...86_400).contains(seconds) else {
            throw CommandFailure(.configuration, "\(setting.place): `\(setting.value)` is neither 0 nor a number of seconds from 5 to 86400")
        }
        return seconds
    }

    private static func trustedProxies(_ sources: SettingSources) throws -> [AddressRange] {
        guard let setting = try sources.strings(.trustedProxy) else { return [] }
        return try setting.value.map { text in
            guard let range = AddressRange(text) else {
                throw CommandFailure(
                    .configuration, "\(setting.place): `\(text)` is not an address or a range of them, such as 192.0.2.7 or 10.0.0.0/8")
            }
            return range
        }
    }

    private static func logLevel(_ sources: SettingSources) throws -> Logger.Level {
        guard let setting = try sources.string(.logLevel) else { return .info }
        guard let level = Logger.Level(rawValue: setting.value.lowercased()) else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure(.configuration, "\(setting.place): `\(setting.value)` is not one of \(levels)")
        }
        return level
    }
}

extension EventSocketEndpoint {
    /// Everybody knows the password that FreeSWITCH is delivered with. On this machine it does no harm that whoever is on it could not do anyway.
    fileprivate var isWithoutDefaultPassword: Bool {
        switch self.credentials {
        case .password("ClueCon"), .user(_, password: "ClueCon"): ListenAddress(host: self.host, port: self.port).isLoopback
        case .password, .user: true
        }
    }
}
