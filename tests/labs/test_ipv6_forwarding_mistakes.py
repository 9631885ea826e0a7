"""IPv6, a laptop that forwards: what trainees usually get wrong, and what the checks then say."""

from collections.abc import Iterator

import pytest

from labkernel import Lab
from labkernel.labs import ipv6

from .conftest import Running, diagnosis_of

pytestmark = pytest.mark.backend

SET = "sysctl -q -w net.ipv6.conf"

#: mistake, what takes it back, words of the diagnosis
MISTAKES = [
    ("true", "true", "a router listens only with 2"),
    (f"{SET}.eth0.accept_ra=0", f"{SET}.eth0.accept_ra=1", "accept_ra is 0 on eth0"),
    (
        f"{SET}.all.forwarding=0\nrdisc6 -1 -q eth0",
        f"{SET}.all.forwarding=1",
        "but it forwards no more",
    ),
    (
        f"ip -6 route add default via {ipv6.ROUTER} dev eth0",
        "ip -6 route del default dev eth0",
        "its default route was made by hand",
    ),
    (
        f"{SET}.eth0.accept_ra=2",
        f"{SET}.eth0.accept_ra=1\nip -6 route del default dev eth0 || true",
        "Ask for an advertisement",
    ),
]


@pytest.fixture(scope="module")
def lab(running: Running) -> Iterator[Lab]:
    """The lab, which goes forward to the task."""
    return running("ipv6")


@pytest.mark.parametrize(
    ("mistake", "remedy", "words"), MISTAKES, ids=[case[-1] for case in MISTAKES]
)
def test_diagnosis(lab: Lab, mistake: str, remedy: str, words: str) -> None:
    """The check says what is wrong."""
    assert words in diagnosis_of(lab, ipv6.listen, "laptop", mistake, remedy)
