"""Connects Docker's Python SDK to the Docker engine on a node.

The engine's socket is on the node; every connection to it is a ``docker system dial-stdio`` there,
whose input and output the backend connects to a socket here.  So an ordinary user needs no
privileges, no port listens, and it works on every backend.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from labkernel.errors import BackendError

if TYPE_CHECKING:
    import docker

    from labkernel.attempt import Workbench

SOCKET = "/run/docker.sock"
_URL = "http://engine:80"
_PING = "curl --silent --fail --max-time 5 --unix-socket {} http://engine/_ping"


@contextmanager
def connect(lab: "Workbench", node: str, timeout: float = 60.0) -> Iterator["docker.DockerClient"]:
    """A client of the engine on a node of a running lab.

    ``with connect(running_lab(lab), "laptop") as docker``

    :param timeout: the timeout of one request, in seconds.
    :raises BackendError: no engine answers there; the message has the last line of its log.
    """
    lab.topology.node(node)
    require(lab, node)
    import docker
    from docker.constants import DEFAULT_DOCKER_API_VERSION

    from labkernel.engine.transport import NodeAdapter

    # with a given version, the client sends no request before the adapter is mounted
    client = docker.DockerClient(
        base_url=_URL, version=DEFAULT_DOCKER_API_VERSION, timeout=int(timeout)
    )
    words = ["docker", "system", "dial-stdio"]  # as the docker command does over SSH
    client.api.mount(_URL, NodeAdapter(lambda: lab.dial(node, words)))
    try:
        yield client
    finally:
        client.close()


def require(lab: "Workbench", node: str) -> None:
    """Require that an engine answers on a node.

    :raises BackendError: none answers, with the reason.
    """
    if lab.run(node, _PING.format(SOCKET)).ok:
        return
    log = lab.run(node, "tail -n 1 /run/dockerd.log").output.strip().rpartition('" ')[2]
    reason = f"; its log ends with “{log}”" if log and "cannot open" not in log else ""
    raise BackendError(f"{node}: no Docker engine answers at {SOCKET}{reason}", "start-dockerd")
