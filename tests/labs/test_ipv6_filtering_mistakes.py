"""IPv6, a firewall: what trainees usually get wrong, and what the checks then say."""

from collections.abc import Iterator

import pytest

from labkernel import Lab
from labkernel.labs import ipv6

from .conftest import Running, diagnosis_of

pytestmark = pytest.mark.backend

AGAIN = ipv6.careless.run
OUTPUT = (
    "nft add chain inet filter output '{ type filter hook output priority 0; }'\n"
    "nft add rule inet filter output icmpv6"
)

#: mistake, what takes it back, words of the diagnosis
MISTAKES = [
    ("true", AGAIN, "Neighbor Discovery is ICMPv6"),
    (
        f"{ipv6.firewall.solution}\n{OUTPUT} type packet-too-big drop",
        AGAIN,
        "The router must be able to say packet-too-big",
    ),
    ("nft flush ruleset", AGAIN, "a connection from the internet node reaches the client"),
    (
        ipv6.firewall.solution.replace("    ct state established,related accept\n", ""),
        AGAIN,
        "in the chain forward",
    ),
    (
        ipv6.firewall.solution.replace(", nd-router-solicit", "").replace(
            "iifname eth1 accept", "iifname eth1 meta l4proto tcp accept"
        ),
        AGAIN,
        "nd-router-solicit must come in",
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
    assert words in diagnosis_of(lab, ipv6.firewall, "router", mistake, remedy)
