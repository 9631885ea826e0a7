"""IPv6, a rogue router: what trainees usually get wrong, and what the checks then say."""

from collections.abc import Iterator

import pytest

from labkernel import Lab
from labkernel.labs import ipv6

from .conftest import Running, diagnosis_of

pytestmark = pytest.mark.backend

RADVD = ipv6.rogue.run.splitlines()[-1]

#: mistake, what takes it back, words of the diagnosis
MISTAKES = [
    ("client", "true", "true", "it still hears laptop"),
    (
        "client",
        "sysctl -q -w net.ipv6.conf.eth0.accept_ra=0",
        "sysctl -q -w net.ipv6.conf.eth0.accept_ra=1",
        "The router's advertisements are lost as well",
    ),
    (
        "client",
        ipv6.guard.solution.replace("ip6 saddr != $(via medium) ", ""),
        ipv6.guard.undo,
        "it does not hear the router either",
    ),
    (
        "client",
        ipv6.guard.solution.rsplit("\n", 1)[0],
        ipv6.guard.undo,
        "What it has learned already stays",
    ),
    ("laptop", ipv6.rogue.undo, RADVD, "laptop announces no more"),
]


@pytest.fixture(scope="module")
def lab(running: Running) -> Iterator[Lab]:
    """The lab, which goes forward to the task."""
    return running("ipv6")


@pytest.mark.parametrize(
    ("node", "mistake", "remedy", "words"), MISTAKES, ids=[case[-1] for case in MISTAKES]
)
def test_diagnosis(lab: Lab, node: str, mistake: str, remedy: str, words: str) -> None:
    """The check says what is wrong."""
    assert words in diagnosis_of(lab, ipv6.guard, node, mistake, remedy)
