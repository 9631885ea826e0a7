"""Usual mistakes and other right answers: the published port."""

from labkernel import Mistake
from labkernel.labs import docker_nat as nat
from labkernel.labs.docker_nat.commands.publishing import PUBLISH

_NOT_PUBLISHED = "ip6tables -t nat -F PREROUTING"


def _publish(old: str, new: str) -> str:
    return PUBLISH.replace(old, new)


MISTAKES = {
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
}
