"""Docker with a delegated prefix: what trainees usually get wrong, and what the checks then say."""

from labkernel import Mistake
from labkernel.labs import docker_prefix_delegation as pd
from labkernel.labs.docker_prefix_delegation import commands


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


MISTAKES = {
    pd.ask: [
        Mistake("true", says="it does not run"),
        Mistake(_client("sla-id 3", "sla-id 1"), says="network number 1", fix=pd.ask.undo),
        Mistake(_client("send ia-pd 0;", ""), says="your file does not", fix=pd.ask.undo),
        Mistake(_client("ifid 1", "ifid 7"), says="ifid is the number", fix=pd.ask.undo),
        Mistake(_client("prefix-interface lo ", "prefix-interface eth0 "), says="an address: lo"),
    ],
    pd.give: [
        Mistake("true", says="no engine answers"),
        Mistake(
            _engine("2001:db8:1000:9::/64"), says="not the first of the four", fix="stop-dockerd"
        ),
        Mistake(_engine("2001:db8:1000::/64"), says="and nothing else", fix="stop-dockerd"),
    ],
    pd.guard: [
        Mistake("true", says="port 8081 answers"),
        Mistake(
            "ip6tables -P FORWARD DROP",
            says="port 80 does not answer",
        ),
        Mistake(_guard("REJECT"), says="port 8081 answers", fix=_OPEN),
        Mistake(_guard("--dport 80"), says="port 80 does not answer", fix=_OPEN),
        Mistake(_guard("icmp"), says="deaf to ICMPv6", fix=_OPEN),
        Mistake(_guard("ESTABLISHED"), says="can't ask the Internet", fix=_OPEN),
    ],
    pd.follow: [
        Mistake("true", says="restart dhcp6c"),
        Mistake(_ASK_AGAIN, says="it gives 2001:db8:1000:8::/64"),
        Mistake(
            f"{_ASK_AGAIN}\nstop-dockerd\nstart-dockerd --ipv6 --fixed-cidr-v6={pd.NEXT_DOCKERS}",
            says="it does not run",
        ),
    ],
    pd.proxy: [
        Mistake("true", says="a proxy for nobody"),
        Mistake(
            f"ip -6 neigh add proxy {pd.NEAR} dev eth0", says="the switch is on", fix=_NO_PROXY
        ),
        Mistake(
            commands.PROXY.replace("dev eth0", "dev onlink0"),
            says="The question comes in by eth0",
            fix=pd.proxy.undo.replace("dev eth0", "dev onlink0"),
        ),
        Mistake(
            f"ip -6 neigh add proxy {pd.NEAR} dev lan0",
            says="the host must answer",
            on="cpe",
            fix=f"ip -6 neigh del proxy {pd.NEAR} dev lan0",
        ),
    ],
}
