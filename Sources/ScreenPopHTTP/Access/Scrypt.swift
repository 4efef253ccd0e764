import COpenSSL

/// Passwords as they are kept: scrypt (RFC 7914) from OpenSSL's libcrypto, `scrypt$LN$R$P$SALT$HASH` with salt and hash in hexadecimal.
struct Scrypt: Sendable, Equatable {
    /// N is 2 to this power. 17 with r=8, p=1 takes 128 MiB and some tenths of a second: OWASP's first choice for scrypt.
    var logN = 17
    var r = 8
    var p = 1

    static let standard = Scrypt()
    /// What a text from Redis may make us spend.
    private static let maximumBytes = 512 * 1024 * 1024

    func hash(_ password: String) -> String? {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return self.derive(password, salt: salt).map {
            "scrypt$\(self.logN)$\(self.r)$\(self.p)$\(Hexadecimal.text(salt))$\(Hexadecimal.text($0))"
        }
    }

    /// False also for a text that is no hash of ours.
    static func verify(_ password: String, _ kept: String) -> Bool {
        let parts = kept.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "scrypt", let logN = Int(parts[1]), let r = Int(parts[2]), let p = Int(parts[3]),
            (1...24).contains(logN), (1...64).contains(r), (1...16).contains(p), (128 * r) << logN <= Self.maximumBytes,
            let salt = Hexadecimal.bytes(parts[4]), let hash = Hexadecimal.bytes(parts[5]), hash.count == 32,
            let derived = Scrypt(logN: logN, r: r, p: p).derive(password, salt: salt)
        else { return false }
        return Secret.isEqual(derived, hash)
    }

    private func derive(_ password: String, salt: [UInt8]) -> [UInt8]? {
        let password = Array(password.utf8)
        var key = [UInt8](repeating: 0, count: 32)
        let done = password.withUnsafeBytes { bytes in
            EVP_PBE_scrypt(
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self), password.count, salt, salt.count, UInt64(1) << UInt64(self.logN),
                UInt64(self.r), UInt64(self.p), UInt64(2 * Self.maximumBytes), &key, key.count)
        }
        return done == 1 ? key : nil
    }
}
