"""Usual mistakes and other right answers: the ULA and the change of networks."""

from labkernel import Mistake
from labkernel.labs import docker_nat as nat
from labkernel.labs.docker_nat.commands.moving import HOME, OLD_PREFIX

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
    ],
}
