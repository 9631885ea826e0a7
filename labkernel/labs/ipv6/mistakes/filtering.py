"""Usual mistakes and other right answers: path MTU and firewalls."""

from labkernel import Mistake, Right
from labkernel.labs import ipv6

AGAIN = ipv6.careless.run

OUTPUT = (
    "nft add chain inet filter output '{ type filter hook output priority 0; }'\n"
    "nft add rule inet filter output icmpv6"
)

_PORT = next(port for port in ipv6.lab.topology.ports_of("client") if port.name == "eth0")

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
        Mistake(  # one port is open
            ipv6.firewall.solution.replace(
                "    iifname eth1 oifname", "    tcp dport 22 accept\n    iifname eth1 oifname"
            ),
            says="a connection from the internet node reaches the client",
            fix=AGAIN,
        ),
        Mistake(  # of the other protocol
            ipv6.firewall.solution.replace(
                "    iifname eth1 oifname", "    udp dport 5353 accept\n    iifname eth1 oifname"
            ),
            says="a UDP datagram from internet arrives",
            fix=AGAIN,
        ),
        Mistake(  # nothing but pings goes out
            ipv6.firewall.solution.replace(
                "oifname eth0 accept", "oifname eth0 icmpv6 type echo-request accept"
            ),
            says="a TCP segment of client gets no answer",
            fix=AGAIN,
        ),
        Mistake(  # a port above all that are well known
            ipv6.firewall.solution.replace(
                "    iifname eth1 oifname", "    tcp dport 47111 accept\n    iifname eth1 oifname"
            ),
            says="(port 47111, for one)",
            fix=AGAIN,
        ),
        Mistake(  # for the client alone
            ipv6.firewall.solution.replace(
                "iifname eth1 oifname eth0 accept",
                f"iifname eth1 oifname eth0 ether saddr {_PORT.mac} accept",
            ),
            says="laptop gets no reply",
            fix=AGAIN,
        ),
    ],
}

ALSO_RIGHT = {
    ipv6.firewall: [
        Right(  # a refusal is as good as silence
            ipv6.firewall.solution.replace(
                "    iifname eth1 oifname eth0 accept",
                "    iifname eth1 oifname eth0 accept\n"
                "    reject with icmpv6 type admin-prohibited",
            ),
        ),
        Right(  # of the family ip6, in chains of other names, by ports that are not eth0
            ipv6.firewall.solution.replace("table inet filter", "table ip6 mine")
            .replace("chain forward", "chain through")
            .replace("iifname eth1 oifname eth0 accept", "iifname != eth0 accept"),
        ),
    ],
}
