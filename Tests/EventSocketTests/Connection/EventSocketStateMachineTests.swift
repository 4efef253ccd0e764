import EventSocket
import NIOCore
import Testing

@Suite struct EventSocketStateMachineTests {
    typealias Machine = EventSocketStateMachine<Int>

    enum State: CaseIterable {
        case connecting, awaitingAuthRequest, authenticating, idle, busy, closing, closed
    }

    /// A machine in that state. When busy, waiter 1 waits for `api first` and waiter 2 has its turn after it.
    private static func machine(_ state: State) throws -> Machine {
        var machine = Machine(login: try .login(.password("secret")), maximumQueuedCommands: 2)
        guard state != .connecting else { return machine }
        _ = machine.connected()
        guard state != .awaitingAuthRequest else { return machine }
        _ = machine.received(.authRequest)
        guard state != .authenticating else { return machine }
        _ = machine.received(.commandReply(.init(text: "+OK accepted")))
        guard state != .idle else { return machine }
        if state == .busy {
            _ = machine.submit(.api(try APICall("first")), 1)
            _ = machine.submit(.api(try APICall("second")), 2)
            return machine
        }
        _ = machine.close()
        guard state != .closing else { return machine }
        _ = machine.disconnected()
        return machine
    }

    private static let frames: [(String, Frame)] = [
        ("auth", .authRequest), ("ok", .commandReply(.init(text: "+OK x"))), ("err", .commandReply(.init(text: "-ERR x"))),
        ("api", .apiResponse(ByteBuffer(string: "body"))), ("event", .event(Event(text: "Event-Name: HEARTBEAT\n\n"))),
        ("log", .log(level: 2, text: "Lost")), ("notice", .disconnectNotice("Bye\nnow\n")), ("rude", .rudeRejection("No\n")),
        ("xml", .unknown(contentType: "text/event-xml")),
    ]

    private static let expectedOfFrames: [State: [String]] = [
        .connecting: Array(repeating: "ignore", count: 9),
        .awaitingAuthRequest: [
            "send auth", "close violation []", "close violation []", "close violation []", "close violation []", "close violation []",
            "close closed(Bye now) []", "close accessDenied(No) []", "close violation []",
        ],
        .authenticating: [
            "close violation []", "loggedIn", "close authenticationRefused(-ERR x) []", "close violation []", "close violation []",
            "close violation []",
            "close closed(Bye now) []", "close accessDenied(No) []", "close violation []",
        ],
        .idle: [
            "close violation []", "close violation []", "close violation []", "close violation []", "event", "log 2 Lost", "close closed(Bye now) []",
            "close accessDenied(No) []", "ignore",
        ],
        .busy: [
            "close violation [1, 2]", "close violation [1, 2]", "answered [1 -ERR x] next api second", "answered [1 body] next api second", "event",
            "log 2 Lost", "close closed(Bye now) [1, 2]", "close accessDenied(No) [1, 2]", "ignore",
        ],
        .closing: ["ignore", "ignore", "ignore", "ignore", "ignore", "ignore", "finishClosing", "finishClosing", "ignore"],
        .closed: Array(repeating: "ignore", count: 9),
    ]

    @Test(arguments: State.allCases) func everyFrameInEveryState(state: State) throws {
        let expected = try #require(Self.expectedOfFrames[state])
        for ((name, frame), expected) in zip(Self.frames, expected) {
            var machine = try Self.machine(state)
            #expect(Self.text(machine.received(frame)) == expected, "\(name) when \(state)")
        }
    }

    @Test(
        arguments: [
            (
                State.connecting, "await", "refuse 9 closed(not logged in yet)", "ignore", "nil", "close",
                "closed closed(FreeSWITCH closed the connection before the log-in) loggedIn false []", "close x []"
            ),
            (
                .awaitingAuthRequest, "ignore", "refuse 9 closed(not logged in yet)", "close timedOut(no auth/request came) []", "nil", "close",
                "closed closed(FreeSWITCH closed the connection before the log-in) loggedIn false []", "close x []"
            ),
            (
                .authenticating, "ignore", "refuse 9 closed(not logged in yet)", "close timedOut(no whole reply to the log-in came) []", "nil",
                "close", "closed closed(FreeSWITCH closed the connection before the log-in) loggedIn false []", "close x []"
            ),
            (
                .idle, "ignore", "send api ninth", "ignore", "nil", "exit []", "closed closed(FreeSWITCH closed the connection) loggedIn true []",
                "close x []"
            ),
            (
                .busy, "ignore", "wait", "close timedOut(no reply to api first came) [1, 2]", "nil", "exit [1, 2]",
                "closed closed(FreeSWITCH closed the connection) loggedIn true [1, 2]", "close x [1, 2]"
            ),
            (
                .closing, "ignore", "refuse 9 closed(closed by us)", "finishClosing", "nil", "ignore", "closed closed(closed by us) loggedIn true []",
                "finishClosing"
            ),
            (.closed, "ignore", "refuse 9 closed(the connection is closed)", "ignore", "nil", "ignore", "ignore", "ignore"),
        ] as [(State, String, String, String, String, String, String, String)])
    func everyOtherEventInEveryState(
        state: State, connected: String, submit: String, deadline: String, jobDeadline: String, close: String, disconnected: String, failed: String
    ) throws {
        var machine = try Self.machine(state)
        #expect(Self.text(machine.connected()) == connected)
        machine = try Self.machine(state)
        #expect(Self.text(machine.submit(.api(try APICall("ninth")), 9)) == submit)
        machine = try Self.machine(state)
        #expect(Self.text(machine.deadlinePassed()) == deadline)
        machine = try Self.machine(state)
        #expect(machine.jobDeadlinePassed("none").map { "\($0)" } ?? "nil" == jobDeadline)
        machine = try Self.machine(state)
        #expect(Self.text(machine.close()) == close)
        machine = try Self.machine(state)
        #expect(Self.text(machine.disconnected()) == disconnected)
        machine = try Self.machine(state)
        #expect(Self.text(machine.failed(.protocolViolation("x"))).replacing("violation", with: "x") == failed)
    }

