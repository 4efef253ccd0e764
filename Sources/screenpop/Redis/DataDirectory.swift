import Foundation

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The folder of the embedded Redis, ours alone: only this user may read it, and one ScreenPop at a time works in it.
struct DataDirectory: ~Copyable {
    let path: String
    private let lock: Int32

    /// `--data`, else `$XDG_DATA_HOME/screenpop`, else `~/.local/share/screenpop`, made absolute.
    static func path(chosen: String?, environment: [String: String]) throws -> String {
        if let chosen { return URL(filePath: chosen).standardizedFileURL.path(percentEncoded: false).trimmingSlash }
        if let base = environment["XDG_DATA_HOME"], base.hasPrefix("/") { return base.trimmingSlash + "/screenpop" }
        if let home = environment["HOME"], home.hasPrefix("/") { return home.trimmingSlash + "/.local/share/screenpop" }
        throw CommandFailure(.configuration, "there is no home folder to keep data in: say where with --data FOLDER")
    }

    /// Makes the folder when it is not there, and takes it.
    init(path: String) throws {
        try Self.checkLength(path)
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(.configuration, "--data: cannot make the folder \(path): \(error.localizedDescription)")
        }
        guard chmod(path, 0o700) == 0 else {
            throw CommandFailure(.configuration, "--data: the folder \(path) is not ours: \(String(cString: strerror(errno)))")
        }
        let lock = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            throw CommandFailure(.configuration, "--data: cannot write in \(path): \(String(cString: strerror(errno)))")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw Self.isHeld(path)
        }
        self.path = path
        self.lock = lock
    }

    /// Another may work in it from now on.
    func release() { flock(self.lock, LOCK_UN) }

    deinit { close(self.lock) }

    /// What `init` would throw, found out without making or taking anything.
    static func examine(_ path: String) throws {
        try Self.checkLength(path)
        guard let isFolder = Self.isFolder(path) else { return try Self.examineParent(of: path) }
        guard isFolder else { throw CommandFailure(.configuration, "--data: \(path) is there, and no folder") }
        // It is given to us alone, which only its owner can do.
        let owner = try? FileManager.default.attributesOfItem(atPath: path)[.ownerAccountID] as? Int
        guard geteuid() == 0 || owner == Int(geteuid()) else {
            throw CommandFailure(.configuration, "--data: the folder \(path) is not ours: it belongs to another user")
        }
        let lock = open(path + "/lock", O_RDWR | O_CLOEXEC)
        guard lock >= 0 else {
            // Nobody has worked here yet.
            if errno == ENOENT { return }
            throw CommandFailure(.configuration, "--data: cannot write in \(path): \(String(cString: strerror(errno)))")
        }
        // Closing it lets go of it.
        defer { close(lock) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else { throw Self.isHeld(path) }
    }

    /// Whoever starts makes the folders that are missing: the nearest one that is there must let them be made in it.
    private static func examineParent(of path: String) throws {
        var parent = path
        repeat {
            parent = URL(filePath: parent).deletingLastPathComponent().path(percentEncoded: false).trimmingSlash
        } while Self.isFolder(parent) == nil && parent.count > 1
        guard Self.isFolder(parent) == true else {
            throw CommandFailure(.configuration, "--data: cannot make the folder \(path): \(parent) is no folder")
        }
        guard access(parent, W_OK | X_OK) == 0 else {
            throw CommandFailure(.configuration, "--data: cannot make the folder \(path): \(parent): \(String(cString: strerror(errno)))")
        }
    }

    /// `nil` when there is nothing of that name.
    private static func isFolder(_ path: String) -> Bool? {
        var isFolder = ObjCBool(false)
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) ? isFolder.boolValue : nil
    }

    private static func checkLength(_ path: String) throws {
        // A Unix socket's path has 108 bytes with its closing NUL on Linux, 104 elsewhere.
        let longest = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
        let socket = Self.socket(in: path)
        guard socket.utf8.count <= longest else {
            throw CommandFailure(
                .configuration, "--data: the path of the socket, \(socket), is \(socket.utf8.count - longest) bytes too long; choose a shorter folder"
            )
        }
    }

    private static func isHeld(_ path: String) -> CommandFailure {
        CommandFailure(.unavailable, "another screenpop works in \(path): end it, or give this one a folder of its own with --data")
    }

    static func socket(in path: String) -> String { path + "/redis.sock" }
}

extension String {
    fileprivate var trimmingSlash: String { self.count > 1 && self.hasSuffix("/") ? String(self.dropLast()) : self }
}
