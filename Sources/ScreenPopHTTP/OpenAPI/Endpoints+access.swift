import HTTPTypes

extension Endpoints {
    static let access: [Endpoint] = [
        // Everybody's: it is here that one says who one is.
        Endpoint(
            .post, API.prefix + "/session", nil, "beginSession", .session, "Log in with a password, or with the token of the company's log-in",
            details: "A JWT as `--jwt-secret` or `--jwks` lets in; the session ends no later than it does."
        )
        .takes(.named("LogIn"), example: #"{"agent":"1001@default","password":"a long password"}"#)
        .answers(200, "The cookie `screenpop_session` is set.", .named("Session"))
        .refuses(.wrongPassword, .unauthorized, .originNotAllowed, .tooManyAttempts, .tooBusy, .storeUnavailable, .tooManyRequests),
        Endpoint(.get, "/session", .readSession, "readSession", .session, "Who am I?").answers(200, "You are.", .named("Session")),
        Endpoint(
            .delete, "/session", .readSession, "endSession", .session, "Log out", details: "Of a session; whatever it has open ends at once."
        ).answers(204, "The session has ended.").refuses(.noSession),
        Endpoint(
            .get, "/sessions", .manageSessions, "listSessions", .administration, "Everybody's sessions, newest first",
            details: "Those of users and those begun by the company's log-in, without what the browser holds."
        ).paged().answers(200, "A page of them; those that are over are left out.", .page(of: .named("ListedSession"))),
        Endpoint(
            .delete, "/sessions/:session", .manageSessions, "endListedSession", .administration,
            "End somebody's session, and whatever it has open, at once",
            details: "Whoever still has a JWT of the company's log-in may begin another one with it."
        ).answers(204, "It has ended.").refuses(.sessionNotFound),
        Endpoint(.get, "/tokens", .manageTokens, "listTokens", .administration, "All tokens, without what is secret of them")
            .answers(200, "All of them.", .page(of: .named("Token"))),
        Endpoint(.post, "/tokens", .manageTokens, "addToken", .administration, "Make a token")
            .takes(.named("NewToken"), example: #"{"name":"desk 1","role":"agent","agent":"1001@default","expiresIn":3600}"#)
            .answers(201, "Made; `token` is shown this once.", .named("TokenShownOnce")).refuses(.invalidName)
            .leads(to: "deleteToken", status: 201, ["token": "$response.body#/id"]),
        Endpoint(.delete, "/tokens/:token", .manageTokens, "deleteToken", .administration, "End a token, and whatever it has open, at once")
            .answers(204, "It is gone.").refuses(.tokenNotFound),
        Endpoint(.get, "/users", .manageUsers, "listUsers", .administration, "All users").answers(200, "All of them.", .page(of: .named("User"))),
        Endpoint(.get, "/users/:user", .manageUsers, "readUser", .administration, "One user")
            .answers(200, "Without the password.", .named("User")).refuses(.userNotFound),
        Endpoint(.put, "/users/:user", .manageUsers, "saveUser", .administration, "Add a user, or change one")
            .takes(.named("UserRequest"), example: #"{"password":"a long password","role":"agent","agent":"1001@default"}"#)
            .answers(200, "Changed; sessions begun before have ended.", .named("User")).answers(201, "Added.", .named("User"))
            .refuses(.invalidName).refuses(.tooBusy)
            .leads(to: "readUser", status: 201, ["user": "$request.path.user"]).leads(to: "deleteUser", status: 201, ["user": "$request.path.user"]),
        Endpoint(.delete, "/users/:user", .manageUsers, "deleteUser", .administration, "Delete a user; open sessions end at once")
            .answers(204, "Gone.").refuses(.userNotFound),
    ]
}
