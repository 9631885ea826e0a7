"""Usual mistakes and other right answers: the containers' firewall."""

from labkernel import Mistake
from labkernel.labs import docker_prefix_delegation as pd
from labkernel.labs.docker_prefix_delegation.commands.guarding import GUARD


def _guard(without: str) -> str:
    return "\n".join(line for line in GUARD.splitlines() if without not in line)


_OPEN = "ip6tables -F FORWARD"

MISTAKES = {
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
}
