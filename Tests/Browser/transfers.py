"""Giving a call to somebody else from the page, and a supervisor who listens."""

from harness import AGENT, Checks, eventually

OTHER = "1002@default"
BOSS = "1003@default"


class Transfers(Checks):
    """Transferring, dialling, listening in."""

    agents = 3

    def prepare(self):
        self.site.user("anna", "agent", AGENT)
        self.site.user("boss", "supervisor", BOSS)
        for other in (OTHER, BOSS):
            self.site.send("POST", f"/api/v1/agents/{other.replace('@', '%40')}/break", {})
        self.page.sign_in(self.site.url, "anna")
        self.page.waits("normalized", "Ready")

    def _talk(self, number, name):
        call = self.phone.call(number, name)
        self.page.card("offered", name)
        self.phone.answer()
        self.page.card("answered", name)
        return call

    def the_call_is_given_to_another_queue(self):
        call = self._talk("+8613900139000", "王小明")
        self.page.press_button("Transfer…", ".pop.answered")
        self.page.choose(".target select", "Queue")
        self.page.type(".target input", "sales@default")
        self.page.press_button("Transfer", ".target")
        card = self.page.card("ended", "transferred")
        assert "王小明" in card.text, card.text
        self.page.dismiss()
        eventually("the caller waits there", lambda: [member["queue"] for member in self.site.get("/api/v1/members")["items"]] == ["sales@default"])
        self.phone.simulate(f"hangup {call} caller")

    def what_cannot_be_dialled_is_said_in_words(self):
        self.page.type("#dial-target", "+442079460000")
        self.page.click("do-dial")
        self.page.waits("answer", "Calls to this target are not allowed.")

    def a_supervisor_listens(self):
        self.site.is_ready()
        self.page.waits("normalized", "Ready")
        self.call = self._talk("+442079460123", "Alice Liddell")
        self.page.driver.delete_all_cookies()
        self.page.sign_in(f"{self.site.url}/wallboard", "boss")
        self.page.says("with Alice Liddell", "#agents")
        self.page.press(f"#agents [data-name='{AGENT}'] button")
        self.page.press_button("Listen", "dialog")
        self.page.says("Your phone rings", "dialog")
        self.phone.answer(BOSS)
        self.page.press_button("Leave the call", "dialog")
        self.page.says("Done.", "dialog")
        self.page.press_button("Close", "dialog")
        self.phone.simulate(f"hangup {self.call} caller")
