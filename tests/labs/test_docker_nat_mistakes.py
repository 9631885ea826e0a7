"""Docker behind NAT: what trainees usually get wrong, and what the checks then say."""

import pytest

from labkernel import CheckFailed, RunningLab, Step
from labkernel.labs import docker_nat as nat
from labkernel.labs.docker_nat import checks, commands

from .conftest import Mistakes, each_of, refusal

pytestmark = pytest.mark.backend

LAB = "docker-nat"

_NO_RULE = "ip6tables -t nat -F POSTROUTING"
_NOT_PUBLISHED = "ip6tables -t nat -F PREROUTING"


def _publish(old: str, new: str) -> str:
    return commands.PUBLISH.replace(old, new)


MISTAKES: Mistakes = {
    nat.masquerade: [
        ("laptop", "true", "true", "no rule of POSTROUTING changes the source"),
        (
            "laptop",
            "iptables -t nat -A POSTROUTING -s 172.17.0.0/16 -j MASQUERADE",
            "iptables -t nat -D POSTROUTING -s 172.17.0.0/16 -j MASQUERADE",
            "a table of its own, beside that of IPv4",
        ),
        (
            "laptop",
            "ip6tables -t nat -A POSTROUTING -s fd00::/64 -o docker0 -j MASQUERADE",
            _NO_RULE,
            "the rule is for what goes out by docker0",
        ),
        (
            "laptop",
            "ip6tables -t nat -A POSTROUTING -s fd00:1::/64 ! -o docker0 -j MASQUERADE",
            _NO_RULE,
            "the rule is for fd00:1::/64",
        ),
        (
            "laptop",
            "ip6tables -t nat -A POSTROUTING -s fd00::/64 -j SNAT --to-source 2001:db8:a::99",
            _NO_RULE,
            "it leaves as 2001:db8:a::99",
        ),
        (
            "laptop",
            f"{commands.RULE} && ip6tables -P FORWARD DROP",
            f"{_NO_RULE}; ip6tables -P FORWARD ACCEPT",
            "the chain FORWARD drops it",
        ),
        (
            "laptop",
            f"{commands.RULE} && docker stop web",
            f"{_NO_RULE}; docker start web",
            "web does not run",
        ),
    ],
    nat.publish: [
        ("laptop", "true", "true", "no rule leads there"),
        (
            "laptop",
            _publish("PREROUTING -i eth0", "OUTPUT"),
            "ip6tables -t nat -F OUTPUT",
            "OUTPUT",
        ),
        ("laptop", _publish("--dport 8080", "--dport 80"), _NOT_PUBLISHED, "not for port 8080"),
        ("laptop", _publish("-i eth0", "-i docker0"), _NOT_PUBLISHED, "comes in by docker0"),
        ("laptop", _publish("ac11:2]", "ac11:3]"), _NOT_PUBLISHED, "does not lead to fd00::242"),
        ("laptop", _publish("]:80", "]:8080"), _NOT_PUBLISHED, "a port where nobody listens"),
    ],
    nat.own: [("laptop", "true", "true", "was not drawn at random")],
    nat.move: [
        ("laptop", "true", "true", "by which interface does the default route go"),
        (
            "laptop",
            "ip link set eth0 down; ip link set eth1 up",
            commands.HOME,
            "laptop has no default route",
        ),
    ],
}


@each_of(MISTAKES)
def test_diagnosis(
    running: RunningLab, step: Step, node: str, mistake: str, remedy: str, words: str
) -> None:
    """The check says what is wrong."""
    assert words in refusal(running, step, node, mistake, remedy, words)


@pytest.mark.walk(nat.own)
@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("fec0::/64", "RFC 3879"),
        ("2001:db8:c::/64", "That is no ULA"),
        ("fc12:98ab:7706::/64", "fc00::/8 is not defined"),
        ("fd12:98ab:7706::/80", "A network has a /64"),
        ("fd12:3456:789a::/64", "not drawn at random"),
    ],
)
def test_prefixes_that_are_not_ones_own(
    monkeypatch: pytest.MonkeyPatch, running: RunningLab, prefix: str, words: str
) -> None:
    """Each usual mistake with a ULA is named; what the engine tells stands in for its restarts."""
    monkeypatch.setattr("labkernel.labs.docker_nat.checks.subnets", lambda *_: [prefix])
    with pytest.raises(CheckFailed, match=words):
        checks.own_prefix("laptop", "2001:db8:a::2")(running.attempt())


@pytest.mark.walk(nat.masquerade)
def test_a_fixed_source_is_right_as_well(running: RunningLab) -> None:
    """A task is right when the lab is: SNAT to the laptop's own address does it, too."""
    rule = "ip6tables -t nat -A POSTROUTING -s fd00::/64 -o eth0 -j SNAT --to-source 2001:db8:a::2"
    outcome = running.do(nat.masquerade, rule)
    assert outcome.passed, outcome.verdict()
    running.undo(nat.masquerade)
