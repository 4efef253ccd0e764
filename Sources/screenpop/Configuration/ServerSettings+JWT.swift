import Foundation
import ScreenPopHTTP

extension ServerSettings {
    /// Keys from one place only: a secret and a set of public keys beside each other invite mistaking one for the other.
    static func jwt(_ sources: SettingSources) throws -> HTTPService.Configuration.JWT? {
        let secret = try sources.string(.jwtSecret)
        let jwks = try sources.string(.jwks)
        let audience = try sources.string(.jwtAudience)
        let issuer = try sources.string(.jwtIssuer)
        let keys: HTTPService.Configuration.JWT.Keys
        let place: String
        switch (secret, jwks) {
        case (nil, nil):
            if let setting = audience ?? issuer {
                throw CommandFailure(.configuration, "\(setting.place) is given without keys: name them with --jwt-secret or --jwks")
            }
            return nil
        case (let secret?, let jwks?):
            throw CommandFailure(.configuration, "\(secret.place) and \(jwks.place): JWTs are signed with one or the other; give one")
        case (let secret?, nil):
            guard secret.value.utf8.count >= 32 else {
                throw CommandFailure(.configuration, "\(secret.place): a secret for JWTs has at least 32 bytes; a shorter one can be guessed")
            }
            (keys, place) = (.secret(secret.value), secret.place)
        case (nil, let jwks?):
            (keys, place) = (try self.keySet(jwks), jwks.place)
        }
        guard let audience else {
            throw CommandFailure(
                .configuration, "\(place) needs --jwt-audience: without it every token that your log-in makes for other programs would be let in here"
            )
        }
        return HTTPService.Configuration.JWT(keys: keys, audience: audience.value, issuer: issuer?.value)
    }

    private static func keySet(_ setting: SettingValue<String>) throws -> HTTPService.Configuration.JWT.Keys {
        guard setting.value.contains("://") else { return .file(setting.value) }
        guard let url = URL(string: setting.value), let host = url.host(percentEncoded: false), !host.isEmpty, url.user == nil else {
            throw CommandFailure(
                .configuration, "\(setting.place): this is neither a file nor an address such as https://login.example.org/jwks.json")
        }
        switch url.scheme {
        case "https": return .url(setting.value)
        case "http" where ListenAddress(host: host, port: 0).isLoopback: return .url(setting.value)
        default:
            throw CommandFailure(
                .configuration, "\(setting.place): keys come by https, or by http from this machine: whoever can change them on the way is admin here"
            )
        }
    }

    static func logInURL(_ sources: SettingSources, acceptsJWTs: Bool) throws -> String? {
        guard let setting = try sources.string(.logInURL) else { return nil }
        guard acceptsJWTs else {
            throw CommandFailure(
                .configuration, "\(setting.place) is given without keys for the JWTs it comes back with: name them with --jwt-secret or --jwks")
        }
        guard let url = URL(string: setting.value), let host = url.host(percentEncoded: false), !host.isEmpty, url.user == nil, url.fragment == nil,
            url.scheme == "https" || (url.scheme == "http" && ListenAddress(host: host, port: 0).isLoopback)
        else {
            throw CommandFailure(
                .configuration,
                "\(setting.place): this is not the address of a log-in, such as https://login.example.org/authorize: https (http on this machine), nothing behind a #"
            )
        }
        return setting.value
    }

    static func sessionHours(_ sources: SettingSources) throws -> Int {
        guard let setting = try sources.string(.sessionHours) else { return 12 }
        guard let hours = Int(setting.value), (1...720).contains(hours) else {
            throw CommandFailure(.configuration, "\(setting.place): `\(setting.value)` is not a number of hours from 1 to 720")
        }
        return hours
    }
}
