"""Root file systems of other releases of Debian, for what must run there: made once, and kept in
the user's cache of tests."""

import hashlib
import os
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from labkernel import user_namespace
from labkernel.backends.virtualbox.records import locked
from labkernel.errors import last_line
from labkernel.images import mirror

_COMMON = (
    "--mode=root",
    "--format=directory",
    "--variant=apt",
    # a mirror may be a snapshot; what it serves is still signed
    '--aptopt=Acquire::Check-Valid-Until "false"',
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
)


def cache() -> Path:
    """Where they are kept."""
    path = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "labkernel-tests")
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def made(
    name: str, suite: str, packages: Iterable[str], *options: str, within: Sequence[str] = ()
) -> Path:
    """A root of a Debian with some packages, made now if it was not.

    :param options: further ones of mmdebstrap.
    :param within: what runs mmdebstrap; its words come first.
    """
    words = (*_COMMON, *options, f"--include={','.join(packages)}", suite)
    digest = hashlib.sha256(repr(words).encode()).hexdigest()[:16]
    place = cache() / f"{name}-{digest}"
    with locked(cache() / f"{name}.lock"):
        if not place.exists():
            _make(place, words, within)
    return place


def _make(place: Path, words: Iterable[str], within: Sequence[str]) -> None:
    unfinished = place.with_suffix(".unfinished")
    in_namespace(["rm", "-rf", str(unfinished)])
    alone = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--", "mmdebstrap"]
    *options, suite = words
    keyring = f"--keyring={mirror.KEYRING}"
    in_namespace([*within, *alone, *options, keyring, suite, str(unfinished), mirror.url()])
    for path in ("var/lib/apt/lists", "var/cache/apt"):
        in_namespace(["rm", "-rf", str(unfinished / path)])
    unfinished.rename(place)


def in_namespace(words: list[str]) -> None:
    """Run a command as root of a namespace of this user's ids.

    :raises RuntimeError: it failed, with what it said.
    """
    ended = subprocess.run(user_namespace.command(words), capture_output=True, text=True)
    if ended.returncode != 0:
        raise RuntimeError(f"{words[0]} failed: {last_line(ended.stderr)}\n{ended.stderr}")
