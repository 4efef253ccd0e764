"""Several tabs of one browser."""

from harness import AGENT, Checks, eventually


class Tabs(Checks):
    """Two tabs: one pops, the other shows quietly and can claim."""

    def prepare(self):
        self.site.user("anna", "agent", AGENT)
        self.page.sign_in(self.site.url, "anna")
        self.page.waits("connection", "live")
        self.first = self.page.driver.current_window_handle

    def _to(self, handle):
        self.page.driver.switch_to.window(handle)

    def _is_quiet(self):
        return self.page.find("#quiet-tab").is_displayed()

    def the_second_tab_is_quiet(self):
        assert not self._is_quiet()
        self.page.driver.switch_to.new_window("tab")
        self.second = self.page.driver.current_window_handle
        self.page.driver.get(self.site.url)
        self.page.waits("connection", "live")
        eventually("it says that another tab pops", self._is_quiet)

    def only_the_first_announces_and_both_show(self):
        self.call = self.phone.call("+8613900139000", "王小明")
        self.page.card("offered", "王小明")
        assert self.page.announcement() == ""
        assert self.page.driver.title == "ScreenPop", self.page.driver.title
        self._to(self.first)
        self.page.card("offered", "王小明")
        eventually("it is announced here", lambda: "王小明" in self.page.announcement())
        assert "王小明" in self.page.driver.title

    def the_second_can_claim(self):
        self._to(self.second)
        self.page.click("claim")
        eventually("it is loud now", lambda: not self._is_quiet() and "王小明" in self.page.driver.title)
        self._to(self.first)
        eventually("the first is quiet now", lambda: self._is_quiet() and self.page.driver.title == "ScreenPop")

    def dismissed_in_one_is_gone_in_the_other(self):
        self.phone.simulate(f"hangup {self.call} caller")
        self.page.card("ended", "王小明")
        self._to(self.second)
        self.page.card("ended", "王小明")
        self.page.dismiss()
        self._to(self.first)
        self.page.no_card()

    def the_first_takes_over_when_the_second_closes(self):
        self._to(self.second)
        self.page.driver.close()
        self._to(self.first)
        eventually("it is loud again", lambda: not self._is_quiet())
        self.site.is_ready()
        call = self.phone.call("+442079460123", "Alice Liddell")
        self.page.card("offered", "Alice Liddell")
        eventually("it is announced here", lambda: "Alice Liddell" in self.page.announcement())
        self.phone.simulate(f"hangup {call} caller")


class ChineseBrowser(Checks):
    """A browser that asks for Chinese."""

    language = "zh-CN"

    def the_page_is_chinese_from_the_start(self):
        self.page.driver.get(self.site.url)
        self.page.says("用户名", "#sign-in")
        assert self.page.driver.execute_script("return document.documentElement.lang") == "zh-CN"
        self.page.driver.get(self.site.link())
        self.page.waits("connection", "实时")
        self.page.waits("normalized", "就绪")

    def the_choice_is_remembered(self):
        self.page.click("language")
        self.page.waits("normalized", "Ready")
        self.page.driver.get(self.site.link())
        self.page.waits("normalized", "Ready")
