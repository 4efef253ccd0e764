"""HAProxy with its configuration: read by it, and run in front of a service."""

import re
import ssl
import urllib.error
import urllib.request

from composition import SERVICES
from support import DOCKER, TOKEN, eventually, free_port, replaced


def configuration(bench, port, address):
    """The shipped one, with another place for the certificate, another port, and a service on this machine."""
    bench.run(
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", bench.folder / "key.pem",
        "-out", bench.folder / "certificate.pem")
    both = bench.folder / "screenpop.pem"
    both.write_text((bench.folder / "certificate.pem").read_text() + (bench.folder / "key.pem").read_text())
    text = (DOCKER / "haproxy/haproxy.cfg").read_text()
    text = replaced(text, "/usr/local/etc/haproxy/screenpop.pem", str(both))
    text = replaced(text, "bind :8443", f"bind 127.0.0.1:{port}")
    # Each connection wants two files, of which whoever runs this may have few.
    text = re.sub(r"maxconn \d+", "maxconn 100", text)
    # The names of services are known to the containers alone.
    text, count = re.subn(r"^(\s*server \S+) [a-z0-9-]+:8080", rf"\1 {address}", text, flags=re.MULTILINE)
    assert count >= 1, "there is no server of ours"
    path = bench.folder / "haproxy.cfg"
    path.write_text(text)
    return path


def haproxy_configuration(bench):
    """HAProxy understands its configuration"""
    said = bench.run("haproxy", "-c", "-f", configuration(bench, free_port(), "127.0.0.1:8080"))
    assert "[WARNING]" not in said and "[ALERT]" not in said, said


def haproxy_runs(bench):
    """through HAProxy come pages and the interface, and not the metrics"""
    _, url = bench.service()
    port = free_port()
    bench.start("haproxy", "-db", "-f", configuration(bench, port, url.removeprefix("http://")))
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE

    def get(path, **headers):
        request = urllib.request.Request(f"https://127.0.0.1:{port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10, context=trusting) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, ""

    eventually("the service is taken for ready", lambda: get("/healthz")[0] == 200)
    status, page = get("/")
    assert status == 200 and "<html" in page, status
    status, agents = get("/api/v1/agents", Authorization=f"Bearer {TOKEN}")
    assert status == 200 and "1001@default" in agents, status
    for path in ["/metrics", "/metrics/", "/%6detrics", "//metrics", "/metrics?x=1"]:
        assert get(path)[0] in (403, 404), f"{path} is answered from outside with {get(path)[0]}"


def haproxy_files(bench):
    """the container may open as many files as that many connections need"""
    most = int(re.search(r"^\s*maxconn (\d+)", (DOCKER / "haproxy/haproxy.cfg").read_text(), re.MULTILINE).group(1))
    allowed = SERVICES["proxy"].get("ulimits", {}).get("nofile", 0)
    assert allowed >= 2 * most + 100, f"{most} connections need {2 * most + 100} files, {allowed} are allowed"


CHECKS = [haproxy_configuration, haproxy_runs, haproxy_files]
