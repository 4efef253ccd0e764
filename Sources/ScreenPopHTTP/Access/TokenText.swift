/// `sp_ID_SECRET`: the id finds a stored token, the secret proves that one holds it.
package struct TokenText: Equatable, Sendable {
    private static let idLength = 12

    var id: String
    var secret: String

    package static func make() -> TokenText {
        TokenText(id: Secret.text(count: Self.idLength), secret: Secret.make())
    }

    init(id: String, secret: String) {
        self.id = id
        self.secret = secret
    }

    init?(_ text: String) {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "sp", Secret.isWellFormed(parts[1], count: Self.idLength), Secret.isWellFormed(parts[2]) else {
            return nil
        }
        self.init(id: String(parts[1]), secret: String(parts[2]))
    }

    package var text: String { "sp_\(self.id)_\(self.secret)" }
}
