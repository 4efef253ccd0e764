"""Everything without a mouse: where the focus goes, and that what is pressed twice is done once."""

from selenium.webdriver.common.keys import Keys

from harness import AGENT, Checks, eventually


class Keyboard(Checks):
    """The desktop by keyboard: the focus stays where it is of use."""

    flags = ("--pop-url", "https://crm.example.org/customer?number={caller.number}")

    def prepare(self):
        self.site.user("anna", "agent", AGENT)
        self.page.sign_in(self.site.url, "anna")
        self.page.waits("normalized", "Ready")

    def _focused(self, script="document.activeElement.id"):
        return self.page.driver.execute_script(f"return {script}")

    def _enter(self, selector):
        """Presses it by the keyboard."""
        def pressed():
            element = self.page.find(selector)
            if not element.is_displayed() or not element.is_enabled():
                return False
            self.page.driver.execute_script("arguments[0].focus()", element)
            element.send_keys(Keys.ENTER)
            return True

        eventually(f"{selector} can be pressed", pressed)

    def a_button_that_goes_leaves_the_focus_to_the_next(self):
        self._enter("#do-logout")
        self.page.waits("normalized", "Logged out")
        assert self._focused() == "do-login", self._focused("document.activeElement.outerHTML.slice(0, 99)")
        self._enter("#do-login")
        self.page.waits("normalized", "Ready")
        assert self._focused() == "do-ready", self._focused("document.activeElement.outerHTML.slice(0, 99)")

    def what_changes_in_a_call_leaves_the_focus_on_its_link(self):
        self.call = self.phone.call("+442079460123", "Alice Liddell")
        self.page.card("offered", "Alice Liddell")
        self.page.driver.execute_script("document.querySelector('.pop a.crm').focus()")
        self.phone.answer()
        self.page.card("answered", "Alice Liddell")
        assert self._focused("document.activeElement.className") == "crm", self._focused("document.activeElement.outerHTML.slice(0, 99)")

    def a_form_that_is_closed_gives_it_back(self):
        self._enter(".pop [data-call=transfer]")
        eventually("the form has it", lambda: self._focused("document.activeElement.closest('.target')?.tagName") == "FORM")
        self._enter(".pop .target button[type=button]")
        assert self._focused("document.activeElement.dataset.call") == "transfer", self._focused("document.activeElement.outerHTML.slice(0, 99)")

    def hold_pressed_twice_is_sent_once(self):
        self.page.driver.execute_script("""
            window.sent = [];
            const send = WebSocket.prototype.send;
            WebSocket.prototype.send = function (words) { window.sent.push(JSON.parse(words).type); return send.call(this, words); };
            const hold = document.querySelector(".pop [data-call=hold]");
            hold.click();
            hold.click();
        """)
        self.page.card("answered", "On hold")
        assert self._focused("window.sent.filter((type) => type === 'call.hold').length") == 1

    def the_end_of_a_call_leaves_it_on_the_card(self):
        self._enter(".pop [data-call=hangup]")
        self.page.card("ended", "you hung up")
        assert "dismiss" in self._focused("document.activeElement.className"), self._focused("document.activeElement.outerHTML.slice(0, 99)")

    def a_new_call_does_not_take_it_away(self):
        self.site.is_ready()
        self.page.driver.execute_script("document.querySelector('.pop.ended summary').focus()")
        call = self.phone.call("+442079460124", "The Hatter")
        self.page.card("offered", "The Hatter")
        assert self._focused("document.activeElement.closest('.pop')?.textContent.includes('Alice')"), self._focused("document.activeElement.outerHTML.slice(0, 99)")
        self.phone.simulate(f"hangup {call} caller")
        self.page.card("ended", "The Hatter")
        assert self._focused("document.activeElement.closest('.pop')?.textContent.includes('Alice')"), self._focused("document.activeElement.outerHTML.slice(0, 99)")

    def dialled_twice_is_called_once_and_said_beside_it(self):
        self.site.is_ready()
        self.page.type("#dial-target", "7000")
        self.page.driver.execute_script("document.getElementById('do-dial').click(); document.getElementById('do-dial').click();")
        self.page.waits("dial-answer", "Your phone rings first.")
        assert self._focused("window.sent.filter((type) => type === 'call.dial').length") == 1
