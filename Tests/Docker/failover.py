"""Two instances behind HAProxy, as compose.yaml starts them; the active one is killed while a desktop listens through the proxy."""

import json
import signal
import ssl
import threading
import time
import urllib.error
import urllib.request

from balancer import configuration
from redis_users import SCREENPOP, Redis
from support import TOKEN, Telephony, eventually, free_port

AGENT = "1001%40default"


class Listener(threading.Thread):
    """Follows the agent's events through the proxy, and comes back with the newest cursor."""

    def __init__(self, proxy):
        super().__init__(daemon=True)
        self.proxy = proxy
        self.heard = []
        self.begun = 0
        self.start()

    def run(self):
        cursor = None
        while True:
            headers = {"Last-Event-ID": cursor} if cursor else {}
            try:
                with self.proxy.open(f"/api/v1/events?agent={AGENT}", headers=headers) as stream:
                    self.begun += 1
                    for line in stream:
                        line = line.decode().rstrip("\n")
                        if line.startswith("id: "):
                            cursor = line[4:]
                        if line.startswith("data: "):
                            self.heard.append(json.loads(line[6:]))
            except OSError:
                pass
            time.sleep(0.1)

    def pops(self, kind, number):
        return [message["pop"]["id"] for message in self.heard if message["type"] == kind and message["pop"]["caller"]["number"] == number]


class Proxy:
    def __init__(self, port):
        self.base = f"https://127.0.0.1:{port}"
        self.trusting = ssl.create_default_context()
        self.trusting.check_hostname = False
        self.trusting.verify_mode = ssl.CERT_NONE

    def open(self, path, method="GET", headers={}):
        headers = {"Authorization": f"Bearer {TOKEN}", **headers}
        request = urllib.request.Request(self.base + path, method=method, data=b"{}" if method == "POST" else None, headers=headers)
        if method == "POST":
            request.add_header("Content-Type", "application/json")
        return urllib.request.urlopen(request, timeout=40, context=self.trusting)

    def status(self, path, method="GET"):
        try:
            with self.open(path, method) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


def haproxy_failover(bench):
    """when the active instance is killed the proxy leads to the other, and no pop is lost or doubled; without Redis it leads to the active one"""
    redis = Redis(bench)
    server = bench.processes[-1][0]
    address = f"redis://screenpop:{SCREENPOP}@127.0.0.1:{redis.port}"
    switch, first = bench.service(SCREENPOP_REDIS=address)
    process = bench.processes[-1][0]
    ready = lambda url: eventually(f"{url} is ready", lambda: urllib.request.urlopen(url + "/readyz", timeout=5).status == 200)
    ready(first)
    second = bench.instance(switch, SCREENPOP_REDIS=address)
    port = free_port()
    bench.start("haproxy", "-db", "-f", configuration(bench, port, *[url.removeprefix("http://") for url in (first, second)]))
    proxy = Proxy(port)
    eventually("the active one is found", lambda: proxy.status("/readyz")[0] == 200)
    # The proxy takes both for good until it has asked them. Were the other asked, it would say 503.
    eventually(
        "each command goes to the active one",
        lambda: all(proxy.status(f"/api/v1/agents/{AGENT}/ready", "POST")[0] == 200 for _ in range(6)),
    )
    listener = Listener(proxy)
    eventually("the desktop listens", lambda: listener.heard)
    telephony = Telephony(switch)
    call = telephony.call("100")
    eventually("the call pops", lambda: listener.pops("pop.offered", "100"))

    process.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    # 202: the agent's telephone rings, and ready is kept until that is over.
    eventually("a command is taken again", lambda: proxy.status(f"/api/v1/agents/{AGENT}/ready", "POST")[0] in (200, 202))
    took = time.monotonic() - killed
    eventually("the desktop listens again", lambda: listener.begun == 2)
    telephony.send(f"api uuid_kill {call}")
    eventually("the pop ends", lambda: listener.pops("pop.ended", "100"))
    assert listener.pops("pop.offered", "100") == listener.pops("pop.ended", "100"), listener.heard
    assert took < 10, f"nobody served for {took:.1f} s"

    # Redis goes: nobody is ready, and the active one serves.
    server.terminate()
    server.wait()
    eventually("it is not ready", lambda: '"ready":false' in proxy.status("/readyz")[1])
    status, text = proxy.status("/readyz")
    assert status == 503 and '"status":"live"' in text, f"the proxy leads to nobody: {status} {text}"


CHECKS = [haproxy_failover]
