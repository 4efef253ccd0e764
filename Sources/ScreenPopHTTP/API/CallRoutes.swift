import Hummingbird

extension API {
    func addCallRoutes(to routes: inout Routes) {
        self.on(&routes, .get, "/calls/:uuid", .readCall) { _, context in
            let uuid = try context.name("uuid")
            guard let call = try await self.read(self.site.call(uuid)) else { throw Problem.unknown("call", uuid) }
            return .json(call)
        }
        self.on(&routes, .get, "/calls/:uuid/trace", .readTrace) { _, context in
            let uuid = try context.name("uuid")
            let lines = try await self.read(self.site.trace(call: uuid))
            guard !lines.isEmpty else { throw Problem.unknown("call", uuid) }
            return .list(lines)
        }
        self.on(&routes, .get, "/callers/:number/calls", .readCaller) { _, context in
            .list(try await self.read(self.site.calls(caller: try context.name("number"))))
        }
    }
}
