"""Prefix delegation: what trainees usually get wrong, and what the checks then say."""

import pytest

from labkernel import CheckFailed, RunningLab, Step
from labkernel.labs import prefix_delegation as pd
from labkernel.labs.prefix_delegation import commands

from .conftest import Mistakes, each_of, refusal

pytestmark = pytest.mark.backend

LAB = "prefix-delegation"

_NOT_ROUTED = "ip -6 route flush 2001:db8:1000::/60"


def _via_cpe(prefix: str) -> str:
    return pd.lead.run.replace("2001:db8:1000::/60", prefix)


def _dhcp6c(old: str, new: str) -> str:
    return commands.DHCP6C.replace(old, new)


def _radvd(old: str, new: str) -> str:
    return commands.RADVD_CPE.replace(old, new)


def _moved(*without: tuple[str, str]) -> str:
    text = commands.RADVD_MOVE
    for old, new in without:
        text = text.replace(old, new)
    return text


FILTER = """\
nft add table inet lost
nft add chain inet lost input '{ type filter hook input priority 0; }'
nft add rule inet lost input icmpv6 type nd-neighbor-solicit drop"""

MISTAKES: Mistakes = {
    pd.listen: [
        ("cpe", "true", "true", "accept_ra is 1 on wan0, and forwarding is 1"),
        (
            "cpe",
            "sysctl -w net.ipv6.conf.wan0.accept_ra=0",
            "sysctl -w net.ipv6.conf.wan0.accept_ra=1",
            "0 means: never",
        ),
        (
            "cpe",
            "sysctl -w net.ipv6.conf.all.forwarding=0\nrdisc6 -1 -q wan0",
            "sysctl -w net.ipv6.conf.all.forwarding=1\n" + pd.listen.undo,
            "it does not forward any more",
        ),
        (
            "cpe",
            "ip -6 route add default via 2001:db8:e::1 dev wan0 onlink",
            "ip -6 route del default",
            "A route by hand stays",
        ),
    ],
    pd.ask: [
        ("cpe", "true", "true", "dhcp6c does not run"),
        ("cpe", _dhcp6c("sla-id 5", "sla-id 10"), pd.ask.undo, "subnet number 10"),
        ("cpe", _dhcp6c("sla-len 4", "sla-len 2"), pd.ask.undo, "60 + sla-len = 62"),
        ("cpe", _dhcp6c("ifid 1", "ifid 7"), pd.ask.undo, "ifid is the number"),
        ("cpe", _dhcp6c("send ia-pd 0;", ""), pd.ask.undo, "your file does not"),
        ("cpe", _dhcp6c("ia-pd 0;", "ia-pd 1;") + " || true", "true", "id-assoc pd 1 is missing"),
    ],
    pd.hand_out: [
        ("cpe", "true", "true", "radvd does not run"),
        (
            "cpe",
            _radvd("2001:db8:1000:5::/64", "2001:db8:1000::/60"),
            pd.hand_out.undo,
            "A PC makes an address of a /64",
        ),
        (
            "cpe",
            _radvd("2001:db8:1000:5::/64", "2001:db8:1000:6::/64"),
            pd.hand_out.undo,
            "It is delegated, but not the one of lan0",
        ),
        (
            "cpe",
            _radvd("2001:db8:1000:5::/64", "2001:db8:3000:5::/64"),
            pd.hand_out.undo,
            "That prefix was not delegated",
        ),
        (
            "cpe",
            _radvd("interface lan0", "interface wan0"),
            pd.hand_out.undo,
            "nobody answers the PC's solicitation",
        ),
    ],
    pd.lead: [
        ("isp", "true", "true", "the kernel was not told"),
        ("isp", "ip -6 route add 2001:db8:1000::/60 dev eth1", _NOT_ROUTED, "no next hop"),
        (
            "isp",
            "ip -6 route add 2001:db8:1000::/60 via fe80::bad dev eth1",
            _NOT_ROUTED,
            "its next hop is fe80::bad",
        ),
        (
            "isp",
            _via_cpe("2001:db8:1000:5::/64"),
            "ip -6 route flush 2001:db8:1000:5::/64",
            "one for 2001:db8:1000:5::/64 alone",
        ),
        (
            "isp",
            _via_cpe("2001:db8:1000::/48"),
            "ip -6 route flush 2001:db8:1000::/48",
            "other customers' prefixes",
        ),
        (
            "internet",
            "ip -6 route add 2001:db8:1000::/60 via 2001:db8:f::2",
            _NOT_ROUTED,
            "internet has it",
        ),
    ],
    pd.move: [
        ("cpe", "true", "true", "2001:db8:2000:5::/64 is not announced"),
        (
            "cpe",
            _moved(("  prefix 2001:db8:1000:5::/64 {", "# {")),
            pd.move.undo,
            "2001:db8:1000:5::/64 is not mentioned any more",
        ),
        (
            "cpe",
            _moved(("AdvPreferredLifetime 0;", "AdvPreferredLifetime 60;")),
            pd.move.undo,
            "announced as preferred for 60 s",
        ),
    ],
    pd.anyip: [
        ("cpe", "true", "true", "The CPE has no route to it"),
        (
            "cpe",
            "ip -6 route add local 2001:db8:2000:a::/64 dev lo",
            "ip -6 route del local 2001:db8:2000:a::/64 dev lo",
            "it is the CPE that takes the packets",
        ),
        (
            "cpe",
            "ip -6 route add 2001:db8:2000:a::/64 dev lan0",
            "ip -6 route flush 2001:db8:2000:a::/64",
            "no `via`",
        ),
        (
            "isp",
            _via_cpe("2001:db8:2000:a::/64"),
            "ip -6 route flush 2001:db8:2000:a::/64",
            "the route belongs on the CPE",
        ),
    ],
}


