"""IPv6: what trainees usually get wrong, and what the checks then say."""

import pytest

from labkernel import RunningLab
from labkernel.labs import ipv6

from .conftest import refusal

pytestmark = pytest.mark.backend

LAB = "ipv6"


@pytest.mark.walk(ipv6.silence)
@pytest.mark.parametrize(
    ("node", "mistake", "remedy", "words"),
    [
        (
            "client",
            "sysctl -q -w net.ipv6.conf.eth0.accept_ra=0\nip -6 route flush proto ra",
            "sysctl -q -w net.ipv6.conf.eth0.accept_ra=1",
            "accept_ra is 0 on eth0",
        ),
        (
            "client",
            "sysctl -q -w net.ipv6.conf.eth0.forwarding=1\nip -6 route flush proto ra",
            "sysctl -q -w net.ipv6.conf.eth0.forwarding=0",
            "a router listens only with 2",
        ),
    ],
    ids=["accept-ra-0", "forwarding-1-with-accept-ra-1"],
)
def test_a_client_that_does_not_listen(
    running: RunningLab, node: str, mistake: str, remedy: str, words: str
) -> None:
    """Where the advertisement is right and the client has no route, the check says why."""
    assert words in refusal(running, ipv6.advertise, node, mistake, remedy, words)


@pytest.mark.walk(ipv6.own)
@pytest.mark.parametrize(
    ("node", "mistake", "remedy", "words"),
    [
        (
            "router",
            "ip -6 address add 2001:db8::2/64 dev eth1 nodad",
            "ip -6 address del 2001:db8::2/64 dev eth1",
            "Somebody on the link has it already",
        ),
        (
            "laptop",
            "sysctl -q -w net.ipv6.conf.eth0.dad_transmits=60",
            "sysctl -q -w net.ipv6.conf.eth0.dad_transmits=1",
            "but it is tentative",
        ),
    ],
    ids=["dadfailed", "tentative"],
)
def test_an_address_that_is_not_usable(
    running: RunningLab, node: str, mistake: str, remedy: str, words: str
) -> None:
    """Where the right address is a duplicate, or still looked for, the check says so."""
    running.run(node, mistake, expect=0)
    try:
        said = refusal(running, ipv6.own, "laptop", ipv6.own.solution, ipv6.own.undo, words)
    finally:
        running.run(node, remedy, expect=0)
    assert words in said
