"""Usual mistakes and other right answers: path MTU and firewalls."""

from labkernel import Mistake
from labkernel.labs import ipv6

AGAIN = ipv6.careless.run

OUTPUT = (
    "nft add chain inet filter output '{ type filter hook output priority 0; }'\n"
    "nft add rule inet filter output icmpv6"
)

MISTAKES = {
    ipv6.firewall: [
        Mistake("true", says="Neighbor Discovery is ICMPv6", fix=AGAIN),
        Mistake(
            f"{ipv6.firewall.solution}\n{OUTPUT} type packet-too-big drop",
            says="The router must be able to say packet-too-big",
            fix=AGAIN,
        ),
        Mistake(
            "nft flush ruleset",
            says="a connection from the internet node reaches the client",
            fix=AGAIN,
        ),
        Mistake(
            ipv6.firewall.solution.replace("    ct state established,related accept\n", ""),
            says="in the chain forward",
            fix=AGAIN,
        ),
        Mistake(
            ipv6.firewall.solution.replace(", nd-router-solicit", "").replace(
                "iifname eth1 accept", "iifname eth1 meta l4proto tcp accept"
            ),
            says="nd-router-solicit must come in",
            fix=AGAIN,
        ),
    ],
}
