"""Usual mistakes and other right answers: Docker's part of the prefix."""

from labkernel import Mistake
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
    ],
}
