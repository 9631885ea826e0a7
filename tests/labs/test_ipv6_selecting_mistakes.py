"""IPv6, the choice of an address: what trainees usually get wrong, and what the checks then say."""

from collections.abc import Iterator

import pytest

from labkernel import Lab
from labkernel.labs import ipv6

from .conftest import Running, diagnosis_of

pytestmark = pytest.mark.backend

#: mistake, what takes it back, words of the diagnosis
MISTAKES = [
    ("true", "true", "fd6b:1c2d:3e4f::1 comes first"),
    (
        "echo 'precedence ::ffff:0:0/96 100' > /etc/gai.conf",
        ipv6.prefer.undo,
        "Write the whole table",
    ),
    (
        "cp /etc/hosts /tmp/kept; sed '/fd6b/d' /tmp/kept > /etc/hosts",
        "cat /tmp/kept > /etc/hosts",
        "a name has lost an address",
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
    assert words in diagnosis_of(lab, ipv6.prefer, "client", mistake, remedy)
