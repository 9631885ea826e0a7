"""IPv6, flags, lifetimes and options: what trainees get wrong, and what the checks then say."""

from collections.abc import Iterator

import pytest

from labkernel import Lab, Step
from labkernel.labs import ipv6

from .conftest import Running, diagnosis_of

pytestmark = pytest.mark.backend

HUP = "kill -HUP $(cat /run/radvd.pid)"
KEA = ipv6.answer.solution

#: step, mistake on the router, what takes it back, words of the diagnosis
MISTAKES = [
    (ipv6.offlink, "true", "true", "but L is set"),
    (
        ipv6.offlink,
        f"sed -i 's/AdvAutonomous on/AdvAutonomous off/' /etc/radvd.conf\n{HUP}",
        f"sed -i 's/AdvAutonomous off/AdvAutonomous on/' /etc/radvd.conf\n{HUP}",
        "but it is announced without the A flag",
    ),
    (
        ipv6.offlink,
        ipv6.advertise.undo,
        ipv6.advertise.run.splitlines()[-1],
        "but no radvd runs there",
    ),
    (ipv6.renew, "true", "true", "but the preferred lifetime is 0"),
    (ipv6.answer, "true", "true", "but no kea-dhcp6 runs on router"),
    (ipv6.answer, KEA.replace('"eth1"', '"eth0"'), ipv6.answer.undo, "but nobody answers"),
    (
        ipv6.answer,
        KEA.replace("2001:db8::1", "2001:db8::53"),
        ipv6.answer.undo,
        "but the reply has another",
    ),
    (
        ipv6.answer,
        KEA.replace('"dns-servers", "data": "2001:db8::1"', '"domain-search", "data": "a.example"'),
        ipv6.answer.undo,
        "but the reply has none",
    ),
]


@pytest.fixture(scope="module")
def lab(running: Running) -> Iterator[Lab]:
    """The lab, which goes forward from task to task."""
    return running("ipv6")


@pytest.mark.parametrize(
    ("step", "mistake", "remedy", "words"), MISTAKES, ids=[case[-1] for case in MISTAKES]
)
def test_diagnosis(lab: Lab, step: Step, mistake: str, remedy: str, words: str) -> None:
    """The check says what is wrong."""
    assert words in diagnosis_of(lab, step, "router", mistake, remedy)
