"""Usual mistakes and other right answers: NAT of the source."""

from labkernel import Mistake, Right
from labkernel.labs import docker_nat as nat
from labkernel.labs.docker_nat.commands.masquerading import RULE

_NO_RULE = "ip6tables -t nat -F POSTROUTING"

MISTAKES = {
    nat.masquerade: [
        Mistake("true", says="no rule of POSTROUTING changes the source"),
        Mistake(
            "iptables -t nat -A POSTROUTING -s 172.17.0.0/16 -j MASQUERADE",
            says="a table of its own, beside that of IPv4",
            fix="iptables -t nat -D POSTROUTING -s 172.17.0.0/16 -j MASQUERADE",
        ),
        Mistake(
            "ip6tables -t nat -A POSTROUTING -s fd00::/64 -o docker0 -j MASQUERADE",
            says="the rule is for what goes out by docker0",
            fix=_NO_RULE,
        ),
        Mistake(
            "ip6tables -t nat -A POSTROUTING -s fd00:1::/64 ! -o docker0 -j MASQUERADE",
            says="the rule is for fd00:1::/64",
            fix=_NO_RULE,
        ),
        Mistake(
            "ip6tables -t nat -A POSTROUTING -s fd00::/64 -j SNAT --to-source 2001:db8:a::99",
            says="it leaves as 2001:db8:a::99",
            fix=_NO_RULE,
        ),
        Mistake(
            f"{RULE} && ip6tables -P FORWARD DROP",
            says="the chain FORWARD drops it",
            fix=f"{_NO_RULE}; ip6tables -P FORWARD ACCEPT",
            fix_first=True,
        ),
        Mistake(
            f"{RULE} && docker stop web",
            says="web does not run",
            fix=f"{_NO_RULE}; docker start web",
            fix_first=True,
        ),
        Mistake(  # of one protocol
            "ip6tables -t nat -A POSTROUTING -s fd00::/64 ! -o docker0 -p tcp -j MASQUERADE",
            says="expected it to see a container fd00::",
            fix=_NO_RULE,
        ),
        Mistake(  # for the one container that is there
            "ip6tables -t nat -A POSTROUTING -s fd00::242:ac11:2 ! -o docker0 -j MASQUERADE",
            says="All of the prefix is the containers'",
            fix=_NO_RULE,
        ),
        Mistake(  # a way back, and no change of the source
            "ip -6 route add fd00::/64 via 2001:db8:a::2",
            says="That is the container's own: it leaves laptop as it is",
            on="router",
            fix="ip -6 route del fd00::/64",
        ),
        Mistake(
            "ip6tables -t nat -A POSTROUTING -s fd00::/64 -o eth0 -j NETMAP --to 2001:db8:a:1::/64",
            says="it leaves as 2001:db8:a:1::/64",
            fix=_NO_RULE,
        ),
    ],
}

ALSO_RIGHT = {
    nat.masquerade: [
        Right(
            "ip6tables -t nat -A POSTROUTING -s fd00::/64 -o eth0 -j SNAT "
            "--to-source 2001:db8:a::2",
            undo="ip6tables -t nat -F POSTROUTING",
        ),
        Right(  # by nft, in a table of one's own
            "nft add table ip6 mine\n"
            "nft add chain ip6 mine out '{ type nat hook postrouting priority srcnat; }'\n"
            "nft add rule ip6 mine out ip6 saddr fd00::/64 oifname != docker0 masquerade",
            undo="nft delete table ip6 mine",
        ),
    ],
}
