import HTTPTypes

/// Whose pages may speak to us with what a browser sends along by itself.
struct OriginRule: Sendable {
    /// Besides our own: `https://crm.example.org`
    let allowed: [String]

    /// Browsers always say whose page it is; what does not is no browser.
    func check(origin: String?, host: String?) throws(Problem) {
        guard let origin else { return }
        if self.allowed.contains(origin) { return }
        if let host, !host.isEmpty, origin == "http://\(host)" || origin == "https://\(host)" { return }
        throw Problem(.forbidden, "origin-not-allowed", "Pages of this origin may not connect; name it with --allow-origin.")
    }
}
