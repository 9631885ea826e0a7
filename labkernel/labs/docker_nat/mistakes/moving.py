"""Usual mistakes and other right answers: the ULA and the change of networks."""

from labkernel import Mistake, Right
from labkernel.labs import docker_nat as nat
from labkernel.labs.docker_nat.commands.moving import HOME, OLD_PREFIX, OWN_PREFIX, TO_CAFE

MISTAKES = {
    nat.own: [
        Mistake("true", says="was not drawn at random"),
        Mistake(
            "stop-dockerd\nstart-dockerd --ipv6 --fixed-cidr-v6=fd98:7654:3210::/64",
            says="web does not run",
            fix=OLD_PREFIX,
        ),
        Mistake(
            "stop-dockerd\nstart-dockerd --ipv6 --fixed-cidr-v6=fd98:7654:3210::/64\n"
            "docker start web",
            says="the rule is for fd00::/64",
            fix=OLD_PREFIX,
        ),
        Mistake("stop-dockerd", says="the engine does not answer", fix=OLD_PREFIX),
        Mistake(  # no ULA, and nobody routes it
            OWN_PREFIX.replace("prefix=fd", "prefix=fc"),
            says="fc00::/8 is not defined",
            fix=OLD_PREFIX,
        ),
        Mistake(  # everybody's second idea
            "stop-dockerd\nstart-dockerd --ipv6 --fixed-cidr-v6=fd12:3456:789a::/64\n"
            "docker start web\n"
            "ip6tables -t nat -F POSTROUTING\n"
            "ip6tables -t nat -A POSTROUTING -s fd12:3456:789a::/64 ! -o docker0 -j MASQUERADE",
            says="was not drawn at random",
            fix=OLD_PREFIX,
        ),
    ],
    nat.move: [
        Mistake("true", says="by which interface does the default route go"),
        Mistake(
            "ip link set eth0 down; ip link set eth1 up",
            says="laptop has no default route",
            fix=HOME,
        ),
        Mistake(
            "ip link set eth1 up\nip -6 route replace default via 2001:db8:b::9",
            says="no answer comes",
            fix=HOME,
        ),
        Mistake(  # both networks at a time
            "ip link set eth1 up\nip -6 route replace default via 2001:db8:b::1",
            says="eth0 is up still",
            fix=HOME,
        ),
        Mistake(  # the address is kept by hand
            f"{TO_CAFE}\nip6tables -t nat -I POSTROUTING -o eth1 -j SNAT --to-source 2001:db8:a::2",
            says="2001:db8:a::2",
            fix=f"{HOME}\nip6tables -t nat -D POSTROUTING 1",
            fix_first=True,
        ),
    ],
}

ALSO_RIGHT = {
    nat.own: [
        Right(  # drawn by Python, and a rule for all that leaves by a cable
            "prefix=$(python3 -c 'import os\n"
            'print("fd%s:%s:%s::/64" % tuple(os.urandom(n).hex() for n in (1, 2, 2)))\')\n'
            "stop-dockerd\nstart-dockerd --ipv6 --fixed-cidr-v6=$prefix\ndocker start web\n"
            "ip6tables -t nat -F POSTROUTING\nip6tables -t nat -A POSTROUTING -o eth+ -j "
            "MASQUERADE",
        ),
        Right(  # another of its subnets, and a table of one's own
            OWN_PREFIX.split("ip6tables")[0].replace("::/64", ":1::/64")
            + "ip6tables -t nat -F POSTROUTING\nnft add table ip6 mine\n"
            "nft add chain ip6 mine out '{ type nat hook postrouting priority srcnat; }'\n"
            "nft add rule ip6 mine out ip6 saddr $prefix oifname != docker0 masquerade",
            undo=f"nft delete table ip6 mine\n{OLD_PREFIX}",
        ),
    ],
    nat.move: [
        Right(  # another order, and a nexthop object
            "ip link set eth1 up\nip nexthop replace id 1 via 2001:db8:b::1 dev eth1\n"
            "ip link set eth0 down\nip -6 route replace default nhid 1",
            undo=f"{HOME}\nip nexthop del id 1 2> /dev/null || true",
        ),
        Right(  # the new route is the better one before the old one goes
            "ip link set eth1 up\n"
            "ip -6 route add default via 2001:db8:b::1 dev eth1 metric 10\nip link set eth0 down",
        ),
    ],
}
