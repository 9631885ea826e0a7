"""Usual mistakes and other right answers: the prefix of the host."""

from labkernel import Mistake, Right
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
        Mistake(  # nobody was asked
            "ip -6 address add 2001:db8:1000:b::1/64 dev lo",
            says="it does not run",
            fix="ip -6 address del 2001:db8:1000:b::1/64 dev lo",
        ),
        Mistake(_client("sla-len 2", "sla-len 1"), says="62 + sla-len must be 64; yours is 63"),
    ],
}

ALSO_RIGHT = {
    pd.ask: [
        Right(  # another file, other words
            CLIENT.replace("/etc/wide-dhcpv6/dhcp6c.conf", "/etc/wide-dhcpv6/mine.conf")
            .replace("dhcp6c -p", "dhcp6c -c /etc/wide-dhcpv6/mine.conf -p")
            .replace("ia-pd 0", "ia-pd 7")
            .replace("pd 0 {", "pd 7 { # the host"),
        ),
        Right(  # another network of the four on another interface
            _client(
                "ifid 1; };",
                "ifid 1; };\n  prefix-interface eth0 { sla-id 2; sla-len 2; ifid 9; };",
            ),
        ),
    ],
}
