import Hummingbird

extension API {
    /// `GET /api/v1/audit?limit=&before=`
    func addAuditRoutes(to routes: inout Routes) {
        self.on(&routes, .get, "/audit", .readAudit) { request, _ in
            let page = try Page(request)
            let (items, next) = try await self.read(self.records.audit(limit: page.limit, before: page.before))
            return .list(items, next: next)
        }
    }
}
