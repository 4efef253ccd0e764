"""The desktop when the network, the service or the other end goes away."""

import time

from harness import AGENT, Checks, eventually

# Everything that is read out from now on, and what the title says of calls.
NOTE = """
    window.noted = [];
    document.getElementById("announcement").textContent = "";
    window.watching?.disconnect();
    const last = [];
    window.watching = new MutationObserver(() => {
      // Each by itself: anything else that changes in the page is no second announcement.
      [document.getElementById("announcement").textContent, document.title].forEach((words, at) => {
        if (words !== last[at] && (words.startsWith("☎") || words.startsWith("Call"))) window.noted.push(words);
        last[at] = words;
      });
    });
    window.watching.observe(document, { childList: true, characterData: true, subtree: true });
"""


class Network(Checks):
    """The network is cut, goes silent, and the service is killed."""

    def prepare(self):
        self.page.driver.get(self.site.link())
        self.page.waits("connection", "live")
        self.site.is_ready()
        self.page.waits("normalized", "Ready")

    def a_cut_shows_since_when_nothing_is_known(self):
        self.call = self.phone.call("+8613812345678", "李娜")
        self.page.card("offered", "李娜")
        self.site.wire.cut()
        self.page.waits("connection", "stale since")
        assert not self.page.find("#do-ready").is_enabled(), "a command cannot be sent now"
        self.phone.simulate(f"hangup {self.call} caller")
        self.site.is_ready()
        self.missed = self.phone.call("+8613700000001", "Missed Meanwhile")
        eventually("it is offered", lambda: self.site.agent()["normalized"] == "reserved")
        self.phone.simulate(f"hangup {self.missed} caller")

    def it_resumes_and_shows_nothing_ended_as_new(self):
        self.page.driver.execute_script(NOTE)
        self.site.wire.mend()
        self.page.waits("connection", "live")
        self.page.card("ended", "李娜")
        self.page.card("ended", "Missed Meanwhile")
        eventually("nothing is offered", lambda: not self.page.cards("offered"))
        # As long as an announcement takes, and longer.
        time.sleep(0.3)
        noted = self.page.driver.execute_script("return window.noted")
        assert noted == [], noted
        self.page.waits("normalized", "Ready")

    def what_rings_since_then_is_announced_once(self):
        self.site.wire.cut()
        self.page.waits("connection", "stale since")
        call = self.phone.call("+8613700000002", "Rings Still")
        eventually("it is offered", lambda: self.site.agent()["normalized"] == "reserved")
        self.page.driver.execute_script(NOTE)
        self.site.wire.mend()
        self.page.card("offered", "Rings Still")
        eventually("it is read out", lambda: "Rings Still" in self.page.announcement())
        time.sleep(0.3)
        noted = self.page.driver.execute_script("return window.noted.filter((words) => words.includes('Rings Still'))")
        assert "☎ Rings Still" in noted and len([words for words in noted if words.startswith("Call from")]) == 1, noted
        self.phone.simulate(f"hangup {call} caller")
        self.page.card("ended", "Rings Still")

    def a_silent_wire_is_found_out_when_somebody_looks(self):
        # As after a sleep: the socket seems open, and nothing comes through it.
        self.page.driver.execute_script("const now = Date.now; Date.now = () => now() + 60000 * (window.slept ?? 0); window.slept = 1;")
        self.site.wire.is_silent = True
        self.page.driver.execute_script("window.dispatchEvent(new Event('focus'))")
        self.page.waits("connection", "stale since")
        self.site.wire.cut()
        self.site.wire.mend()
        self.page.waits("connection", "live")

    def the_page_comes_back_with_the_service(self):
        eventually("the agent is ready", lambda: self.site.agent()["normalized"] == "ready")
        call = self.phone.call("+8613512345678", "周杰")
        before = self.page.card("offered", "周杰").get_attribute("data-pop")
        self.site.service.kill()
        self.page.waits("connection", "stale since")
        self.phone.simulate(f"hangup {call} caller")
        self.page.driver.execute_script("document.getElementById('announcement').textContent = ''")
        self.site.start()
        self.page.waits("connection", "live")
        card = self.page.card("ended", "周杰")
        assert card.get_attribute("data-pop") == before
        eventually("nothing is offered", lambda: not self.page.cards("offered"))
        assert self.page.announcement() == ""

    def calls_come_in_after_that(self):
        self.page.click("dismiss-all")
        self.page.no_card()
        eventually("the agent is ready", lambda: self.site.agent()["normalized"] == "ready")
        call = self.phone.call("+8613700137000", "张伟")
        self.page.card("offered", "张伟")
        self.phone.simulate(f"hangup {call} caller")
        self.page.card("ended", "张伟")

    def a_subscription_that_was_one_too_many_is_made_later(self):
        self.page.driver.set_script_timeout(30)
        # How much is too much depends on how fast this machine is: so the refusals, and they alone, are made up.
        result = self.page.driver.execute_async_script("""
            const [token, agent, done] = arguments;
            const Real = WebSocket;
            let refusals = 0;
            window.WebSocket = class extends Real {
              send(text) {
                const { id, type } = JSON.parse(text);
                if (type !== "subscribe" || refusals === 2) return super.send(text);
                refusals += 1;
                const error = { code: "too-many-requests", message: "That was too much at once; try again in 1 s." };
                setTimeout(() => this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify({ type: "result", re: id, ok: false, error }) })));
              }
            };
            import("/screenpop.js").then(async ({ ScreenPop }) => {
              const desk = new ScreenPop({ token, agent });
              const topics = [];
              desk.addEventListener("message", ({ detail }) => { if (detail.type === "snapshot") topics.push(detail.topic); });
              await new Promise((live) => { desk.addEventListener("change", () => { if (desk.state === "live") live(); }); desk.connect(); });
              await desk.ask({ type: "subscribe", topics: ["queues"] });
              while (!topics.includes("queues")) await new Promise((heard) => desk.addEventListener("message", heard, { once: true }));
              desk.close();
              return `${refusals} refusals`;
            }).catch((error) => error.code ?? String(error)).then((words) => {
              window.WebSocket = Real;
              done(words);
            });
        """, self.site.token, AGENT)
        assert result == "2 refusals", result

    def another_token_is_refused_in_words(self):
        self.site.service.kill()
        self.page.waits("connection", "stale since")
        self.site.start("another-token-of-the-next-run")
        eventually("the page is closed", lambda: self.page.find("#sign-in").is_displayed())
        self.page.says("Sign in again", "#sign-in")

    def another_link_in_the_same_tab_is_followed(self):
        self.page.driver.get(self.site.link())
        self.page.waits("connection", "live")
