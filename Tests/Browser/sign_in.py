"""What a tab keeps of a sign-in, and what it does not; and the page that a browser kept for the way back."""

import re
import urllib.request

from accessibility import violations
from crm import ORIGIN
from harness import AGENT, TOKEN, Checks, eventually, path


class SignIn(Checks):
    """A sign-in by link: it stays over a reload, in that tab, until it is over."""

    flags = ("--pop-url", ORIGIN + "/customer?number={caller.number}")
    agents = 2

    def _asks(self):
        return eventually("it asks for the log-in", lambda: self.page.find("#user").is_displayed())

    def _kept(self):
        return self.page.driver.execute_script("return sessionStorage.getItem('screenpop.sign-in') ?? ''")

    def the_pages_have_one_head(self):
        # It stands in each of them, so that it is there before any script.
        heads = set()
        for page in ["/", "/wallboard", "/admin"]:
            with urllib.request.urlopen(self.site.url + page) as answer:
                heads.add(re.search("<header>.*</header>", answer.read().decode(), re.DOTALL)[0])
        assert len(heads) == 1, heads

    def a_reload_stays(self):
        self.page.driver.get(self.site.link("1002@default"))
        self.page.waits("connection", "live")
        self.page.driver.refresh()
        self.page.waits("connection", "live")
        self.page.waits("who", "1002@default")

    def the_token_is_in_this_tab_and_nowhere_else(self):
        assert TOKEN in self._kept()
        seen = self.page.driver.execute_script("return location.href + JSON.stringify(history.state) + JSON.stringify(localStorage) + document.cookie")
        assert TOKEN not in seen, seen
        first = self.page.driver.current_window_handle
        self.page.driver.switch_to.new_window("tab")
        self.page.driver.get(self.site.url)
        self._asks()
        self.page.driver.close()
        self.page.driver.switch_to.window(first)

    def the_other_pages_of_the_tab_know_it(self):
        self.page.click("to-wallboard")
        self.page.says("support@default", "#queues")
        self.page.click("to-desktop")
        self.page.waits("who", "1002@default")
        self.page.waits("connection", "live")

    def the_tab_of_the_crm_does_not(self):
        self.site.send("POST", path("agents", AGENT, "logout"), {})
        self.page.press("#alert-sound")
        self.page.driver.execute_script("localStorage.setItem('crm', 'seen'); localStorage.setItem('crm:1002@default', 'yes')")
        self.page.driver.refresh()
        self.page.waits("normalized", "Ready")
        call = self.phone.call("+442079460123", "Alice Liddell")
        self.page.card("offered", "Alice Liddell")
        self.phone.answer("1002@default")
        first = self.page.driver.current_window_handle
        tab = eventually("the CRM opens", lambda: [one for one in self.page.driver.window_handles if one != first])[0]
        self.page.driver.switch_to.window(tab)
        eventually("it is the CRM's", lambda: self.page.driver.title == "CRM")
        self.page.driver.get(self.site.url)
        self._asks()
        assert TOKEN not in self._kept()
        self.page.driver.close()
        self.page.driver.switch_to.window(first)
        self.phone.simulate(f"hangup {call} caller")

    def signing_out_ends_it(self):
        self.page.click("sign-out")
        self.page.press_button("Only sign out")
        self._asks()
        assert not self._kept()
        self.page.driver.refresh()
        self._asks()

    def so_does_a_token_that_is_taken_back(self):
        made = self.site.send("POST", "/api/v1/tokens", {"name": "short", "role": "agent", "agent": AGENT})
        self.page.driver.get(f"{self.site.url}/#token={made['token']}")
        self.page.waits("connection", "live")
        self.site.send("DELETE", path("tokens", made["id"]))
        self.page.says("Sign in again", "#sign-in")
        assert not self._kept()

    def a_link_that_is_refused_leaves_nobody_signed_in(self):
        self.page.driver.get(self.site.link())
        self.page.waits("connection", "live")
        self.page.driver.get(f"{self.site.url}/#token=sp_of-somebody-else")
        self.page.says("Sign in again", "#sign-in")
        self.page.driver.refresh()
        self._asks()

    def whose_desktop_it_is_stays_as_well(self):
        self.site.user("boss", "supervisor")
        self.page.sign_in(self.site.url, "boss")
        self.page.says("Whose desktop?", "#sign-in")
        assert not violations(self.page.driver), violations(self.page.driver)
        self.page.click("language")
        self.page.says("打开哪个坐席的工作台？", "#sign-in")
        self.page.click("language")
        self.page.type("#agent", AGENT)
        self.page.press("#sign-in button.main")
        self.page.waits("who", AGENT)
        self.page.driver.refresh()
        self.page.waits("who", AGENT)
        self.page.waits("connection", "live")

    def whoever_is_asked_for_a_desktop_can_sign_out(self):
        self.page.driver.execute_script("sessionStorage.clear()")
        self.page.driver.refresh()
        self.page.says("Whose desktop?", "#sign-in")
        self.page.press_button("Sign out", "#sign-in")
        self._asks()
        self.page.driver.refresh()
        self._asks()

    def a_supervisor_without_a_telephone_opens_the_wallboard(self):
        self.site.user("lee", "supervisor", "2010@default")
        self.page.sign_in(f"{self.site.url}/wallboard", "lee")
        self.page.says("support@default", "#queues")
        self.page.click("sign-out")
        self._asks()


class WayBack(Checks):
    """A page that the browser kept for the way back."""

    def prepare(self):
        self.site.user("anna", "agent", AGENT)
        self.site.user("root", "admin")

    def _leave(self):
        self.page.driver.execute_script("window.wasKept = true; location.href = '/icon.svg'")
        eventually("it is left", lambda: self.page.driver.current_url.endswith("/icon.svg"))

    def _back(self):
        self.page.driver.back()
        eventually("it is back", lambda: not self.page.driver.current_url.endswith("/icon.svg"))

    def the_browser_keeps_pages(self):
        # Else the checks below would show nothing.
        self.page.driver.get(f"{self.site.url}/screenpop.d.ts")
        self._leave()
        self._back()
        assert self.page.driver.execute_script("return window.wasKept"), "this browser keeps no pages"

    def what_was_set_meanwhile_is_so(self):
        self.page.sign_in(self.site.url, "anna")
        self.page.waits("connection", "live")
        self._leave()
        self.page.driver.execute_script(f"localStorage.setItem('alerts:{AGENT}', JSON.stringify({{ notPop: true }})); localStorage.setItem('language', 'zh')")
        self._back()
        eventually("no pops here", lambda: self.page.find("#alert-not-pop").is_selected())
        self.page.waits("connection", "实时")
        self.page.waits("normalized", "就绪")
        self.page.driver.execute_script("localStorage.clear()")
        self.page.driver.refresh()
        self.page.waits("connection", "live")

    def whoever_has_signed_out_meanwhile_is_out(self):
        self._leave()
        self.page.driver.delete_all_cookies()
        self._back()
        eventually("it asks for the log-in", lambda: self.page.find("#user").is_displayed())

    def a_list_is_read_again(self):
        self.page.sign_in(f"{self.site.url}/admin", "root")
        self.page.says(AGENT, "#content")
        self._leave()
        self.site.send("POST", "/api/v1/agents", {"name": "2001@default", "contact": {"user": "2001@example.org"}})
        self._back()
        self.page.says("2001@default", "#content")
