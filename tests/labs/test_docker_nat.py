"""Docker behind NAT: what trainees usually get wrong, and what the checks then say."""

import pytest

from labkernel import CheckFailed, RunningLab
from labkernel.labs import docker_nat as nat
from labkernel.labs.docker_nat.checks import moving

pytestmark = pytest.mark.backend

LAB = "docker-nat"


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
    monkeypatch.setattr("labkernel.labs.docker_nat.checks.moving.subnets", lambda *_: [prefix])
    with pytest.raises(CheckFailed, match=words):
        moving.own_prefix("laptop", "2001:db8:a::2")(running.attempt())
