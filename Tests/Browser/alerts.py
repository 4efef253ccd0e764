"""What makes a call noticed, and the switches that keep it quiet."""

from harness import AGENT, HOSTILE, Checks, eventually

# What a page sounds and shows outside of itself is counted, and done nevertheless.
WATCH = """
    window.tones = 0;
    const oscillator = BaseAudioContext.prototype.createOscillator;
    BaseAudioContext.prototype.createOscillator = function () {
      if (this.state === "running") window.tones += 1;
      return oscillator.call(this);
    };
    // A ring goes on every four seconds until it is stopped.
    window.rings = new Set();
    const [begin, end] = [window.setInterval, window.clearInterval];
    window.setInterval = (action, every, ...more) => {
      const id = begin(action, every, ...more);
      if (every === 4000) window.rings.add(id);
      return id;
    };
    window.clearInterval = (id) => { window.rings.delete(id); end(id); };
    window.notes = [];
    const Real = window.Notification;
    window.Notification = class extends Real {
      constructor(title, options) {
        super(title, options);
        const note = { title, body: options?.body ?? null, tag: options?.tag, isOpen: true };
        window.notes.push(note);
        const close = this.close.bind(this);
        this.close = () => { note.isOpen = false; close(); };
      }
    };
    // Which window of the machine is in front is not the test's to choose.
    document.hasFocus = () => !sessionStorage.getItem("away");
"""


