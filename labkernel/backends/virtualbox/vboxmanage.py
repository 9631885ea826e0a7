"""VBoxManage, VirtualBox's command: where it is, and what it says."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from labkernel.errors import BackendError

#: names the program, where it is in none of the usual places
VARIABLE = "LABKERNEL_VBOXMANAGE"

DOWNLOADS = "https://www.virtualbox.org/wiki/Downloads"

_CODE = re.compile(r"(?:code |\()((?:VBOX_E|NS_ERROR|VERR|E)_[A-Z0-9_]+)")
_ERROR = re.compile(r"^VBoxManage(?:\.exe)?: error: ?(.*)$", re.MULTILINE)
#: seconds in which its server, which starts and ends by itself, must answer
_SERVED = 10.0
_BETWEEN_TRIES = 0.2  # seconds
_DETAILS = ("Details: ", "Context: ")
_VALUE = re.compile(r'^(?:"([^"]*)"|([\w()/ -]+?))=(?:"(.*)"|(.*))$')


class Refused(BackendError):
    """VBoxManage did not do what it was asked.

    :param words: what it was asked.
    :param message: all that it printed.
    :param code: its exit code; negative: the signal that ended it.
    """

    def __init__(self, words: tuple[str, ...], message: str, code: int = 1) -> None:
        self.words = words
        self.said = message
        lines = [line for line in _ERROR.findall(message) if not line.startswith(_DETAILS)]
        ended = f"it was ended by signal {-code}" if code < 0 else f"it ended with exit code {code}"
        self.why = " ".join(line.strip() for line in lines) or ended
        self.codes = frozenset(_CODE.findall(message))
        super().__init__(f"VBoxManage {words[0]} failed: {self.why}")

    @property
    def unknown(self) -> bool:
        """There is no such machine or medium."""
        not_found = self.codes & {"VBOX_E_OBJECT_NOT_FOUND", "VERR_FILE_NOT_FOUND"}
        # the UUID of an unknown medium is interpreted as a path
        return bool(not_found) or "is not fully qualified" in self.why

    @property
    def busy(self) -> bool:
        """The machine or its disk is locked at the moment, or VirtualBox's server is making or
        removing it."""
        locked = self.codes & {"VBOX_E_INVALID_OBJECT_STATE", "VBOX_E_OBJECT_IN_USE"}
        # the code of this message, E_ACCESSDENIED, also stands for permanent errors
        return bool(locked) or "object is not ready" in self.why

    @property
    def unserved(self) -> bool:
        """The server did not answer, maybe because it is just ending: nothing was done."""
        return "Failed to create the VirtualBox object" in self.why

    @property
    def taken(self) -> bool:
        """A machine with this name exists already."""
        return "already exists" in self.why


def candidates(platform: str, environment: Mapping[str, str]) -> Iterator[Path]:
    """The paths of VBoxManage in VirtualBox's installations, for a value of ``sys.platform``."""
    if platform == "win32":
        for name in ("VBOX_MSI_INSTALL_PATH", "VBOX_INSTALL_PATH"):
            if environment.get(name):
                yield Path(environment[name], "VBoxManage.exe")
        for name in ("ProgramW6432", "ProgramFiles"):
            if environment.get(name):
                yield Path(environment[name], "Oracle", "VirtualBox", "VBoxManage.exe")
    elif platform == "darwin":
        yield Path("/Applications/VirtualBox.app/Contents/MacOS/VBoxManage")
        yield Path("/usr/local/bin/VBoxManage")
    else:
        yield Path("/opt/VirtualBox/VBoxManage")
        yield Path("/usr/lib/virtualbox/VBoxManage")


def find() -> Path | None:
    """The program: what the variable names, else the one on PATH, else where installers put it."""
    if given := os.environ.get(VARIABLE):
        return Path(given)
    if found := shutil.which("VBoxManage"):
        return Path(found)
    return next((path for path in candidates(sys.platform, os.environ) if path.is_file()), None)


class NoAnswer(BackendError):
    """VirtualBox's server stands still, or a machine that it waits for does."""


