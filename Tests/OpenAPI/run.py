#!/usr/bin/env python3
"""Schemathesis against a running service with a simulated FreeSWITCH and an embedded Redis.

Reads /openapi.json, makes requests from it (good and bad ones, alone and one after the other along the links), and fails on
any answer of the 500s and on any answer that is not as the document says. What it did can be done again with --seed.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import urllib.request

TOKEN = "a-token-for-schemathesis"

# An event stream does not end, and a WebSocket is no request with an answer. Tests/Integration follows both.
WITHOUT_END = ["/api/v1/events", "/api/v1/ws"]

# What is left to people: whether a refusal or an acceptance is sensible needs more than a schema to say. A number outside
# of FreeSWITCH's plans is well-formed and refused; a "null" is one more way to leave a member out.
# That nobody comes in without a token is walked by role (MatrixTests); who tries it as often as here is answered 429.
NOT_CHECKED = ["negative_data_rejection", "positive_data_acceptance", "missing_required_header", "ignored_auth"]

# The same key means the same answer, whatever happened meanwhile: made-up keys would be answered with the past.
NOT_SENT = ["Idempotency-Key"]


class Child:
    """A program whose first lines say where it is."""

    def __init__(self, arguments, log, environment=None):
        self.log = open(log, "w+")
        self.name = pathlib.Path(log).stem
        self.process = subprocess.Popen(
            arguments, stdout=self.log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment)

    def line(self, prefix, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for line in pathlib.Path(self.log.name).read_text().splitlines():
                if line.startswith(prefix):
                    return line[len(prefix):]
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        sys.exit(f"{self.name} did not say '{prefix}':\n{pathlib.Path(self.log.name).read_text()}")

    def end(self):
        self.process.terminate()
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return None


# Python's patterns know no classes of Unicode: the same names, from some scripts.
CLASSES = {r"\p{L}": "A-Za-zÀ-ɏЀ-ӿ一-鿿", r"\p{Nd}": "0-9", r"\p{Mn}": "", r"\p{Mc}": "", r"\p{Cc}": r"\x00-\x1f\x7f-\x9f"}


def pattern(text):
    for name, characters in CLASSES.items():
        text = text.replace(name, characters)
    return text


def closed(schema):
    """A member that the document does not have is a fault here, though clients are told to expect new ones."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {name: closed(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") in ("object", ["object", "null"]):
        result.setdefault("additionalProperties", False)
    if isinstance(schema.get("parameters"), list):
        result["parameters"] = [one for one in result["parameters"] if one.get("name") not in NOT_SENT]
    if isinstance(schema.get("pattern"), str):
        result["pattern"] = pattern(schema["pattern"])
    return result


def wait_until_ready(url):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url + "/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit("the service did not get ready")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="the built screenpop")
    parser.add_argument("--seconds", type=int, default=150, help="how long it may take in all")
    parser.add_argument("--examples", type=int, default=25, help="requests made up for each operation")
    parser.add_argument("--seed", type=int, help="of an earlier run")
    parser.add_argument("rest", nargs="*", help="more arguments for schemathesis, after --")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(2**32)
    print(f"schemathesis with --seed {seed}", flush=True)

    environment = {name: value for name, value in os.environ.items() if not name.startswith("SCREENPOP_")}
    with tempfile.TemporaryDirectory(prefix="screenpop-openapi-") as folder:
        simulator = Child(
            [options.program, "simulate", "--listen", "127.0.0.1:0", "--calls-per-minute", "60", "--seed", str(seed)],
            folder + "/simulate.log", environment)
        service = None
        try:
            address = simulator.line("event socket on ")
            service = Child(
                [options.program, "serve", "--freeswitch", f"esl://:ClueCon@{address}?name=fs1", "--listen", "127.0.0.1:0",
                 "--data", folder + "/data"],
                folder + "/serve.log", {**environment, "SCREENPOP_ADMIN_TOKEN": TOKEN})
            url = service.line("listening on ")
            wait_until_ready(url)
            with urllib.request.urlopen(url + "/openapi.json", timeout=10) as answer:
                document = closed(json.load(answer))
            pathlib.Path(folder, "openapi.json").write_text(json.dumps(document))
            command = [
                str(pathlib.Path(sys.executable).parent / "schemathesis"), "run", folder + "/openapi.json", "--url", url,
                "--header", f"Authorization: Bearer {TOKEN}", "--seed", str(seed), "--max-examples", str(options.examples),
                "--checks", "all", "--exclude-checks", ",".join(NOT_CHECKED), "--mode", "all", "--no-color",
                "--request-timeout", "15", "--generation-database", "none", "--output-sanitize", "false",
            ]
            for path in WITHOUT_END:
                command += ["--exclude-path", path]
            try:
                result = subprocess.run(command + options.rest, cwd=folder, env=environment, timeout=options.seconds).returncode
            except subprocess.TimeoutExpired:
                sys.exit(f"schemathesis did not end within {options.seconds} s")
            alive = service.process.poll() is None and simulator.process.poll() is None
            if result != 0 or not alive:
                print("the service said:\n" + "\n".join(pathlib.Path(folder, "serve.log").read_text().splitlines()[-20:]))
                print(f"again: {sys.argv[0]} --program {options.program} --seed {seed}")
            if not alive:
                sys.exit("the service or the simulator ended by itself")
        finally:
            ended = [child.end() for child in (service, simulator) if child]
        if any(code != 0 for code in ended):
            sys.exit(f"the service and the simulator ended with {ended}")
        sys.exit(result)


main()
