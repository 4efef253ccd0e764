"""Signing in at the company's own log-in, of which there is a tiny one here."""

import base64
import hashlib
import hmac
import http.server
import json
import threading
import time
import urllib.parse

from accessibility import violations
from harness import AGENT, Checks, eventually

SECRET = "a secret of the company's log-in, long enough"


def jwt(**claims):
    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    given = {"sub": "anna", "aud": "screenpop", "role": "agent", "agent": AGENT, "name": "Anna B.", "exp": time.time() + 600, **claims}
    signed = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(given).encode())
    return (signed + b"." + part(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest())).decode()


class LogIn(http.server.BaseHTTPRequestHandler):
    """Asks nobody anything: sends the browser back with a token, or with what the check wants."""

    claims = {}
    # By what the state that came is replaced.
    state = None
    seen = []

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        if "return_to" not in query:
            self.send_response(404)
            self.end_headers()
            return
        LogIn.seen.append(query)
        token = jwt(**LogIn.claims)
        state = query["state"] if LogIn.state is None else LogIn.state
        self.send_response(302)
        self.send_header("Location", f"{query['return_to']}#token={token}&state={state}")
        self.end_headers()


SERVER = http.server.ThreadingHTTPServer(("127.0.0.1", 0), LogIn)
threading.Thread(target=SERVER.serve_forever, daemon=True).start()


class CompanyLogIn(Checks):
    """The company's log-in: there and back, and nothing of it stays."""

    flags = (
        "--login-url", f"http://127.0.0.1:{SERVER.server_port}/authorize?client=screenpop", "--jwt-secret", SECRET, "--jwt-audience", "screenpop")

    def prepare(self):
        LogIn.claims, LogIn.state = {}, None

    def _sign_in(self, page="/"):
        self.page.driver.get("about:blank")
        self.page.driver.get(self.site.url + page)
        self.page.press("#company-log-in")

    def _is_refused(self):
        self.page.waits("sign-in-error", "not accepted")
        assert not self.page.find("#desktop").is_displayed()
        assert "token" not in self.page.driver.current_url, self.page.driver.current_url
        assert not self.page.driver.get_cookies(), "a session was begun"

    def the_form_offers_it(self):
        self.page.driver.get(self.site.url)
        eventually("there is a button", lambda: self.page.find("#company-log-in").text == "Company log-in")
        assert not violations(self.page.driver), violations(self.page.driver)

    def there_and_back_signs_in(self):
        self._sign_in()
        self.page.waits("connection", "live")
        self.page.waits("who", AGENT)
        self.page.waits("principal", "Anna B.")
        query = LogIn.seen[-1]
        assert query["client"] == "screenpop" and query["return_to"] == self.site.url + "/" and len(query["state"]) == 32, query

    def nothing_of_it_stays(self):
        assert self.page.driver.current_url == self.site.url + "/", self.page.driver.current_url
        kept = self.page.driver.execute_script("return JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie + location.href")
        assert "eyJ" not in kept and LogIn.seen[-1]["state"] not in kept, kept
        [cookie] = self.page.driver.get_cookies()
        assert cookie["httpOnly"] and cookie["sameSite"] == "Strict" and cookie["expiry"] <= time.time() + 601, cookie

    def a_reload_stays_signed_in_and_commands_work(self):
        self.page.driver.refresh()
        self.page.waits("connection", "live")
        self.page.click("do-break")
        self.page.waits("normalized", "Not ready")
        self.page.click("do-ready")
        self.page.waits("normalized", "Ready")

    def what_was_not_asked_for_disturbs_nobody(self):
        self.page.driver.execute_script("location.hash = arguments[0]", f"token={jwt(sub='mallory', name='Mallory')}&state=1")
        eventually("it is out of the address", lambda: self.page.driver.current_url.rstrip("#") == self.site.url + "/")
        self.page.waits("principal", "Anna B.")
        assert not self.page.find("#sign-in").is_displayed()

    def signing_out_ends_it(self):
        self.page.click("sign-out")
        self.page.press_button("Only sign out")
        eventually("the form is back", lambda: self.page.find("#company-log-in").is_displayed())
        self.page.driver.refresh()
        eventually("nobody is signed in", lambda: self.page.find("#company-log-in").is_displayed())

    def a_token_that_was_not_asked_for_is_not_taken(self):
        for given in [f"token={jwt()}", f"token={jwt()}&state=", f"token={jwt()}&state={'0' * 32}", f"token={jwt()}&agent={AGENT}", "state=1"]:
            self.page.driver.get("about:blank")
            self.page.driver.get(f"{self.site.url}/#{given}")
            self._is_refused()

    def another_state_is_not_taken_and_the_right_one_only_once(self):
        LogIn.state = "0" * 32
        self._sign_in()
        self._is_refused()
        LogIn.state = None
        self.page.driver.get("about:blank")
        self.page.driver.get(f"{self.site.url}/#token={jwt()}&state={LogIn.seen[-1]['state']}")
        self._is_refused()

    def what_the_service_does_not_accept_is_said(self):
        for claims in [{"exp": time.time() - 5}, {"aud": "crm"}, {"role": "root"}]:
            LogIn.claims = claims
            self._sign_in()
            self._is_refused()

    def it_is_on_every_page(self):
        LogIn.claims = {"role": "supervisor", "name": "Boss"}
        self._sign_in("/wallboard")
        self.page.says("Boss", "header")
        assert self.page.driver.current_url == self.site.url + "/wallboard"
        self.page.driver.delete_all_cookies()

    def the_session_ends_with_the_token(self):
        LogIn.claims = {"exp": time.time() + 6}
        self._sign_in()
        self.page.waits("connection", "live")
        eventually("the form is back", lambda: self.page.find("#sign-in").is_displayed())
        self.page.says("Sign in again", "#sign-in")

    def in_chinese_too(self):
        self.page.click("language")
        eventually("the button is Chinese", lambda: self.page.find("#company-log-in").text == "公司登录")
        self.page.click("language")
