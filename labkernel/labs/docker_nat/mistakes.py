"""Docker behind NAT: what trainees usually get wrong, and what the checks then say."""

from labkernel import Mistake, Right
from labkernel.labs import docker_nat as nat
from labkernel.labs.docker_nat import commands

_NO_RULE = "ip6tables -t nat -F POSTROUTING"

_NOT_PUBLISHED = "ip6tables -t nat -F PREROUTING"


def _publish(old: str, new: str) -> str:
    return commands.PUBLISH.replace(old, new)


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
            f"{commands.RULE} && ip6tables -P FORWARD DROP",
            says="the chain FORWARD drops it",
            fix=f"{_NO_RULE}; ip6tables -P FORWARD ACCEPT",
            fix_first=True,
        ),
        Mistake(
            f"{commands.RULE} && docker stop web",
            says="web does not run",
            fix=f"{_NO_RULE}; docker start web",
            fix_first=True,
        ),
    ],
    nat.publish: [
        Mistake("true", says="no rule leads there"),
        Mistake(
            _publish("PREROUTING -i eth0", "OUTPUT"),
            says="OUTPUT",
            fix="ip6tables -t nat -F OUTPUT",
        ),
        Mistake(
            _publish("--dport 8080", "--dport 80"), says="not for port 8080", fix=_NOT_PUBLISHED
        ),
        Mistake(_publish("-i eth0", "-i docker0"), says="comes in by docker0", fix=_NOT_PUBLISHED),
        Mistake(
            _publish("ac11:2]", "ac11:3]"), says="does not lead to fd00::242", fix=_NOT_PUBLISHED
        ),
        Mistake(_publish("]:80", "]:8080"), says="a port where nobody listens", fix=_NOT_PUBLISHED),
    ],
    nat.own: [
        Mistake("true", says="was not drawn at random"),
        Mistake(
            "stop-dockerd\nstart-dockerd --ipv6 --fixed-cidr-v6=fd98:7654:3210::/64",
            says="web does not run",
            fix=commands.OLD_PREFIX,
        ),
        Mistake(
            "stop-dockerd\nstart-dockerd --ipv6 --fixed-cidr-v6=fd98:7654:3210::/64\n"
            "docker start web",
            says="the rule is for fd00::/64",
            fix=commands.OLD_PREFIX,
        ),
        Mistake("stop-dockerd", says="the engine does not answer", fix=commands.OLD_PREFIX),
    ],
    nat.move: [
        Mistake("true", says="by which interface does the default route go"),
        Mistake(
            "ip link set eth0 down; ip link set eth1 up",
            says="laptop has no default route",
            fix=commands.HOME,
        ),
        Mistake(
            "ip link set eth1 up\nip -6 route replace default via 2001:db8:b::9",
            says="no answer comes",
            fix=commands.HOME,
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
    ],
}
