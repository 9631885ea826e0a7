"""IPv6: what trainees usually get wrong, and what the checks then say."""

import pytest

from labkernel import RunningLab, Step
from labkernel.labs import ipv6
from labkernel.labs.ipv6.commands import START_RADVD, edit_radvd

from .conftest import Mistakes, Remedy, each_of, refusal

pytestmark = pytest.mark.backend

LAB = "ipv6"

STOPPED = f"{ipv6.restore.run}\n{ipv6.advertise.undo}"

#: addresses and routes of a prefix that was announced by mistake stay for hours
_FORGET = "ip -6 address flush to 2001:db8:0:1::/64; ip -6 route flush 2001:db8:0:1::/64"

MISTAKES: Mistakes = {
    ipv6.hide: [
        ("client", "true", "true", "addr_gen_mode is 0 on eth0: identifiers are made by EUI-64"),
        (
            "client",
            "sysctl -q -w net.ipv6.conf.eth0.addr_gen_mode=3",
            "sysctl -q -w net.ipv6.conf.eth0.addr_gen_mode=0",
            "It was there before: flush it",
        ),
    ],
    ipv6.pass_by: [
        ("client", "true", "true", "use_tempaddr is 0 on eth0"),
        (
            "client",
            "sysctl -q -w net.ipv6.conf.eth0.use_tempaddr=1",
            "sysctl -q -w net.ipv6.conf.eth0.use_tempaddr=0",
            "2: they are preferred",
        ),
        (
            "client",
            "sysctl -q -w net.ipv6.conf.eth0.use_tempaddr=2",
            "sysctl -q -w net.ipv6.conf.eth0.use_tempaddr=0",
            "They are made with a new address",
        ),
    ],
    ipv6.own: [
        ("laptop", "true", "true", "but 2001:db8::1 is there"),
        (
            "laptop",
            "ip -6 address del 2001:db8::1/64 dev eth0",
            "ip -6 address add 2001:db8::1/64 dev eth0",
            "but 2001:db8::2 is not there",
        ),
    ],
    ipv6.restore: [
        ("router", "true", "true", "a router lifetime of 0"),
        (
            "router",
            STOPPED,
            f"{START_RADVD}\n{ipv6.silence.run}",
            "no radvd runs on router",
        ),
        (
            "router",
            f"{STOPPED}\nsysctl -q -w net.ipv6.conf.all.forwarding=0",
            f"sysctl -q -w net.ipv6.conf.all.forwarding=1\n{START_RADVD}\n{ipv6.silence.run}",
            "It refuses to start where net.ipv6.conf.all.forwarding is 0",
        ),
        (
            "router",
            edit_radvd("s/AdvAutonomous on/AdvAutonomous off/"),
            edit_radvd("s/AdvAutonomous off/AdvAutonomous on/"),
            "is announced without the A flag",
        ),
        (
            "router",
            edit_radvd("s|2001:db8::/64|2001:db8:0:1::/64|"),
            {
                "router": edit_radvd("s|2001:db8:0:1::/64|2001:db8::/64|"),
                "client": _FORGET,
                "laptop": _FORGET,
            },
            "the advertisement has 2001:db8:0:1::/64",
        ),
        (
            "router",
            edit_radvd("s/AdvSendAdvert on/AdvSendAdvert off/"),
            edit_radvd("s/AdvSendAdvert off/AdvSendAdvert on/"),
            "does it say `AdvSendAdvert on;`",
        ),
    ],
}


@each_of(MISTAKES)
def test_diagnosis(
    running: RunningLab, step: Step, node: str, mistake: str, remedy: Remedy, words: str
) -> None:
    """The check says what is wrong."""
    assert words in refusal(running, step, node, mistake, remedy, words)


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
