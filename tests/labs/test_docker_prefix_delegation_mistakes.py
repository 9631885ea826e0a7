"""Docker with a delegated prefix: what trainees usually get wrong, and what the checks then say."""

import pytest

from labkernel import RunningLab, Step
from labkernel.labs import docker_prefix_delegation as pd
from labkernel.labs.docker_prefix_delegation import commands

from .conftest import Mistakes, each_of, refusal

pytestmark = pytest.mark.backend

LAB = "docker-prefix-delegation"


def _client(old: str, new: str) -> str:
    return commands.CLIENT.replace(old, new)


def _engine(prefix: str) -> str:
    return f"start-dockerd --ipv6 --fixed-cidr-v6={prefix}"


def _guard(without: str) -> str:
    return "\n".join(line for line in commands.GUARD.splitlines() if without not in line)


_ASK_AGAIN = commands.FOLLOW.split("chmod +x /usr/local/sbin/prefix-to-docker\n")[1].replace(
    "\nprefix-to-docker", ""
)
_OPEN = "ip6tables -F FORWARD"
_NO_PROXY = f"ip -6 neigh flush proxy dev eth0; ip -6 neigh del proxy {pd.NEAR} dev eth0; true"

MISTAKES: Mistakes = {
    pd.ask: [
        ("host", "true", "true", "it does not run"),
        ("host", _client("sla-id 3", "sla-id 1"), pd.ask.undo, "network number 1"),
        ("host", _client("send ia-pd 0;", ""), pd.ask.undo, "your file does not"),
        ("host", _client("ifid 1", "ifid 7"), pd.ask.undo, "ifid is the number"),
    ],
    pd.give: [
        ("host", "true", "true", "no engine answers"),
        ("host", _engine("2001:db8:1000:9::/64"), "stop-dockerd", "not the first of the four"),
        ("host", _engine("2001:db8:1000::/64"), "stop-dockerd", "and nothing else"),
    ],
    pd.guard: [
        ("host", "true", "true", "port 8081 answers"),
        ("host", _guard("REJECT"), _OPEN, "port 8081 answers"),
        ("host", _guard("--dport 80"), _OPEN, "port 80 does not answer"),
        ("host", _guard("icmp"), _OPEN, "deaf to ICMPv6"),
        ("host", _guard("ESTABLISHED"), _OPEN, "can't ask the Internet"),
    ],
    pd.follow: [
        ("host", "true", "true", "restart dhcp6c"),
        (
            "host",
            _ASK_AGAIN,
            "true",
            "it gives 2001:db8:1000:8::/64",
        ),
    ],
    pd.proxy: [
        ("host", "true", "true", "a proxy for nobody"),
        ("host", f"ip -6 neigh add proxy {pd.NEAR} dev eth0", _NO_PROXY, "the switch is on"),
        (
            "host",
            commands.PROXY.replace("dev eth0", "dev onlink0"),
            pd.proxy.undo.replace("dev eth0", "dev onlink0"),
            "The question comes in by eth0",
        ),
        (
            "cpe",
            f"ip -6 neigh add proxy {pd.NEAR} dev lan0",
            f"ip -6 neigh del proxy {pd.NEAR} dev lan0",
            "the host must answer",
        ),
    ],
}


@each_of(MISTAKES)
def test_diagnosis(
    running: RunningLab, step: Step, node: str, mistake: str, remedy: str, words: str
) -> None:
    """The check says what is wrong."""
    assert words in refusal(running, step, node, mistake, remedy, words)
