"""Tests the backend with one node, made as `up` does: on a bridge, on an overlay of a built image,
with a command that checks both.  Nothing of it is left.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from labkernel import images
from labkernel.backends.namespaces import launch, plan, rundir
from labkernel.backends.namespaces.client import Connection
from labkernel.errors import BackendError, BackendUnavailable
from labkernel.images import cache
from labkernel.topology import Link, Node, Topology

_IMAGE = "base"
_TOPOLOGY = Topology(
    "trial",
    nodes=(Node("node", image=_IMAGE, memory=16),),
    links=(Link("lan", "node:eth0", "node:eth1", prefix="2001:db8::/64"),),
)
#: an empty directory of every image
_EMPTY = "/mnt"
_TOOLS = ("sh", "mkdir", "rmdir")
_DIRECTORIES = ("bin", "mnt", "proc", "root", "run", "sys")
_COMMAND = f"test -e /sys/class/net/eth0 || exit 3; rmdir {_EMPTY} && mkdir {_EMPTY} || exit 4"
_SECONDS = 10.0


def run() -> str:
    """Start the node, run the command, and end it.

    :returns: a limitation with which labs still work; empty if there is none.
    :raises BackendUnavailable: this machine can't, with the remedy.
    :raises BackendError: the node could not be started, with the reason.
    """
    rundir.require()
    with _layers() as layers, _started(layers) as connection:
        result = connection.run("node", ["/bin/sh", "-c", _COMMAND], None, _SECONDS, b"")
    if result.exit_code == 4:
        # the upper file system can't store the "opaque" mark: tmpfs has user xattrs since Linux 6.6
        return "a directory of an image can't be removed and made again"
    if not result.ok:
        raise BackendError(
            f"a node was started, and a command on it ended with exit code {result.exit_code}: "
            f"{result.output.strip() or 'it printed nothing'}"
        )
    return ""


@contextmanager
def _started(layers: plan.Layers | None) -> Iterator[Connection]:
    supervisor = launch.Supervisor()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        _ = supervisor.pid
        # no other client can connect: this socket is no listener
        listener = launch.Listener("", theirs)
        yield supervisor.begin(listener, _TOPOLOGY, "trial", 0, layers=layers)
    finally:
        supervisor.end()
        ours.close()
        theirs.close()


@contextmanager
def _layers() -> Iterator[plan.Layers | None]:
    """The layers of the base image; if it is not built, a layer with a shell, in the file system
    for images."""
    if images.find(_IMAGE).built:
        yield None
        return
    with _directory() as folder:
        root = folder / "root"
        for name in ("", *_DIRECTORIES):
            (root / name).mkdir(mode=0o755)
        _fill(root)
        yield {_IMAGE: [str(root)]}


@contextmanager
def _directory() -> Iterator[Path]:
    wanted = cache.directory()
    there = next(each for each in (wanted, *wanted.parents) if each.is_dir())
    try:
        folder = Path(tempfile.mkdtemp(prefix="labkernel-doctor-", dir=there))
    except OSError as error:
        raise BackendUnavailable(
            launch.BACKEND,
            f"images can't be kept in {wanted}: {error.strerror} ({there})",
            "set XDG_CACHE_HOME to a directory of yours",
        ) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _fill(root: Path) -> None:
    """Copy this machine's shell, and the libraries that it is linked with."""
    tools = {name: found for name in _TOOLS if (found := shutil.which(name))}
    for name, found in tools.items():
        shutil.copy(found, root / "bin" / name)
    for library in {each for found in tools.values() for each in _libraries(found)}:
        target = root / library.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)


def _libraries(program: str) -> Iterable[str]:
    """The libraries that the dynamic linker loads for a program, see ld.so(8)."""
    listing = subprocess.run(
        [program],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        env={"LD_TRACE_LOADED_OBJECTS": "1"},
        check=False,
    )
    return {word for word in listing.stdout.split() if os.path.isabs(word) and os.path.isfile(word)}
