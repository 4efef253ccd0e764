/// One line of the doctor's report.
struct Finding: Equatable, Sendable {
    enum Grade: String, Sendable {
        case ok
        /// Works, but not as well or as safely as it should.
        case warn
        case fail
    }

    var grade: Grade
    /// What was looked at: `FreeSWITCH fs1`
    var subject: String
    var text: String
    /// What to do about it.
    var advice: String?

    static func ok(_ subject: String, _ text: String) -> Finding { Finding(grade: .ok, subject: subject, text: text) }
    static func warn(_ subject: String, _ text: String, _ advice: String) -> Finding {
        Finding(grade: .warn, subject: subject, text: text, advice: advice)
    }
    static func fail(_ subject: String, _ text: String, _ advice: String) -> Finding {
        Finding(grade: .fail, subject: subject, text: text, advice: advice)
    }

    /// `fail  FreeSWITCH fs1: the password was refused; put the one of event_socket.conf.xml into --freeswitch`
    var line: String {
        let mark = self.grade.rawValue + String(repeating: " ", count: 6 - self.grade.rawValue.count)
        return LineLogHandler.escaped(mark + self.subject + ": " + self.text + (self.advice.map { "; " + $0 } ?? ""))
    }
}
