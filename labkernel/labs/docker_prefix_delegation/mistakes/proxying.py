"""Usual mistakes and other right answers: containers on the link."""

from labkernel import Mistake
from labkernel.labs import docker_prefix_delegation as pd
from labkernel.labs.docker_prefix_delegation.commands.proxying import PROXY

_NO_PROXY = f"ip -6 neigh flush proxy dev eth0; ip -6 neigh del proxy {pd.NEAR} dev eth0; true"

MISTAKES = {
    pd.proxy: [
        Mistake("true", says="a proxy for nobody"),
        Mistake(
            f"ip -6 neigh add proxy {pd.NEAR} dev eth0", says="the switch is on", fix=_NO_PROXY
        ),
        Mistake(
            PROXY.replace("dev eth0", "dev onlink0"),
            says="The question comes in by eth0",
            fix=pd.proxy.undo.replace("dev eth0", "dev onlink0"),
        ),
        Mistake(
            f"ip -6 neigh add proxy {pd.NEAR} dev lan0",
            says="the host must answer",
            on="cpe",
            fix=f"ip -6 neigh del proxy {pd.NEAR} dev lan0",
        ),
    ],
}
