"""Certificates by the thousand: the library on all cores, beside the openssl command line.

``python benchmarks/hitch.py [--json] [--rounds N] [--certificates N]``; README.md says what is
compared.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from common import OURS, Missing, Report, Target, need, options, turns

WAYS = (OURS, "openssl", "openssl, all cores")
#: what the command line makes in a round: it is divided by that
BY_COMMAND = 100


def main() -> int:
    parser = options(__doc__, rounds=5)
    parser.add_argument("--certificates", type=int, default=5000, help="(default: %(default)s)")
    given = parser.parse_args()
    report = Report("hitch", WAYS)
    with tempfile.TemporaryDirectory(prefix="bench-hitch-") as scratch:
        authority = prepared(Path(scratch))
        ways: dict[str, Callable[[], float]] = {
            OURS: partial(ours, given.certificates),
            "openssl": partial(openssl, authority, 1),
            "openssl, all cores": partial(openssl, authority, len(os.sched_getaffinity(0))),
        }
        samples: dict[str, list[float]] = {way: [] for way in WAYS}
        for way, seconds in turns(ways, given.rounds, 60, report, "a certificate"):
            samples[way].append(seconds)
    report.add("a certificate", samples, [Target("openssl", 1 / 20)])
    report.show(given.json)
    return 0


def ours(number: int) -> float:
    """Seconds for each of so many certificates with keys of their own, from an empty cache."""
    from labkernel.labs.hitch.commands import certificates

    with tempfile.TemporaryDirectory(prefix="bench-hitch-") as cache, cache_in(cache):
        began = time.perf_counter()
        archives = certificates.make(number)
        took = time.perf_counter() - began
        if not all(archive.stat().st_size for archive in archives):
            raise Missing("no certificates were made")
    return took / number


@contextmanager
def cache_in(directory: str) -> Iterator[None]:
    """Have the user's cache directory elsewhere."""
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = directory
    try:
        yield
    finally:
        del os.environ["XDG_CACHE_HOME"]
        if before is not None:
            os.environ["XDG_CACHE_HOME"] = before


def prepared(scratch: Path) -> Path:
    """An authority of openssl's own making, in a directory."""
    program = need("openssl", "openssl")
    words = [program, "req", "-x509", *KEY, "-keyout", "ca.key", "-out", "ca.pem"]
    subprocess.run(
        [*words, "-subj", "/CN=authority", "-days", "365"], cwd=scratch, check=True, stderr=QUIET
    )
    return scratch


QUIET = subprocess.DEVNULL
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc")
#: key, request and signature in one process: the least that the command line takes
ONE = (
    f"openssl req -x509 {' '.join(KEY)} -keyout $0.pem -out $0.crt -subj /CN=site$0.example "
    "-addext subjectAltName=DNS:site$0.example -CA ca.pem -CAkey ca.key -days 365 2>/dev/null "
    "&& cat $0.crt >> $0.pem && rm $0.crt"
)


def openssl(scratch: Path, at_once: int) -> float:
    """Seconds for each certificate by a process each, so many at a time."""
    command = f"seq {BY_COMMAND} | xargs -P {at_once} -I {{}} sh -c '{ONE}' {{}}"
    began = time.perf_counter()
    subprocess.run(["sh", "-c", command], cwd=scratch, check=True)
    took = time.perf_counter() - began
    if len(list(scratch.glob("[0-9]*.pem"))) != BY_COMMAND:
        raise Missing("openssl made fewer certificates than it was asked for")
    for made in scratch.glob("[0-9]*.pem"):
        made.unlink()
    return took / BY_COMMAND


if __name__ == "__main__":
    raise SystemExit(main())
