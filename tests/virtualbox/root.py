"""The real VBoxManage, without VirtualBox on the machine: Debian's package in a root of its own.

Debian has it in sid's contrib section.  The root is made once, and kept in the user's cache; the
module for the kernel is left out, so no machine can be started, and all else is as everywhere.
"""

import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from labkernel import in_namespace
from tests import roots
from tests.backends import inventory

_HERE = Path(__file__).resolve().parent
_PROGRAM = """\
#!/bin/sh
export ROOM={room}
exec {python} -I -S {in_namespace} -- bash {script} {root} {shared} {server} VBoxManage "$@"
"""


def root() -> Path:
    """The root, made now if it was not."""
    return roots.made("virtualbox", "sid", ("virtualbox", "procps"), "--components=main,contrib")


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
            in_namespace=in_namespace.__file__,
            script=_HERE / "root.sh",
            root=root(),
            shared=shared,
            server=self._server,
            room=room,
        )
        self.program.write_text(text)
        self.program.chmod(0o700)

    def server(self) -> int:
        """The process id of its server, VBoxSVC."""
        for pid in inventory.marked(f"VBOX_IPC_SOCKETID={self._server}"):
            if b"/VBoxSVC" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]:
                return pid
        raise AssertionError("VirtualBox's server does not run")

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
