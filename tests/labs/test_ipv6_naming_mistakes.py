"""IPv6, names: what trainees usually get wrong, and what the checks then say."""

from collections.abc import Iterator

import pytest

from labkernel import Lab
from labkernel.labs import ipv6

from .conftest import Running, bring_forward, diagnosis_of

pytestmark = pytest.mark.backend

BY_HAND = f"echo nameserver {ipv6.ROUTER} > /etc/resolv.conf"
RESOLVER = ipv6.resolver.run.rsplit("\n", 1)[0]

#: mistake, what takes it back, words of the diagnosis
MISTAKES = [
    ("client", "true", "true", "no resolver is known"),
    ("client", BY_HAND, ": > /etc/resolv.conf", "was written by hand"),
    (
        "client",
        "rdnssd -u root -r /run/elsewhere -H /bin/true -p /run/rdnssd.pid",
        ipv6.rdnss.undo,
        "Into which file does rdnssd write?",
    ),
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
    assert words in diagnosis_of(lab, ipv6.rdnss, node, mistake, remedy)


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (ipv6.resolver.undo, "the resolver doesn't answer"),
        (
            f"{ipv6.resolver.undo}\n{RESOLVER.replace(' allow', ' refuse')}",
            "the resolver refuses to answer",
        ),
    ],
    ids=["not-there", "refuses"],
)
def test_a_resolver_that_does_not_answer(lab: Lab, mistake: str, words: str) -> None:
    """Where the client is right and the resolver isn't, the check says what the resolver does."""
    bring_forward(lab, ipv6.rdnss)
    lab.run("client", ipv6.rdnss.solution, expect=0)
    try:
        assert words in diagnosis_of(
            lab, ipv6.rdnss, "router", mistake, f"{ipv6.resolver.undo}\n{RESOLVER}"
        )
    finally:
        lab.run("client", ipv6.rdnss.undo, expect=0)
