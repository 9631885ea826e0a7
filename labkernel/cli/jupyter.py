"""JupyterLab as `labkernel open` starts it: other users of the machine see nothing of it.

It listens on 127.0.0.1 (in a container, whose network is its own, on all addresses) and asks for
its token.  Its kernels are spoken to by sockets in a directory of this user's alone, not by ports,
to one of which anybody could listen.  (Of ipykernel one port stays, of the kind that takes messages
and sends none: see DECISIONS.md.)
"""

import os
import stat
import sys
from pathlib import Path

from labkernel.errors import LabError

#: sun_path of unix(7) has room for 107 bytes: for this, and a kernel's socket in it
_LONGEST = 107 - len(f"/kernel-{'0' * 36}-ipc-5")


def words(*options: str, ip: str = "127.0.0.1") -> list[str]:
    """The command that starts it in the working directory.

    :param options: of JupyterLab; they come last, and so win.
    :param ip: the address that it listens on.
    """
    given = [
        f"--ServerApp.ip={ip}",
        # it would list each language server that is not installed, as if something were wrong
        "--LanguageServerManager.autodetect=False",
    ]
    if sys.platform != "win32":  # there ZeroMQ has ports alone
        given.append("--KernelManager.transport=ipc")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        given.append("--allow-root")
    shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if not shown and "--no-browser" not in options:
        given.append("--no-browser")
    # -P: what is in the working directory is a notebook's to import, not JupyterLab's
    return [sys.executable, "-P", "-m", "jupyterlab", *given, *options]


def environment() -> dict[str, str]:
    """Its environment.

    :raises LabError: there is no place for the sockets.
    """
    # a terminal in JupyterLab then knows `labkernel shell`
    here, others = Path(sys.executable).parent, os.environ.get("PATH", "")
    given = os.environ | {"PATH": f"{here}{os.pathsep}{others}"}
    if sys.platform != "win32":
        given["JUPYTER_RUNTIME_DIR"] = _socket_directory()
    return given


def _socket_directory() -> str:
    """A directory of this user's alone, whose path is short enough.

    Beside the labs' sockets, or, where that is too long, in /tmp, under a name that is the same
    each time.
    """
    from labkernel.backends.namespaces import rundir

    usual = os.path.join(rundir.directory(), "jupyter")  # noqa: PTH118  as rundir has it
    location = usual if len(usual.encode()) <= _LONGEST else f"/tmp/labkernel-{os.getuid()}"
    Path(location).mkdir(mode=0o700, exist_ok=True)
    found = os.lstat(location)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise LabError(
            f"{location} is not a directory of yours alone, so labkernel won't put sockets there",
            "XDG_RUNTIME_DIR=$(mktemp -d)",
        )
    return location