class Alerts(Checks):
    """Ring, desktop notification, title and icon; and silence."""

    agents = 2

    def prepare(self):
        self.site.user("anna", "agent", AGENT)
        self.site.send("POST", "/api/v1/agents/1002%40default/logout", {})
        self.page.watch(WATCH)
        self.page.driver.execute_cdp_cmd("Browser.grantPermissions", {"origin": self.site.url, "permissions": ["notifications"]})
        self.first = self.page.driver.current_window_handle

    def _value(self, script):
        return self.page.driver.execute_script(f"return {script}")

    def _rings(self):
        return self._value("window.rings.size") > 0

    def _notes(self):
        return self._value("window.notes")

    def _away(self, is_away):
        self._value(f"sessionStorage.{'setItem' if is_away else 'removeItem'}('away', 'yes')")

    def _call(self, number, name):
        call = self.phone.call(number, name)
        self.page.card("offered", name)
        return call

    def _end(self, call, name):
        self.phone.simulate(f"hangup {call} caller")
        self.page.card("ended", name)
        self.page.dismiss()
        self.page.no_card()
        self.site.is_ready()
        self.page.waits("normalized", "Ready")

    def a_page_that_nobody_has_touched_says_that_it_cannot_ring(self):
        self.page.driver.get(self.site.link())
        self.page.waits("connection", "live")
        self.page.waits("normalized", "Ready")
        call = self._call("+442079460001", "Too Early")
        self.page.waits("alert-hint", "Click anywhere once")
        assert self._value("window.tones") == 0
        self.page.press("#normalized")
        eventually("it rings from then on", lambda: self._value("window.tones") >= 4)
        eventually("and does not ask for it any more", lambda: "Click anywhere" not in self.page.text("alert-hint"))
        self._end(call, "Too Early")

    def it_rings_until_the_answer(self):
        self.page.forget()
        self.page.sign_in(self.site.url, "anna")
        self.page.waits("normalized", "Ready")
        assert not self._rings()
        call = self._call("+8613900139000", "王小明")
        eventually("it rings", lambda: self._rings() and self._value("window.tones") >= 4)
        assert "王小明" in self.page.driver.title and self.page.find("#icon").get_attribute("href").endswith("/icon-call.svg")
        self.phone.answer()
        self.page.card("answered", "王小明")
        eventually("it rings no more", lambda: not self._rings())
        assert self.page.driver.title == "ScreenPop" and self.page.find("#icon").get_attribute("href").endswith("/icon.svg")
        self._end(call, "王小明")

    def the_sound_can_be_switched_off_and_on_again(self):
        self.page.press("#alert-sound")
        before = self._value("window.tones")
        call = self._call("+442079460002", "Without A Sound")
        eventually("the title says it", lambda: "Without A Sound" in self.page.driver.title)
        assert not self._rings() and self._value("window.tones") == before
        self.page.press("#alert-sound")
        eventually("it rings at once", lambda: self._rings() and self._value("window.tones") > before)
        self._end(call, "Without A Sound")
        assert not self._rings()

    def nothing_pops_where_that_is_not_wanted(self):
        self._value("document.getElementById('announcement').replaceChildren()")
        self.page.press("#alert-not-pop")
        before = self._value("window.tones")
        call = self._call("+442079460003", "Not Here")
        assert not self._rings() and self._value("window.tones") == before
        assert self.page.driver.title == "ScreenPop" and self.page.find("#icon").get_attribute("href").endswith("/icon.svg")
        assert self.page.announcement() == ""
        self.page.press("#alert-not-pop")
        eventually("it pops at once", lambda: self._rings() and "Not Here" in self.page.driver.title)
        self.page.press("#alert-not-pop")
        eventually("and is quiet at once", lambda: not self._rings() and self.page.driver.title == "ScreenPop")
        self.page.press("#alert-not-pop")
        self._end(call, "Not Here")

    def a_notification_is_only_made_when_it_is_asked_for(self):
        self._away(True)
        call = self._call("+442079460004", "Not Asked For")
        assert self._notes() == []
        self._end(call, "Not Asked For")
        self.page.press("#alert-notify")
        eventually("it is on", lambda: self.page.find("#alert-notify").is_selected())
        assert self.page.text("alert-hint") == ""

    def who_looks_elsewhere_is_notified_of_the_caller_as_text(self):
        call = self._call("+442079460005", HOSTILE)
        note = eventually("there is one", self._notes)[-1]
        assert note["title"] == f"Call from {HOSTILE}, +442079460005, queue support@default", note
        assert note["isOpen"]
        identifier = self.page.card("offered", "+442079460005").get_attribute("data-pop")
        assert note["tag"] == identifier
        assert self._value("window.wasRun === undefined")
        self.phone.answer()
        self.page.card("answered", "+442079460005")
        eventually("it goes with the answer", lambda: not self._notes()[-1]["isOpen"])
        self._end(call, "+442079460005")

    def in_chinese_it_is_chinese(self):
        self.page.click("language")
        call = self.phone.call("+8613900139000", "王小明")
        self.page.card("offered", "王小明")
        eventually("the notification is", lambda: self._notes()[-1]["title"] == "王小明 来电，+8613900139000，队列 support@default")
        self.page.click("language")
        self._end(call, "王小明")

    def who_looks_at_the_page_is_not_notified(self):
        self._away(False)
        count = len(self._notes())
        call = self._call("+442079460006", "Seen Anyway")
        eventually("it rings", self._rings)
        assert len(self._notes()) == count
        self._end(call, "Seen Anyway")
        self._away(True)

    def nor_who_wants_no_pops_here(self):
        count = len(self._notes())
        self.page.press("#alert-not-pop")
        call = self._call("+442079460007", "Not On This Computer")
        assert len(self._notes()) == count
        self.page.press("#alert-not-pop")
        eventually("it rings", self._rings)
        self._end(call, "Not On This Computer")

    def nor_a_tab_that_is_not_the_one_that_pops(self):
        self.page.driver.switch_to.new_window("tab")
        self.page.watch(WATCH)
        self.page.driver.get(self.site.url)
        self.page.waits("connection", "live")
        eventually("it says that another tab pops", lambda: self.page.find("#quiet-tab").is_displayed())
        self._away(True)
        assert self.page.find("#alert-notify").is_selected(), "what this agent wants is so in each tab"
        call = self._call("+442079460008", "Twice Shown")
        assert self._notes() == [] and not self._rings() and self.page.driver.title == "ScreenPop"
        self.page.driver.close()
        self.page.driver.switch_to.window(self.first)
        eventually("the other tab notified", lambda: "Twice Shown" in self._notes()[-1]["title"])
        self._end(call, "Twice Shown")

    def it_rings_for_a_call_that_is_told_of_before_the_rest_is_known(self):
        self._away(False)
        # With a token that is known without Redis, and from a place in the log that only Redis may know.
        self.page.driver.get(self.site.link())
        self.page.waits("connection", "live")
        self.page.press("#pops-title")
        self.page.driver.execute_script("""
            const Real = WebSocket;
            window.hellos = [];
            window.WebSocket = class extends Real {
              constructor(url, ...more) {
                url.searchParams.set("since", "1-0");
                super(url, ...more);
                this.addEventListener("message", ({ data }) => { if (data.includes('"hello"')) window.hellos.push(JSON.parse(data)); });
              }
            };
        """)
        self.site.redis_is_away()
        self.site.wire.cut()
        self.page.waits("connection", "stale since")
        self.site.wire.mend()
        hello, = eventually("it is greeted", lambda: self._value("window.hellos"))
        assert not hello["recovered"], hello
        call = self._call("+442079460009", "Told Anyway")
        eventually("it rings", lambda: self._rings() and "Told Anyway" in self.page.driver.title)
        eventually("it is read out", lambda: "Told Anyway" in self.page.announcement())
        assert "stale since" in self.page.text("connection"), "nothing else is vouched for"
        self.site.redis_is_back()
        self.page.waits("connection", "live")
        assert self._rings()
        self._end(call, "Told Anyway")
        self.page.forget()
        self.page.driver.get("about:blank")
        self.page.driver.get(self.site.url)
        self.page.waits("normalized", "Ready")
        self.page.press("#pops-title")

    def an_own_call_does_not_ring_here(self):
        count = len(self._notes())
        self.page.type("#dial-target", "1002")
        self.page.click("do-dial")
        self.page.waits("dial-answer", "Your phone rings first.")
        self.phone.answer()
        self.page.card("offered", "1002")
        eventually("it says whom", lambda: self.page.find(".pop.offered h3").text == "1002")
        eventually("it is read out as what it is", lambda: self.page.announcement() == "You are calling 1002")
        assert not self._rings() and len(self._notes()) == count and self.page.driver.title == "ScreenPop"
        self.phone.answer("1002@default")
        self.page.card("answered", "1002")
        self.page.press_button("Hang up", ".pop.answered")
        self.page.card("ended", "you hung up")

    def a_notification_that_the_browser_denies_cannot_be_switched_on(self):
        self.page.driver.execute_cdp_cmd(
            "Browser.setPermission", {"origin": self.site.url, "permission": {"name": "notifications"}, "setting": "denied"})
        self.page.driver.refresh()
        self.page.waits("connection", "live")
        self.page.waits("alert-hint", "The browser does not allow notifications for this page.")
        notify = self.page.find("#alert-notify")
        assert not notify.is_enabled() and not notify.is_selected()


if __name__ == "__main__":
    import run

    run.main([Alerts])
