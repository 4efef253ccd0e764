"""The administration."""

from accessibility import violations
from harness import AGENT, PASSWORD, Checks, eventually, path


class Admin(Checks):
    """The administration: everything that is set."""

    def prepare(self):
        self.site.user("root", "admin")
        self.site.user("boss", "supervisor")

    def a_supervisor_does_not_open_it(self):
        self.page.sign_in(f"{self.site.url}/admin", "boss")
        self.page.waits("sign-in-error", "Your role (supervisor) does not open this page.")

    def agents_are_listed_for_an_administrator(self):
        self.page.sign_in(f"{self.site.url}/admin", "root")
        self.page.says(AGENT, "#content")
        assert not violations(self.page.driver), violations(self.page.driver)

    def _open(self, section, words):
        self.page.driver.execute_script(f"location.hash = '{section}'")
        self.page.says(words, "#section")

    def _focused(self, script="document.activeElement.id"):
        return self.page.driver.execute_script(f"return {script}")

    def an_agent_is_added_with_a_contact_from_parts(self):
        self.page.press_button("Add an agent")
        self.page.type("#agent-name", "2001@default")
        self.page.type("#contact-user", "2001@example.org")
        self.page.type("#set-wrapUpTime", "25")
        assert not violations(self.page.driver), violations(self.page.driver)
        self.page.press_button("Save", "dialog")
        self.page.says("2001@default", "#content")
        agent = self.site.agent("2001@default")
        assert agent["wrapUpTime"] == 25 and agent["contact"] == {"user": "2001@example.org", "callTimeout": 10}, agent

    def its_settings_are_explained_and_changed(self):
        self.page.press("button[aria-label='Edit: 2001@default']")
        self.page.says("Seconds after a call in which no other is offered.", "dialog")
        self.page.type("#set-wrapUpTime", "40")
        self.page.press_button("Save", "dialog")
        eventually("it is changed", lambda: self.site.agent("2001@default")["wrapUpTime"] == 40)
        self.page.waits("answer", "Saved.")
        eventually("the focus is back where it was", lambda: self._focused("document.activeElement.ariaLabel") == "Edit: 2001@default")
        assert self.page.text("answer") == "Saved."

    def a_list_says_of_when_it_is(self):
        self.page.type("#content input[type=search]", "2001")
        self.site.send("POST", "/api/v1/agents", {"name": "2001b@default", "contact": {"user": "2001b@example.org"}})
        self.page.says("As asked at", "#content")
        self.page.press_button("Ask again", "#content")
        self.page.says("2001b@default", "#content")
        assert self._focused("document.activeElement.textContent") == "Ask again"
        assert AGENT not in self.page.find("#content").text, "what was searched for is forgotten"
        self.site.send("DELETE", path("agents", "2001b@default"))
        self._open("users", "root")
        self._open("agents", AGENT)

    def it_is_put_into_a_queue(self):
        eventually("the dialog is closed", lambda: not self.page.all("dialog"))
        self.page.press("button[aria-label='Edit: 2001@default']")
        self.page.press_button("Put into queue", "dialog")
        eventually("the tier is there", lambda: self.site.agent("2001@default")["queues"])
        self.page.press_button("Close", "dialog")

    def a_list_shows_its_differences_before_it_is_applied(self):
        self._open("import", "Nothing is changed before")
        self.page.type("#import-text", "kind,name,wrapUpTime\nagent,2001@default,55\nagent,2002@default,5\n")
        self.page.press_button("Show what would change")
        self.page.says("40 → 55", "#content")
        self.page.says("2002@default", "#content")
        assert self.site.agent("2001@default")["wrapUpTime"] == 40, "it was applied before anybody agreed"
        assert not violations(self.page.driver), violations(self.page.driver)
        self.page.press_button("Apply 2 changes")
        self.page.says("2 changes applied.", "#content")
        assert self.site.agent("2001@default")["wrapUpTime"] == 55

    def what_is_wrong_in_a_list_is_said_by_line(self):
        self.page.type("#import-text", "kind,name,wrapUpTime\nagent,2001@default,soon\n")
        self.page.press_button("Show what would change")
        self.page.says("line 2", "#content")
        self.page.type("#import-text", '{"agents": [')
        self.page.press_button("Show what would change")
        self.page.waits("answer", "This begins like JSON, and is none")
        self.page.click("language")
        self.page.says("导入与导出", "#section")
        assert self.page.find("#import-text").get_attribute("value") == '{"agents": [', "the list is lost with the language"
        self.page.click("language")

    def an_agent_is_deleted_after_being_asked(self):
        self._open("agents", "2002@default")
        self.page.press("button[aria-label='Delete: 2002@default']")
        self.page.press_button("Delete", "dialog")
        eventually("it is gone", lambda: "2002@default" not in self.page.find("#content").text)
        assert self.page.text("answer") == "Done."
        assert self._focused() == "section-title", self._focused("document.activeElement.outerHTML.slice(0, 99)")

    def a_user_is_added_and_can_sign_in(self):
        self._open("users", "root")
        self.page.press_button("Add a user")
        self.page.type("#user-name", "chen")
        self.page.type("#user-password", PASSWORD)
        self.page.type("#user-agent", "2001@default")
        self.page.press_button("Save", "dialog")
        self.page.says("chen", "#content")
        user = self.site.get(path("users", "chen"))
        assert (user["role"], user["agent"]) == ("agent", "2001@default"), user

    def a_user_whose_agent_is_misspelt_is_pointed_out(self):
        eventually("the dialog is closed", lambda: not self.page.all("dialog"))
        self.page.press_button("Add a user")
        self.page.type("#user-name", "li")
        self.page.type("#user-password", PASSWORD)
        self.page.type("#user-agent", "2010@default")
        self.page.press_button("Save", "dialog")
        self.page.says("But no agent is called 2010@default now", "#answer")
        assert self.site.get(path("users", "li"))["agent"] == "2010@default", "it was not saved"

    def a_token_is_shown_once(self):
        self._open("tokens", "Make a token")
        self.page.press_button("Make a token")
        self.page.type("#token-name", "the CRM")
        self.page.driver.execute_script("const save = document.querySelector('dialog button.main'); save.click(); save.click();")
        token = eventually("it is shown", lambda: self.page.find("#token-once").get_attribute("value"))
        assert token.startswith("sp_"), token
        self._open("users", "root")
        self._open("tokens", "the CRM")
        assert not self.page.all("#token-once")
        assert len([token for token in self.site.get("/api/v1/tokens")["items"] if token["name"] == "the CRM"]) == 1, "it was made twice"
        assert token not in self.page.driver.page_source

    def a_session_is_ended_after_being_asked(self):
        self.site.user("visitor", "supervisor")
        self.site.send("POST", "/api/v1/session", {"user": "visitor", "password": PASSWORD})
        self._open("sessions", "user:visitor")
        self.page.press("button[aria-label='End: visitor']")
        self.page.press_button("End", "dialog")
        eventually("it is gone", lambda: "user:visitor" not in self.page.find("#content").text)
        assert "user:visitor" not in str(self.site.get("/api/v1/sessions")["items"])

    def reasons_are_edited(self):
        self._open("reasons", "Agents may also")
        self.page.press_button("Add a reason")
        row = len(self.page.all(".reason-row")) - 1
        self.page.type(f"#reason-{row}-code", "dentist")
        self.page.type(f"#reason-{row}-en", "Dentist")
        self.page.type(f"#reason-{row}-zh", "看牙")
        self.page.press_button("Save")
        self.page.waits("answer", "Saved.")
        assert {"code": "dentist", "labels": {"en": "Dentist", "zh": "看牙"}} in self.site.get("/api/v1/reasons")["items"]

    def the_audit_says_who_did_it(self):
        self._open("audit", "root")
        self.page.says("changeReasons", "#content")

    def health_names_nodes_and_redis(self):
        self._open("health", "Redis")
        self.page.says("FreeSWITCH fs1", "#content")
        self.page.says("This instance serves desktops.", "#content")

    def a_queue_is_created_with_its_parameters_explained(self):
        self.site.telephony.simulate(f"queue-server http://{self.site.address}/api/v1/freeswitch/configuration freeswitch:{self.site.token}")
        self._open("queues", "Create a queue")
        self.page.press_button("Create a queue")
        self.page.type("#queue-name", "billing@default")
        self.page.choose("#queue-strategy", "ring-all")
        self.page.says("Seconds after which a caller is taken out of the queue", "dialog")
        self.page.type("#queue-maxWaitTime", "90")
        assert not violations(self.page.driver), violations(self.page.driver)
        assert self.page.overflows() <= 0
        self.page.press_button("Save", "dialog")
        self.page.waits("answer", "billing@default is created and loaded.")
        self.page.says("FreeSWITCH has it loaded like this.", "#content")
        queue = self.site.get(path("queues", "billing@default"))
        assert (queue["strategy"], queue["parameters"]["maxWaitTime"]) == ("ring-all", 90), queue

    def what_is_wrong_with_a_parameter_is_said_where_it_is_set(self):
        self.page.press("button[aria-label='Edit: billing@default']")
        self.page.type("#queue-mohSound", "shell_stream:///bin/sh")
        self.page.press_button("Save", "dialog")
        self.page.says("mohSound: \"shell_stream:///bin/sh\" is not a sound", "dialog")
        self.page.press_button("Close", "dialog")

    def an_edited_queue_says_that_it_must_be_reloaded(self):
        eventually("the dialog is closed", lambda: not self.page.all("dialog"))
        self.page.press("button[aria-label='Edit: billing@default']")
        self.page.type("#queue-maxWaitTime", "45")
        self.page.press("#queue-now")
        self.page.press_button("Save", "dialog")
        self.page.says("FreeSWITCH has it loaded otherwise: reload it. (Longest wait (s))", "#content")
        assert self.site.get(path("queues", "billing@default"))["parameters"]["maxWaitTime"] == 90
        self.page.press("button[aria-label='Reload: billing@default']")
        self.page.says("FreeSWITCH has it loaded like this.", "#content")
        assert self.page.text("answer") == "Done."
        assert self._focused("document.activeElement.ariaLabel") == "Reload: billing@default"
        assert self.site.get(path("queues", "billing@default", "definition"))["parameters"]["maxWaitTime"] == 45

    def the_parameters_are_explained_in_chinese_too(self):
        self.page.press("#language")
        self.page.press("button[aria-label='编辑: billing@default']")
        self.page.says("等待多少秒后来电者离开队列", "dialog")
        self.page.press_button("关闭", "dialog")
        eventually("the dialog is closed", lambda: not self.page.all("dialog"))
        self.page.press("#language")

    def a_queue_is_deleted_after_being_asked(self):
        self.page.press("button[aria-label='Delete: billing@default']")
        self.page.press_button("Delete", "dialog")
        eventually("it is gone", lambda: "billing@default" not in self.page.find("#content").text)
        assert not self.site.get("/api/v1/queue-definitions")["items"]

    def every_section_fits_and_is_accessible(self):
        for section in ["agents", "queues", "users", "tokens", "sessions", "reasons", "import", "audit", "health"]:
            for width, scheme in [(360, "dark"), (768, "dark"), (1024, "light"), (1280, "light"), (1920, "light")]:
                self.page.size(width, 800)
                self.page.scheme(scheme)
                self.page.driver.execute_script(f"location.hash = '{section}'")
                eventually("it is drawn", lambda: self.page.find(f"#sections a[href='#{section}'][aria-current]") and "Loading" not in self.page.find("#content").text)
                assert self.page.overflows() <= 0, (section, width, self.page.overflows())
                broken = self.page.broken_words(24 if width > 400 else 14)
                assert not broken, (section, width, broken)
                assert not violations(self.page.driver), (section, violations(self.page.driver))
