import CallCenter
import HTTPTypes
import Hummingbird
import NIOCore
import ScreenPopService

/// The server that a FreeSWITCH's mod_xml_curl asks, binding `configuration`.
extension API {
    func addSwitchConfigurationRoutes(to routes: inout Routes) {
        self.on(&routes, .post, "/freeswitch/configuration", .readSwitchConfiguration) { request, _ in
            let body = try await request.body.collect(upTo: self.configuration.limits.bodyBytes)
            return try await self.switchConfiguration(body.readableBytesView)
        }
        // mod_xml_curl's `method`, where it is set to GET.
        self.on(&routes, .get, "/freeswitch/configuration", .readSwitchConfiguration) { request, _ in
            try await self.switchConfiguration((request.uri.query ?? "").utf8)
        }
    }

    /// FreeSWITCH takes 200 alone for an answer; after anything else it looks in its own files, as after "not found".
    private func switchConfiguration(_ form: some Sequence<UInt8>) async throws -> Response {
        let asked = SwitchConfigurationRequest(fields: FormFields.read(form))
        guard let queue = asked.queue, let definition = try await self.controls.configuration.served(queue) else {
            return .xml(SwitchConfiguration.notFound)
        }
        return .xml(SwitchConfiguration.callCenter(definition))
    }
}

/// `application/x-www-form-urlencoded` from a FreeSWITCH: the first of each name. A field that is not UTF-8 is passed over, as it is none that we read.
enum FormFields {
    static func read(_ bytes: some Sequence<UInt8>) -> [String: String] {
        var fields: [String: String] = [:]
        for pair in Array(bytes).split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            func text(_ bytes: ArraySlice<UInt8>?) -> String? {
                String(validating: bytes ?? [], as: UTF8.self).flatMap { PercentEncoding.decode($0, plusIsSpace: true) }
            }
            guard let name = text(parts.first), let value = text(parts.count > 1 ? parts[1] : nil), fields[name] == nil else { continue }
            fields[name] = value
        }
        return fields
    }
}

extension Response {
    fileprivate static func xml(_ text: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/xml; charset=utf-8"], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
