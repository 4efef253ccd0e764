"""Redis as the container starts it: its configuration, its users, and what each of them may."""

import json
import re
import subprocess
import urllib.request

from support import DOCKER, ROOT, TOKEN, Telephony, eventually, free_port, replaced

SCREENPOP, CRM = "a1b2c3d4e5f6a7b8", "0f1e2d3c4b5a6978"


class Redis:
    def __init__(self, bench):
        """Started by the script itself; only the places are others."""
        self.bench = bench
        self.port = free_port()
        (bench.folder / "data").mkdir()
        start = (DOCKER / "redis/start").read_text()
        start = replaced(start, "/tmp/users.acl", str(bench.folder / "users.acl"))
        start = replaced(start, "redis-server /etc/redis/redis.conf", f"redis-server {bench.folder}/redis.conf --port {self.port}")
        (bench.folder / "start").write_text(start)
        configuration = (DOCKER / "redis/redis.conf").read_text()
        configuration = replaced(configuration, "/tmp/users.acl", str(bench.folder / "users.acl"))
        (bench.folder / "redis.conf").write_text(replaced(configuration, "dir /data", f"dir {bench.folder}/data"))
        bench.start(
            "sh", bench.folder / "start", environment={"REDIS_SCREENPOP_PASSWORD": SCREENPOP, "REDIS_CRM_PASSWORD": CRM})
        eventually("redis-server answers", lambda: "PONG" in self("screenpop", "PING"))

    def __call__(self, user, *command):
        password = {"screenpop": SCREENPOP, "crm": CRM}.get(user)
        who = ["--user", user, "--pass", password, "--no-auth-warning"] if password else []
        return self.bench.run("redis-cli", "-p", self.port, *who, *command, ok=(0, 1)).strip()


def redis_users(bench):
    """ScreenPop does all its work as its user, the CRM reads pops and nothing else, nobody else comes in"""
    redis = Redis(bench)
    assert redis(None, "PING").startswith("NOAUTH"), "the default user is let in"
    switch, url = bench.service(SCREENPOP_REDIS=f"redis://screenpop:{SCREENPOP}@127.0.0.1:{redis.port}")

    def ready():
        with urllib.request.urlopen(url + "/readyz", timeout=5) as answer:
            return answer.status == 200

    eventually("the service is ready", ready)

    def ask(method, path, body=None):
        request = urllib.request.Request(
            url + "/api/v1" + path, method=method, data=json.dumps(body).encode() if body else None,
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    # Something of each kind that is kept, so that what may not be read is there.
    ask("PUT", "/users/anna", {"role": "supervisor", "password": "correct horse"})
    ask("POST", "/tokens", {"name": "desk", "role": "integration"})
    ask("POST", "/agents/1001%40default/ready", {})
    call = Telephony(switch).call("+8613900139000")
    key = "screenpop:{default}:agent:1001@default:pop"
    eventually("the CRM reads the pop", lambda: redis("crm", "HGET", key, "caller_number") == "+8613900139000")
    assert redis("crm", "HGET", key, "call_uuid") == call
    assert "1001@default" in redis("crm", "SMEMBERS", "screenpop:{default}:agents")
    assert "pop.offered" in redis("crm", "XRANGE", "screenpop:{default}:log", "-", "+")
    assert int(redis("crm", "EXISTS", f"screenpop:{{default}}:call:{call}")) == 1

    refused = [
        ("SET", "screenpop:{default}:schema", "2"), ("DEL", key), ("HSET", key, "state", "ended"), ("GET", "another"), ("KEYS", "*"), ("SCAN", "0"),
        ("CONFIG", "GET", "dir"), ("FLUSHALL",), ("PUBLISH", "screenpop:{default}:pops", "x"), ("SUBSCRIBE", "other"), ("ACL", "LIST"),
        ("EVAL", "return 1", "0"),
        ("HGETALL", "screenpop:{default}:user:anna"), ("SMEMBERS", "screenpop:{default}:users"), ("SMEMBERS", "screenpop:{default}:tokens"),
        ("XRANGE", "screenpop:{default}:audit", "-", "+"), ("XRANGE", "screenpop:{other}:log", "-", "+"),
    ]
    for command in refused:
        assert "NOPERM" in redis("crm", *command), f"the CRM may {' '.join(command)}"
    for command in [("CONFIG", "GET", "dir"), ("FLUSHALL",), ("KEYS", "*"), ("SET", "another", "x"), ("SHUTDOWN",), ("ACL", "LIST")]:
        assert "NOPERM" in redis("screenpop", *command), f"ScreenPop may {' '.join(command)}"
    assert "maxmemory_policy:noeviction" in redis("screenpop", "INFO", "memory")
    assert "aof_enabled:1" in redis("screenpop", "INFO", "persistence")
    assert redis("screenpop", "HGET", "screenpop:{default}:user:anna", "role") == "supervisor", "what must be hidden is not there"
    log = subprocess.run(["grep", "-h", "NOPERM", *[str(log) for _, log in bench.processes]], capture_output=True, text=True).stdout
    assert not log, f"a command was refused to ScreenPop:\n{log}"


def redis_documented(bench):
    """the container's users are those of docs/redis.md"""
    start = (DOCKER / "redis/start").read_text()
    document = (ROOT / "docs/redis.md").read_text()
    shipped = re.search(r'echo "user crm on >\S+ (.*)"', start).group(1)
    written = re.search(r"ACL SETUSER crm on >\S+ (.*)", document).group(1)
    assert shipped == written, f"{set(shipped.split()) ^ set(written.split())} stand in one of the two alone"
    own = re.search(r'echo "user screenpop on >\S+ (.*)"', start).group(1)
    assert own in " ".join(document.split()), "docs/redis.md says another rule for ScreenPop's own user"


def redis_passwords(bench):
    """a password that would be read as something else is refused in words"""
    script = bench.folder / "start"
    text = replaced((DOCKER / "redis/start").read_text(), "/tmp/users.acl", str(bench.folder / "users.acl"))
    # Nothing is to be started, whatever the script thinks of the password.
    script.write_text(replaced(text, "exec redis-server /etc/redis/redis.conf", "exit 0"))
    for password in ["", "two words", "line\nuser default on nopass ~* +@all", "a/b", "a#b"]:
        said = bench.run(
            "sh", script, ok=(78,), env={"PATH": "/usr/bin:/bin", "REDIS_SCREENPOP_PASSWORD": SCREENPOP, "REDIS_CRM_PASSWORD": password})
        assert "REDIS_CRM_PASSWORD" in said and "letters and digits" in said, said
        assert not (bench.folder / "users.acl").exists()


CHECKS = [redis_users, redis_documented, redis_passwords]
