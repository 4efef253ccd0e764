#!/usr/bin/env python3
"""The agent's desktop in a real Chromium, between a simulated FreeSWITCH and the service, all of them real processes.

    agent_page.py [--program .build/debug/screenpop]

Prints a line per check and `N passed, M failed`; ends with 1 when one failed. `run.py` runs this and all others.
"""

from accessibility import violations
from harness import AGENT, HOSTILE, PASSWORD, TOKEN, Checks, eventually, path

END_REASONS = {
    "completed-agent", "completed-caller", "answered-elsewhere", "caller-abandoned", "no-answer", "rejected", "busy", "not-registered",
    "offer-cancelled", "queue-timeout", "no-agent-timeout", "exit-key", "break-out", "transferred", "failed", "lost-track",
}


class AgentPage(Checks):
    """The agent's desktop: a working day."""

    def prepare(self):
        self.site.user("王芳", "agent", AGENT)

    def a_wrong_password_is_refused_in_words(self):
        self.page.sign_in(self.site.url, "王芳", "not the password")
        self.page.waits("sign-in-error", "Name or password is wrong.")
        assert not violations(self.page.driver), violations(self.page.driver)

    def name_and_password_sign_in(self):
        self.page.sign_in(self.site.url, "王芳")
        self.page.waits("connection", "live")
        self.page.waits("who", AGENT)
        kept = self.page.driver.execute_script("return JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie")
        assert PASSWORD not in kept and "screenpop_session" not in kept, kept

    def a_reload_stays_signed_in(self):
        self.page.driver.get(self.site.url)
        self.page.waits("connection", "live")
        self.page.waits("who", AGENT)

    def the_state_is_shown_and_follows_the_buttons(self):
        self.page.waits("normalized", "Ready")
        self.page.click("do-logout")
        self.page.waits("normalized", "Logged out")
        assert self.site.agent()["normalized"] == "loggedOut"
        self.page.click("do-login")
        self.page.waits("normalized", "Ready")
        self.page.choose("#reason", "Lunch")
        self.page.click("do-break")
        self.page.waits("normalized", "Not ready")
        self.page.waits("raw", "Lunch")
        agent = self.site.agent()
        assert (agent["status"], agent["reason"]) == ("On Break", "lunch"), agent
        self.page.click("do-ready")
        self.page.waits("normalized", "Ready")
        self.page.waits("answer", "Done.")
        assert self.site.agent()["normalized"] == "ready"

    def queues_are_left_and_registered_at(self):
        def registered():
            return {tier["queue"] for tier in self.site.agent()["queues"]}

        assert "sales@default" in registered()
        self.page.press("button[aria-label='Leave sales@default']")
        eventually("the tier is gone", lambda: "sales@default" not in registered())
        self.page.press("button[aria-label='Register at sales@default']")
        eventually("the tier is there again", lambda: "sales@default" in registered())
        eventually("the page knows", lambda: self.page.all("button[aria-label='Leave sales@default']"))
        assert self.site.agent()["status"] == "Available"

    def a_call_pops_and_stays_readable(self):
        call = self.phone.call("+8613900139000", "王小明")
        card = self.page.card("offered", "王小明")
        for words in ["+8613900139000", "support@default", "Ringing"]:
            assert words in card.text, card.text
        self.page.waits("normalized", "Ringing")
        eventually("the title says so", lambda: "王小明" in self.page.driver.title)
        assert self.page.find("#icon").get_attribute("href").endswith("/icon-call.svg")
        eventually("it is read out", lambda: "王小明" in self.page.announcement() and "support@default" in self.page.announcement())
        assert not violations(self.page.driver), violations(self.page.driver)
        self.phone.answer()
        self.page.card("answered", "Talking")
        self.page.waits("normalized", "Talking")
        eventually("the title is quiet again", lambda: self.page.driver.title == "ScreenPop")
        self.page.click("do-ready")
        self.page.waits("answer", "Kept until")
        assert "failed" not in self.page.find("#answer").get_attribute("class")
        self.page.waits("pending-text", "Available")
        self.phone.simulate(f"hold {AGENT}")
        self.page.card("answered", "On hold")
        self.phone.simulate(f"unhold {AGENT}")
        self.page.card("answered", "Talking")
        assert not violations(self.page.driver), violations(self.page.driver)
        self.phone.simulate(f"hangup {call} caller")
        card = self.page.card("ended", "caller hung up")
        assert "王小明" in card.text and "+8613900139000" in card.text, card.text
        assert "completed-caller" not in card.text, card.text

    def wrap_up_has_a_clock_and_an_end(self):
        self.page.click("wrap-up-more")
        eventually("it goes on", lambda: self.site.agent()["wrapUp"] and self.site.agent()["wrapUp"]["extended"])
        self.page.waits("wrap-up-clock", "1:0")
        self.page.click("wrap-up-end")
        self.page.waits("normalized", "Ready")
        eventually("FreeSWITCH offers again", lambda: self.site.agent()["normalized"] == "ready")

    def what_cannot_be_done_now_is_kept_and_can_be_taken_back(self):
        call = self.phone.call("+442079460999", "Kept Later")
        self.page.card("offered", "Kept Later")
        self.page.click("do-break")
        self.page.waits("answer", "Kept until")
        self.page.waits("pending-text", "On Break")
        self.page.click("pending-cancel")
        eventually("nothing is kept", lambda: self.site.agent()["pending"] is None and not self.page.find("#pending").is_displayed())
        self.phone.simulate(f"hangup {call} caller")
        self.page.card("ended", "Kept Later")
        self.site.is_ready()

    def calls_are_held_and_ended_from_the_page(self):
        self.phone.call("+442079460777", "Button Caller")
        self.page.card("offered", "Button Caller")
        self.phone.answer()
        self.page.card("answered", "Button Caller")
        self.page.press_button("Hold", ".pop.answered")
        self.page.card("answered", "On hold")
        self.page.press_button("Resume", ".pop.held")
        eventually("it is resumed", lambda: not self.page.cards("held"))
        self.page.press_button("Transfer…", ".pop.answered")
        self.page.choose(".target select", "Number")
        self.page.type(".target input", "+4420794600")
        self.page.press_button("Transfer", ".target")
        self.page.says("Calls to this target are not allowed.", ".pop.answered")
        self.page.press_button("Hang up", ".pop.answered")
        self.page.card("ended", "you hung up")
        self.site.is_ready()

    def who_rejected_a_call_sees_until_when_none_comes(self):
        settings = path("agents", AGENT)
        before = self.site.agent()["rejectDelayTime"]
        self.site.send("PATCH", settings, {"rejectDelayTime": 30})
        call = self.phone.call("+442079460778", "Not Now")
        self.page.card("offered", "Not Now")
        self.phone.simulate(f"reject {AGENT}")
        self.page.card("ended", "Not Now")
        self.page.waits("normalized", "Not ready")
        self.page.waits("raw", "no calls before")
        # Who says that he is ready is offered the next call at once.
        self.page.click("do-ready")
        self.page.card("offered", "Not Now")
        self.phone.simulate(f"hangup {call} caller")
        self.site.send("PATCH", settings, {"rejectDelayTime": before})
        self.site.is_ready()
        self.page.waits("normalized", "Ready")

    def recent_calls_are_listed(self):
        self.page.says("王小明", "#recent-list")
        self.page.says("caller hung up", "#recent-list")

    def the_other_language(self):
        self.page.click("language")
        self.page.card("ended", "来电者已挂断")
        self.page.waits("do-ready", "就绪")
        self.page.waits("raw", "可接听")
        assert self.page.driver.execute_script("return document.documentElement.lang") == "zh-CN"
        assert not violations(self.page.driver), violations(self.page.driver)
        self.page.click("language")
        self.page.card("ended", "caller hung up")

    def dismissed_is_gone(self):
        self.page.click("dismiss-all")
        self.page.no_card()
        self.page.driver.get(self.site.url)
        self.page.waits("connection", "live")
        self.page.no_card()

    def what_a_caller_sends_is_text(self):
        self.page.waits("normalized", "Ready")
        call = self.phone.call("+442079460123", HOSTILE)
        self.page.card("offered", "onerror")
        eventually("the name is text", lambda: self.page.find(".pop.offered h3").text == HOSTILE)
        assert not self.page.all(".pop img")
        assert self.page.driver.execute_script("return window.wasRun === undefined")
        eventually("it is text in the title as well", lambda: "onerror" in self.page.driver.title)
        self.phone.simulate(f"hangup {call} caller")
        self.page.card("ended", "caller gave up")
        self.site.is_ready()

    def nor_does_it_disguise_itself_or_push_the_page_aside(self):
        self.page.size(360, 800)
        call = self.phone.call("+442079460124", "Bank \u202e4321", f"7000 crm_{'k' * 120}=1 crm_note={'W' * 200}")
        self.page.card("offered", "Bank")
        # Letters after that mark are shown backwards, digits as well.
        for words in [eventually("the name is there", lambda: self.page.find(".pop.offered h3").text), self.page.driver.title, self.page.announcement()]:
            assert "\u202e" not in words, ascii(words)
        assert self.page.overflows() <= 0, self.page.overflows()
        self.page.size(1280, 860)
        self.phone.simulate(f"hangup {call} caller")
        self.page.card("ended", "caller gave up")
        self.site.is_ready()

    def every_step_leaves_a_trace(self):
        call = self.phone.call("+442079460321", "Traced")
        identifier = self.page.card("offered", "Traced").get_attribute("data-pop")
        self.phone.simulate(f"hangup {call} caller")
        self.page.card("ended", "Traced")
        self.page.press(f".pop[data-pop='{identifier}'] .dismiss")

        def stages():
            return " ".join(f"{line['what']} {line['detail']}" for line in self.site.get(f"/api/v1/calls/{call}/trace")["items"] if line["kind"] == "acknowledged")

        for stage in ["received", "shown", "dismissed"]:
            eventually(f"the trace says {stage}", lambda: stage in stages())
        self.site.is_ready()

    def no_pop_where_none_is_wanted(self):
        self.page.driver.execute_script("document.getElementById('announcement').textContent = ''")
        self.page.press("#alert-not-pop")
        call = self.phone.call("+442079460222", "Quiet Caller")
        self.page.card("offered", "Quiet Caller")
        assert self.page.driver.title == "ScreenPop", self.page.driver.title
        assert self.page.announcement() == ""
        self.page.driver.refresh()
        self.page.card("offered", "Quiet Caller")
        assert self.page.find("#alert-not-pop").is_selected(), "the switch is forgotten"
        self.page.press("#alert-not-pop")
        eventually("it pops", lambda: "Quiet Caller" in self.page.driver.title)
        self.phone.simulate(f"hangup {call} caller")
        self.page.card("ended", "Quiet Caller")
        self.site.is_ready()

    def the_page_fits_every_window(self):
        for width, height in [(360, 640), (768, 1024), (1280, 800), (3840, 2160)]:
            self.page.size(width, height)
            assert self.page.overflows() <= 0, (width, self.page.overflows())
        self.page.scheme("dark")
        assert not violations(self.page.driver), violations(self.page.driver)
        self.page.scheme("light")
        self.page.size(1280, 860)

    def ended_pops_make_room_for_live_ones(self):
        kept = self.page.driver.execute_async_script("""
            const done = arguments[arguments.length - 1];
            import("/screenpop.js").then(({ ScreenPop }) => {
              const real = window.WebSocket;
              let socket;
              window.WebSocket = class extends EventTarget {
                static OPEN = 1;
                readyState = 1;
                constructor() { super(); socket = this; }
                send() {}
                close() {}
              };
              const desk = new ScreenPop({ token: "t", agent: "a" });
              desk.connect();
              window.WebSocket = real;
              const say = (message) => socket.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
              const pop = (id, state) => say({ type: `pop.${state}`, pop: { id, agent: "a", state, version: state === "ended" ? 2 : 1 } });
              pop("live", "offered");
              for (let n = 0; n < 30; n += 1) { pop(`p${n}`, "offered"); pop(`p${n}`, "ended"); }
              done([...desk.pops.keys()]);
              desk.close();
            });
        """)
        assert len(kept) == 20 and "live" in kept and "p29" in kept and "p0" not in kept, kept

    def every_word_is_there_in_both_languages(self):
        shapes = self.page.driver.execute_async_script("""
            const done = arguments[arguments.length - 1];
            const shape = (texts) => Object.entries(texts).flatMap(([name, value]) => typeof value === "string"
              ? [`${name} ${[...value.matchAll(/\\{\\w+\\}/g)].map(String).sort().join()}`] : shape(value).map((inner) => `${name}.${inner}`)).sort();
            Promise.all(["texts", "texts-desktop", "texts-wallboard", "texts-admin"].map((name) => import(`/${name}.js`)))
              .then((modules) => done(modules.flatMap((module) => Object.values(module)).map(({ en, zh }) => [shape(en), shape(zh)])));
        """)
        for english, chinese in shapes:
            assert english == chinese, sorted(set(english) ^ set(chinese))
        assert END_REASONS <= {line.split(" ")[0].removeprefix("endReasons.") for line in shapes[0][0]}

    def signing_out_asks_when_calls_would_go_on(self):
        self.page.click("sign-out")
        self.page.says("You are still Ready", "dialog")
        self.page.press_button("Log out, then sign out", "dialog")
        eventually("the form is there", lambda: self.page.find("#sign-in").is_displayed())
        assert self.site.agent()["normalized"] == "loggedOut"
        self.page.driver.refresh()
        eventually("the session is over", lambda: self.page.find("#user").is_displayed())

    def a_link_with_a_token_signs_in_at_once(self):
        self.page.driver.get(self.site.link())
        self.page.waits("connection", "live")
        self.page.waits("who", AGENT)
        assert TOKEN not in self.page.driver.current_url, "the token stays in the address bar"
        assert TOKEN not in self.page.driver.execute_script("return JSON.stringify(localStorage) + JSON.stringify(history.state)")

    def a_deleted_user_is_out_at_once(self):
        self.page.forget()
        self.page.sign_in(self.site.url, "王芳")
        self.page.waits("connection", "live")
        self.site.send("DELETE", "/api/v1/users/%E7%8E%8B%E8%8A%B3")
        eventually("the page is closed", lambda: self.page.find("#sign-in").is_displayed())
        self.page.says("Sign in again", "#sign-in")


if __name__ == "__main__":
    import run

    run.main([AgentPage])
