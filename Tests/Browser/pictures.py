#!/usr/bin/env python3
"""The pictures of the README: pictures.py [--program .build/debug/screenpop] [--to docs/images]"""

import argparse
import os
import time

from harness import AGENT, Page, Site, chromium, eventually


def desktop(site, page, folder):
    page.sign_in(site.url, AGENT)
    page.waits("connection", "live")
    site.is_ready()
    first = site.telephony.call("+442079460123", "Alice Liddell")
    site.telephony.answer()
    page.card("answered", "Alice")
    site.telephony.simulate(f"hangup {first} caller")
    page.card("ended", "Alice")
    site.is_ready()
    page.waits("normalized", "Ready")
    call = site.telephony.call("+8613900139000", "王小明", "7000 ivr_choice=billing crm_customer=C-20481")
    page.card("offered", "王小明")
    page.waits("normalized", "Ringing")
    page.picture(os.path.join(folder, "agent-pop.png"))
    site.telephony.answer()
    page.card("answered", "王小明")
    page.scheme("dark")
    page.click("language")
    page.picture(os.path.join(folder, "agent-talking-dark.png"))
    page.scheme("light")
    page.click("language")
    site.telephony.simulate(f"hangup {call} caller")
    page.card("ended", "王小明")
    page.driver.delete_all_cookies()


def wallboard(site, page, folder):
    page.sign_in(f"{site.url}/wallboard", "supervisor")
    page.waits("connection", "live")
    busy = []
    for number, name in [("+8613812345678", "李娜"), ("+493023125678", "Frank Müller"), ("+12025550143", "Grace Hopper")]:
        busy.append(site.telephony.call(number, name))

    def answered():
        for agent in range(1001, 1007):
            site.telephony.send(f"api simulate answer {agent}@default")
        return len(page.all(".group.talking li")) >= 3

    eventually("three talk", answered)
    for agent, reason in [("1004", "meeting"), ("1006", "lunch")]:
        site.send("POST", f"/api/v1/agents/{agent}%40default/break", {"reason": reason})
    # What a page has seen in an hour, as numbers alone; the live ones follow it.
    page.driver.execute_script("""
        const now = Date.now(), samples = [];
        for (let n = 330; n > 0; n -= 1) {
          const wave = Math.sin(n / 31) + Math.sin(n / 11) * 0.6;
          samples.push({ at: now - n * 10000, waiting: Math.max(0, Math.round(1.2 + wave * 1.6)), talking: Math.max(1, Math.min(6, Math.round(3.4 + wave))), ready: Math.max(0, Math.round(2 - wave)) });
        }
        sessionStorage.setItem("wallboard", JSON.stringify({ samples, since: now - 3300000, levels: [["support@default", { good: 46, all: 51 }], ["sales@default", { good: 17, all: 21 }]] }));
        location.reload();
    """)
    page.waits("connection", "live")
    for number, name in [("+85223456789", "周杰"), ("+41445550155", "Heidi & Co: Sales")]:
        site.telephony.call(number, name)
    eventually("somebody waits", lambda: page.all("#waiting tbody tr"))
    # A few seconds, so that the clocks show some.
    time.sleep(4)
    page.size(1280, 1200)
    page.picture(os.path.join(folder, "wallboard.png"))
    page.scheme("dark")
    page.picture(os.path.join(folder, "wallboard-dark.png"))
    page.scheme("light")
    page.driver.delete_all_cookies()


def admin(site, page, folder):
    page.size(1280, 860)
    page.sign_in(f"{site.url}/admin", "admin")
    page.says("1001@default", "#content")
    page.picture(os.path.join(folder, "admin-agents.png"))
    page.driver.execute_script("location.hash = 'import'")
    page.type("#import-text", "kind,name,wrapUpTime\nagent,1001@default,15\nagent,2001@default,10\n")
    page.press_button("Show what would change")
    page.says("→", "#content")
    page.picture(os.path.join(folder, "admin-import.png"))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--program", default=".build/debug/screenpop")
    arguments.add_argument("--to", default="docs/images")
    options = arguments.parse_args()
    crm = ("--pop-url", "https://crm.example.org/customers/{attributes.crm_customer}?number={caller.number}")
    for draw, agents, flags in [(desktop, 1, crm), (wallboard, 6, ()), (admin, 6, ())]:
        site = Site(options.program, agents=agents, flags=flags)
        driver = None
        try:
            site.user(AGENT, "agent", AGENT)
            site.user("supervisor", "supervisor", "1006@default")
            site.user("admin", "admin")
            driver = chromium()
            page = Page(driver)
            page.size(1280, 860)
            draw(site, page, options.to)
        finally:
            if driver:
                driver.quit()
            site.end()


if __name__ == "__main__":
    main()
