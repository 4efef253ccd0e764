"""What the checks of the pages stand on: real processes, a wire that can be cut, and a real Chromium."""

import json
import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import traceback
import urllib.parse
import urllib.request

from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException, ElementNotInteractableException, NoSuchElementException, StaleElementReferenceException)
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

AGENT = "1001@default"
TOKEN = "a-token-for-the-browser-test"
PASSWORD = "correct horse battery"
PATIENCE = 20
HOSTILE = '<img src=x onerror="window.wasRun=1">'


def eventually(what, condition, patience=PATIENCE):
    """Gives what `condition` gives as soon as it is true; fails when it never is."""
    until = time.monotonic() + patience
    last = None
    while time.monotonic() < until:
        try:
            value = condition()
        except (
            StaleElementReferenceException, NoSuchElementException, ElementClickInterceptedException, ElementNotInteractableException, OSError,
        ) as error:
            value, last = None, error
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"did not happen: {what}") from last


def path(*parts):
    return "/api/v1/" + "/".join(urllib.parse.quote(part, safe="") for part in parts)


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

    def answer(self, agent=AGENT):
        eventually("the phone rings", lambda: self.send(f"api simulate answer {agent}").startswith("+OK"))


class Wire:
    """Between the browser and the service: can be cut, and can go silent without anybody being told."""

    def __init__(self, target):
        self.target = target
        self.is_cut = False
        self.is_silent = False
        self.open = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "%s:%d" % self.listener.getsockname()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.is_cut:
                client.close()
                continue
            threading.Thread(target=self.join, args=(client,), daemon=True).start()

    def join(self, client):
        host, port = self.target().rsplit(":", 1)
        try:
            server = socket.create_connection((host, int(port)), timeout=PATIENCE)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        self.open |= {client, server}
        threading.Thread(target=self.pump, args=(client, server), daemon=True).start()
        self.pump(server, client)

    def pump(self, source, sink):
        try:
            while data := source.recv(65536):
                if not self.is_silent:
                    sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            self.open.discard(end)
            self.end_one(end)
            end.close()

    def cut(self):
        self.is_cut = True
        for end in list(self.open):
            self.end_one(end)

    @staticmethod
    def end_one(end):
        # A close alone would not wake who reads from it.
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def mend(self):
        self.is_cut = self.is_silent = False

    def end(self):
        self.listener.close()
        self.cut()


class Site:
    """The simulator, and a service that can be killed and comes back on the same port with the same data."""

    def __init__(self, program, agents=1, calls_per_minute=0, flags=()):
        self.program = program
        self.flags = list(flags)
        self.folder = tempfile.mkdtemp(prefix="screenpop-browser-")
        self.simulator = Program(
            [program, "simulate", "--listen", "127.0.0.1:0", "--calls-per-minute", str(calls_per_minute), "--agents", str(agents), "--seed", "7"],
            r"event socket on (\S+)")
        self.service = None
        self.redis = None
        self.address = None
        self.wire = None
        try:
            self.telephony = Telephony(self.simulator.address)
            self.start()
            self.wire = Wire(lambda: self.address)
            self.url = f"http://{self.wire.address}"
        except BaseException:
            self.end()
            raise

    def start(self, token=TOKEN):
        self.token = token
        self.service = Program(
            [self.program, "serve", "--listen", self.address or "127.0.0.1:0", "--data", self.folder, *self.flags],
            r"listening on (\S+)", {"SCREENPOP_ADMIN_TOKEN": token, "SCREENPOP_FREESWITCH": f"esl://:ClueCon@{self.simulator.address}?name=fs1"})
        self.address = urllib.parse.urlsplit(self.service.address).netloc
        eventually("the service is ready", lambda: self.get("/readyz")["ready"])

    def get(self, path):
        return self.send("GET", path)

    def send(self, method, path, body=None):
        request = urllib.request.Request(
            f"http://{self.address}{path}", method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            content = answer.read()
            return json.loads(content) if content else None

    def user(self, name, role, agent=None):
        """Somebody who may sign in with PASSWORD."""
        self.send("PUT", path("users", name), {"password": PASSWORD, "role": role, **({"agent": agent} if agent else {})})

    def agent(self, name=AGENT):
        return self.get(path("agents", name))

    def is_ready(self, name=AGENT):
        return eventually(f"{name} is ready", lambda: self.agent(name)["normalized"] == "ready")

    def link(self, agent=AGENT, page="/"):
        return f"{self.url}{page}#token={self.token}" + (f"&agent={urllib.parse.quote(agent)}" if agent else "")

    def redis_is_away(self):
        """The service's own Redis answers nobody, until it is back."""
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8") as file:
                    command, fields = file.read().rsplit(")", 1)
            except OSError:
                continue
            if command.endswith("(redis-server") and int(fields.split()[1]) == self.service.process.pid:
                self.redis = int(name)
        assert self.redis, "the service has no Redis of its own"
        os.kill(self.redis, signal.SIGSTOP)

    def redis_is_back(self):
        if self.redis:
            os.kill(self.redis, signal.SIGCONT)
            self.redis = None

    def end(self):
        self.redis_is_back()
        if self.service:
            self.service.end()
        if self.wire:
            self.wire.end()
        self.simulator.end()
        shutil.rmtree(self.folder, ignore_errors=True)


class Page:
    def __init__(self, driver):
        self.driver = driver

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, identifier):
        return self.driver.find_element(By.ID, identifier).text

    def waits(self, identifier, words):
        return eventually(f"#{identifier} says {words!r}", lambda: words in self.text(identifier))

    def says(self, words, selector="main"):
        return eventually(f"{selector} says {words!r}", lambda: words in self.find(selector).text)

    def click(self, identifier):
        self.press(f"#{identifier}")

    def press(self, selector):
        def pressed():
            element = self.find(selector)
            if not element.is_enabled():
                return False
            element.click()
            return True

        eventually(f"{selector} can be pressed", pressed)

    def press_button(self, words, within="body"):
        def pressed():
            for button in self.all(f"{within} button"):
                if button.text == words and button.is_displayed() and button.is_enabled():
                    button.click()
                    return True
            return False

        eventually(f"a button {words!r} can be pressed in {within}", pressed)

    def type(self, selector, words):
        def typed():
            element = self.find(selector)
            element.clear()
            element.send_keys(words)
            return True

        eventually(f"one can type in {selector}", typed)

    def choose(self, selector, words):
        def chosen():
            Select(self.find(selector)).select_by_visible_text(words)
            return True

        eventually(f"{selector} offers {words!r}", chosen)

    def sign_in(self, url, user, password=PASSWORD):
        self.driver.get(url)
        self.type("#user", user)
        self.type("#password", password)
        self.press("#sign-in button.main")

    def forget(self):
        """What this tab keeps, such as the token of a link."""
        self.driver.execute_script("sessionStorage.clear()")

    def watch(self, script):
        """Runs before the scripts of every page that this tab opens."""
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})

    def cards(self, state=None):
        return self.driver.find_elements(By.CSS_SELECTOR, f".pop.{state}" if state else ".pop")

    def card(self, state, words):
        def found():
            return next((card for card in self.cards(state) if words in card.text), None)

        return eventually(f"a pop that is {state} and says {words!r}", found)

    def no_card(self):
        return eventually("no pop is shown", lambda: not self.cards())

    def dismiss(self, state="ended"):
        self.press(f".pop.{state} button.dismiss")

    def announcement(self):
        return self.driver.find_element(By.ID, "announcement").get_attribute("textContent")

    def size(self, width, height):
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})

    def scheme(self, name):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": name}]})

    def picture(self, to):
        os.makedirs(os.path.dirname(os.path.abspath(to)), exist_ok=True)
        assert self.driver.save_screenshot(to)
        print(f"wrote {to}")

    def broken_words(self, longest=24):
        """Words of tables, of a usual length, that stand in two lines."""
        return self.driver.execute_script("""
            const found = [];
            for (const cell of document.querySelectorAll("td, th")) {
              if (!cell.checkVisibility({ contentVisibilityAuto: true })) continue;
              const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
              for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                for (const { 0: word, index } of node.data.matchAll(/[^\\s-]+/g)) {
                  if (word.length > arguments[0]) continue;
                  const range = document.createRange();
                  range.setStart(node, index);
                  range.setEnd(node, index + word.length);
                  if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) found.push(word);
                }
              }
            }
            return found;
        """, longest)

    def overflows(self):
        """By how many pixels the page is wider than its window."""
        return self.driver.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")


