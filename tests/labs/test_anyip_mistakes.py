"""AnyIP: what trainees usually get wrong, and what the checks then say."""

import pytest

from labkernel import RunningLab, Step
from labkernel.labs import anyip

from .conftest import Mistakes, each_of, refusal

pytestmark = pytest.mark.backend

LAB = "anyip"

MISTAKES: Mistakes = {
    anyip.attach: [
        (
            "server",
            "ip -6 address add 2001:db8:100::1/64 dev lo",
            "ip -6 address del 2001:db8:100::1/64 dev lo",
            "only 2001:db8:100::1 is",
        ),
        (
            "server",
            "ip -6 route add 2001:db8:100::/64 dev lo",
            "ip -6 route del 2001:db8:100::/64 dev lo",
            "say `local`",
        ),
        (
            "server",
            "ip -6 route add 2001:db8:100::/64 dev eth0",
            "ip -6 route del 2001:db8:100::/64 dev eth0",
            "type unicast, by eth0",
        ),
        (
            "server",
            "ip -6 route add local 2001:db8:1000::/64 dev lo",
            "ip -6 route del local 2001:db8:1000::/64 dev lo",
            "the prefix that it takes is 2001:db8:1000::/64",
        ),
        (
            "router",
            "ip -6 route add local 2001:db8:100::/64 dev lo",
            "ip -6 route del local 2001:db8:100::/64 dev lo",
            "it is router that takes them",
        ),
    ],
    anyip.lead: [
        ("router", "true", "true", "router has no route to 2001:db8:100::dead:b33f"),
        (
            "client",
            "ip -6 route add 2001:db8:100::/64 via 2001:db8:1::2",
            "ip -6 route del 2001:db8:100::/64",
            "You gave the route to the client",
        ),
        (
            "router",
            "ip -6 route add 2001:db8:100::/64 via 2001:db8:2::3",
            "ip -6 route del 2001:db8:100::/64",
            "2001:db8:2::3 is not the server",
        ),
        (
            "router",
            "ip -6 route add 2001:db8:100::/64 via 2001:db8:1::1",
            "ip -6 route del 2001:db8:100::/64",
            "2001:db8:1::1 is not the server",
        ),
        (
            "router",
            "ip -6 route add 2001:db8:1000::/64 via 2001:db8:2::2",
            "ip -6 route del 2001:db8:1000::/64",
            "compare it with 2001:db8:100::/64",
        ),
        (
            "router",
            "ip -6 route add 2001:db8:100::/64 dev eth1",
            "ip -6 route del 2001:db8:100::/64",
            "no `via`",
        ),
        (
            "router",
            "ip -6 route add local 2001:db8:100::/64 dev lo",
            "ip -6 route del local 2001:db8:100::/64 dev lo",
            "it is the router that takes the packets",
        ),
        (
            "router",
            (
                "ip -6 route add 2001:db8:100::/64 via 2001:db8:2::2\n"
                "sysctl -w net.ipv6.conf.all.forwarding=0"
            ),
            "ip -6 route del 2001:db8:100::/64\nsysctl -w net.ipv6.conf.all.forwarding=1",
            "router gets what is for 2001:db8:100::dead:b33f, and neither takes it nor forwards it",
        ),
        (
            "server",
            "ip -6 route del local 2001:db8:100::/64 dev lo",
            "ip -6 route add local 2001:db8:100::/64 dev lo",
            "The server does not take 2001:db8:100::/64",
        ),
    ],
    anyip.ipv4: [
        (
            "server",
            "ip route add 198.51.100.0/24 dev lo",
            "ip route del 198.51.100.0/24 dev lo",
            "say `local`",
        ),
        (
            "server",
            "ip address add 198.51.100.1/24 dev eth0",
            "ip address del 198.51.100.1/24 dev eth0",
            "only 198.51.100.1 is",
        ),
        (
            "router",
            "ip route add local 198.51.100.0/24 dev lo",
            "ip route del local 198.51.100.0/24 dev lo",
            "it is router that takes them",
        ),
    ],
    anyip.proxy: [
        ("server", "true", "true", "it is a proxy for nothing"),
        (
            "server",
            "ip -6 neigh add proxy 2001:db8:2:0:8000::1 dev eth0",
            "ip -6 neigh del proxy 2001:db8:2:0:8000::1 dev eth0",
            "proxy_ndp is off on eth0",
        ),
        (
            "server",
            (
                "ip -6 neigh add proxy 2001:db8:2:0:8000::1 dev eth0\n"
                "sysctl -w net.ipv6.conf.all.proxy_ndp=1"
            ),
            (
                "ip -6 neigh del proxy 2001:db8:2:0:8000::1 dev eth0\n"
                "sysctl -w net.ipv6.conf.all.proxy_ndp=0"
            ),
            "server does not forward",
        ),
        (
            "router",
            "ip -6 neigh add proxy 2001:db8:2:0:8000::1 dev eth1",
            "ip -6 neigh del proxy 2001:db8:2:0:8000::1 dev eth1",
            "router is",
        ),
        (
            "server",
            "ip -6 neigh add proxy 2001:db8:2:0:8000::2 dev eth0",
            "ip -6 neigh del proxy 2001:db8:2:0:8000::2 dev eth0",
            "it is one for 2001:db8:2:0:8000::2",
        ),
        (
            "server",
            "ip -6 address add 2001:db8:2:0:8000::1/128 dev eth0",
            "ip -6 address del 2001:db8:2:0:8000::1/128 dev eth0",
            "it has the address itself",
        ),
    ],
    anyip.repair: [
        ("server", "true", "true", "server takes it for itself"),
        (
            "server",
            (
                "ip -6 route del local 2001:db8:2::/64 dev lo\n"
                "ip -6 route del local 2001:db8:2:0:8000::/65 dev lo"
            ),
            (
                "ip -6 route add local 2001:db8:2:0:8000::/65 dev lo\n"
                "ip -6 route add local 2001:db8:2::/64 dev lo"
            ),
            "expected every address of 2001:db8:2:0:8000::/65 to be its own",
        ),
    ],
    anyip.freebind: [
        ("server", "true", "true", "there is none"),
        (
            "server",
            "serve-one :: 8080",
            anyip.freebind.undo,
            "On [::] or * it listens on every address",
        ),
        (
            "server",
            "ip -6 address add 2001:db8:100::b1d/128 dev lo",
            "ip -6 address del 2001:db8:100::b1d/128 dev lo",
            "now an interface has the address",
        ),
    ],
}


