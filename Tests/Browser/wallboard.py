"""The supervisor's wallboard."""

from accessibility import violations
from harness import AGENT, HOSTILE, Checks, eventually


class Wallboard(Checks):
    """The wallboard: what the call centre does, as it does it."""

    agents = 3

    def prepare(self):
        self.site.user("boss", "supervisor", "1003@default")
        self.site.user("anna", "agent", AGENT)

    def an_agent_does_not_open_it(self):
        self.page.sign_in(f"{self.site.url}/wallboard", "anna")
        self.page.waits("sign-in-error", "Your role (agent) does not open this page.")

    def a_supervisor_does(self):
        self.page.sign_in(f"{self.site.url}/wallboard", "boss")
        self.page.waits("connection", "live")
        self.page.says("support@default", "#queues")
        self.page.says("Ready · 3", "#agents")
        assert not violations(self.page.driver), violations(self.page.driver)

    def _figure(self, queue, name):
        return next(
            (figure.find_element("tag name", "dd").text for figure in self.page.all(f"#queues > [data-name='{queue}'] .figure")
             if figure.find_element("tag name", "dt").text == name), None)

    def a_waiting_caller_is_counted_and_listed_as_text(self):
        for agent in ["1001@default", "1002@default", "1003@default"]:
            self.phone.simulate(f"phone {agent} rings")
        self.call = self.phone.call("+442079460123", HOSTILE)
        eventually("one waits", lambda: self._figure("support@default", "Waiting") == "1")
        self.page.says(HOSTILE, "#waiting")
        self.page.says("+442079460123", "#waiting")
        assert self.page.driver.execute_script("return window.wasRun === undefined")
        self.page.says("Ringing · 1", "#agents")

    def an_answered_call_counts_for_the_service_level(self):
        def answered():
            return next((name for name in ["1001@default", "1002@default", "1003@default"]
                         if self.phone.send(f"api simulate answer {name}").startswith("+OK")), None)

        self.agent = eventually("somebody's phone rings", answered)
        self.page.says("Talking · 1", "#agents")
        eventually("nobody waits", lambda: self._figure("support@default", "Waiting") == "0")
        eventually("the level is known", lambda: self._figure("support@default", "Service level") == "100%")
        self.page.says("Nobody waits.", "#waiting")

    def the_supervisor_sets_a_status(self):
        other = next(name for name in ["1001@default", "1002@default"] if name != self.agent)
        self.page.press(f"#agents [data-name='{other}'] button")
        assert not violations(self.page.driver), violations(self.page.driver)
        self.page.choose("#action-status", "On Break")
        self.page.press_button("Apply", "dialog")
        self.page.says("Done.", "dialog")
        eventually("it is so", lambda: self.site.agent(other)["status"] == "On Break")
        self.page.press_button("Close", "dialog")
        self.page.says("Not ready · 1", "#agents")

    def the_supervisor_ends_a_call_after_being_asked(self):
        self.page.press(f"#agents [data-name='{self.agent}'] button")
        self.page.press_button("End call", "dialog")
        self.page.says("Both are cut off at once", "dialog:last-of-type")
        self.page.press_button("End call", "dialog:last-of-type")
        eventually("the call is over", lambda: self.site.agent(self.agent)["normalized"] != "talking")
        self.page.press_button("Close", "dialog")

    def one_who_gives_up_counts_as_well(self):
        call = self.phone.call("+442079460124", "Impatient")
        self.page.says("Impatient", "#waiting")
        self.phone.simulate(f"hangup {call} caller")
        eventually("the level falls", lambda: self._figure("support@default", "Service level") == "50%")

    def the_curve_is_described_for_who_cannot_see_it(self):
        eventually("there is a plot", lambda: "ready" in (self.page.find("#plot svg").get_attribute("aria-label") or ""))

    def it_fits_every_window_in_both_languages_and_schemes(self):
        for language in range(2):
            for width, height in [(360, 640), (1280, 800), (3840, 2160)]:
                self.page.size(width, height)
                assert self.page.overflows() <= 0, (width, self.page.overflows())
            self.page.scheme("dark")
            assert not violations(self.page.driver), violations(self.page.driver)
            self.page.scheme("light")
            self.page.click("language")
        self.page.size(1280, 860)

    def a_cut_is_seen(self):
        self.site.wire.cut()
        self.page.waits("connection", "stale since")
        self.site.wire.mend()
        self.page.waits("connection", "live")
