"""A pop in the frame of another site's page."""

import functools
import http.server
import os
import threading
import urllib.parse

from accessibility import violations
from harness import AGENT, Checks, eventually

EXAMPLE = os.path.join(os.path.dirname(__file__), "../../docs/examples/crm")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def send_head(self):
        # The example's policy names the service's usual address.
        if self.path.split("?")[0] == "/":
            with open(os.path.join(EXAMPLE, "index.html"), "rb") as file:
                page = file.read().replace(b"http://127.0.0.1:8080", self.server.service.encode())
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page)
            return None
        return super().send_head()


def crm():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=EXAMPLE))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


CRM, STRANGER = crm(), crm()
CRM_ORIGIN = "http://127.0.0.1:%d" % CRM.server_port


class Embed(Checks):
    """A pop in a CRM page: only for origins that are allowed."""

    flags = ("--allow-origin", CRM_ORIGIN)

    def prepare(self):
        CRM.service = STRANGER.service = self.site.url

    def _visit(self, server):
        given = urllib.parse.urlencode({"token": self.site.token, "agent": AGENT, "service": self.site.url})
        self.page.driver.get("about:blank")
        self.page.driver.get(f"http://127.0.0.1:{server.server_port}/#{given}")

    def a_call_pops_in_the_crm(self):
        self._visit(CRM)
        self.page.waits("state", "live, ready")
        call = self.phone.call("+8613900139000", "王小明")
        self.page.waits("searched", "+8613900139000")
        self.page.driver.switch_to.frame("pop")
        self.page.card("offered", "王小明")
        assert not violations(self.page.driver), violations(self.page.driver)
        self.phone.answer()
        self.page.card("answered", "王小明")
        assert not violations(self.page.driver), violations(self.page.driver)
        self.phone.simulate(f"hangup {call} caller")
        self.page.card("ended", "王小明")
        self.page.dismiss()
        self.page.no_card()
        self.page.driver.switch_to.default_content()

    def a_strangers_page_gets_nothing(self):
        self._visit(STRANGER)
        call = self.phone.call("+442079460123", "Alice Liddell")
        eventually("the agent is offered it", lambda: self.site.agent()["pops"])
        assert "not connected" in self.page.text("state")
        self.page.driver.switch_to.frame("pop")
        assert not self.page.all("#pops"), "the frame was shown to a stranger"
        self.page.driver.switch_to.default_content()
        self.phone.simulate(f"hangup {call} caller")

    def nothing_went_wrong_in_the_page(self):
        # That a stranger's page could not frame it is what the browser logs.
        wrong = [entry for entry in self.page.driver.get_log("browser") if entry["level"] == "SEVERE" and "frame-ancestors" not in entry["message"]
                 and entry["source"] != "network"]
        assert not wrong, wrong