    @Test func theLastErrorIsTheOneThatClosed() throws {
        var machine = try Self.machine(.busy)
        _ = machine.deadlinePassed()
        #expect(Self.text(machine.disconnected()) == "closed timedOut(no reply to api first came) loggedIn true []")
        machine = try Self.machine(.authenticating)
        _ = machine.received(.commandReply(.init(text: "-ERR invalid")))
        #expect(Self.text(machine.received(.disconnectNotice("Bye"))) == "finishClosing")
        #expect(Self.text(machine.disconnected()) == "closed authenticationRefused(-ERR invalid) loggedIn false []")
        #expect(Self.text(machine.disconnected()) == "ignore")
    }

    @Test func commandsHaveTheirTurnsInOrder() throws {
        var machine = try Self.machine(.busy)
        #expect(Self.text(machine.submit(try .log(level: "crit"), 3)) == "wait")
        #expect(Self.text(machine.submit(.api(try APICall("fourth")), 4)) == "refuse 4 refused(too many commands wait already)")
        #expect(Self.text(machine.received(.apiResponse(ByteBuffer(string: "1st")))) == "answered [1 1st] next api second")
        #expect(Self.text(machine.received(.apiResponse(ByteBuffer(string: "2nd")))) == "answered [2 2nd] next log")
        #expect(Self.text(machine.received(.commandReply(.init(text: "+OK log level crit [2]")))) == "answered [3 +OK log level crit [2]]")
        #expect(Self.text(machine.received(.apiResponse(ByteBuffer()))) == "close violation []")
    }

    @Test func aSocketCommandsRefusalIsAnError() throws {
        var machine = try Self.machine(.idle)
        _ = machine.submit(try .subscribe(events: ["ALL"], custom: []), 1)
        #expect(Self.text(machine.received(.commandReply(.init(text: "-ERR permission denied")))) == "answered [1 refused(-ERR permission denied)]")
    }

    @Test func aReplyOfTheWrongKindIsAViolation() throws {
        var machine = try Self.machine(.idle)
        _ = machine.submit(try .log(level: "crit"), 1)
        #expect(Self.text(machine.received(.apiResponse(ByteBuffer()))) == "close violation [1]")
    }

    // MARK: Jobs

    private static func job(_ uuid: String, _ result: String = "done") -> Frame {
        .event(Event(text: "Event-Name: BACKGROUND_JOB\nJob-UUID: \(uuid)\nContent-Length: \(result.utf8.count)\n\n\(result)"))
    }

    private static func accepted(_ uuid: String?) -> Frame { .commandReply(.init(text: "+OK Job-UUID: \(uuid ?? "")", jobUUID: uuid)) }

    private static func machineWithJob() throws -> Machine {
        var machine = try Self.machine(.idle)
        #expect(text(machine.submit(try .backgroundAPI(APICall("status"), jobUUID: "j-1"), 1)) == "send event plain")
        #expect(text(machine.received(.commandReply(.init(text: "+OK event listener enabled plain")))) == "answered [] next bgapi status")
        return machine
    }

    @Test func aJobEndsWithItsEvent() throws {
        var machine = try Self.machineWithJob()
        #expect(Self.text(machine.received(Self.accepted("j-1"))) == "answered [] job j-1")
        #expect(Self.text(machine.received(Self.job("other"))) == "event")
        #expect(Self.text(machine.received(Self.job("j-1"))) == "event job j-1 of 1: done")
        #expect(Self.text(machine.received(Self.job("j-1"))) == "event")
        // The subscription is asked for once.
        #expect(Self.text(machine.submit(try .backgroundAPI(APICall("status"), jobUUID: "j-2"), 2)) == "send bgapi status")
    }

    @Test func aJobsEventMayComeBeforeItsReply() throws {
        var machine = try Self.machineWithJob()
        #expect(Self.text(machine.received(Self.job("j-1"))) == "event job j-1 of 1: done")
        #expect(Self.text(machine.received(Self.accepted("j-1"))) == "answered []")
    }

