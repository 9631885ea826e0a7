"""IPv6, a proxy: what trainees usually get wrong, and what the checks then say."""

from collections.abc import Iterator

import pytest

from labkernel import Lab
from labkernel.labs import ipv6

from .conftest import Running, diagnosis_of

pytestmark = pytest.mark.backend

#: mistake, what takes it back, words of the diagnosis
MISTAKES = [
    ("true", "true", "nothing listens on port 8888"),
    (
        ipv6.proxy.solution.replace(f"Listen {ipv6.ROUTER}", "Listen 127.0.0.1"),
        ipv6.proxy.undo,
        "the proxy listens on 127.0.0.1:8888",
    ),
    (
        ipv6.proxy.solution.replace(f"Allow {ipv6.ON_LAN}", "Allow 198.51.100.0/24"),
        ipv6.proxy.undo,
        "Who may use it?",
    ),
    (
        ipv6.proxy.solution.replace(f"Allow {ipv6.ON_LAN}", "Allow 2001:db8:1::/64"),
        ipv6.proxy.undo,
        "the proxy's answer is 403",
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
    assert words in diagnosis_of(lab, ipv6.proxy, "router", mistake, remedy)
