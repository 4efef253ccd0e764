package import NIOCore
package import ScreenPopService

extension HTTPService {
    package struct Configuration: Sendable {
        /// PEM files.
        package struct TLS: Sendable {
            package var certificatePath: String
            package var keyPath: String
            /// How often they are looked at.
            package var interval = TimeAmount.seconds(30)

            package init(certificatePath: String, keyPath: String) {
                self.certificatePath = certificatePath
                self.keyPath = keyPath
            }
        }

        /// So many at once, and so many in the long run.
        package struct RateLimit: Sendable, Equatable {
            package var burst: Int
            package var perSecond: Double

            package init(burst: Int, perSecond: Double) {
                self.burst = burst
                self.perSecond = perSecond
            }
        }

        /// Whose JWTs are accepted.
        package struct JWT: Sendable {
            package enum Keys: Sendable, Equatable {
                /// HS256; 32 bytes or more.
                case secret(String)
                /// A JSON Web Key Set for RS256 and ES256.
                case file(String)
                /// The same, fetched again now and then.
                case url(String)
            }

            package var keys: Keys
            package var audience: String
            /// `nil`: any issuer that has the key.
            package var issuer: String?

            package init(keys: Keys, audience: String, issuer: String?) {
                self.keys = keys
                self.audience = audience
                self.issuer = issuer
            }
        }

        /// Who is there from the start: the demo's people.
        package struct SampleUser: Sendable {
            package var name: String
            package var password: String
            package var role: Role
            package var agent: String?
            /// For a link that needs no password.
            package var token: Token?

            /// Of that person and nobody else: the same role, the same agent.
            package struct Token: Sendable {
                package var text: TokenText
                /// For people; a page shows who is signed in by it.
                package var name: String
                /// A Redis that outlives the demo need not keep it for ever.
                package var life: TimeAmount

                package init(text: TokenText = .make(), name: String, life: TimeAmount) {
                    self.text = text
                    self.name = name
                    self.life = life
                }
            }

            package init(name: String, password: String, role: Role, agent: String? = nil, token: Token? = nil) {
                self.name = name
                self.password = password
                self.role = role
                self.agent = agent
                self.token = token
            }
        }

        /// What a peer may make us hold or wait for.
        package struct Limits: Sendable {
            /// All accepted sockets; more of them wait in the backlog.
            package var connections = 20_000
            /// Of these, how many of one address (of IPv6: of its /64) may be no WebSockets; those of trusted proxies are not counted. One more is closed.
            package var connectionsOfNetwork = 10_000
            /// WebSocket sessions and event streams; one more is answered with 429.
            package var sessions = 15_000
            package var backlog = 4096
            /// Bytes of a request's header fields, of one and of all.
            package var headerBytes = 16 * 1024
            package var headerFields = 64
            /// Bytes of a request's body.
            package var bodyBytes = 64 * 1024
            /// Bytes of a list of agents and tiers.
            package var importBytes = 4 * 1024 * 1024
            /// Bytes of an inbound WebSocket message, whole or in fragments.
            package var messageBytes = 4096
            /// From accepting a socket to the end of its first request's head.
            package var handshake = TimeAmount.seconds(10)
            /// From a request's head to the end of its body.
            package var body = TimeAmount.seconds(15)
            /// Between two requests of a kept-alive connection.
            package var idle = TimeAmount.seconds(60)
            /// How long a session may stay unwritable, and a plain connection may leave what was written for it unread.
            package var unwritable = TimeAmount.seconds(10)
            /// What a session may owe in bytes not yet written.
            package var owedBytes = 256 * 1024
            /// From a server's ping to the peer's next frame.
            package var pong = TimeAmount.seconds(10)
            /// Inbound messages a session may send in a minute.
            package var messagesPerMinute = 600
            /// Entries of the log that a returning session may be sent; one with more to catch up takes a snapshot.
            package var resumeEntries = 2000
            /// Topics of one session.
            package var topics = 256
            /// Commands of all sessions that wait to be carried out.
            package var pendingCommands = 1024
            /// Passwords hashed at the same time, each in 128 MiB.
            package var passwordThreads = 2
            /// Passwords hashed or waiting to be; one more is answered with 503.
            package var pendingPasswords = 16
            /// Commands of one principal, over HTTP and WebSocket together.
            package var commands = RateLimit(burst: 300, perSecond: 50)
            /// Acknowledgements of one principal: three of each pop, from each tab that shows it.
            package var acknowledgements = RateLimit(burst: 600, perSecond: 100)
            /// Refusals of one principal, or of one address that shows nobody, that stand in the audit, besides those of commands.
            package var keptRefusals = RateLimit(burst: 30, perSecond: 0.1)
            /// Requests of one address (of IPv6: of its /64) that show nobody, and attempts to log in.
            package var attempts = RateLimit(burst: 30, perSecond: 0.5)
            /// Sessions that are begun by JWTs of one subject. Passwords have waiting times of their own.
            package var logIns = RateLimit(burst: 20, perSecond: 0.1)
            /// Principals, and addresses, whose rates are known at the same time.
            package var limitedPrincipals = 16_384
            package var limitedAddresses = 16_384
            /// WebSockets and event streams that an agent or a supervisor may have open, and an integration.
            package var sessionsOfPerson = 32
            package var sessionsOfIntegration = 4000
            /// Entries of the audit that wait for Redis.
            package var auditEntries = 10_000
            /// How long a request with an `Idempotency-Key` is taken to be under way after whoever carries it out was last heard of; then another may
            /// take its place.
            package var idempotencyClaim = TimeAmount.seconds(60)
            /// Requests with an `Idempotency-Key` of one principal: the answer of each is kept for a day. An admin is not bound.
            package var idempotencyKeys = RateLimit(burst: 1000, perSecond: 1)
            /// Bytes of an answer that is kept to be given again.
            package var idempotentAnswerBytes = 1024 * 1024

            package init() {}
        }

        package var host: String
        /// 0 picks one.
        package var port: Int
        package var tls: TLS?
        package var adminToken: String
        /// Origins besides our own whose pages may open a WebSocket: `https://crm.example.org`
        package var allowedOrigins: [String]
        /// Whether `{"dialString": ...}` is accepted as a contact.
        package var allowDialStrings: Bool
        package var site: String
        /// Between two pings of the server.
        package var heartbeat: TimeAmount
        package var limits: Limits
        package var jwt: JWT?
        /// Where the company's log-in is, which comes back with a JWT; `nil`: the pages offer none.
        package var logInURL: String?
        /// How long a log-in at the pages lasts.
        package var sessionLife: TimeAmount
        package var sampleUsers: [SampleUser]
        /// What a password costs to try.
        var scrypt = Scrypt.standard
        /// Whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
        package var trustedProxies: [AddressRange]

        package init(
            host: String = "127.0.0.1", port: Int = 8080, tls: TLS? = nil, adminToken: String, allowedOrigins: [String] = [],
            allowDialStrings: Bool = false, site: String = "default", heartbeat: TimeAmount = .seconds(25), limits: Limits = Limits(),
            jwt: JWT? = nil, logInURL: String? = nil, sessionLife: TimeAmount = .hours(12), sampleUsers: [SampleUser] = [],
            trustedProxies: [AddressRange] = []
        ) {
            self.host = host
            self.port = port
            self.tls = tls
            self.adminToken = adminToken
            self.allowedOrigins = allowedOrigins
            self.allowDialStrings = allowDialStrings
            self.site = site
            self.heartbeat = heartbeat
            self.limits = limits
            self.jwt = jwt
            self.logInURL = logInURL
            self.sessionLife = sessionLife
            self.sampleUsers = sampleUsers
            self.trustedProxies = trustedProxies
        }
    }
}