    @Test func freeSWITCHMayNameTheJob() throws {
        var machine = try Self.machineWithJob()
        #expect(Self.text(machine.received(Self.accepted("its-own"))) == "answered [] job its-own")
        #expect(Self.text(machine.received(Self.job("j-1"))) == "event")
        #expect(Self.text(machine.received(Self.job("its-own"))) == "event job its-own of 1: done")
    }

    @Test func aRefusedJobIsAnError() throws {
        var machine = try Self.machineWithJob()
        #expect(Self.text(machine.received(.commandReply(.init(text: "-ERR permission denied")))) == "answered [1 refused(-ERR permission denied)]")
        #expect(Self.text(machine.received(Self.job("j-1"))) == "event")
    }

    @Test func jobsWhoseEventsAreRefusedAreNotBegun() throws {
        var machine = try Self.machine(.idle)
        #expect(Self.text(machine.submit(try .backgroundAPI(APICall("status"), jobUUID: "j-1"), 1)) == "send event plain")
        #expect(Self.text(machine.submit(.api(try APICall("version")), 2)) == "wait")
        #expect(
            Self.text(machine.received(.commandReply(.init(text: "-ERR permission denied"))))
                == "answered [1 refused(-ERR permission denied)] next api version")
        #expect(Self.text(machine.received(.apiResponse(ByteBuffer(string: "1.10")))) == "answered [2 1.10]")
        // Later it is asked again.
        #expect(Self.text(machine.submit(try .backgroundAPI(APICall("status"), jobUUID: "j-2"), 3)) == "send event plain")
    }

    @Test func aJobHasADeadlineOfItsOwn() throws {
        var machine = try Self.machineWithJob()
        _ = machine.received(Self.accepted("j-1"))
        #expect(machine.jobDeadlinePassed("j-1") == 1)
        #expect(machine.jobDeadlinePassed("j-1") == nil)
        #expect(Self.text(machine.received(Self.job("j-1"))) == "event")
    }

    @Test func openJobsEndWithTheConnection() throws {
        var machine = try Self.machineWithJob()
        _ = machine.received(Self.accepted("j-1"))
        _ = machine.submit(.api(try APICall("version")), 2)
        #expect(Self.text(machine.disconnected()) == "closed closed(FreeSWITCH closed the connection) loggedIn true [2, 1]")
        machine = try Self.machineWithJob()
        #expect(Self.text(machine.deadlinePassed()) == "close timedOut(no reply to bgapi status came) [1]")
    }

    // MARK: Texts of actions

    private static func text(_ error: EventSocketError) -> String {
        switch error {
        case .invalidURL(let text): "invalidURL(\(text))"
        case .unreachable(let text): "unreachable(\(text))"
        case .authenticationRefused(let text): "authenticationRefused(\(text))"
        case .accessDenied(let text): "accessDenied(\(text))"
        case .protocolViolation: "violation"
        case .timedOut(let text): "timedOut(\(text))"
        case .closed(let text): "closed(\(text))"
        case .illegalCommand(let text): "illegalCommand(\(text))"
        case .refused(let text): "refused(\(text))"
        }
    }

    private static func text(_ action: Machine.OnConnected) -> String {
        switch action {
        case .awaitAuthRequest: "await"
        case .ignore: "ignore"
        }
    }

    private static func text(_ action: Machine.OnFrame) -> String {
        switch action {
        case .send(let command): return "send \(command.label)"
        case .loggedIn: return "loggedIn"
        case .answered(let answered, let next):
            let outcomes = answered.outcomes.map { waiter, result in
                switch result {
                case .success(let text): "\(waiter) \(text)"
                case .failure(let error): "\(waiter) \(Self.text(error))"
                }
            }
            return "answered [\(outcomes.joined(separator: ", "))]" + (answered.startedJob.map { " job \($0)" } ?? "")
                + (next.map { " next \($0.label)" } ?? "")
        case .event(_, let job): return job.map { "event job \($0.uuid) of \($0.waiter): \($0.result)" } ?? "event"
        case .log(let level, let text): return "log \(level) \(text)"
        case .close(let error, let failing): return "close \(Self.text(error)) \(failing)"
        case .finishClosing: return "finishClosing"
        case .ignore: return "ignore"
        }
    }

    private static func text(_ action: Machine.OnSubmit) -> String {
        switch action {
        case .send(let command): "send \(command.label)"
        case .wait: "wait"
        case .refuse(let waiter, let error): "refuse \(waiter) \(Self.text(error))"
        }
    }

    private static func text(_ action: Machine.OnDeadline) -> String {
        switch action {
        case .close(let error, let failing): "close \(Self.text(error)) \(failing)"
        case .finishClosing: "finishClosing"
        case .ignore: "ignore"
        }
    }

    private static func text(_ action: Machine.OnClose) -> String {
        switch action {
        case .sayExit(let command, let failing): "\(command.label) \(failing)"
        case .close: "close"
        case .ignore: "ignore"
        }
    }

    private static func text(_ action: Machine.OnDisconnected) -> String {
        switch action {
        case .closed(let error, let wasLoggedIn, let failing): "closed \(Self.text(error)) loggedIn \(wasLoggedIn) \(failing)"
        case .ignore: "ignore"
        }
    }
}
