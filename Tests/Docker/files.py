"""XML, the systemd unit and the Dockerfile, each read by its own program."""

import pathlib
import re

from support import DOCKER, ROOT, replaced


def xml_files(bench):
    """every XML file is well-formed"""
    names = bench.run("git", "-C", ROOT, "ls-files", "*.xml", "*.svg").split()
    assert len(names) >= 19, f"only {names}"
    bench.run("xmllint", "--noout", "--nonet", *[ROOT / name for name in names])


def systemd_unit(bench):
    """systemd understands the unit and finds little to fear in it"""
    unit = (DOCKER / "systemd/screenpop.service").read_text()
    copy = bench.folder / "screenpop.service"
    # It wants the program to be there.
    copy.write_text(replaced(unit, "/usr/local/bin/screenpop", "/bin/true"))
    said = bench.run("systemd-analyze", "verify", copy)
    ours = [line for line in said.splitlines() if "screenpop.service" in line]
    assert not ours, "\n".join(ours)
    # 0 is no exposure, 100 all there is; what a network service can do without is taken from ours.
    bench.run("systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", copy)
    known = settings(bench)
    unknown = set(re.findall(r"\bSCREENPOP_[A-Z_]+", unit)) - known
    assert not unknown, f"no setting is called {unknown}"


def dockerfile(bench):
    """hadolint finds nothing, and what is copied and opened is there"""
    path = DOCKER / "Dockerfile"
    # DL3008 wants versions pinned, which Debian takes away with each security update.
    bench.run("hadolint", "--ignore", "DL3008", path)
    text = path.read_text()
    ignored = (ROOT / ".dockerignore").read_text().split()
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), f"COPY {source}: there is none"
            assert source.strip("./") not in [name.strip("/") for name in ignored], f"COPY {source}: .dockerignore leaves it out"
    port = re.search(r"^EXPOSE (\d+)$", text, re.MULTILINE).group(1)
    assert f"0.0.0.0:{port}" in text and f"/dev/tcp/127.0.0.1/{port}" in text, f"{port} is exposed, and not listened on or not looked at"
    program = re.search(r"install -D -m 755 .* (/\S+)$", text, re.MULTILINE)
    assert program and f"COPY --from=build {program.group(1)} /usr/local/bin/screenpop" in text, "what is built is not what is copied"


def settings(bench):
    """The environment variables that the service knows: those of its flags."""
    flags = re.findall(r"--([a-z][a-z-]+)", bench.run(bench.program, "serve", "--help"))
    return {"SCREENPOP_" + flag.upper().replace("-", "_") for flag in flags}


CHECKS = [xml_files, systemd_unit, dockerfile]
