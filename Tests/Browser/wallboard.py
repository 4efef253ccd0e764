"""The supervisor's wallboard."""

import time

from accessibility import violations
from harness import AGENT, HOSTILE, Checks, eventually, path


# The smallest letters of what the wallboard shows, in pixels.
SMALLEST = """
    let smallest = Infinity, words = "";
    const walker = document.createTreeWalker(document.getElementById("wallboard"), NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const holder = node.parentElement, svg = holder.ownerSVGElement;
      if (!node.data.trim() || !holder.checkVisibility() || holder.closest(".unseen, thead")) continue;
      const size = parseFloat(getComputedStyle(holder).fontSize) * (svg ? svg.clientWidth / svg.viewBox.baseVal.width : 1);
      if (size < smallest) [smallest, words] = [size, node.data];
    }
    return [smallest, words];
"""

# As many queues and agents as `window.name` says, in place of those that there are: far more than a test could simulate.
MANY = """
    const Real = WebSocket;
    const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
    const name = (n, what) => n % 7 === 3 ? `a-${what}-with-a-very-long-name-that-goes-on-${n}@callcentre.example.org` : `${what}-${n}@default`;
    const states = ["ready", "talking", "wrapUp", "notReady", "hold", "reserved", "loggedOut"];
    const many = (made) => Array.from({ length: Number(window.name) }, (_, n) => made(n));
    function changed(message) {
      if (message.topic === "queues") {
        const like = message.queues[0];
        message.queues = many((n) => ({ ...like, name: name(n, "queue"), waiting: n % 3 * 77, longestWaitSince: n % 3 ? ago(n * 99) : null, agentsLoggedIn: n % 5, answered: 77777 }));
        message.members = many((n) => ({ uuid: `${n}`, callUUID: `${n}`, queue: name(n, "queue"), state: "waiting", joinedAt: ago(n * 99), caller: { name: "W".repeat(n * 3), number: "+442079460123" } }));
      }
      if (message.topic === "agents") {
        const like = message.agents[0];
        message.agents = many((n) => ({ ...like, name: name(n, "agent"), normalized: states[n % 7], stateChangedAt: ago(n * 999) }));
      }
      return message;
    }
    window.WebSocket = class extends Real {
      addEventListener(type, heard, ...more) {
        super.addEventListener(type, type === "message" && window.name ? (event) => {
          const message = JSON.parse(event.data);
          if (["snapshot", "hello", "result"].includes(message.type)) heard(new MessageEvent("message", { data: JSON.stringify(changed(message)) }));
        } : heard, ...more);
      }
    };
"""


