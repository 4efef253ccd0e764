"""Several computers of one agent."""

from accessibility import violations
from harness import AGENT, PASSWORD, Checks, Page, Wire, chromium, eventually


class Desks(Checks):
    """Two computers: one rings, the other shows quietly and can claim."""

    def prepare(self):
        self.site.user("anna", "agent", AGENT)
        self.office, self.home, self.wire = self.page, None, None
        # A wire and a profile of its own, as on another machine.
        self.wire = Wire(lambda: self.site.address)
        self.home = Page(chromium())
        self.office.sign_in(self.site.url, "anna")
        self.office.waits("connection", "live")

    def _finish(self):
        if self.home:
            self.home.driver.quit()
        if self.wire:
            self.wire.end()

    def _open_home(self):
        self.home.sign_in(f"http://{self.wire.address}", "anna", PASSWORD)
        self.home.waits("connection", "live")

    @staticmethod
    def _listen(page):
        """Counts what sounds from now on. A browser lets a page sound only after somebody has used it."""
        page.driver.execute_script(
            "window.rings = 0; if (!window.isListening) { window.isListening = true; const start = AudioScheduledSourceNode.prototype.start;"
            "AudioScheduledSourceNode.prototype.start = function (...given) { window.rings += 1; return start.apply(this, given); }; }")
        page.click("pops-title")

    @staticmethod
    def _rings(page):
        return page.driver.execute_script("return window.rings")

    @staticmethod
    def _is_quiet(page):
        return page.find("#quiet-desk").is_displayed()

    def _is_loud(self, page, caller):
        return not self._is_quiet(page) and caller in page.driver.title and caller in page.announcement()

    def the_second_computer_is_quiet_and_says_so(self):
        self._open_home()
        eventually("it says that another computer pops", lambda: self._is_quiet(self.home))
        assert "another computer" in self.home.text("quiet-desk")
        assert "another computer" in self.home.find("#desk-said").get_attribute("textContent")
        assert not self._is_quiet(self.office)
        assert not self.home.find("#quiet-tab").is_displayed()
        assert not violations(self.home.driver), violations(self.home.driver)

    def one_rings_and_both_show(self):
        self._listen(self.office)
        self._listen(self.home)
        self.call = self.phone.call("+8613900139000", "王小明")
        self.office.card("offered", "王小明")
        self.home.card("offered", "王小明")
        eventually("it rings in the office", lambda: self._is_loud(self.office, "王小明") and self._rings(self.office) > 0)
        assert self.home.announcement() == "" and self.home.driver.title == "ScreenPop", self.home.driver.title
        assert self._rings(self.home) == 0

    def a_claim_moves_it_at_once(self):
        self.home.click("claim-desk")
        eventually("it rings at home", lambda: self._is_loud(self.home, "王小明") and self._rings(self.home) > 0)
        eventually("the office is quiet", lambda: self._is_quiet(self.office) and self.office.driver.title == "ScreenPop")
        assert "Calls pop here now." in self.home.find("#desk-said").get_attribute("textContent")
        self.phone.simulate(f"hangup {self.call} caller")
        for page in (self.office, self.home):
            page.card("ended", "王小明")
        self.home.dismiss()
        self.office.no_card()

    def a_reload_keeps_its_place(self):
        self.home.driver.refresh()
        self.home.waits("connection", "live")
        eventually("home is the one still", lambda: not self._is_quiet(self.home))
        self.office.driver.refresh()
        self.office.waits("connection", "live")
        eventually("the office is quiet still", lambda: self._is_quiet(self.office))
        assert not self._is_quiet(self.home)

    def one_more_tab_is_the_same_desk(self):
        first = self.home.driver.current_window_handle
        self.home.driver.switch_to.new_window("tab")
        self.home.driver.get(f"http://{self.wire.address}")
        self.home.waits("connection", "live")
        eventually("it says that another tab pops", lambda: self.home.find("#quiet-tab").is_displayed())
        assert not self._is_quiet(self.home), "the tab is on the computer that pops"
        self.home.driver.close()
        self.home.driver.switch_to.window(first)
        assert not self._is_quiet(self.home)

    def the_other_takes_over_when_the_network_of_the_one_is_cut(self):
        self.site.is_ready()
        self._listen(self.office)
        self.call = self.phone.call("+442079460123", "Alice Liddell")
        self.home.card("offered", "Alice Liddell")
        self.office.card("offered", "Alice Liddell")
        eventually("it rings at home", lambda: self._is_loud(self.home, "Alice Liddell"))
        assert self._rings(self.office) == 0
        self.wire.cut()
        self.home.waits("connection", "stale since")
        assert not self._is_quiet(self.home), "what it cannot know it does not say"
        eventually("it rings in the office", lambda: self._is_loud(self.office, "Alice Liddell") and self._rings(self.office) > 0, 10)

    def and_coming_back_it_is_quiet(self):
        self.home.driver.execute_script("document.getElementById('announcement').textContent = ''")
        self.wire.mend()
        self.home.waits("connection", "live")
        eventually("it says that another computer pops", lambda: self._is_quiet(self.home))
        assert self.home.announcement() == ""
        self.phone.simulate(f"hangup {self.call} caller")
        self.home.card("ended", "Alice Liddell")
        self.home.dismiss()
        self.office.no_card()

    def after_a_sleep_it_vouches_for_nothing_until_it_was_answered(self):
        # As after a sleep: the socket seems open, and nothing comes through it.
        self.home.driver.execute_script("const now = Date.now; Date.now = () => now() + 60000;")
        self.wire.is_silent = True
        self.home.driver.execute_script("window.dispatchEvent(new Event('focus'))")
        self.home.waits("connection", "stale since")
        assert not self._is_quiet(self.home)
        self.wire.cut()
        self.wire.mend()
        self.home.waits("connection", "live")
        eventually("it says that another computer pops", lambda: self._is_quiet(self.home))

    def who_wants_no_pops_here_leaves_them_to_the_other(self):
        self.office.click("alert-not-pop")
        eventually("home is the one", lambda: not self._is_quiet(self.home))
        eventually("the office says so", lambda: self._is_quiet(self.office))
        # So it stays after a reload.
        self.office.driver.refresh()
        self.office.waits("connection", "live")
        eventually("the office says so", lambda: self._is_quiet(self.office))
        self.office.click("claim-desk")
        eventually("the office is the one", lambda: not self._is_quiet(self.office) and self._is_quiet(self.home))
        assert not self.office.find("#alert-not-pop").is_selected()

    def _both_tabs(self, what, condition):
        for tab in self.tabs:
            self.office.driver.switch_to.window(tab)
            eventually(what, condition)

    def and_so_does_every_tab_of_it(self):
        # The first tab's socket would hold the desk on, and be quiet for the other tab's sake: it would ring nowhere.
        first = self.office.driver.current_window_handle
        self.office.driver.switch_to.new_window("tab")
        self.office.driver.get(self.site.url)
        self.office.waits("connection", "live")
        eventually("another tab pops", lambda: self.office.find("#quiet-tab").is_displayed())
        self.tabs = [first, self.office.driver.current_window_handle]
        self.office.click("alert-not-pop")
        eventually("home is the one", lambda: not self._is_quiet(self.home))
        self._both_tabs("it is so in both, without a reload", lambda: self.office.find("#alert-not-pop").is_selected() and self._is_quiet(self.office))
        self.site.is_ready()
        self._listen(self.home)
        call = self.phone.call("+442079460124", "The Hatter")
        self.home.card("offered", "The Hatter")
        eventually("it rings at home", lambda: self._is_loud(self.home, "The Hatter") and self._rings(self.home) > 0)
        self.phone.simulate(f"hangup {call} caller")
        for page in (self.office, self.home):
            page.card("ended", "The Hatter")
        self.home.dismiss()
        self.office.no_card()

    def and_wants_them_again(self):
        self.office.click("alert-not-pop")
        eventually("home is quiet", lambda: self._is_quiet(self.home))
        self._both_tabs(
            "it is so in both, without a reload", lambda: not self.office.find("#alert-not-pop").is_selected() and not self._is_quiet(self.office))
        assert not self.office.find("#quiet-tab").is_displayed(), "it is the tab in which it was said that pops"
        self.office.driver.close()
        self.office.driver.switch_to.window(self.tabs[0])
        eventually("the other tab pops", lambda: not self.office.find("#quiet-tab").is_displayed() and not self._is_quiet(self.office))
        assert self._is_quiet(self.home), "the desk is open still"

    def in_chinese_too(self):
        self.home.click("language")
        assert "另一台电脑" in self.home.text("quiet-desk") and self.home.text("claim-desk") == "在此弹出"
        self.home.click("language")

    def a_supervisor_who_looks_on_is_no_desk(self):
        self.site.user("boss", "supervisor")
        self.home.driver.delete_all_cookies()
        self.home.sign_in(f"http://{self.wire.address}", "boss")
        self.home.type("#agent", AGENT)
        self.home.press("#sign-in button.main")
        self.home.waits("connection", "live")
        eventually("it says that another computer pops", lambda: self._is_quiet(self.home))
        assert not self.home.find("#claim-desk").is_displayed()

    def nor_is_an_administrator_who_looks_on(self):
        self.site.user("chief", "admin")
        self.home.driver.delete_all_cookies()
        self.home.sign_in(f"http://{self.wire.address}", "chief")
        self.home.type("#agent", AGENT)
        self.home.press("#sign-in button.main")
        self.home.waits("connection", "live")
        eventually("it says that another computer pops", lambda: self._is_quiet(self.home))
        self.office.driver.get("about:blank")
        # The browser keeps the page for the way back.
        eventually("a page that was left is no desk", lambda: not self._is_quiet(self.home))
        self.office.driver.back()
        self.office.waits("connection", "live")
        eventually("the agent is the one", lambda: self._is_quiet(self.home) and not self._is_quiet(self.office))

    def but_he_can_say_that_he_is(self):
        self.home.click("claim-desk")
        eventually("he is the one", lambda: self._is_quiet(self.office) and not self._is_quiet(self.home))
        self.home.click("alert-not-pop")
        eventually("and no more", lambda: self._is_quiet(self.home) and not self._is_quiet(self.office))
        self.home.click("alert-not-pop")
        eventually("he looks on", lambda: not self.home.find("#alert-not-pop").is_selected())
        assert self._is_quiet(self.home) and not self._is_quiet(self.office)

    def signing_out_hands_over_at_once(self):
        self.home.driver.delete_all_cookies()
        self._open_home()
        eventually("home is quiet", lambda: self._is_quiet(self.home))
        self.office.click("sign-out")
        self.office.press_button("Only sign out")
        eventually("home is the one", lambda: not self._is_quiet(self.home))

    def a_restart_of_the_service_leaves_one(self):
        self.office.sign_in(self.site.url, "anna")
        self.office.waits("connection", "live")
        eventually("the office is quiet", lambda: self._is_quiet(self.office))
        self.site.service.kill()
        for page in (self.office, self.home):
            page.waits("connection", "stale since")
        self.site.start()
        for page in (self.office, self.home):
            page.waits("connection", "live")
        eventually("one of the two is the one", lambda: self._is_quiet(self.office) != self._is_quiet(self.home))
        self.site.is_ready()
        call = self.phone.call("+8613700137000", "张伟")
        for page in (self.office, self.home):
            page.card("offered", "张伟")
        eventually("one announces it", lambda: any("张伟" in page.announcement() for page in (self.office, self.home)))
        assert sum("张伟" in page.driver.title for page in (self.office, self.home)) == 1
        self.phone.simulate(f"hangup {call} caller")
