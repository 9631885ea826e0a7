"""Usual mistakes and other right answers: Docker's part of the prefix."""

from labkernel import Mistake, Right
from labkernel.labs import docker_prefix_delegation as pd


def _engine(prefix: str) -> str:
    return f"start-dockerd --ipv6 --fixed-cidr-v6={prefix}"


MISTAKES = {
    pd.give: [
        Mistake("true", says="no engine answers"),
        Mistake(
            _engine("2001:db8:1000:9::/64"), says="not the first of the four", fix="stop-dockerd"
        ),
        Mistake(_engine("2001:db8:1000::/64"), says="and nothing else", fix="stop-dockerd"),
        Mistake(_engine("2001:db8:1000:8::/62"), says="That is all of it", fix="stop-dockerd"),
        Mistake(_engine("2001:db8:1000:8::/80"), says="A network has a /64", fix="stop-dockerd"),
    ],
}

ALSO_RIGHT = {
    pd.give: [
        Right(_engine("2001:0db8:1000:0008:0000::/64")),
        Right(  # by the engine's file
            "cp /etc/docker/daemon.json /root/\n"
            'sed \'1s|{|{ "ipv6": true, "fixed-cidr-v6": "2001:db8:1000:8::/64",|\' '
            "/root/daemon.json > /etc/docker/daemon.json\nstart-dockerd",
            undo="stop-dockerd\nmv /root/daemon.json /etc/docker/daemon.json",
        ),
    ],
}
