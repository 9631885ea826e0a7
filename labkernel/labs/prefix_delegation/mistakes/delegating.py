"""Usual mistakes and other right answers: the delegated prefix."""

from labkernel import Mistake, Right
from labkernel.labs import prefix_delegation as pd
from labkernel.labs.prefix_delegation.commands.delegating import DHCP6C, RADVD_CPE


def _dhcp6c(old: str, new: str) -> str:
    return DHCP6C.replace(old, new)


def _radvd(old: str, new: str) -> str:
    return RADVD_CPE.replace(old, new)


MISTAKES = {
    pd.ask: [
        Mistake("true", says="dhcp6c does not run"),
        Mistake(_dhcp6c("sla-id 5", "sla-id 10"), says="subnet number 10", fix=pd.ask.undo),
        Mistake(_dhcp6c("sla-len 4", "sla-len 2"), says="60 + sla-len = 62", fix=pd.ask.undo),
        Mistake(_dhcp6c("ifid 1", "ifid 7"), says="ifid is the number", fix=pd.ask.undo),
        Mistake(_dhcp6c("send ia-pd 0;", ""), says="your file does not", fix=pd.ask.undo),
        Mistake(_dhcp6c("dhcp6c.pid wan0", "dhcp6c.pid lan0"), says="Is it wan0 that asks?"),
        Mistake(_dhcp6c("ia-pd 0;", "ia-pd 1;") + " || true", says="id-assoc pd 1 is missing"),
    ],
    pd.hand_out: [
        Mistake("true", says="radvd does not run"),
        Mistake(
            _radvd("2001:db8:1000:5::/64", "2001:db8:1000::/60"),
            says="A PC makes an address of a /64",
            fix=pd.hand_out.undo,
        ),
        Mistake(
            _radvd("2001:db8:1000:5::/64", "2001:db8:1000:6::/64"),
            says="It is delegated, but not the one of lan0",
            fix=pd.hand_out.undo,
        ),
        Mistake(
            _radvd("2001:db8:1000:5::/64", "2001:db8:3000:5::/64"),
            says="That prefix was not delegated",
            fix=pd.hand_out.undo,
        ),
        Mistake(
            _radvd("interface lan0", "interface wan0"),
            says="nobody answers the PC's solicitation",
            fix=pd.hand_out.undo,
        ),
        Mistake(  # started by hand, without the option
            _radvd("2001:db8:1000:5::/64", "2001:db8:1000:5::/65").rsplit("\n", 1)[0] + "\nradvd",
            says="2001:db8:1000:5::/65",
        ),
    ],
}

ALSO_RIGHT = {
    pd.hand_out: [Right(_radvd("prefix 2001:db8:1000:5::/64 ", "prefix ::/64 "))],
}
