/// The credential of an administrator, where none was given.
enum AdminToken {
    /// 43 letters and digits, drawn by the system's cryptographic generator: 256 bits.
    static func make() -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        var generator = SystemRandomNumberGenerator()
        return String((0..<43).compactMap { _ in alphabet.randomElement(using: &generator) })
    }
}
