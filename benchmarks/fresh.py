"""A fresh Debian 13 with a checkout in it, where `make lab` was never typed."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common import HERE, Missing, need

CHECKOUT = HERE.parent
sys.path.insert(0, str(CHECKOUT))  # made as those are that tests need

_ALONE = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--")
#: of apt, pip and uv: what was downloaded once is there the next time
_DOWNLOADS = ("var/cache/apt/archives", "root/.cache/uv", "root/.cache/pip")
_SETTINGS = ("PIP_", "UV_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


class Fresh:
    """A machine's files, with a checkout at /root/labkernel.

    :param place: where they are.
    """

    def __init__(self, place: Path) -> None:
        self.place = place

    def command(self, *words: str) -> list[str]:
        """The words that run a command there."""
        given = [
            f"{key}={value}"
            for key, value in os.environ.items()
            if key.upper().startswith(_SETTINGS) and key != "PIP_FIND_LINKS"
        ]
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        clean = ["env", "-i", path, "HOME=/root", "LANG=C.UTF-8", "USER=root", *given]
        script = str(HERE / "ways/fresh.sh")
        return [*_ALONE, "bash", script, str(self.place), *clean, *words]

    def keep(self, downloads: Path) -> None:
        """Keep what it has downloaded."""
        for each in _DOWNLOADS:
            if (self.place / each).exists() and not (downloads / each).exists():
                (downloads / each).parent.mkdir(parents=True, exist_ok=True)
                _copy(self.place / each, downloads / each)


@contextmanager
def fresh(downloads: Path | None = None) -> Iterator[Fresh]:
    """A fresh one, which goes at the end.

    :param downloads: what an earlier one has downloaded.
    :raises Missing: it can't be made here.
    """
    if os.geteuid() != 0:
        raise Missing("apt needs root on the fresh machine: run it as root")
    need("mmdebstrap", "mmdebstrap")
    place = Path(tempfile.mkdtemp(prefix="labkernel-fresh-", dir=_cache()))
    try:
        root = place / "root"
        _copy(_debian(), root)
        if downloads:
            _give(downloads, root)
        _check_out(root / "root/labkernel")
        yield Fresh(root)
    finally:
        subprocess.run(["rm", "-rf", "--one-file-system", str(place)], check=True)


def _cache() -> Path:
    from tests import roots

    return roots.cache()


def _debian() -> Path:
    from tests import roots

    # as an installation has them: make and git, for the checkout, and what brings them here
    packages = ("ca-certificates", "git", "iproute2", "make", "mount", "python3")
    return roots.made("fresh", "trixie", packages)


def _give(downloads: Path, root: Path) -> None:
    for each in _DOWNLOADS:
        if (downloads / each).exists():
            shutil.rmtree(root / each, ignore_errors=True)
            (root / each).parent.mkdir(parents=True, exist_ok=True)
            _copy(downloads / each, root / each)


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", "--reflink=auto", str(source), str(target)], check=True)


def _check_out(target: Path) -> None:
    """What is committed, and what has changed since."""
    listed = [
        "git",
        "-C",
        str(CHECKOUT),
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    names = subprocess.run(listed, capture_output=True, check=True).stdout
    target.mkdir()
    copied = ["cp", "-a", "--parents", "-t", str(target)]
    words = [name for name in names.decode().split("\0") if name and (CHECKOUT / name).exists()]
    subprocess.run([*copied, *words], cwd=CHECKOUT, check=True)


def started(machine: Fresh, *words: str) -> "subprocess.Popen[str]":
    """A command that runs there; what it says is read from its standard output."""
    return subprocess.Popen(
        machine.command(*words),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def ended(process: "subprocess.Popen[str]") -> None:
    """End it, and with its PID 1 everything that it has started."""
    process.kill()  # unshare heeds no other signal
    process.communicate()
