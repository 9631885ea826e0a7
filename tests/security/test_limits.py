"""What the kernel bounds for each user, a lab of root's takes from no other lab, nor from root."""

import ctypes
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkernel import images
from labkernel.backends.namespaces import NamespacesBackend, ids
from labkernel.topology import Node, Topology

pytestmark = pytest.mark.backend

_TOPOLOGY = Topology("greedy", (Node("alpha"),))
_INOTIFY = {"x86_64": 294, "aarch64": 26, "riscv64": 26, "ppc64le": 318, "s390x": 324}
# whoever has taken them all stays behind and keeps them
_TAKE = f"""
$taken++ while syscall({_INOTIFY[os.uname().machine]}, 0) >= 0;
my $why = $!;
exit if !$taken;
if (fork()) {{ print "$taken: $why"; exit }}
close STDIN; close STDOUT; close STDERR; sleep;
"""


@pytest.fixture
def labs(runtime_directory: Path) -> Iterator[list[NamespacesBackend]]:
    """Two labs of root's."""
    images.build("base")
    made = [NamespacesBackend(name, linger=0) for name in ("greedy", "other")]
    for backend in made:
        backend.up(_TOPOLOGY)
    yield made
    for backend in made:
        backend.down()


if os.geteuid() == 0:  # labs of an ordinary user share what is the user's: SECURITY.md says so

    def test_a_lab_that_takes_all(labs: list[NamespacesBackend]) -> None:
        """A lab whose node takes all that its user may have of something leaves another lab, and
        root, as much as there was."""
        before = _inotify_instance()
        taken = [backend.run("alpha", ["perl", "-e", _TAKE]).output for backend in labs]
        assert taken[0].endswith("Too many open files")
        assert taken[0] == taken[1]
        assert (before, _inotify_instance()) == (True, True)

    def test_ranges_do_not_meet(labs: list[NamespacesBackend]) -> None:
        """No two labs have a user id in common, and none has one of somebody else."""
        maps = [backend.run("alpha", "cat /proc/self/uid_map").output.split() for backend in labs]
        firsts = {int(first) for _, first, _ in maps}
        assert len(firsts) == len(labs)
        assert all(ids.FIRST_OF_ROOT <= first < 0x7FFE0000 for first in firsts)

    def test_a_range_that_is_used(labs: list[NamespacesBackend]) -> None:
        """A range whose lab runs is known as used, and once the lab has ended, as free."""
        _, first, _ = labs[0].run("alpha", "cat /proc/self/uid_map").output.split()
        assert ids._has_processes(int(first))
        claim = socket.socket(socket.AF_UNIX)
        assert not ids._bind(claim, int(first))
        labs[0].down()
        assert not ids._has_processes(int(first))
        assert ids._bind(claim, int(first))
        claim.close()

    def test_names_that_somebody_has_taken(
        labs: list[NamespacesBackend], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who takes the names of all ranges keeps no lab from starting: it gets one that no
        process has."""
        monkeypatch.setattr(ids, "_bind", lambda claim, first: False)
        claim, first = ids._claim_range()
        claim.close()
        assert not ids._has_processes(first)


def _inotify_instance() -> bool:
    """Whether root may have one, outside of any lab."""
    fd = ctypes.CDLL(None).inotify_init1(os.O_CLOEXEC)
    if fd >= 0:
        os.close(fd)
    return bool(fd >= 0)
