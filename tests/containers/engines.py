"""Docker and rootless Podman of Debian, on a machine of namespaces, with labkernel's image."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import roots
from tests.containers import machine

_PACKAGES = (
    "ca-certificates", "crun", "docker-cli", "docker.io", "iproute2", "iptables", "netavark",
    "passt", "podman", "procps", "uidmap",
)  # fmt: skip
_SHARED = f"/home/{machine.USER}"
PROFILE = f"{_SHARED}/seccomp.json"
#: the least privilege that works, as docs/containers.md has it
_LEAST = ("--cap-drop=ALL", "--cap-add=SETUID", "--cap-add=SETGID")
_SECCOMP = f"--security-opt=seccomp={PROFILE}"
LEAST = {
    "docker": (*_LEAST, _SECCOMP, "--security-opt=systempaths=unconfined"),
    "podman": (*_LEAST, _SECCOMP, "--security-opt=unmask=ALL"),
}
#: a volume with images of nodes
VOLUME = "--volume=images:/cache"
_READY = 60.0  # seconds
_ENVIRONMENT = "PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
_ALL = ("-m", "-n", "-p", "-i", "-u", "-C", "-r", "-w")
_JOIN = 'echo 0 >/sys/fs/cgroup/init/cgroup.procs && exec "$@"'

Ended = subprocess.CompletedProcess[str]


class Machine:
    """Starts it; it ends with :meth:`end`, or with this process.

    :param state: a directory that is not there yet, nor afterwards.
    """

    def __init__(self, state: Path) -> None:
        root = roots.made("engines", "trixie", _PACKAGES)
        state.mkdir()
        self.state = state
        self._process = subprocess.Popen(
            [sys.executable, machine.__file__, str(root), str(state)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        self._pid = int(self._process.stdout.readline())
        assert self._process.stdout.readline() == "ready\n"

    def command(self, *words: str, user: str = "root") -> list[str]:
        """The words that run a command on it."""
        inside = [
            "nsenter",
            f"--target={self._pid}",
            "-m",
            "-n",
            "-p",
            "-i",
            "-u",
            "-C",
            "-r",
            "-w",
        ]
        inside += ["--", "env", "-i", _ENVIRONMENT, "HOME=/root", "sh", "-c", _JOIN, "sh"]
        if user != "root":
            own = [f"HOME={_SHARED}", f"USER={user}", f"XDG_RUNTIME_DIR=/run/user/{machine.UID}"]
            who = [f"--reuid={machine.UID}", f"--regid={machine.UID}", "--init-groups"]
            inside += ["setpriv", *who, "env", "-i", _ENVIRONMENT, *own]
        return [*inside, *words]

    def run(self, *words: str) -> Ended:
        """Run a command on it, as root."""
        return subprocess.run(self.command(*words), capture_output=True, text=True, check=False)

    def give(self, file: Path, name: str) -> None:
        """Have a file there, for its ordinary user and for containers."""
        subprocess.run(["cp", file, self.state / "home" / name], check=True)
        (self.state / "home" / name).chmod(0o644)

    def end(self) -> None:
        """End everything on it, and wait for that."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        assert self._process.wait() == 0
        self._process.stdout.close()


@dataclass(frozen=True)
class Engine:
    """An engine that has labkernel's image, and the images of nodes in a volume.

    :param name: of its command.
    """

    name: str
    machine: Machine

    @property
    def user(self) -> str:
        """Who runs containers by it."""
        return machine.USER if self.name == "podman" else "root"

    def __call__(self, *words: str) -> Ended:
        """Run a command of it."""
        whole = self.machine.command(self.name, *words, user=self.user)
        return subprocess.run(whole, capture_output=True, text=True, check=False)

    def run(self, *command: str, options: tuple[str, ...] | None = None) -> Ended:
        """Run a command in a container.

        :param options: in place of the least privilege and the volume.
        """
        given = (*LEAST[self.name], VOLUME) if options is None else options
        return self("run", "--rm", "--network=none", *given, "labkernel", *command)

    def prepare(self, images: str) -> None:
        """Load labkernel's image, and those of nodes.

        :param images: the name of a file that was given.
        """
        loaded = self("load", "-i", f"{_SHARED}/labkernel.tar")
        assert loaded.returncode == 0, loaded.stderr
        self.load_nodes(images, (*LEAST[self.name], VOLUME))

    def load_nodes(self, images: str, options: tuple[str, ...]) -> None:
        """Load images of nodes into a volume."""
        options = (*options, f"--volume={_SHARED}:/in:ro")
        filled = self.run("labkernel", "image", "load", f"/in/{images}", options=options)
        assert filled.returncode == 0, filled.stderr

    def doctor(self, options: tuple[str, ...] | None = None) -> dict[str, Any]:
        """What the doctor says there of namespaces."""
        ended = self.run("labkernel", "doctor", "--json", options=options)
        found = json.loads(ended.stdout)["backends"]
        return next(each for each in found if each["name"] == "namespaces")


def start_docker(machine: Machine, log: Path) -> None:
    """Start Docker's daemon, which ends with the machine."""
    with log.open("wb") as written:
        daemon = subprocess.Popen(machine.command("dockerd"), stdout=written, stderr=written)
    asked = machine.command("docker", "version")
    end = time.monotonic() + _READY
    while subprocess.run(asked, capture_output=True, check=False).returncode != 0:
        assert daemon.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.1)
