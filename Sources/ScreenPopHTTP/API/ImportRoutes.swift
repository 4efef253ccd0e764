import HTTPTypes
import Hummingbird
import NIOCore
import ScreenPop
import ScreenPopService

extension API {
    func addImportRoutes(to routes: inout Routes) {
        self.on(&routes, .post, "/import", .importSettings) { try await self.importSettings($0, $1) }
        self.on(&routes, .get, "/export", .exportSettings) { request, _ in
            let format = try Query(request.uri.query)["format"] ?? "json"
            guard let format = SettingsFormat(rawValue: format) else {
                throw Problem(.unprocessableContent, "invalid-value", "\"format\" is json or csv.")
            }
            let list = try await self.controls.configuration.export()
            switch format {
            case .json: return .json(list.json)
            case .csv:
                return Response(
                    status: .ok,
                    headers: [
                        .contentType: "text/csv; charset=utf-8; header=present", .contentDisposition: "attachment; filename=\"screenpop.csv\"",
                    ], body: ResponseBody(byteBuffer: ByteBuffer(string: list.csv)))
            }
        }
    }

    private func importSettings(_ request: Request, _ context: HTTPContext) async throws -> Response {
        let query = try Query(request.uri.query)
        let isPlan = try query.flag("plan")
        let deletes = try query.flag("delete")
        let format = try SettingsFormat(contentType: request.headers[.contentType])
        let body = try await request.body.collect(upTo: self.configuration.limits.importBytes)
        let (list, faults) = try SettingsList.read(body.readableBytesView, format)
        var plan = ImportPlan()
        if faults.isEmpty {
            // Whether a dial string that is there already may stay, only the plan can tell.
            plan = try await self.controls.configuration.run(
                list, isPlan: isPlan, deletes: deletes, allowsDialStrings: self.configuration.allowDialStrings, by: context.principal)
        } else {
            plan.faults = faults
        }
        context.notes?.cameTo(plan.counts(deletes: deletes))
        // Nothing was done, and it was to be.
        let isRefused = !isPlan && plan.applied == 0 && !plan.faults.isEmpty
        return .json(plan.json(isPlan: isPlan), status: isRefused ? .unprocessableContent : .ok)
    }
}

/// How a list of agents and tiers is written.
enum SettingsFormat: String {
    case json, csv

    init(contentType: String?) throws(Problem) {
        let type = contentType?.prefix { $0 != ";" }.trimmingPrefix { $0 == " " }.lowercased()
        switch type {
        case nil, "application/json": self = .json
        case "text/csv": self = .csv
        default:
            throw Problem(.unsupportedMediaType, "unsupported-media-type", "A list is sent as application/json or text/csv.")
        }
    }
}

extension Query {
    /// `?plan`, `?plan=true`, `?plan=false`
    func flag(_ name: String) throws(Problem) -> Bool {
        switch self[name] {
        case nil, "false": false
        case "", "true": true
        default: throw Problem(.unprocessableContent, "invalid-value", "\"\(name)\" is true or false.")
        }
    }
}

extension ImportPlan {
    /// `{"plan":true,"changes":[...],"errors":[...],"applied":0}`
    func json(isPlan: Bool) -> ByteBuffer {
        JSONWriter.object { object in
            object.member("plan", isPlan)
            object.name("changes")
            object.array(self.steps) { writer, step in step.write(to: &writer) }
            object.name("errors")
            object.array(self.faults) { writer, fault in fault.write(to: &writer) }
            object.member("applied", self.applied)
        }
    }

    /// For the audit, where the whole of it would be too long.
    fileprivate func counts(deletes: Bool) -> ByteBuffer {
        JSONWriter.object { object in
            object.member("changes", self.steps.count)
            object.member("errors", self.faults.count)
            object.member("applied", self.applied)
            object.member("deletes", deletes)
        }
    }
}

extension ImportPlan.Step {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("action", self.action.rawValue)
            object.member("kind", self.kind.rawValue)
            object.member("node", self.node)
            object.member("agent", self.agent)
            object.member("queue", self.queue)
            object.name("fields")
            object.object { fields in
                for field in self.fields {
                    fields.name(escaping: field.name)
                    fields.object { change in
                        change.name("from")
                        change.value(field.from)
                        change.name("to")
                        change.value(field.to)
                    }
                }
            }
        }
    }
}

extension ImportPlan.Fault {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { object in
            switch self.place {
            case .line(let line): object.member("line", line)
            case .path(let path): object.member("entry", path)
            case .none: break
            }
            object.member("code", self.code.rawValue)
            object.member("message", self.message)
        }
    }
}
