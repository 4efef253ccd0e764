"""What the checks of docker/ stand on: the repository, a folder for the time of a check, and processes that end with it."""

import os
import pathlib
import shutil
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DOCKER = ROOT / "docker"
PATIENCE = 30


def eventually(what, condition, patience=PATIENCE):
    """Gives what `condition` gives as soon as it is true; fails when it never is."""
    until = time.monotonic() + patience
    last = None
    while time.monotonic() < until:
        try:
            if value := condition():
                return value
        except (OSError, AssertionError) as error:
            last = error
        time.sleep(0.05)
    raise AssertionError(f"did not happen: {what}" + (f" ({last})" if last else ""))


def replaced(text, old, new):
    """A replacement that finds nothing would check something else than it says."""
    assert old in text, f"there is no {old!r} any more"
    return text.replace(old, new)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Bench:
    def __init__(self, folder, program, promtool):
        self.folder = folder
        self.program = program
        self.promtool = promtool
        self.processes = []

    def run(self, *command, ok=(0,), **options):
        """What a program said, once it has ended with one of the codes of `ok`."""
        command = [str(part) for part in command]
        assert shutil.which(command[0]), f"{command[0]} is not installed"
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, **options)
        assert result.returncode in ok, f"{' '.join(command)} ended with {result.returncode}:\n{result.stdout}"
        return result.stdout

    def start(self, *command, environment=None):
        """A process that ends with the check; its log's name."""
        command = [str(part) for part in command]
        assert shutil.which(command[0]), f"{command[0]} is not installed"
        log = self.folder / f"{len(self.processes)}-{pathlib.Path(command[0]).name}.log"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SCREENPOP_")}
        with open(log, "w") as output:
            process = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env={**clean, **(environment or {})})
        self.processes.append((process, log))
        return log

    def line(self, log, prefix):
        """The rest of the line of a log that begins so."""
        def found():
            process = next(process for process, name in self.processes if name == log)
            for line in log.read_text().splitlines():
                if line.startswith(prefix):
                    return line[len(prefix):]
            if process.poll() is not None:
                raise RuntimeError(f"it has ended with {process.returncode}:\n{log.read_text()}")
        return eventually(f"{log.name} says {prefix!r}", found)

    def service(self, **environment):
        """A simulated FreeSWITCH with the shipped configuration and a service in front of it; the addresses of both."""
        simulator = self.start(
            self.program, "simulate", "--listen", "127.0.0.1:0", "--calls-per-minute", "0", "--agents", "2", "--configuration", DOCKER / "freeswitch/conf",
            environment={"FREESWITCH_SCREENPOP_PASSWORD": "restricted"})
        switch = self.line(simulator, "event socket on ")
        service = self.start(
            self.program, "serve", "--listen", "127.0.0.1:0", environment={
                "SCREENPOP_FREESWITCH": f"esl://screenpop%40screenpop:restricted@{switch}?name=fs1", "SCREENPOP_ADMIN_TOKEN": TOKEN,
                "SCREENPOP_DATA": str(self.folder / "data"), **environment})
        return switch, self.line(service, "listening on ")

    def end(self):
        for process, _ in reversed(self.processes):
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


TOKEN = "a-token-for-the-docker-checks"


class Telephony:
    """The simulator's event socket, where calls are made."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.stream = socket.create_connection((host, int(port)), timeout=PATIENCE).makefile("rwb")
        self.frame()
        self.send("auth ClueCon")

    def frame(self):
        length = 0
        for line in self.stream:
            line = line.decode().strip()
            if line.lower().startswith("content-length:"):
                length = int(line.split(":")[1])
            if not line:
                break
        return self.stream.read(length).decode()

    def send(self, command):
        self.stream.write(f"{command}\n\n".encode())
        self.stream.flush()
        return self.frame()

    def call(self, number, extension="7000"):
        reply = self.send(f"api simulate call {number} Alice {extension}").strip()
        assert reply.startswith("+OK"), reply
        return reply[3:].strip()
