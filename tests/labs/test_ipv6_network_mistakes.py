"""IPv6, from flags to firewalls: what trainees usually get wrong, and what the checks then say."""

import pytest

from labkernel import RunningLab, Step
from labkernel.labs import ipv6
from labkernel.labs.ipv6.commands import START_RADVD, STOP_RADVD, edit_radvd

from .conftest import Mistakes, each_of, refusal

pytestmark = pytest.mark.backend

LAB = "ipv6"

KEA = ipv6.answer.solution
SET = "sysctl -q -w net.ipv6.conf"
BY_HAND = f"echo nameserver {ipv6.ROUTER} > /etc/resolv.conf"
RESOLVER = ipv6.resolver.run.rsplit("\n", 1)[0]
AGAIN = ipv6.careless.run
OUTPUT = (
    "nft add chain inet filter output '{ type filter hook output priority 0; }'\n"
    "nft add rule inet filter output icmpv6"
)
FILTER = ipv6.filter_port.solution
ROGUE = ipv6.rogue.run.splitlines()[-1]

MISTAKES: Mistakes = {
    ipv6.offlink: [
        ("router", "true", "true", "but L is set"),
        (
            "router",
            edit_radvd("s/AdvAutonomous on/AdvAutonomous off/"),
            edit_radvd("s/AdvAutonomous off/AdvAutonomous on/"),
            "but it is announced without the A flag",
        ),
        (
            "router",
            STOP_RADVD,
            START_RADVD,
            "but no radvd runs there",
        ),
    ],
    ipv6.renew: [
        ("router", "true", "true", "but the preferred lifetime is 0"),
    ],
    ipv6.answer: [
        ("router", "true", "true", "but no kea-dhcp6 runs on router"),
        ("router", KEA.replace('"eth1"', '"eth0"'), ipv6.answer.undo, "but nobody answers"),
        (
            "router",
            KEA.replace("2001:db8::1", "2001:db8::53"),
            ipv6.answer.undo,
            "but the reply has another",
        ),
        (
            "router",
            KEA.replace(
                '"dns-servers", "data": "2001:db8::1"', '"domain-search", "data": "a.example"'
            ),
            ipv6.answer.undo,
            "but the reply has none",
        ),
    ],
    ipv6.lease: [
        ("client", "true", "true", "A program must ask: dhcp6c"),
        (
            "client",
            ipv6.lease.solution.replace("send ia-na 0;", ""),
            "kill $(cat /run/dhcp6c.pid)",
            "does not ask for an address",
        ),
        (
            "client",
            f"{ipv6.lease.solution}\nip -6 address add 2001:db8::5/64 dev eth0",
            f"{ipv6.lease.undo}\nip -6 address del 2001:db8::5/64 dev eth0",
            "What it made itself stays until it expires",
        ),
    ],
    ipv6.unmanage: [
        ("router", "true", "true", "is announced without the A flag"),
    ],
    ipv6.listen: [
        ("laptop", "true", "true", "a router listens only with 2"),
        ("laptop", f"{SET}.eth0.accept_ra=0", f"{SET}.eth0.accept_ra=1", "accept_ra is 0 on eth0"),
        (
            "laptop",
            f"{SET}.all.forwarding=0\nrdisc6 -1 -q eth0",
            f"{SET}.all.forwarding=1",
            "but it forwards no more",
        ),
        (
            "laptop",
            f"ip -6 route add default via {ipv6.ROUTER} dev eth0",
            "ip -6 route del default dev eth0",
            "its default route was made by hand",
        ),
        (
            "laptop",
            f"{SET}.eth0.accept_ra=2",
            f"{SET}.eth0.accept_ra=1\nip -6 route del default dev eth0 || true",
            "Ask for an advertisement",
        ),
    ],
    ipv6.rdnss: [
        ("client", "true", "true", "no resolver is known"),
        ("client", BY_HAND, ": > /etc/resolv.conf", "was written by hand"),
        (
            "client",
            "rdnssd -u root -r /run/elsewhere -H /bin/true -p /run/rdnssd.pid",
            ipv6.rdnss.undo,
            "Into which file does rdnssd write?",
        ),
    ],
    ipv6.firewall: [
        ("router", "true", AGAIN, "Neighbor Discovery is ICMPv6"),
        (
            "router",
            f"{ipv6.firewall.solution}\n{OUTPUT} type packet-too-big drop",
            AGAIN,
            "The router must be able to say packet-too-big",
        ),
        (
            "router",
            "nft flush ruleset",
            AGAIN,
            "a connection from the internet node reaches the client",
        ),
        (
            "router",
            ipv6.firewall.solution.replace("    ct state established,related accept\n", ""),
            AGAIN,
            "in the chain forward",
        ),
        (
            "router",
            ipv6.firewall.solution.replace(", nd-router-solicit", "").replace(
                "iifname eth1 accept", "iifname eth1 meta l4proto tcp accept"
            ),
            AGAIN,
            "nd-router-solicit must come in",
        ),
    ],
    ipv6.proxy: [
        ("router", "true", "true", "nothing listens on port 8888"),
        (
            "router",
            ipv6.proxy.solution.replace(f"Listen {ipv6.ROUTER}", "Listen 127.0.0.1"),
            ipv6.proxy.undo,
            "the proxy listens on 127.0.0.1:8888",
        ),
        (
            "router",
            ipv6.proxy.solution.replace(f"Allow {ipv6.ON_LAN}", "Allow 198.51.100.0/24"),
            ipv6.proxy.undo,
            "Who may use it?",
        ),
        (
            "router",
            ipv6.proxy.solution.replace(f"Allow {ipv6.ON_LAN}", "Allow 2001:db8:1::/64"),
            ipv6.proxy.undo,
            "the proxy's answer is 403",
        ),
    ],
    ipv6.prefer: [
        ("client", "true", "true", "fd6b:1c2d:3e4f::1 comes first"),
        (
            "client",
            "echo 'precedence ::ffff:0:0/96 100' > /etc/gai.conf",
            ipv6.prefer.undo,
            "Write the whole table",
        ),
        (
            "client",
            "cp /etc/hosts /tmp/kept; sed '/fd6b/d' /tmp/kept > /etc/hosts",
            "cat /tmp/kept > /etc/hosts",
            "a name has lost an address",
        ),
    ],
    ipv6.guard: [
        ("client", "true", "true", "it still hears laptop"),
        (
            "client",
            "sysctl -q -w net.ipv6.conf.eth0.accept_ra=0",
            "sysctl -q -w net.ipv6.conf.eth0.accept_ra=1",
            "The router's advertisements are lost as well",
        ),
        (
            "client",
            ipv6.guard.solution.replace("ip6 saddr != $(via medium) ", ""),
            ipv6.guard.undo,
            "it does not hear the router either",
        ),
        (
            "client",
            ipv6.guard.solution.rsplit("\n", 1)[0],
            ipv6.guard.undo,
            "What it has learned already stays",
        ),
        ("laptop", ipv6.rogue.undo, ROGUE, "laptop announces no more"),
    ],
    ipv6.filter_port: [
        ("switch", "true", "true", "The switch has no rules yet"),
        ("laptop", ipv6.rogue.undo, ROGUE, "filter its port"),
        (
            "switch",
            FILTER.replace("table bridge", "table inet"),
            "nft delete table inet guard",
            "no family but `bridge` sees them",
        ),
        (
            "switch",
            FILTER.replace("hook forward", "hook input"),
            ipv6.filter_port.undo,
            "input is for the switch itself",
        ),
        (
            "switch",
            FILTER.replace("iifname eth1", "iifname eth0"),
            ipv6.filter_port.undo,
            "the laptop's is eth1",
        ),
        (
            "switch",
            FILTER.replace("iifname eth1 ", ""),
            ipv6.filter_port.undo,
            "laptop does not hear the router any more",
        ),
        (
            "switch",
            FILTER.replace("icmpv6 type nd-router-advert", "ip6 version 6"),
            ipv6.filter_port.undo,
            "but laptop does not reach",
        ),
    ],
}


@each_of(MISTAKES)
def test_diagnosis(
    running: RunningLab, step: Step, node: str, mistake: str, remedy: str, words: str
) -> None:
    """The check says what is wrong."""
    assert words in refusal(running, step, node, mistake, remedy, words)


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
