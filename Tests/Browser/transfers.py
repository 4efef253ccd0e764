"""Giving a call to somebody else from the page, dialling, and a supervisor who listens."""

import json

from accessibility import violations
from harness import AGENT, Checks, eventually, path

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

    def _transfer(self, kind, target):
        self.page.press_button("Transfer…", ".pop.answered")
        self.page.choose(".target select", kind)
        self.page.type(".target input", target)
        self.page.press_button("Transfer", ".target")

    def _pop(self, agent):
        """The pop of somebody whose page nobody looks at."""
        return self.site.get(path("agents", agent, "pop"))

    def the_call_is_given_to_an_extension_and_to_an_agent(self):
        for kind, target in [("Extension", "1002"), ("Agent", OTHER)]:
            self.site.is_ready()
            self.page.waits("normalized", "Ready")
            call = self._talk("+442079460123", "Alice Liddell")
            self._transfer(kind, target)
            card = self.page.card("ended", "transferred")
            assert target in card.text, card.text
            self.phone.answer(OTHER)
            pop = eventually("1002 talks to the caller", lambda: (self._pop(OTHER) or {}).get("state") == "answered" and self._pop(OTHER))
            assert pop["caller"]["number"] == "+442079460123", pop
            self.page.dismiss()
            self.phone.simulate(f"hangup {call} caller")
            eventually("it is over", lambda: self._pop(OTHER) is None)

    def a_call_to_nowhere_stays_with_the_agent(self):
        self.site.is_ready()
        self.page.waits("normalized", "Ready")
        self.call = self._talk("+8613900139000", "王小明")
        self._transfer("Agent", "nobody@default")
        self.page.says("There is no such agent.", ".pop.answered")
        self.page.press_button("Cancel", ".target")

    def _consult(self, answers):
        self.page.press_button("Consult…", ".pop.answered")
        self.page.choose(".target select", "Agent")
        self.page.type(".target input", OTHER)
        self.page.press_button("Ring", ".target")
        self.page.says(f"Asking {OTHER}: ringing", ".pop.answered .consult")
        if answers:
            self.phone.answer(OTHER)
            self.page.says(f"Asking {OTHER}: talking", ".pop.answered .consult")

    def who_is_asked_can_be_left_again(self):
        for answers in [False, True]:
            self._consult(answers)
            buttons = [button.text for button in self.page.all(".pop.answered .buttons button")]
            assert buttons == ["Hang up"], buttons
            self.page.press_button("Back to the caller", ".pop.answered")
            eventually("the call is as before", lambda: "Hold" in self.page.find(".pop.answered .buttons").text)
            assert not self.page.find(".pop.answered .consult").text
            eventually("nothing is left at 1002", lambda: self._pop(OTHER) is None)

    def a_transfer_under_way_outlives_a_reload(self):
        self._consult(True)
        assert not violations(self.page.driver), violations(self.page.driver)
        self.page.driver.refresh()
        self.page.says(f"Asking {OTHER}: talking", ".pop.answered .consult")
        self.page.click("language")
        self.page.says(f"正在咨询 {OTHER}：通话中", ".pop.answered .consult")
        self.page.click("language")
        self.page.says(f"Asking {OTHER}: talking", ".pop.answered .consult")

    def the_call_is_handed_over(self):
        self.page.press_button("Hand over", ".pop.answered")
        card = self.page.card("ended", "transferred")
        assert OTHER in card.text, card.text
        assert eventually("1002 has the call", lambda: self._pop(OTHER))["state"] == "answered"
        self.page.dismiss()
        self.phone.simulate(f"hangup {self.call} caller")
        eventually("the caller ends it", lambda: self._pop(OTHER) is None)

    def who_does_not_take_the_call_leaves_it_with_the_agent(self):
        self.site.is_ready()
        self.page.waits("normalized", "Ready")
        call = self._talk("+442079460123", "Alice Liddell")
        self._consult(False)
        self.phone.simulate(f"reject {OTHER}")
        eventually("the call is as before", lambda: "Hold" in self.page.find(".pop.answered .buttons").text)
        self.page.says("Alice Liddell", ".pop.answered")
        self.phone.simulate(f"hangup {call} caller")
        self.page.card("ended", "caller hung up")
        self.page.dismiss()

    def a_transfer_that_the_service_has_lost_is_not_under_way(self):
        self.site.is_ready()
        self.page.waits("normalized", "Ready")
        self._talk("+8613900139000", "王小明")
        self._consult(True)
        self.site.service.kill()
        self.page.waits("connection", "stale since")
        self.site.start()
        self.page.waits("connection", "live")
        eventually("the call has its buttons again", lambda: "Transfer…" in self.page.find(".pop.answered .buttons").text)
        assert not self.page.find(".pop.answered .consult").text
        for leg in json.loads(self.phone.send("api show channels as json")).get("rows", []):
            self.phone.send(f"api uuid_kill {leg['uuid']}")
        self.page.card("ended", "王小明")
        self.page.dismiss()
        eventually("1002 is free", lambda: self._pop(OTHER) is None)

    def the_agent_dials(self):
        self.site.is_ready()
        self.page.waits("normalized", "Ready")
        self.page.type("#dial-target", "1002")
        self.page.click("do-dial")
        self.page.waits("dial-answer", "Your phone rings first.")
        assert self.page.find("#dial-target").get_attribute("value") == ""
        self.phone.answer()
        self.phone.answer(OTHER)
        self.page.card("answered", "call made by you")
        # Drawn anew with each change of the call.
        eventually("it says whom", lambda: self.page.find(".pop.answered h3").text == "1002")
        assert not violations(self.page.driver), violations(self.page.driver)
        self.page.press_button("Hold", ".pop.answered")
        self.page.card("answered", "On hold")
        self.page.press_button("Resume", ".pop.held")
        eventually("it is resumed", lambda: not self.page.cards("held"))
        self.page.press_button("Hang up", ".pop.answered")
        self.page.card("ended", "you hung up")
        self.page.dismiss()

    def what_cannot_be_dialled_is_said_in_words(self):
        self.page.type("#dial-target", "+442079460000")
        self.page.click("do-dial")
        self.page.waits("dial-answer", "Calls to this target are not allowed.")

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
        assert not violations(self.page.driver), violations(self.page.driver)
        self.phone.answer(BOSS)
        eventually("it hears", lambda: self._heard("false", "false"))

    def _heard(self, by_caller, by_agent):
        """Whether the boss's phone hears the call, and by whom it is heard."""
        legs = json.loads(self.phone.send("api show channels as json")).get("rows", [])
        leg = next((leg["uuid"] for leg in legs if leg["application"] == "eavesdrop"), None)
        if leg is None:
            return False
        dump = json.loads(self.phone.send(f"api uuid_dump {leg} json"))
        return (dump.get("variable_eavesdrop_whisper_aleg"), dump.get("variable_eavesdrop_whisper_bleg")) == (by_caller, by_agent)

    def whispers_and_barges_in(self):
        for button, heard in [("Whisper", ("false", "true")), ("Barge in", ("true", "true")), ("Listen", ("false", "false"))]:
            self.page.press_button(button, "dialog")
            eventually(f"{button}: it is so", lambda heard=heard: self._heard(*heard))
            self.page.says(f"you are on this call: {button}", "dialog")
        assert self.site.agent()["normalized"] == "talking"

    def and_leaves(self):
        self.page.press_button("Leave the call", "dialog")
        self.page.says("Done.", "dialog")
        eventually("nobody listens", lambda: "eavesdrop" not in self.phone.send("api show channels as json"))
        self.page.press_button("Close", "dialog")
        self.phone.simulate(f"hangup {self.call} caller")