class Wallboard(Checks):
    """The wallboard: what the call centre does, as it does it."""

    agents = 3

    def prepare(self):
        self.site.user("boss", "supervisor", "1003@default")
        self.site.user("anna", "agent", AGENT)

    def an_agent_does_not_open_it(self):
        self.page.sign_in(f"{self.site.url}/wallboard", "anna")
        self.page.waits("sign-in-error", "Your role (agent) does not open this page.")

    def a_supervisor_does(self):
        self.page.sign_in(f"{self.site.url}/wallboard", "boss")
        self.page.waits("connection", "live")
        self.page.says("support@default", "#queues")
        self.page.says("Ready · 3", "#agents")
        assert not violations(self.page.driver), violations(self.page.driver)

    def _figure(self, queue, name):
        return next(
            (figure.find_element("tag name", "dd").text for figure in self.page.all(f"#queues > [data-name='{queue}'] .figure")
             if figure.find_element("tag name", "dt").text == name), None)

    def a_waiting_caller_is_counted_and_listed_as_text(self):
        for agent in ["1001@default", "1002@default", "1003@default"]:
            self.phone.simulate(f"phone {agent} rings")
        self.call = self.phone.call("+442079460123", HOSTILE)
        eventually("one waits", lambda: self._figure("support@default", "Waiting") == "1")
        self.page.says(HOSTILE, "#waiting")
        self.page.says("+442079460123", "#waiting")
        assert self.page.driver.execute_script("return window.wasRun === undefined")
        self.page.says("Ringing · 1", "#agents")

    def an_answered_call_counts_for_the_service_level(self):
        def answered():
            return next((name for name in ["1001@default", "1002@default", "1003@default"]
                         if self.phone.send(f"api simulate answer {name}").startswith("+OK")), None)

        self.agent = eventually("somebody's phone rings", answered)
        self.page.says("Talking · 1", "#agents")
        eventually("nobody waits", lambda: self._figure("support@default", "Waiting") == "0")
        eventually("the level is known", lambda: self._figure("support@default", "Service level") == "100%")
        self.page.says("Nobody waits.", "#waiting")

    def the_supervisor_sets_a_status(self):
        other = next(name for name in ["1001@default", "1002@default"] if name != self.agent)
        self.page.press(f"#agents [data-name='{other}'] button")
        assert not violations(self.page.driver), violations(self.page.driver)
        self.page.choose("#action-status", "On Break")
        self.page.press_button("Apply", "dialog")
        self.page.says("Done.", "dialog")
        eventually("it is so", lambda: self.site.agent(other)["status"] == "On Break")
        self.page.press_button("Close", "dialog")
        self.page.says("Not ready · 1", "#agents")

    def the_supervisor_ends_a_call_after_being_asked(self):
        self.page.press(f"#agents [data-name='{self.agent}'] button")
        self.page.says("Talking (", "dialog")
        self.page.press_button("End call", "dialog")
        self.page.says("Both are cut off at once", "dialog:last-of-type")
        self.page.press_button("End call", "dialog:last-of-type")
        eventually("the call is over", lambda: self.site.agent(self.agent)["normalized"] != "talking")
        # What was true when it was opened is not shown as true.
        eventually("the dialog says so", lambda: "Talking (" not in self.page.find("dialog").text and "Listen" not in self.page.find("dialog").text)
        self.page.press_button("Close", "dialog")

    def one_who_gives_up_counts_as_well(self):
        call = self.phone.call("+442079460124", "Impatient")
        self.page.says("Impatient", "#waiting")
        self.phone.simulate(f"hangup {call} caller")
        eventually("the level falls", lambda: self._figure("support@default", "Service level") == "50%")

    def the_curve_is_described_for_who_cannot_see_it(self):
        eventually("there is a plot", lambda: "ready" in (self.page.find("#plot > svg").get_attribute("aria-label") or ""))

    def it_fits_every_window_in_both_languages_and_schemes(self):
        for language in range(2):
            for width, height in [(360, 640), (768, 1024), (1280, 800), (3840, 2160)]:
                self.page.size(width, height)
                assert self.page.overflows() <= 0, (width, self.page.overflows())
                assert not self.page.broken_words(20), (width, self.page.broken_words(20))
            self.page.scheme("dark")
            assert not violations(self.page.driver), violations(self.page.driver)
            self.page.scheme("light")
            self.page.click("language")
        self.page.size(1280, 860)

    def every_word_can_be_read_from_across_a_room(self):
        # About a fiftieth of the height of the screen, as the subtitles of a film.
        for width, height in [(1920, 1080), (3840, 2160)]:
            self.page.size(width, height)
            time.sleep(0.3)
            size, words = self.page.driver.execute_script(SMALLEST)
            assert size >= height / 52, (width, size, words)
        self.page.size(1280, 860)

    def whoever_came_to_an_agent_by_keyboard_stays_with_him(self):
        self.page.driver.execute_script("document.querySelector(`#agents [data-name='1003@default'] button`).focus()")
        for status, words in [("On Break", "Not ready"), ("Available", "Ready")]:
            self.site.send("PUT", path("agents", "1003@default", "status"), {"status": status})
            eventually("his state is shown", lambda: words in self.page.driver.execute_script("return document.querySelector(`#agents [data-name='1003@default']`).closest('.group').textContent"))
            assert self.page.driver.execute_script("return document.activeElement.closest('li')?.dataset.name") == "1003@default"

    def a_queue_that_nobody_serves_is_named_in_words(self):
        for agent in ["1001@default", "1002@default", "1003@default"]:
            self.site.send("POST", path("agents", agent, "logout"), {})
        call = self.phone.call("+442079460125", "Nobody There")
        self.page.says("Callers wait, and nobody is logged in.", "#queues")
        self.phone.simulate(f"hangup {call} caller")
        eventually("it is so no more", lambda: "nobody is logged in" not in self.page.find("#queues").text)

    def nothing_and_very_much_fit(self):
        self.page.watch(MANY)
        for count in (100, 0):
            self.page.driver.execute_script(f"window.name = '{count}'")
            self.page.driver.refresh()
            self.page.waits("connection", "live")
            eventually("all of it is there", lambda: len(self.page.all("#queues > .tile")) == count)
            self.page.says("And 50 more." if count else "Nobody waits.", "#waiting")
            for width, height in [(360, 640), (1280, 800), (1920, 1080), (3840, 2160)]:
                self.page.size(width, height)
                assert self.page.overflows() <= 0, (count, width, self.page.overflows())
                outside = self.page.driver.execute_script(
                    "return [...document.querySelectorAll('#wallboard :is(dd, dt, h3, strong)')].filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth).map((one) => one.textContent)")
                assert not outside, (count, width, outside[:5])
            assert not violations(self.page.driver), violations(self.page.driver)
        self.page.driver.execute_script("window.name = ''")
        self.page.driver.refresh()
        self.page.size(1280, 860)
        self.page.says("support@default", "#queues")

    def a_cut_is_seen(self):
        self.site.wire.cut()
        self.page.waits("connection", "stale since")
        self.site.wire.mend()
        self.page.waits("connection", "live")
