"""Usual mistakes and other right answers: the containers' firewall."""

from labkernel import Mistake, Right
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
        Mistake(  # another port is open
            GUARD.replace("--dport 80 ", "-m multiport --dports 80,47000 "),
            says="a TCP segment from internet arrives (port 47000, for one)",
            fix=_OPEN,
        ),
        Mistake(  # of the other protocol
            GUARD.replace(
                "ip6tables -A FORWARD -o docker0 -j REJECT",
                "ip6tables -A FORWARD -o docker0 -p tcp -j REJECT",
            ),
            says="a UDP datagram from internet arrives",
            fix=_OPEN,
        ),
    ],
}

ALSO_RIGHT = {
    pd.guard: [
        Right(  # silence in place of a refusal
            GUARD.replace("-j REJECT", "-j DROP"),
        ),
        Right(  # by nft, in a table of one's own
            """\
nft -f - <<END
table ip6 mine {
  chain forward {
    type filter hook forward priority 10; policy accept;
    oifname docker0 ct state established,related accept
    oifname docker0 meta l4proto ipv6-icmp accept
    oifname docker0 tcp dport 80 accept
    oifname docker0 reject
  }
}
END""",
            undo="nft delete table ip6 mine",
        ),
    ],
}
