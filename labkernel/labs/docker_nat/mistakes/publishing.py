"""Usual mistakes and other right answers: the published port."""

from labkernel import Mistake, Right
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
        Mistake(  # an address with a port needs brackets
            _publish("[fd00::242:ac11:2]:80", "fd00::242:ac11:2:80"),
            says="it leads to the address fd00::242:ac11:2:80",
            fix=_NOT_PUBLISHED,
        ),
        Mistake(  # all ports lead there
            _publish("--dport 8080", "--dport 1024:65535"),
            says="leads there as well",
            fix=_NOT_PUBLISHED,
        ),
    ],
}

ALSO_RIGHT = {
    nat.publish: [
        Right(  # by nft
            "nft add table ip6 mine\n"
            "nft add chain ip6 mine in '{ type nat hook prerouting priority dstnat; }'\n"
            "nft add rule ip6 mine in iifname eth0 tcp dport 8080 dnat to [fd00::242:ac11:2]:80",
            undo="nft delete table ip6 mine",
        ),
        Right(  # a program passes it on
            "cat > /etc/nginx/front.conf <<END\n"
            "pid /run/front.pid;\nerror_log /dev/null;\nevents {}\n"
            "http { access_log off; server { listen [::]:8080;\n"
            "  location / { proxy_pass http://[fd00::242:ac11:2]:80; } } }\n"
            "END\nnginx -c /etc/nginx/front.conf",
            undo="start-stop-daemon --stop --quiet --oknodo --retry 5 --pidfile /run/front.pid",
        ),
    ],
}