@each_of(MISTAKES)
def test_diagnosis(
    running: RunningLab, step: Step, node: str, mistake: str, remedy: str, words: str
) -> None:
    """The check says what is wrong; once that is taken back and the task done, it passes."""
    assert words in refusal(running, step, node, mistake, remedy, words)


@pytest.mark.parametrize(
    ("step", "command", "remedy"),
    [
        # an address on lo makes the whole of its IPv4 prefix local
        pytest.param(
            anyip.ipv4,
            "ip address add 198.51.100.1/24 dev lo",
            "ip address del 198.51.100.1/24 dev lo",
            marks=pytest.mark.walk(anyip.ipv4),
            id="an-address-on-lo",
        ),
        pytest.param(
            anyip.lead,
            "ip -6 route add 2001:db8:100::/56 via 2001:db8:2::2",
            "ip -6 route del 2001:db8:100::/56",
            marks=pytest.mark.walk(anyip.lead),
            id="a-shorter-prefix",
        ),
        pytest.param(
            anyip.freebind,
            "sysctl -w net.ipv6.ip_nonlocal_bind=1\nserve-one 2001:db8:100::b1d 8080",
            f"sysctl -w net.ipv6.ip_nonlocal_bind=0\n{anyip.freebind.undo}",
            marks=pytest.mark.walk(anyip.freebind),
            id="the-sysctl",
        ),
    ],
)
def test_another_right_answer(running: RunningLab, step: Step, command: str, remedy: str) -> None:
    """A task is right when the lab is, whichever way led there."""
    outcome = running.do(step, command)
    assert outcome.passed, outcome.verdict()
    running.run(step.on, remedy, expect=0)
    assert running.do(step).passed
    running.undo(step)
