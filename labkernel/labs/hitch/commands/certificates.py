"""Certificates by the thousand: made once, on all cores, and kept in the user's cache directory.

::

    $XDG_CACHE_HOME/labkernel/certificates/<digest of the parameters>/
        ca.key, ca.tar      the authority that signs them: its key, which never leaves this
                            directory, and its certificate, as lab.pem
        shared.key          the key of all of them, where they share one (kind "rsa")
        0000.tar, 0001.tar  500 certificates each, with their keys, named site000001…

The parameters are all but the number: who asks for more pays for those that are not there yet.
"""

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labkernel import resources
from labkernel.errors import LabError, last_line

if TYPE_CHECKING:
    from labkernel.progress import OnProgress


#: "ec": a key on P-256 for each; "rsa": RSA with 2,048 bits, one key for all
KINDS = ("ec", "rsa")

#: certificates in a part, and for how many a line of progress comes
_SIZE, _REPORTED = 500, 100
_NAME = "site{:06}.example"
#: changes when the same parameters would now give other certificates
_FORMAT = 1
_ISSUER = Path(__file__).with_name("issuing.py")


def site(number: int) -> str:
    """The name of a site, by its number from 1."""
    return _NAME.format(number)


def directory() -> Path:
    """The directory of all certificates; it may not exist yet."""
    return resources.cache() / "certificates"


def make(count: int, kind: str = "ec", on_progress: "OnProgress | None" = None) -> list[Path]:
    """Certificates for the sites 1 to `count` at least, as tar archives.

    :param kind: see :data:`KINDS`.
    :raises LabError: they can't be made or kept; parts that were finished stay in the cache.
    """
    if kind not in KINDS or count < 1:
        raise LabError(f"no {count} certificates of kind {kind!r}; kinds: {', '.join(KINDS)}")
    year = datetime.now(UTC).year
    parameters = {
        "kind": kind,
        "name": _NAME,
        "size": _SIZE,
        "reported": _REPORTED,
        "begins": f"{year}0101",
        "ends": f"{year + 2}0101",
    }
    cached = directory() / _digest(parameters)
    parts = [cached / f"{number:04}.tar" for number in range(-(-count // _SIZE))]
    with _locked(cached):
        if not (cached / "ca.tar").exists():
            _issue(cached, parameters | {"parts": []}, 1, None)
        missing = [number for number, part in enumerate(parts) if not part.exists()]
        if missing:
            _issue(cached, parameters | {"parts": missing}, _cores(), on_progress)
    return parts


def authority(kind: str = "ec") -> list[Path]:
    """The certificate of the authority that signs them, lab.pem, as a tar archive."""
    return [make(1, kind)[0].with_name("ca.tar")]


def _digest(parameters: dict[str, Any]) -> str:
    text = json.dumps([_FORMAT, parameters], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0))


@contextlib.contextmanager
def _locked(cached: Path) -> Iterator[None]:
    """Lock the directory, closed to others: one process at a time makes what is missing."""
    import fcntl  # which Windows lacks

    try:
        cached.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        cached.mkdir(exist_ok=True, mode=0o700)
        lock = os.open(cached / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LabError(
            f"certificates can't be kept in {cached}: {error.strerror}",
            "set XDG_CACHE_HOME to a directory of yours",
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _issue(
    cached: Path, parameters: dict[str, Any], processes: int, on_progress: "OnProgress | None"
) -> None:
    """Have each process issue its share of the parts, and report as they go on."""
    parts, count = parameters["parts"], len(parameters["parts"]) * _SIZE
    read, write = os.pipe()
    with tempfile.TemporaryFile() as errors, os.fdopen(read, encoding="ascii") as lines:
        shares = [parts[first::processes] for first in range(min(processes, max(1, len(parts))))]
        workers = [
            subprocess.Popen(
                [sys.executable, "-I", str(_ISSUER), str(cached)],
                stdin=subprocess.PIPE,
                stdout=write,
                stderr=errors,
            )
            for _ in shares
        ]
        os.close(write)
        try:
            for worker, share in zip(workers, shares, strict=True):
                assert worker.stdin is not None
                with worker.stdin as stdin:
                    stdin.write(json.dumps(parameters | {"parts": share}).encode())
            for number, _ in enumerate(lines, 1):
                if on_progress:
                    on_progress(f"making {count:,} certificates", number * _REPORTED / count)
        finally:
            for worker in workers:
                worker.terminate()  # where all went well, it has ended
        if [worker for worker in workers if worker.wait()]:
            errors.seek(0)
            said = last_line(errors.read().decode(errors="replace"))
            raise LabError(f"certificates can't be made in {cached}: {said}")
