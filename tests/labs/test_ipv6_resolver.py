"""IPv6, from flags to firewalls: what trainees usually get wrong, and what the checks then say."""

import pytest

from labkernel import RunningLab
from labkernel.labs import ipv6

from .conftest import refusal

pytestmark = pytest.mark.backend

LAB = "ipv6"

RESOLVER = ipv6.resolver.run.rsplit("\n", 1)[0]


@pytest.mark.walk(ipv6.rdnss)
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
def test_a_resolver_that_does_not_answer(running: RunningLab, mistake: str, words: str) -> None:
    """Where the client is right and the resolver isn't, the check says what the resolver does."""
    running.run("client", ipv6.rdnss.solution, expect=0)
    try:
        remedy = f"{ipv6.resolver.undo}\n{RESOLVER}"
        assert words in refusal(running, ipv6.rdnss, "router", mistake, remedy, words)
    finally:
        running.run("client", ipv6.rdnss.undo, expect=0)
