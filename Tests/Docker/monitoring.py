"""Prometheus's own checker, and the labels that alerts and pictures ask for against those a service shows."""

import json
import re
import urllib.request

import yaml

from support import DOCKER, ROOT, Telephony, eventually

PROMETHEUS = DOCKER / "prometheus"


def expressions():
    """Where each stands, and the expression."""
    rules = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())
    for group in rules["groups"]:
        for rule in group["rules"]:
            yield f"alert {rule['alert']}", rule["expr"]
    for path in (DOCKER / "grafana/dashboards").glob("*.json"):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel.get("targets", []):
                yield f"panel {panel['title']}", target["expr"]


def prometheus_rules(bench):
    """Prometheus accepts its configuration, and each alert comes when it should and not before"""
    bench.run(bench.promtool, "check", "config", PROMETHEUS / "prometheus.yml")
    bench.run(bench.promtool, "check", "rules", PROMETHEUS / "alerts.yml")
    tests = ROOT / "Tests/Docker/alerts_test.yml"
    tried = set(re.findall(r"alertname: (\w+)", tests.read_text()))
    there = {rule["alert"] for group in yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"] for rule in group["rules"]}
    assert tried == there, f"{tried ^ there} are not tried, or not there"
    bench.run(bench.promtool, "test", "rules", tests)


def pictures(bench):
    """Prometheus can read each expression of the pictures"""
    rules = [{"record": "a", "expr": expression} for place, expression in expressions() if place.startswith("panel")]
    assert len(rules) > 5
    path = bench.folder / "pictures.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "pictures", "rules": rules}]}))
    # The same name again and again is what it would warn of.
    bench.run(bench.promtool, "check", "rules", "--lint=none", path)


def metric_labels(bench):
    """a running service shows them, with the labels that are asked for"""
    switch, url = bench.service()
    telephony = Telephony(switch)

    def series():
        with urllib.request.urlopen(url + "/metrics", timeout=10) as answer:
            return re.findall(r"^(\w+)(?:\{(.*)\})? \S+$", answer.read().decode(), re.MULTILINE)

    def has(name):
        return any(one == name for one, _ in series())

    eventually("the node is followed", lambda: has("screenpop_canary_delay_seconds_bucket"))
    call = telephony.call("+8613900139000")
    eventually("it pops", lambda: has("screenpop_pops_total"))
    telephony.send(f"api uuid_kill {call}")
    labels = {}
    for name, pairs in series():
        labels.setdefault(name, set()).update(re.findall(r'(\w+)="', pairs))
    seen = 0
    for place, expression in expressions():
        wanted = {label for list in re.findall(r"\bby \(([^)]*)\)", expression) for label in re.split(r",\s*", list)}
        wanted |= set(re.findall(r"[{,]\s*(\w+)\s*=~?", expression))
        for name in re.findall(r"\bscreenpop_[a-z_]+", expression):
            if name in labels:
                seen += 1
                missing = wanted - labels[name] - {"job", "instance"}
                assert not missing, f"{place}: {name} has no label {missing}"
    assert seen > 5, sorted(labels)


CHECKS = [prometheus_rules, pictures, metric_labels]
