#!/usr/bin/env python3
"""The agent's page in a real Chromium, between a simulated FreeSWITCH and the service, all of them real processes.

    agent_page.py [--program .build/debug/screenpop] [--picture docs/images/agent-pop.png]

Prints a line per check and `N passed, M failed`; ends with 1 when one failed. With --picture it writes the picture of the README instead.
"""

import argparse
import json
import os
import queue
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse
import urllib.request

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By

AGENT = "1001@default"
TOKEN = "a-token-for-the-browser-test"
PATIENCE = 20
HOSTILE = '<img src=x onerror="window.wasRun=1">'

END_REASONS = {
    "completed-agent", "completed-caller", "answered-elsewhere", "caller-abandoned", "no-answer", "rejected", "busy", "not-registered",
    "offer-cancelled", "queue-timeout", "no-agent-timeout", "exit-key", "break-out", "transferred", "failed", "lost-track",
}


def eventually(what, condition):
    """Gives what `condition` gives as soon as it is true; fails when it never is."""
    until = time.monotonic() + PATIENCE
    last = None
    while time.monotonic() < until:
        try:
            value = condition()
        except (StaleElementReferenceException, OSError) as error:
            value, last = None, error
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"did not happen: {what}") from last


class Program:
    """A process of ours, once it has said the line we wait for."""

    def __init__(self, command, ready, environment=None):
        self.log = []
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **(environment or {})})
        found = queue.Queue()

        def read():
            for line in self.process.stdout:
                self.log.append(line)
                match = re.search(ready, line)
                if match:
                    found.put(match.group(1))
            found.put(None)

        threading.Thread(target=read, daemon=True).start()
        try:
            self.address = found.get(timeout=PATIENCE)
        except queue.Empty:
            self.address = None
        if self.address is None:
            self.end()
            raise AssertionError(f"{command[1]} did not start:\n{''.join(self.log)}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()


class Telephony:
    """The simulator's event socket: callers and phones do what the test says."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.stream = socket.create_connection((host, int(port)), timeout=PATIENCE).makefile("rwb")
        self.frame()
        self.send("auth ClueCon")

    def frame(self):
        length = 0
        for line in self.stream:
            line = line.decode().strip()
            if line.lower().startswith("content-length:"):
                length = int(line.split(":")[1])
            if not line:
                break
        return self.stream.read(length).decode()

    def send(self, command):
        self.stream.write(f"{command}\n\n".encode())
        self.stream.flush()
        return self.frame()

    def simulate(self, what):
        reply = self.send(f"api simulate {what}").strip()
        assert reply.startswith("+OK"), f"simulate {what}: {reply}"
        return reply[3:].strip()

    def call(self, number, name, extension="7000"):
        quoted = name.replace("'", "")
        return self.simulate(f"call {number} '{quoted}' {extension}")

    def answer(self):
        eventually("the phone rings", lambda: self.send(f"api simulate answer {AGENT}").startswith("+OK"))


class Site:
    """The simulator, and a service that can be killed and comes back on the same port with the same data."""

    def __init__(self, program):
        self.program = program
        self.folder = tempfile.mkdtemp(prefix="screenpop-browser-")
        self.simulator = Program(
            [program, "simulate", "--listen", "127.0.0.1:0", "--calls-per-minute", "0", "--agents", "1"], r"event socket on (\S+)")
        self.service = None
        self.url = None
        try:
            self.telephony = Telephony(self.simulator.address)
            self.start()
        except BaseException:
            self.end()
            raise

    def start(self, token=TOKEN):
        listen = urllib.parse.urlsplit(self.url).netloc if self.url else "127.0.0.1:0"
        self.token = token
        self.service = Program(
            [self.program, "serve", "--listen", listen, "--data", self.folder],
            r"listening on (\S+)", {"SCREENPOP_ADMIN_TOKEN": token, "SCREENPOP_FREESWITCH": f"esl://:ClueCon@{self.simulator.address}?name=fs1"})
        self.url = self.service.address.rstrip("/")
        eventually("the service is ready", lambda: self.get("/readyz")["ready"])

    def get(self, path):
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def agent(self):
        return self.get(f"/api/v1/agents/{urllib.parse.quote(AGENT)}")

    def link(self):
        return f"{self.url}/#token={self.token}&agent={urllib.parse.quote(AGENT)}"

    def end(self):
        if self.service:
            self.service.end()
        self.simulator.end()
        shutil.rmtree(self.folder, ignore_errors=True)


class Page:
    def __init__(self, driver):
        self.driver = driver

    def text(self, identifier):
        return self.driver.find_element(By.ID, identifier).text

    def waits(self, identifier, words):
        return eventually(f"#{identifier} says {words!r}", lambda: words in self.text(identifier))

    def click(self, identifier):
        element = self.driver.find_element(By.ID, identifier)
        eventually(f"#{identifier} can be pressed", element.is_enabled)
        element.click()

    def cards(self, state=None):
        return self.driver.find_elements(By.CSS_SELECTOR, f".pop.{state}" if state else ".pop")

    def card(self, state, words):
        def found():
            return next((card for card in self.cards(state) if words in card.text), None)

        return eventually(f"a pop that is {state} and says {words!r}", found)

    def no_card(self):
        return eventually("no pop is shown", lambda: not self.cards())

    def dismiss(self, state="ended"):
        self.driver.find_element(By.CSS_SELECTOR, f".pop.{state} button").click()


def chromium():
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("chromium-browser") or ""
    for argument in ["--headless=new", "--lang=en-US", "--window-size=1200,800", "--hide-scrollbars", "--disable-dev-shm-usage"]:
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.add_experimental_option("prefs", {"intl.accept_languages": "en-US"})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "light"}]})
    return driver


class Checks:
    """In this order: each begins where the one before has left the page."""

    def __init__(self, site, page):
        self.site = site
        self.page = page
        self.phone = site.telephony

    def a_link_logs_in_at_once(self):
        self.page.driver.get(self.site.link())
        self.page.waits("connection", "live")
        self.page.waits("who", AGENT)
        assert TOKEN not in self.page.driver.current_url, "the token stays in the address bar"
        assert TOKEN not in self.page.driver.execute_script("return JSON.stringify(localStorage) + JSON.stringify(history.state)")

    def the_state_is_shown_and_follows_the_buttons(self):
        self.page.waits("normalized", "Ready")
        self.page.click("do-logout")
        self.page.waits("normalized", "Logged out")
        assert self.site.agent()["normalized"] == "loggedOut"
        self.page.click("do-login")
        self.page.waits("normalized", "Ready")
        self.page.driver.find_element(By.ID, "reason").send_keys("lunch")
        self.page.click("do-break")
        self.page.waits("normalized", "Not ready")
        self.page.waits("raw", "lunch")
        agent = self.site.agent()
        assert (agent["status"], agent["reason"]) == ("On Break", "lunch"), agent
        self.page.click("do-ready")
        self.page.waits("normalized", "Ready")
        self.page.waits("answer", "Done.")
        assert self.site.agent()["normalized"] == "ready"

    def a_call_pops_and_stays_readable(self):
        call = self.phone.call("+8613900139000", "王小明")
        card = self.page.card("offered", "王小明")
        for words in ["+8613900139000", "support@default", "Ringing", "Number"]:
            assert words in card.text, card.text
        self.page.waits("normalized", "Reserved")
        self.phone.answer()
        self.page.card("answered", "Talking")
        self.page.waits("normalized", "Talking")
        self.page.click("do-ready")
        self.page.waits("answer", "You are in a call")
        assert "failed" not in self.page.driver.find_element(By.ID, "answer").get_attribute("class")
        self.phone.simulate(f"hold {AGENT}")
        self.page.card("answered", "On hold")
        self.phone.simulate(f"unhold {AGENT}")
        self.page.card("answered", "Talking")
        self.phone.simulate(f"hangup {call} caller")
        card = self.page.card("ended", "the caller hung up")
        assert "王小明" in card.text and "+8613900139000" in card.text, card.text
        assert "completed-caller" not in card.text, card.text

    def the_other_language(self):
        self.page.click("language")
        self.page.card("ended", "来电者已挂断")
        self.page.waits("do-ready", "就绪")
        assert self.page.driver.execute_script("return document.documentElement.lang") == "zh-CN"
        self.page.click("language")
        self.page.card("ended", "the caller hung up")

    def dismissed_is_gone(self):
        self.page.dismiss()
        self.page.no_card()

    def what_a_caller_sends_is_text(self):
        self.page.waits("normalized", "Ready")
        call = self.phone.call("+442079460123", HOSTILE)
        card = self.page.card("offered", "onerror")
        assert card.find_element(By.TAG_NAME, "h3").text == HOSTILE, card.text
        assert not card.find_elements(By.TAG_NAME, "img")
        assert self.page.driver.execute_script("return window.wasRun === undefined")
        self.phone.simulate(f"hangup {call} caller")
        self.page.card("ended", "the caller gave up")

    def the_page_comes_back_with_the_service(self):
        before = self.page.card("ended", "the caller gave up").get_attribute("data-pop")
        # One ends that the page never saw end: it must not come as a new one.
        self.page.waits("normalized", "Ready")
        call = self.phone.call("+8613812345678", "李娜")
        self.page.card("offered", "李娜")
        self.page.driver.execute_script("window.seen = document.getElementById('announcement').textContent")
        self.site.service.kill()
        self.page.waits("connection", "connecting")
        self.page.waits("connection", "stale since")
        assert not self.page.driver.find_element(By.ID, "do-ready").is_enabled(), "a command cannot be sent now"
        self.phone.simulate(f"hangup {call} caller")
        self.page.driver.execute_script("document.getElementById('announcement').textContent = ''")
        self.site.start()
        self.page.waits("connection", "live")
        self.page.card("ended", "李娜")
        eventually("nothing is offered", lambda: not self.page.cards("offered"))
        assert len(self.page.cards("ended")) == 2, [card.text for card in self.page.cards()]
        assert before in [card.get_attribute("data-pop") for card in self.page.cards("ended")]
        assert self.page.driver.find_element(By.ID, "announcement").get_attribute("textContent") == ""

    def calls_come_in_after_that(self):
        for _ in range(2):
            self.page.dismiss()
        self.page.no_card()
        eventually("the agent is ready", lambda: self.site.agent()["normalized"] == "ready")
        call = self.phone.call("+8613700137000", "张伟")
        self.page.card("offered", "张伟")
        self.phone.simulate(f"hangup {call} caller")
        self.page.card("ended", "张伟")

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

    def every_end_has_words_in_both_languages(self):
        texts = self.page.driver.execute_async_script(
            'const done = arguments[arguments.length - 1]; import("/texts.js").then(({ texts }) => done(texts));')
        assert set(texts["en"]) == set(texts["zh"])
        for language in ["en", "zh"]:
            assert set(texts[language]["endReasons"]) == END_REASONS, language

    def another_token_is_refused_in_words(self):
        self.site.service.kill()
        self.page.waits("connection", "connecting")
        self.site.start("another-token-of-the-next-run")
        self.page.waits("connection", "refused")

    def another_link_in_the_same_tab_is_followed(self):
        self.page.driver.get(self.site.link())
        self.page.waits("connection", "live")

    def nothing_went_wrong_in_the_page(self):
        # Lost connections and refused tokens are logged by the browser itself.
        def is_expected(entry):
            return entry["source"] == "network" or "WebSocket connection to" in entry["message"]

        wrong = [entry for entry in self.page.driver.get_log("browser") if entry["level"] == "SEVERE" and not is_expected(entry)]
        assert not wrong, wrong

    def all(self):
        return [value for name, value in vars(Checks).items() if callable(value) and not name.startswith("_") and name != "all"]


def picture(site, page, path):
    page.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 1200, "height": 800, "deviceScaleFactor": 1, "mobile": False})
    page.driver.get(site.link())
    page.waits("normalized", "Ready")
    first = site.telephony.call("+442079460123", "Alice Liddell")
    site.telephony.answer()
    page.card("answered", "Alice")
    site.telephony.simulate(f"hangup {first} caller")
    page.card("ended", "Alice")
    page.waits("normalized", "Ready")
    site.telephony.call("+8613900139000", "王小明", "7000 crm_customer=C-20481")
    page.card("offered", "王小明")
    page.waits("normalized", "Reserved")
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    assert page.driver.save_screenshot(path)
    print(f"wrote {path}")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--program", default=".build/debug/screenpop")
    arguments.add_argument("--picture")
    options = arguments.parse_args()
    site = Site(options.program)
    driver = None
    failed = passed = 0
    try:
        driver = chromium()
        page = Page(driver)
        if options.picture:
            picture(site, page, options.picture)
            return 0
        checks = Checks(site, page)
        for check in checks.all():
            name = check.__name__.replace("_", " ")
            try:
                check(checks)
            except Exception:  # Any failure at all is this check's.
                failed += 1
                print(f"failed: {name}")
                traceback.print_exc()
                print("the page:", driver.find_element(By.TAG_NAME, "body").text, sep="\n")
                # The others begin where this one should have ended.
                break
            passed += 1
            print(f"passed: {name}")
    finally:
        if driver:
            driver.quit()
        site.end()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
