"""Prefix delegation: what trainees usually get wrong, and what the checks then say."""

from labkernel import Mistake, Right
from labkernel.labs import prefix_delegation as pd
from labkernel.labs.prefix_delegation import commands

_NOT_ROUTED = "ip -6 route flush 2001:db8:1000::/60"


def _via_cpe(prefix: str) -> str:
    return pd.lead.run.replace("2001:db8:1000::/60", prefix)


def _dhcp6c(old: str, new: str) -> str:
    return commands.DHCP6C.replace(old, new)


def _radvd(old: str, new: str) -> str:
    return commands.RADVD_CPE.replace(old, new)


def _moved(*without: tuple[str, str]) -> str:
    text = commands.RADVD_MOVE
    for old, new in without:
        text = text.replace(old, new)
    return text


MISTAKES = {
    pd.listen: [
        Mistake("true", says="accept_ra is 1 on wan0, and forwarding is 1"),
        Mistake(
            "sysctl -w net.ipv6.conf.wan0.accept_ra=0",
            says="0 means: never",
            fix="sysctl -w net.ipv6.conf.wan0.accept_ra=1",
        ),
        Mistake(
            "sysctl -w net.ipv6.conf.all.forwarding=0\nrdisc6 -1 -q wan0",
            says="it does not forward any more",
            fix="sysctl -w net.ipv6.conf.all.forwarding=1\n" + pd.listen.undo,
            fix_first=True,
        ),
        Mistake(
            "ip -6 route add default via 2001:db8:e::1 dev wan0 onlink",
            says="A route by hand stays",
            fix="ip -6 route del default",
        ),
    ],
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
    pd.lead: [
        Mistake("true", says="the kernel was not told"),
        Mistake("ip -6 route add 2001:db8:1000::/60 dev eth1", says="no next hop", fix=_NOT_ROUTED),
        Mistake(
            "ip -6 route add 2001:db8:1000::/60 via fe80::bad dev eth1",
            says="its next hop is fe80::bad",
            fix=_NOT_ROUTED,
        ),
        Mistake(
            _via_cpe("2001:db8:1000:5::/64"),
            says="one for 2001:db8:1000:5::/64 alone",
            fix="ip -6 route flush 2001:db8:1000:5::/64",
        ),
        Mistake(
            _via_cpe("2001:db8:1000::/48"),
            says="other customers' prefixes",
            fix="ip -6 route flush 2001:db8:1000::/48",
        ),
        Mistake(
            "ip -6 route add 2001:db8:1000::/60 via 2001:db8:f::2",
            says="internet has it",
            on="internet",
            fix=_NOT_ROUTED,
        ),
    ],
    pd.move: [
        Mistake("true", says="2001:db8:2000:5::/64 is not announced"),
        Mistake(
            _moved(("  prefix 2001:db8:1000:5::/64 {", "# {")),
            says="2001:db8:1000:5::/64 is not mentioned any more",
            fix=pd.move.undo,
        ),
        Mistake(
            _moved(("AdvPreferredLifetime 0;", "AdvPreferredLifetime 60;")),
            says="announced as preferred for 60 s",
            fix=pd.move.undo,
        ),
    ],
    pd.anyip: [
        Mistake("true", says="The CPE has no route to it"),
        Mistake(
            "ip -6 route add local 2001:db8:2000:a::/64 dev lo",
            says="it is the CPE that takes the packets",
            fix="ip -6 route del local 2001:db8:2000:a::/64 dev lo",
            fix_first=True,  # the table local is asked before the other
        ),
        Mistake(
            "ip -6 route add 2001:db8:2000:a::/64 dev lan0",
            says="no `via`",
            fix="ip -6 route flush 2001:db8:2000:a::/64",
        ),
        Mistake(
            _via_cpe("2001:db8:2000:a::/64"),
            says="the route belongs on the CPE",
            on="isp",
            fix="ip -6 route flush 2001:db8:2000:a::/64",
        ),
    ],
}

ALSO_RIGHT = {
    pd.hand_out: [Right(_radvd("prefix 2001:db8:1000:5::/64 ", "prefix ::/64 "))],
}
