import OrderedCollections

/// What goes wrong with some commands, for tests and trials: they are slow, refused, or both.
package struct SwitchFault: Sendable, Equatable {
    /// How the line of such a command begins: `callcenter_config queue reload`.
    package var command: String
    /// Seconds until it is carried out and answered.
    package var delay: Double
    /// What it is answered with, in place of being carried out: `-ERR Unknown Error!`.
    package var refusal: String?

    package init(command: String, delay: Double = 0, refusal: String? = nil) {
        self.command = command
        self.delay = delay
        self.refusal = refusal
    }
}

/// The answer to an `api` command.
package enum SwitchAnswer: Sendable, Equatable {
    case text(String)
    /// It comes with `takeAnswers()`, under this ticket.
    case later(Int)
}

/// Commands that have been begun and not answered: slow ones, and `originate`, which waits for somebody to pick up.
struct CommandQueue: Sendable {
    struct Job: Sendable {
        var uuid: String
        var line: String
    }

    private var lastTicket = 0
    /// What falls due, by its ticket.
    var delayed: [Int: (line: String, refusal: String?)] = [:]
    /// Of `bgapi`: announced by an event instead of answered.
    var jobs: [Int: Job] = [:]
    var answers: [(ticket: Int, text: String)] = []
    /// Queues that are being asked for, by the ticket of the command that loads them.
    var loading: [Int: String] = [:]
    var lookups: [ConfigurationLookup] = []

    mutating func takeTicket() -> Int {
        self.lastTicket += 1
        return self.lastTicket
    }
}

extension SimulatedSwitch {
    /// Begins `FUNCTION ARGUMENT`, as an `api` command does.
    package mutating func begin(_ line: String) -> SwitchAnswer {
        let fault = self.faults.first { line.hasPrefix($0.command) }
        let delay = line.hasPrefix("msleep ") ? Double(line.dropFirst(7)).map { $0 / 1000 } ?? 0 : fault?.delay ?? 0
        if delay > 0 {
            let ticket = self.commands.takeTicket()
            self.commands.delayed[ticket] = (line, fault?.refusal)
            self.schedule(.command(ticket: ticket), after: Int64(delay * 1_000_000))
            return .later(ticket)
        }
        if let refusal = fault?.refusal { return .text(refusal + "\n") }
        return self.carryOut(line, ticket: nil)
    }

    /// Runs a command and returns its answer; an empty one of a command that is answered later.
    package mutating func api(_ line: String) -> String {
        switch self.begin(line) {
        case .text(let text): text
        case .later: ""
        }
    }

    /// Answers that have become known since the last time somebody asked.
    package mutating func takeAnswers() -> [(ticket: Int, text: String)] {
        defer { self.commands.answers = [] }
        return self.commands.answers
    }

    /// Replaces what is slow or goes wrong.
    package mutating func setFaults(_ faults: [SwitchFault]) { self.faults = faults }

    /// `bgapi`: runs it and announces the result.
    mutating func runJob(_ uuid: String, _ line: String) {
        let job = CommandQueue.Job(uuid: uuid, line: line)
        switch self.begin(line) {
        case .text(let text): self.announce(job, text)
        case .later(let ticket): self.commands.jobs[ticket] = job
        }
    }

    mutating func runDelayed(_ ticket: Int) {
        guard let command = self.commands.delayed.removeValue(forKey: ticket) else { return }
        if let refusal = command.refusal { return self.answer(ticket, refusal + "\n") }
        if case .text(let text) = self.carryOut(command.line, ticket: ticket) { self.answer(ticket, text) }
    }

    mutating func answer(_ ticket: Int, _ text: String) {
        guard let job = self.commands.jobs.removeValue(forKey: ticket) else {
            self.commands.answers.append((ticket, text))
            return
        }
        self.announce(job, text)
    }

    private mutating func carryOut(_ line: String, ticket: Int?) -> SwitchAnswer {
        if let ticket = self.lookUp(line, ticket: ticket) { return .later(ticket) }
        guard line.hasPrefix("originate ") else { return .text(self.run(line)) }
        let ticket = ticket ?? self.commands.takeTicket()
        return self.originate(String(line.dropFirst(10)), ticket: ticket).map { .text($0) } ?? .later(ticket)
    }

    private mutating func announce(_ job: CommandQueue.Job, _ result: String) {
        let parts = job.line.split(separator: " ", maxSplits: 1)
        var event = self.baseHeaders("BACKGROUND_JOB", .backgroundJob)
        event.append(["Job-UUID": job.uuid, "Job-Command": parts.first.map(String.init) ?? ""])
        if parts.count > 1 { event.append("Job-Command-Arg", String(parts[1])) }
        event.body = result
        self.events.append(event)
    }
}
