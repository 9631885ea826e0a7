"""NixOS from its own ISO: booted, installed, booted again from the disk, and logged in to."""

import os
import re
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING

from labkernel import CheckFailed
from labkernel.checks import looks_at
from labkernel.errors import BackendError
from labkernel.labs.nixos import commands
from labkernel.labs.nixos.topology import lab
from labkernel.vm.installer import Computer

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.command import OnOutput, Result
    from labkernel.vm.console import Console

_VARIABLE = "LABKERNEL_NIXOS_ISO"
_DISK, _MEMORY = 20 << 10, 3072  # MiB
_BOOT = 900.0  # seconds; by emulation an installer's CD takes minutes
# what the shell of either system is told to print when it waits: the last exit code, or for more
_PROMPTS = "stty cols 500; PS1='lk-$?-ready# ' PS2='lk-more> '"
_READY = r"(?:^|\n)lk-(?:(?P<code>\d+)-ready# |more> )"
_PASSWORD = r"(?P<asked>[Pp]assword: )"
_given = ""


def use_iso(path: str) -> None:
    """Have the step that installs NixOS do so from this ISO.

    :param path: of the file; empty: what the environment variable LABKERNEL_NIXOS_ISO says, if it
        says anything.
    """
    global _given  # noqa: PLW0603  one lab, one ISO
    _given = path


def _iso() -> str:
    return _given or os.environ.get(_VARIABLE, "")


def skip_reason() -> str:
    """Why there is no installation."""
    if _iso():
        return ""
    return f"it needs a NixOS ISO, and none is given: iso in the notebook, or {_VARIABLE}."


class Installation:
    """Types a step's lines at the console of a machine that has booted the ISO; those after
    ``reboot`` at that of the system on its disk."""

    def __init__(self) -> None:
        self._console: Console | None = None
        self._stopped = False

    def __call__(self, command: str, on_output: "OnOutput | None", timeout: float) -> "Result":
        """Run the lines, until one fails."""
        from labkernel.command import Result

        self._stopped = False
        said: list[str] = []
        started = time.monotonic()

        def hear(text: str) -> None:
            said.append(text)
            if on_output:
                on_output(text)

        path = Path(_iso())
        if not path.is_file():
            raise BackendError(f"there is no file {path}", "the path of a NixOS ISO")
        code = self._install(path, command, hear, started + timeout)
        output = "".join(said)
        return Result("machine", command, code, output, time.monotonic() - started)

    def _install(self, path: Path, command: str, hear: "OnOutput", end: float) -> int:
        """The exit code of the last line that was typed."""
        lines = command.splitlines()
        first = lines.index("reboot") if "reboot" in lines else len(lines)
        password = secrets.token_urlsafe(12)
        with Computer(path, _DISK, _MEMORY) as computer:
            with computer.boot_cd(hear) as self._console:
                self._console.expect(r"\[nixos@[^]\n]*\]\$ ", min(_BOOT, end - time.monotonic()))
                self._console.send("sudo -i\n")
                self._console.expect(r"\[root@[^]\n]*\]# ", 60)
                code = self._type(self._console, lines[:first], password, end)
                if code or first == len(lines):
                    return code
                self._console.send("reboot\n")
                self._console.wait(300)
            if self._stopped:
                raise BackendError("it was stopped before the machine booted from its disk")
            with computer.boot_disk(hear) as self._console:
                self._console.expect(r"login: ", min(_BOOT, end - time.monotonic()))
                self._console.send("root\n")
                self._console.expect(_PASSWORD, 60)
                self._console.send(f"{password}\n")
                self._console.expect(r"\[root@[^]\n]*\]# ", 60)
                return self._type(self._console, lines[first + 1 :], password, end)

    def _type(self, console: "Console", lines: list[str], password: str, end: float) -> int:
        """Type lines, each when the one before is done; gives the exit code of the last."""
        console.send(f"{_PROMPTS}\n")
        console.expect(_READY, 60)
        code = 0
        for line in lines:
            console.send(f"{line}\n")
            told = console.expect(f"{_READY}|{_PASSWORD}", max(end - time.monotonic(), 1))
            while told["asked"]:
                console.send(f"{password}\n")
                told = console.expect(f"{_READY}|{_PASSWORD}", 120)
            code = int(told["code"] or 0)
            if code:
                break
        return code

    def stop(self) -> None:
        """End the machine."""
        self._stopped = True
        if self._console:
            self._console.stop()


@looks_at()
def runs_from_its_disk(attempt: "Attempt") -> str:
    """After the reboot the machine has its name, its file system and its services."""
    text = attempt.output
    after = text.rpartition("login: ")[2] if "login: " in text else ""
    for pattern, what in (
        (r"^hypervisor$", "the name hypervisor"),
        (r"^/dev/\S+ +xfs$", "an XFS as the root file system"),
        (r"^active\nactive$", "sshd and libvirtd, active"),
    ):
        if not re.search(pattern, after, re.MULTILINE):
            seen = "it was not booted" if not after else "the console shows something else"
            raise CheckFailed(f"{what} after the reboot from the disk", seen)
    return "NixOS runs from its disk: it has its name, its XFS, sshd and libvirtd"


from_iso = lab.step(
    "from-iso",
    "Install NixOS from its ISO, reboot, and log in",
    on="machine",
    run=commands.FROM_ISO,
    requires=skip_reason,
    runner=Installation(),
    timeout=4 * 3600,
    about="Not on the nodes of this lab: on a machine that boots the ISO and has the Internet, "
    "which it needs for the packages. The lines are typed at its console, those after `reboot` at "
    "that of the system which is then on its disk. Root's password is made for this machine.",
    check=runs_from_its_disk,
    wrong="echo hypervisor",
)
