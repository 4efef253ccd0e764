import Hummingbird
import NIOCore
import ScreenPop
import ScreenPopService

/// The reasons that may be given with a status.
extension API {
    func addReasonRoutes(to routes: inout Routes) {
        self.on(&routes, .get, "/reasons", .readReasons) { _, _ in .json(ByteBuffer(bytes: await self.controls.agents.reasons().json)) }
        self.on(&routes, .put, "/reasons", .changeReasons) { request, context in
            let list = try await self.decode(request) { members throws(Problem) in
                var items: [ReasonList.Item] = []
                guard let objects = try members.objects("items") else {
                    throw Problem(.unprocessableContent, "invalid-value", "\"items\" is missing.")
                }
                for var object in objects {
                    items.append(ReasonList.Item(code: try object.requiredString("code"), labels: try object.texts("labels") ?? [:]))
                    try object.finish()
                }
                return ReasonList(items: items, allowsFreeText: try members.bool("freeText") ?? true)
            }
            try await self.controls.agents.setReasons(list, by: context.principal)
            return .json(ByteBuffer(bytes: list.json))
        }
    }
}
