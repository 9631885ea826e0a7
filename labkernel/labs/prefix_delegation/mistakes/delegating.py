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
        Mistake(  # nobody was asked
            "ip -6 address add 2001:db8:1000:5::1/64 dev lan0",
            says="Kea has delegated nothing",
            fix="ip -6 address flush dev lan0 scope global",
        ),
        Mistake(
            _dhcp6c("sla-id 5", "sla-id 50"),
            says="sla-id is 50, and a /60 has the subnets 0 to 15",
            fix=pd.ask.undo,
        ),
        Mistake(  # dhcp6c asks, and the address is another's
            f"{_dhcp6c('lan0 { sla-id 5', 'wan0 { sla-id 5')}",
            says="it has none",
            fix=f"{pd.ask.undo}\nip -6 address flush to 2001:db8:1000:5::/64 dev wan0",
        ),
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
        Mistake(  # an address, and no way out
            _radvd("AdvSendAdvert on;", "AdvSendAdvert on; AdvDefaultLifetime 0;"),
            says="a router lifetime of 0",
            fix=pd.hand_out.undo,
        ),
        Mistake(  # by hand, and not by an advertisement
            "ip -6 address add 2001:db8:1000:5::10/64 dev eth0\n"
            "ip -6 route add default via 2001:db8:1000:5::1",
            says="radvd does not run",
            on="pc",
            fix="ip -6 route del default\nip -6 address del 2001:db8:1000:5::10/64 dev eth0",
        ),
        Mistake(
            _radvd("5::/64 { }", "5::/64 { AdvAutonomous off; }"),
            says="it is announced without the A flag",
            fix=pd.hand_out.undo,
        ),
    ],
}

ALSO_RIGHT = {
    pd.hand_out: [
        Right(_radvd("prefix 2001:db8:1000:5::/64 ", "prefix ::/64 ")),
        Right(_radvd("2001:db8:1000:5::/64", "2001:db8:1000:5::1/64")),
        Right(
            _radvd("/etc/radvd.conf", "/run/lan.conf").replace(
                "radvd --pid", "radvd -C /run/lan.conf --pid"
            ),
        ),
    ],
    pd.ask: [
        Right(  # the client of 2016, and the address by hand
            "dhclient -6 -P -1 -lf /run/dhclient.leases -pf /run/dhclient.pid wan0\n"
            "ip -6 address replace 2001:db8:1000:5::1/64 dev lan0",
        ),
        Right(  # another file, other words
            DHCP6C.replace("/etc/wide-dhcpv6/dhcp6c.conf", "/etc/wide-dhcpv6/mine.conf")
            .replace("dhcp6c -p", "dhcp6c -c /etc/wide-dhcpv6/mine.conf -p")
            .replace("ia-pd 0", "ia-pd 7")
            .replace("pd 0 {", "pd 7 { # the LAN"),
        ),
    ],
}