#: seconds in which a command ends; these copy disks, or start what may be slow
_LIMIT, _LIMITS = 180.0, {"import": 1800.0, "clonevm": 900.0, "snapshot": 900.0, "startvm": 600.0}


@dataclass(frozen=True)
class VBoxManage:
    """The program.

    :param program: where it is.
    :param before: called in the child just before it becomes the program (POSIX alone).
    :param limit: seconds in which every command ends; 0 for what each may usually take.
    """

    program: Path
    before: Callable[[], None] | None = None
    limit: float = 0.0

    def within(self, seconds: float) -> "VBoxManage":
        """The same, for commands that must end soon."""
        return replace(self, limit=seconds)

    def run(self, *words: str) -> str:
        """Run VBoxManage; returns its output.

        :raises Refused: it failed.
        :raises NoAnswer: it does not end.
        :raises BackendError: it can't be run at all.
        """
        served = min(self.limit or _SERVED, _SERVED)
        return again(lambda: self._run(words), lambda error: error.unserved, served)

    def _run(self, words: tuple[str, ...]) -> str:
        try:
            ended = subprocess.run(
                [str(self.program), *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                env=os.environ | {"LC_ALL": "C.UTF-8"},
                preexec_fn=self.before,
                timeout=self.limit or _LIMITS.get(words[0], _LIMIT),
            )
        except subprocess.TimeoutExpired as error:
            raise NoAnswer(
                f"VBoxManage {words[0]} has not ended within {error.timeout:g} s, and was killed",
                "look at the machines in VirtualBox's own window; VirtualBox's server "
                "(VBoxSVC) may stand still",
            ) from None
        except OSError as error:
            raise BackendError(f"{self.program} can't be run: {error.strerror}") from None
        if ended.returncode != 0:
            raise Refused(words, ended.stdout, ended.returncode)
        return ended.stdout

    def version(self) -> tuple[int, ...]:
        """The version of VirtualBox, like ``(7, 2, 22)``.

        :raises BackendError: the output has no version.
        """
        output = self.run("--version")
        found = re.search(r"^(\d+)\.(\d+)\.(\d+)", output, re.MULTILINE)
        if not found:
            raise BackendError(f"{self.program} does not print its version, but: {output.strip()}")
        return tuple(int(part) for part in found.groups())

    def values(self, *words: str) -> dict[str, str]:
        """The values of a command with ``--machinereadable``; the first value of a name counts."""
        return values(self.run(*words, "--machinereadable"))

    def machines(self) -> dict[str, Path]:
        """The file of each registered machine, by its UUID."""
        return _located(self.run("list", "--long", "vms"), "Config file")

    def running(self) -> frozenset[str]:
        """The UUIDs of the machines that run."""
        return frozenset(re.findall(r"\{([0-9a-f-]{36})\}", self.run("list", "runningvms")))

    def media(self, kind: str) -> dict[str, Path]:
        """The file of each registered medium, by its UUID.

        :param kind: ``hdds`` or ``dvds``.
        """
        return _located(self.run("list", kind), "Location")


def again(act: Callable[[], str], passes: Callable[[Refused], bool], within: float) -> str:
    """Call a function until it succeeds or fails permanently; returns its result.

    :param passes: returns true for a temporary refusal.
    :param within: seconds after which a temporary refusal is final.
    :raises Refused: the last refusal.
    """
    give_up = time.monotonic() + within
    while True:
        try:
            return act()
        except Refused as error:
            if not passes(error) or time.monotonic() > give_up:
                raise
        time.sleep(_BETWEEN_TRIES)  # VirtualBox tells nobody


def values(text: str) -> dict[str, str]:
    """Names and values in what a command printed; what it says first of a name counts."""
    return dict(reversed(list(_pairs(text))))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if found := _VALUE.match(line):
            quoted, bare, value, plain = found.groups()
            yield quoted if quoted is not None else bare, value if value is not None else plain


def _located(text: str, key: str) -> dict[str, Path]:
    """UUID and file of each entry; an entry's own UUID is its first."""
    found, uuid = {}, ""
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name == "UUID":
            uuid = value.strip()
        elif name == key and uuid:
            found[uuid], uuid = Path(value.strip()), ""
    return found
