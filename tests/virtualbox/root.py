"""The real VBoxManage, without VirtualBox on the machine: Debian's package in a root of its own.

Debian has it in sid's contrib section.  The root is made once, and kept in the user's cache; the
module for the kernel is left out, so no machine can be started, and all else is as everywhere.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from labkernel import linux
from labkernel.backends.virtualbox.records import locked
from labkernel.errors import last_line
from labkernel.images import mirror
from tests.backends import inventory

_HERE = Path(__file__).resolve().parent
_PACKAGES = ("virtualbox", "procps")
_OPTIONS = (
    "--mode=root",
    "--format=directory",
    "--variant=apt",
    "--components=main,contrib",
    # a mirror may be a snapshot; what it serves is still signed
    '--aptopt=Acquire::Check-Valid-Until "false"',
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    f"--include={','.join(_PACKAGES)}",
)
_PROGRAM = """\
#!/bin/sh
export ROOM={room}
exec {python} -I -S {linux} -- bash {script} {root} {shared} {server} VBoxManage "$@"
"""


def root() -> Path:
    """The root, made now if it was not."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "labkernel-tests")
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256(repr(_OPTIONS).encode()).hexdigest()[:16]
    place = cache / f"virtualbox-{digest}"
    with locked(cache / "virtualbox.lock"):
        if not place.exists():
            _make(place)
    return place


def _make(place: Path) -> None:
    unfinished = place.with_suffix(".unfinished")
    _in_namespace(["rm", "-rf", str(unfinished)])
    words = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--", "mmdebstrap"]
    keyring = f"--keyring={mirror.KEYRING}"
    _in_namespace([*words, *_OPTIONS, keyring, "sid", str(unfinished), mirror.url()])
    for path in ("var/lib/apt/lists", "var/cache/apt"):
        _in_namespace(["rm", "-rf", str(unfinished / path)])
    unfinished.rename(place)


def _in_namespace(words: list[str]) -> None:
    ended = subprocess.run(linux.namespace_command(words), capture_output=True, text=True)
    if ended.returncode != 0:
        raise RuntimeError(f"{words[0]} failed: {last_line(ended.stderr)}\n{ended.stderr}")


class VirtualBox:
    """An installation with a home of its own: no machine is registered in it yet.

    :param shared: a directory that VBoxManage sees under the same path; all else it does not see.
    :param room: if given, `full` in that directory is a disk of this size, as tmpfs takes it.
    """

    def __init__(self, shared: Path, room: str = "") -> None:
        self.shared = shared
        self._server = f"lk{os.urandom(4).hex()}"
        self.program = shared / "VBoxManage"
        text = _PROGRAM.format(
            python=sys.executable,
            linux=linux.__file__,
            script=_HERE / "root.sh",
            root=root(),
            shared=shared,
            server=self._server,
            room=room,
        )
        self.program.write_text(text)
        self.program.chmod(0o700)

    def end(self) -> None:
        """End its server, which would otherwise end by itself some seconds later."""
        for pid in inventory.marked(f"VBOX_IPC_SOCKETID={self._server}"):
            os.kill(pid, signal.SIGKILL)


def short_directory() -> Path:
    """A new directory with a short path: those of sockets are bounded."""
    return Path(tempfile.mkdtemp(prefix="lkvb"))


def remove(path: Path) -> None:
    """Remove it."""
    shutil.rmtree(path)