def chromium(language="en-US"):
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("chromium-browser") or ""
    for argument in [
        "--headless=new", f"--lang={language}", "--window-size=1280,860", "--hide-scrollbars", "--disable-dev-shm-usage",
    ]:
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.add_experimental_option("prefs", {"intl.accept_languages": language})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    Page(driver).scheme("light")
    return driver


class Checks:
    """Methods in the order in which they stand: each begins where the one before has left the page."""

    flags = ()
    agents = 1
    language = "en-US"

    def __init__(self, site, page):
        self.site = site
        self.page = page
        self.phone = site.telephony

    def prepare(self):
        """Before the first check."""

    def _finish(self):
        """After the last check, whichever that was: ends what `prepare` began."""

    def nothing_went_wrong_in_the_page(self):
        # Lost connections and refused requests are logged by the browser itself.
        def is_expected(entry):
            return entry["source"] == "network" or "WebSocket connection to" in entry["message"]

        wrong = [entry for entry in self.page.driver.get_log("browser") if entry["level"] == "SEVERE" and not is_expected(entry)]
        assert not wrong, wrong

    @classmethod
    def names(cls):
        last = "nothing_went_wrong_in_the_page"
        own = [name for name, value in vars(cls).items() if callable(value) and not name.startswith("_") and name not in ("prepare", last)]
        return [*own, last]


def run(kind, program):
    """Prints a line per check; gives how many passed and how many failed."""
    print(f"-- {kind.__doc__.splitlines()[0]}", flush=True)
    driver = checks = None
    site = Site(program, agents=kind.agents, flags=kind.flags)
    passed = 0
    try:
        driver = chromium(kind.language)
        checks = kind(site, Page(driver))
        for name in ["prepare", *kind.names()]:
            try:
                getattr(checks, name)()
            except Exception:  # Any failure at all is this check's.
                print(f"failed: {name.replace('_', ' ')}", flush=True)
                traceback.print_exc()
                print("the page:", driver.find_element(By.TAG_NAME, "body").text, sep="\n")
                for entry in driver.get_log("browser"):
                    print(entry["level"], entry["message"])
                # The others begin where this one should have ended.
                return passed, 1
            if name != "prepare":
                passed += 1
                print(f"passed: {name.replace('_', ' ')}", flush=True)
        return passed, 0
    finally:
        if checks:
            checks._finish()
        if driver:
            driver.quit()
        site.end()
