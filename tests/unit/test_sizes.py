"""Labs that are too large for the machine are refused before they start, with numbers."""

import resource
from pathlib import Path

import pytest

from labkernel import memory
from labkernel.backends.namespaces import sizes
from labkernel.errors import BackendError
from labkernel.topology import Link, Node, Topology


def lab(nodes: int) -> Topology:
    """So many nodes on one link."""
    names = [f"n{number}" for number in range(nodes)]
    link = Link("lan", *(f"{name}:eth0" for name in names), prefix=["2001:db8::/32"])
    return Topology("large", tuple(map(Node, names)), (link,))


@pytest.fixture(autouse=True)
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of 16 GiB whose table of neighbours has 1024 entries."""
    (tmp_path / "thresh3").write_text("1024\n")
    monkeypatch.setattr(sizes, "_THRESHOLD", tmp_path / "thresh3")
    monkeypatch.setattr(memory, "available", lambda: 16 << 30)


def test_what_fits_is_not_refused() -> None:
    """Hundreds of nodes on a link are none too many."""
    sizes.require(lab(400))


def test_more_neighbours_than_the_machine_can_know() -> None:
    """With how many entries it takes, how many there are, and the setting."""
    with pytest.raises(BackendError, match=r"600 interfaces take .* has 1024 for all.*=2400"):
        sizes.require(lab(600))


def test_more_interfaces_than_a_bridge_has_ports() -> None:
    """With the link's name and both numbers."""
    with pytest.raises(BackendError, match=r'link "lan" joins 1024 interfaces, .* has 1023 ports'):
        sizes.require(lab(1024))


def test_more_descriptors_than_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With how many it takes and how many there may be."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 512))
    with pytest.raises(BackendError, match=r"400 nodes take 900 open files, .* have 512"):
        sizes.require(lab(400))


def test_more_memory_than_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """With how much it takes and how much there is."""
    monkeypatch.setattr(memory, "available", lambda: 500 << 20)
    with pytest.raises(BackendError, match=r"400 nodes take 800 MiB .*, and 500 MiB are available"):
        sizes.require(lab(400))


def test_a_kernel_that_does_not_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the table can't be read, nothing is said of it."""
    monkeypatch.setattr(sizes, "_THRESHOLD", tmp_path / "absent")
    sizes.require(lab(600))
