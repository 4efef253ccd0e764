"""From a call to the CRM: the link, the tab that opens by itself, and what else a pop tells of its caller."""

import http.server
import threading

from accessibility import violations
from harness import AGENT, Checks, eventually


class CRMServer(http.server.BaseHTTPRequestHandler):
    """Stands for a CRM: a page that says what it was asked for."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"<!doctype html><html lang=en><title>CRM</title><h1>A customer</h1>")

    def log_message(self, *arguments):
        pass


SERVER = http.server.ThreadingHTTPServer(("127.0.0.1", 0), CRMServer)
threading.Thread(target=SERVER.serve_forever, daemon=True).start()
ORIGIN = "http://127.0.0.1:%d" % SERVER.server_port
HOSTILE = "../../x?a=1#<script>&b"


class CRM(Checks):
    """The link to the CRM, past calls, the wait and the menu choice."""

    flags = ("--pop-url", ORIGIN + "/customer/{attributes.crm_id}?number={party.number}&name={caller.name?}")

    def prepare(self):
        self.site.user("anna", "agent", AGENT)
        self.page.sign_in(self.site.url, "anna")
        self.page.waits("normalized", "Ready")
        self.desktop = self.page.driver.current_window_handle

    def _call(self, number, name, *variables):
        self.site.is_ready()
        call = self.phone.call(number, name, " ".join(["7000", *variables]))
        self.page.card("offered", name)
        return call

    def _talk(self, number, name, *variables):
        call = self._call(number, name, *variables)
        self.phone.answer()
        self.page.card("answered", name)
        return call

    def _end(self, call, name):
        self.phone.simulate(f"hangup {call} caller")
        self.page.card("ended", name)
        self.page.dismiss()
        self.page.no_card()

    def _other_tabs(self):
        return [handle for handle in self.page.driver.window_handles if handle != self.desktop]

    def _only_tab(self):
        """Looks at it, closes it, and gives what was seen."""
        tab, = eventually("a tab has opened", self._other_tabs)
        self.page.driver.switch_to.window(tab)
        eventually("it is the CRM's", lambda: self.page.driver.title == "CRM")
        seen = self.page.driver.execute_script("return [location.href, window.opener === null, document.referrer]")
        self.page.driver.close()
        self.page.driver.switch_to.window(self.desktop)
        return seen

    def whoever_has_no_link_is_not_asked_about_it(self):
        call = self._call("+442079460001", "Unknown To The CRM")
        card = self.page.card("offered", "Unknown To The CRM")
        assert not card.find_elements("css selector", "a.crm"), card.text
        assert not self.page.find("#crm").is_displayed()
        assert self.site.get(f"/api/v1/agents/{AGENT.replace('@', '%40')}/pop")["url"] is None
        self._end(call, "Unknown To The CRM")

    def a_pop_links_to_the_callers_page(self):
        call = self._talk("+8613900139000", "王小明", "crm_id=crm-4711", "ivr_choice=billing")
        link = self.page.find(".pop.answered a.crm")
        assert link.text == "Open in CRM"
        address = f"{ORIGIN}/customer/crm-4711?number=%2B8613900139000&name=%E7%8E%8B%E5%B0%8F%E6%98%8E"
        assert link.get_attribute("href") == address, link.get_attribute("href")
        assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener noreferrer")
        assert self.site.get(f"/api/v1/agents/{AGENT.replace('@', '%40')}/pop")["url"] == address
        assert not violations(self.page.driver), violations(self.page.driver)
        assert not self._other_tabs(), "nobody asked for it"
        link.click()
        assert self._only_tab() == [address, True, ""]
        self.first = call

    def it_fits_a_narrow_window_and_the_dark(self):
        self.page.scheme("dark")
        for width in (360, 1280):
            self.page.size(width, 860)
            assert self.page.overflows() <= 0, (width, self.page.overflows())
            assert not violations(self.page.driver), violations(self.page.driver)
        self.page.scheme("light")

    def the_menu_choice_is_shown_in_both_languages(self):
        self.page.says("Menu choice", ".pop.answered")
        self.page.says("billing", ".pop.answered .important")
        self.page.click("language")
        self.page.says("菜单选择", ".pop.answered")
        self.page.says("billing", ".pop.answered .important")
        eventually("the link as well", lambda: self.page.find(".pop.answered a.crm").text == "在 CRM 中打开")
        self.page.click("language")
        self.page.says("Menu choice", ".pop.answered")
        self._end(self.first, "王小明")

    def what_a_caller_sends_does_not_change_where_it_leads(self):
        call = self._call("+442079460002", HOSTILE, f"crm_id={HOSTILE.replace(' ', '')}")
        href = self.page.find(".pop.offered a.crm").get_attribute("href")
        encoded = "..%2F..%2Fx%3Fa%3D1%23%3Cscript%3E%26b"
        assert href == f"{ORIGIN}/customer/{encoded}?number=%2B442079460002&name={encoded}", href
        self._end(call, HOSTILE)

    def past_calls_of_the_caller_are_read_in_both_languages(self):
        call = self._talk("+8613900139000", "王小明", "crm_id=crm-4711")
        self.page.says("Past calls of this caller", ".pop.answered .past")
        self.page.press(".pop.answered .past summary")
        self.page.says("caller hung up", ".pop.answered .past table")
        self.page.says("support@default", ".pop.answered .past table")
        assert len(self.page.all(".pop.answered .past tbody tr")) == 1
        assert not violations(self.page.driver), violations(self.page.driver)
        self.page.click("language")
        self.page.says("该来电者的历史通话", ".pop.answered .past")
        self.page.press(".pop.answered .past summary")
        self.page.says("来电者已挂断", ".pop.answered .past table")
        self.page.click("language")
        self._end(call, "王小明")

    def a_first_call_says_that_it_is_one(self):
        call = self._talk("+442079460003", "First Time")
        self.page.press(".pop.answered .past summary")
        self.page.says("none known", ".pop.answered .past")
        self._end(call, "First Time")

    def the_wait_is_shown_in_both_languages(self):
        self.page.click("do-break")
        self.page.waits("normalized", "Not ready")
        call = self.phone.call("+442079460004", "Patient")

        def has_waited():
            queue = self.site.get("/api/v1/queues/support%40default")
            return queue["waiting"] == 1 and self.page.driver.execute_script(
                "return Date.now() - Date.parse(arguments[0])", queue["longestWaitSince"]) > 2000

        eventually("two seconds have passed", has_waited)
        self.page.click("do-ready")
        card = self.page.card("offered", "Patient")
        wait = next(fact.text.split("\n") for fact in card.find_elements("css selector", "dl > div") if fact.text.startswith("Waited"))
        assert wait[1] in {f"0:{seconds:02}" for seconds in range(2, 20)}, wait
        self.page.click("language")
        self.page.says(f"等待\n{wait[1]}", ".pop.offered dl")
        self.page.click("language")
        self._end(call, "Patient")

    def it_opens_by_itself_for_those_who_asked_for_it(self):
        self.page.press("#crm-open")
        call = self._call("+8613900139000", "王小明", "crm_id=crm-4711")
        assert not self._other_tabs(), "it only rings"
        self.phone.answer()
        self.page.card("answered", "王小明")
        assert self._only_tab() == [f"{ORIGIN}/customer/crm-4711?number=%2B8613900139000&name=%E7%8E%8B%E5%B0%8F%E6%98%8E", True, ""]
        self.phone.simulate(f"hold {AGENT}")
        self.page.card("answered", "On hold")
        self.page.driver.refresh()
        self.page.card("answered", "王小明")
        eventually("it is remembered", lambda: self.page.find("#crm-open").is_selected())
        assert not self._other_tabs(), "once is enough"
        self._end(call, "王小明")

    def it_opens_once_while_redis_is_away_and_comes_back(self):
        self.site.is_ready()
        self.site.redis_is_away()
        call = self.phone.call("+442079460006", "Provisional", "7000 crm_id=crm-4712")
        self.page.card("offered", "Provisional")
        self.phone.answer()
        card = self.page.card("answered", "Provisional")
        assert card.find_elements("css selector", ".provisional"), card.text
        assert self._only_tab()[0].startswith(f"{ORIGIN}/customer/crm-4712?")
        self.site.redis_is_back()
        eventually("it is confirmed", lambda: not self.page.find(".pop.answered").find_elements("css selector", ".provisional"))
        self._end(call, "Provisional")
        assert not self._other_tabs(), "once is enough"

    def the_switch_of_one_tab_is_that_of_the_others(self):
        self.page.driver.switch_to.new_window("tab")
        self.page.driver.get(self.site.url)
        self.page.waits("connection", "live")
        for is_on in (False, True):
            self.page.press("#crm-open")
            self.page.driver.switch_to.window(self.desktop)
            eventually("it is so there, too", lambda is_on=is_on: self.page.find("#crm-open").is_selected() == is_on)
            self.page.driver.switch_to.window(self._other_tabs()[0])
        self.page.driver.close()
        self.page.driver.switch_to.window(self.desktop)

    def a_call_without_a_link_opens_nothing(self):
        call = self._talk("+442079460005", "Unlinked")
        assert not self._other_tabs()
        self._end(call, "Unlinked")

    def where_nothing_pops_nothing_opens(self):
        self.page.press("#alert-not-pop")
        call = self._talk("+8613900139000", "王小明", "crm_id=crm-4711")
        assert not self._other_tabs()
        self.page.press("#alert-not-pop")
        self._end(call, "王小明")

    def a_browser_that_blocks_it_is_told_of(self):
        self.page.driver.execute_script("window.open = () => null")
        call = self._talk("+8613900139000", "王小明", "crm_id=crm-4711")
        self.page.waits("crm-hint", "Allow pop-up windows")
        assert not violations(self.page.driver), violations(self.page.driver)
        self.page.press("#crm-open")
        eventually("the hint goes with the wish", lambda: self.page.text("crm-hint") == "")
        self._end(call, "王小明")


if __name__ == "__main__":
    import run

    run.main([CRM])
