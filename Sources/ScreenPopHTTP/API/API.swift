import HTTPTypes
import Hummingbird
import NIOCore
import ScreenPop
import ScreenPopService
import ScreenPopStore

/// What every route of `/api/v1` works with.
struct API: Sendable {
    static let prefix = "/api/v1"

    let configuration: HTTPService.Configuration
    let site: any SiteReading
    let controls: Controls
    let store: Store
    let authenticator: Authenticator
    let logIn: LogIn
    let origins: OriginRule
    let gate: Gate
    let records: any GateStoring

    func addRoutes(to routes: inout Routes) {
        self.addAgentRoutes(to: &routes)
        self.addDeskRoutes(to: &routes)
        self.addReasonRoutes(to: &routes)
        self.addPopRoutes(to: &routes)
        self.addQueueRoutes(to: &routes)
        self.addConfigurationRoutes(to: &routes)
        self.addQueueDefinitionRoutes(to: &routes)
        self.addSwitchConfigurationRoutes(to: &routes)
        self.addImportRoutes(to: &routes)
        self.addCallRoutes(to: &routes)
        self.addCallControlRoutes(to: &routes)
        self.addSupervisionRoutes(to: &routes)
        self.addSessionRoutes(to: &routes)
        self.addSessionListRoutes(to: &routes)
        self.addTokenRoutes(to: &routes)
        self.addUserRoutes(to: &routes)
        self.addAuditRoutes(to: &routes)
    }

    /// A route for those who may carry out the operation. Where its path has `:agent`, that is whom it is about.
    /// - Parameter makes: for the audit: what the `name` of the body names, where the path does not.
    func on(
        _ routes: inout Routes, _ method: HTTPRequest.Method, _ path: String, _ operation: Operation, makes: String? = nil,
        _ handler: @escaping Routes.Handler
    ) {
        let isAboutAgent = path.split(separator: "/").contains(":agent")
        routes.on(method, Self.prefix + path, operation) { request, context in
            try await self.gate.watch(operation, path: path, makes: makes, request, context) { visit in
                var context = context
                context.notes = visit.notes
                context.identity = try await self.authenticate(request, context, operation)
                try visit.admit(context.principal)
                try self.authorise(context.principal, operation, agent: isAboutAgent ? try context.name("agent") : nil)
                return try await visit.answer(request, context, bodyLimit: self.bodyLimit(operation), handler)
            }
        }
    }

    private func bodyLimit(_ operation: Operation) -> Int {
        operation == .importSettings ? self.configuration.limits.importBytes : self.configuration.limits.bodyBytes
    }

    func read<T: Sendable>(_ future: EventLoopFuture<T>) async throws(Problem) -> T {
        do { return try await future.get() } catch {
            Attempt.markUnlessUnsent(error)
            throw Problem.storeUnavailable
        }
    }

    func members(_ request: Request) async throws -> Members {
        let body = try await request.body.collect(upTo: self.configuration.limits.bodyBytes)
        return try Members(body: body.readableBytesView)
    }

    /// Asks for all of a body's members and refuses the rest.
    func decode<T>(_ request: Request, _ read: (inout Members) throws(Problem) -> T) async throws -> T {
        var members = try await self.members(request)
        let value = try read(&members)
        try members.finish()
        return value
    }
}

extension Response {
    static func json(_ body: ByteBuffer, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
    }

    /// `{"items":[...],"next":CURSOR or null}`
    static func list(_ items: [ByteBuffer], next: Cursor? = nil) -> Response {
        .json(
            JSONWriter.object { object in
                object.member("items", items: items)
                object.member("next", next?.description)
            })
    }

    /// 202 for what is kept for later.
    static func outcome(_ outcome: CommandOutcome, status: HTTPResponse.Status = .ok) -> Response {
        .json(JSONWriter.object { outcome.write(to: &$0) }, status: outcome.pending == nil ? status : .accepted)
    }
}
