import Foundation
import FreeSWITCHSimulator

/// Reads the XML files of a configuration folder.
enum ConfigurationFilesReader {
    private static let maximumFiles = 5_000
    /// Of all files together.
    private static let maximumBytes = 32 * 1024 * 1024

    /// - Returns: texts by their paths below the folder.
    static func texts(in folder: String) throws(ConfigurationFault) -> [String: String] {
        guard let names = FileManager.default.enumerator(atPath: folder), FileManager.default.fileExists(atPath: folder) else {
            throw ConfigurationFault(file: folder, reason: "cannot be read; name a folder like FreeSWITCH's own, with freeswitch.xml in it")
        }
        var texts: [String: String] = [:]
        var bytes = 0
        for case let name as String in names where name.hasSuffix(".xml") {
            guard let data = FileManager.default.contents(atPath: folder + "/" + name) else {
                throw ConfigurationFault(file: name, reason: "cannot be read")
            }
            bytes += data.count
            guard bytes <= Self.maximumBytes, texts.count < Self.maximumFiles else {
                throw ConfigurationFault(file: folder, reason: "holds more than a configuration has: is it the right folder?")
            }
            texts[name] = String(decoding: data, as: UTF8.self)
        }
        return texts
    }
}
