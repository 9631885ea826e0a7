"""Usual mistakes and other right answers: the prefix of the host."""

from labkernel import Mistake
from labkernel.labs import docker_prefix_delegation as pd
from labkernel.labs.docker_prefix_delegation.commands.delegating import CLIENT


def _client(old: str, new: str) -> str:
    return CLIENT.replace(old, new)


MISTAKES = {
    pd.ask: [
        Mistake("true", says="it does not run"),
        Mistake(_client("sla-id 3", "sla-id 1"), says="network number 1", fix=pd.ask.undo),
        Mistake(_client("send ia-pd 0;", ""), says="your file does not", fix=pd.ask.undo),
        Mistake(_client("ifid 1", "ifid 7"), says="ifid is the number", fix=pd.ask.undo),
        Mistake(_client("prefix-interface lo ", "prefix-interface eth0 "), says="an address: lo"),
    ],
}
