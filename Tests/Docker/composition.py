"""docker/compose.yaml against the published schema, and against the files and variables it names."""

import importlib.util
import json
import pathlib
import re
import stat

import jsonschema
import yaml

from files import settings
from support import DOCKER, ROOT

TEXT = (DOCKER / "compose.yaml").read_text()
PLAN = yaml.safe_load(TEXT)
SERVICES = PLAN["services"]


def compose_schema(bench):
    """compose.yaml follows the schema of the Compose specification"""
    # It is looked for without importing its package, which needs more than the schema.
    package = importlib.util.find_spec("compose")
    places = [] if package is None else [pathlib.Path(place) / "config/compose_spec.json" for place in package.submodule_search_locations or []]
    places = [place for place in places if place.exists()]
    assert places, "the Compose specification's schema is not installed (pip install --no-deps docker-compose==1.29.2)"
    validator = jsonschema.Draft7Validator(json.loads(places[0].read_text()))
    errors = [f"{'.'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(PLAN)]
    assert not errors, "\n".join(errors)


def compose_variables(bench):
    """each variable has a line in .env.example and each line a use; a secret has no default"""
    example = (DOCKER / ".env.example").read_text()
    offered = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    used = re.findall(r"(?<!\$)\$\{([A-Z_]+)(:?[-?]?)", TEXT)
    assert {name for name, _ in used} == offered, f"{ {name for name, _ in used} ^ offered } stand in one of the two alone"
    # Only a ScreenPop that runs can make this one; until then FreeSWITCH is told nothing and reads its files.
    made_later = {"FREESWITCH_SCREENPOP_TOKEN"}
    for name, kind in used:
        if name.endswith(("_PASSWORD", "_TOKEN")) and name not in made_later:
            assert kind == ":?", f"{name}: compose must refuse to start without it"
    # Passwords become parts of URLs, where / and + mean something else.
    assert "openssl rand -hex" in example and "base64" not in example, "the secrets recommended must be letters and digits"
    known = settings(bench)
    ours = {name for service in SERVICES.values() for name in service.get("environment", {}) if name.startswith("SCREENPOP_")}
    assert ours and ours <= known, f"no setting is called {ours - known}"


def compose_files(bench):
    """what is mounted, built and run is in the repository, or made by a volume"""
    volumes = set(PLAN["volumes"])
    used = set()
    for name, service in SERVICES.items():
        for volume in service.get("volumes", []):
            source, target = volume.split(":")[:2]
            assert target.startswith("/"), f"{name}: {volume}"
            if source.startswith("."):
                assert (DOCKER / source).exists(), f"{name}: there is no {source}"
                assert volume.endswith(":ro"), f"{name}: {source} is the repository's and need not be written"
            else:
                used.add(source)
        assert set(service.get("networks", [])) <= set(PLAN["networks"]), f"{name}: networks"
        if build := service.get("build"):
            context = (DOCKER / build["context"]).resolve()
            assert context == ROOT and (context / build["dockerfile"]).exists(), f"{name}: build"
        for depended, how in as_mapping(service.get("depends_on", {})).items():
            assert depended in SERVICES, f"{name} depends on {depended}"
            if how.get("condition") == "service_healthy":
                has_check = "healthcheck" in SERVICES[depended] or "build" in SERVICES[depended]
                assert has_check, f"{depended} does not say when it is healthy"
        # A script from the repository is started as a program.
        for word in service.get("entrypoint", []):
            mounted = [volume.split(":")[0] for volume in service.get("volumes", []) if volume.split(":")[1] == word]
            for script in mounted:
                assert (DOCKER / script).stat().st_mode & stat.S_IXUSR, f"{script} cannot be run"
    assert used == volumes, f"{used ^ volumes} are declared or used alone"


def compose_ports(bench):
    """what is published is what telephones and browsers need, and nothing that trusts its network"""
    published = [port.split("/")[0] for service in SERVICES.values() for port in service.get("ports", [])]
    inside = [port.rsplit(":", 1)[1] for port in published]
    for secret in ["8021", "6379", "8080", "9090", "5066"]:
        assert secret not in inside, f"{secret} is published"
    ours = [port for port in SERVICES["grafana"]["ports"]]
    assert all(port.startswith("127.0.0.1:") for port in ours), "Grafana is published beyond this machine"
    switch = (DOCKER / "freeswitch/conf/autoload_configs/switch.conf.xml").read_text()
    first, last = (re.search(f'"rtp-{end}-port" value="(\\d+)"', switch).group(1) for end in ("start", "end"))
    assert f"{first}-{last}:{first}-{last}/udp" in SERVICES["freeswitch"]["ports"], f"FreeSWITCH sends audio from {first} to {last}"
    profile = (DOCKER / "freeswitch/conf/sip_profiles/internal.xml").read_text()
    for name in ["sip-port", "wss-binding"]:
        port = re.search(f'"{name}" value=":?(\\d+)"', profile).group(1)
        assert port in inside, f"{name} {port} is not published"


def compose_names(bench):
    """the services call each other by their names"""
    haproxy = (DOCKER / "haproxy/haproxy.cfg").read_text()
    prometheus = yaml.safe_load((DOCKER / "prometheus/prometheus.yml").read_text())
    grafana = yaml.safe_load((DOCKER / "grafana/provisioning/datasources/prometheus.yaml").read_text())
    named = {host for host in re.findall(r"^\s*server \S+ ([a-z0-9-]+):\d+", haproxy, re.MULTILINE)}
    for job in prometheus["scrape_configs"]:
        named |= {target.split(":")[0] for group in job["static_configs"] for target in group["targets"]}
    named |= {re.match(r"http://([^:/]+)", source["url"]).group(1) for source in grafana["datasources"]}
    named |= set(re.findall(r"@([a-z0-9-]+):\d+", TEXT))
    curl = (DOCKER / "freeswitch/conf/autoload_configs/xml_curl.conf.xml").read_text()
    named |= set(re.findall(r'gateway-url" value="http://([^:/"]+)', curl))
    assert {"redis", "freeswitch", "prometheus", "screenpop"} <= named, named
    known = set(SERVICES) | {service["hostname"] for service in SERVICES.values() if "hostname" in service}
    for service in SERVICES.values():
        if isinstance(service["networks"], dict):
            known |= {alias for network in service["networks"].values() for alias in (network or {}).get("aliases", [])}
    assert named <= known, f"nobody is called {named - known}"
    assert any(name.startswith("screenpop") for name in named), named


def as_mapping(depends):
    return {name: {} for name in depends} if isinstance(depends, list) else depends


CHECKS = [compose_schema, compose_variables, compose_files, compose_ports, compose_names]