@each_of(MISTAKES)
def test_diagnosis(
    running: RunningLab, step: Step, node: str, mistake: str, remedy: str, words: str
) -> None:
    """The check says what is wrong."""
    assert words in refusal(running, step, node, mistake, remedy, words)


@pytest.mark.walk(pd.anyip)
def test_a_neighbour_that_does_not_answer(running: RunningLab) -> None:
    """Where every route is right and a solicitation gets no answer, the check names who asks."""
    running.run("pc", FILTER, expect=0)
    running.run("cpe", f"{pd.anyip.solution}\nip -6 neigh flush dev lan0", expect=0)
    try:
        with pytest.raises(CheckFailed) as caught:
            running.evidence(pd.anyip)
    finally:
        running.run("pc", "nft delete table inet lost", expect=0)
        running.run("cpe", pd.anyip.undo, expect=0)
    assert f"cpe does not find the MAC address of {pd.NEXT_PC} (neighbour " in str(caught.value)


@pytest.mark.parametrize(
    ("step", "command"),
    [
        pytest.param(
            pd.hand_out,
            _radvd("prefix 2001:db8:1000:5::/64 ", "prefix ::/64 "),
            marks=pytest.mark.walk(pd.hand_out),
            id="any-prefix-of-the-interface",
        ),
        pytest.param(
            pd.lead,
            "ip -6 route add 2001:db8:1000::/60 via {wan0} dev eth1",
            marks=pytest.mark.walk(pd.lead),
            id="the-address-of-the-wan",
        ),
    ],
)
def test_another_right_answer(running: RunningLab, step: Step, command: str) -> None:
    """A task is right when the lab is, whichever way led there."""
    listed = running.run("cpe", "ip -6 -o address show dev wan0 scope global").output
    outcome = running.do(step, command.replace("{wan0}", listed.split()[3].split("/")[0]))
    assert outcome.passed, outcome.verdict()
    running.undo(step)
