#!/usr/bin/env python3
"""Every check of the pages in a real Chromium: run.py [--program .build/debug/screenpop] [NAME ...]"""

import argparse
import sys

import harness


def main(kinds):
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--program", default=".build/debug/screenpop")
    arguments.add_argument("names", nargs="*", help="only these: Network, Tabs, ...")
    options = arguments.parse_args()
    passed = failed = 0
    for kind in kinds:
        if options.names and kind.__name__ not in options.names:
            continue
        good, bad = harness.run(kind, options.program)
        passed += good
        failed += bad
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    from admin import Admin
    from agent_page import AgentPage
    from alerts import Alerts
    from company_log_in import CompanyLogIn
    from crm import CRM
    from desks import Desks
    from embed import Embed
    from keyboard import Keyboard
    from network import Network
    from sign_in import SignIn, WayBack
    from tabs import ChineseBrowser, Tabs
    from transfers import Transfers
    from wallboard import Wallboard

    main([AgentPage, Alerts, CRM, Transfers, Keyboard, Network, Tabs, ChineseBrowser, Desks, CompanyLogIn, SignIn, WayBack, Wallboard, Admin, Embed])
