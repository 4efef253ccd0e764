import Configuration
import Foundation
import Synchronization

/// Where a value was written, as the person who wrote it calls the place.
struct SettingValue<Value: Sendable>: Sendable {
    let value: Value
    let place: String
}

extension SettingValue: Equatable where Value: Equatable {}

/// The three places a setting can stand in: flag beats environment beats file.
struct SettingSources {
    private let flags: [SettingName: [String]]
    private let environment: EnvironmentVariablesProvider
    private let file: (path: String, snapshot: YAMLSnapshot)?

    /// - Parameter configurationFile: the path of a YAML file, read at once.
    /// - Throws: `CommandFailure` (configuration) when the file cannot be read or holds a name that is not a setting.
    init(flags: [SettingName: [String]], environment: [String: String], configurationFile: String?) throws {
        self.flags = flags
        self.environment = EnvironmentVariablesProvider(environmentVariables: environment)
        self.file = try configurationFile.map { ($0, try Self.read($0)) }
    }

    /// An empty variable counts as not set: that is how a compose file passes on what it has not got.
    func string(_ name: SettingName) throws -> SettingValue<String>? {
        if let flag = self.flags[name]?.last { return SettingValue(value: flag, place: "--\(name.rawValue)") }
        if let text = try self.environment.value(forKey: Self.environmentKey(name), type: .string).value?.content.string, !text.isEmpty {
            return SettingValue(value: text, place: name.environmentName)
        }
        guard let (path, snapshot) = self.file else { return nil }
        let place = "\(name.rawValue) in \(path)"
        do {
            let value = try snapshot.value(forKey: AbsoluteConfigKey([name.rawValue]), type: .string).value?.content.string
            return value.map { SettingValue(value: $0, place: place) }
        } catch {
            throw CommandFailure(.configuration, "\(place): one value is expected here, not a list")
        }
    }

    /// Several values: the flag repeated, commas in the environment, a list (or a single value) in the file.
    func strings(_ name: SettingName) throws -> SettingValue<[String]>? {
        if let flag = self.flags[name] { return SettingValue(value: flag, place: "--\(name.rawValue)") }
        if let texts = try self.environment.value(forKey: Self.environmentKey(name), type: .stringArray).value?.content.strings {
            let values = texts.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            if !values.isEmpty { return SettingValue(value: values, place: name.environmentName) }
        }
        guard let (path, snapshot) = self.file else { return nil }
        let key = AbsoluteConfigKey([name.rawValue])
        let values =
            if let list = try? snapshot.value(forKey: key, type: .stringArray).value?.content.strings {
                list
            } else {
                try snapshot.value(forKey: key, type: .string).value?.content.string.map { [$0] }
            }
        return values.map { SettingValue(value: $0, place: "\(name.rawValue) in \(path)") }
    }

    /// `true`, `yes`, `1`, `on` and their opposites.
    func bool(_ name: SettingName) throws -> Bool {
        guard let setting = try self.string(name) else { return false }
        switch setting.value.lowercased() {
        case "true", "yes", "1", "on": return true
        case "false", "no", "0", "off": return false
        default: throw CommandFailure(.configuration, "\(setting.place): `\(setting.value)` is neither true nor false")
        }
    }

    private static func environmentKey(_ name: SettingName) -> AbsoluteConfigKey {
        AbsoluteConfigKey(["screenpop", name.rawValue])
    }

    private static func read(_ path: String) throws -> YAMLSnapshot {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw CommandFailure(.configuration, "--config: cannot read \(path): \(error.localizedDescription)")
        }
        // A snapshot does not list its keys, but it asks of each whether it is a secret.
        let keys = SeenKeys()
        let snapshot: YAMLSnapshot
        do {
            let options = YAMLSnapshot.ParsingOptions(
                secretsSpecifier: .dynamic { key, _ in
                    keys.insert(key)
                    return true
                })
            snapshot = try YAMLSnapshot(data: Array(data).span.bytes, providerName: path, parsingOptions: options)
        } catch {
            // The first line says where and what; the lines after it quote the file, and that may be a password.
            let reason = "\(error)".prefix { !$0.isNewline }
            throw CommandFailure(.configuration, "--config: \(path) is not the YAML that is expected, one `name: value` per line: \(reason)")
        }
        let known = Set(SettingName.allCases.map(\.rawValue))
        for key in keys.sorted where !known.contains(key) {
            throw CommandFailure(
                .configuration, "--config: \(path): there is no setting `\(key)`; there are \(known.sorted().joined(separator: ", "))")
        }
        return snapshot
    }

    private final class SeenKeys: Sendable {
        private let keys = Mutex<Set<String>>([])

        func insert(_ key: String) { self.keys.withLock { _ = $0.insert(key) } }
        var sorted: [String] { self.keys.withLock { $0.sorted() } }
    }
}

extension ConfigContent {
    fileprivate var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    fileprivate var strings: [String]? {
        if case .stringArray(let texts) = self { texts } else { nil }
    }
}
