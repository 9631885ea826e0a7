"""Usual mistakes and other right answers: the router lifetime."""

from labkernel import Mistake, Right
from labkernel.labs import ipv6
from labkernel.labs.ipv6.commands import STOP_RADVD, edit_radvd

STOPPED = f"{ipv6.restore.run}\n{ipv6.advertise.undo}"

#: addresses and routes of a prefix that was announced by mistake stay for hours
_FORGET = "ip -6 address flush to 2001:db8:0:1::/64; ip -6 route flush 2001:db8:0:1::/64"

MISTAKES = {
    ipv6.restore: [
        Mistake("true", says="a router lifetime of 0"),
        Mistake(
            "sed -i '$d' /etc/radvd.conf; kill $(cat /run/radvd.pid)",
            says="no radvd runs on router",
        ),
        Mistake(STOPPED, says="no radvd runs on router"),
        Mistake(
            f"{STOPPED}\nsysctl -q -w net.ipv6.conf.all.forwarding=0",
            says="It refuses to start where net.ipv6.conf.all.forwarding is 0",
            fix="sysctl -q -w net.ipv6.conf.all.forwarding=1",
            fix_first=True,
        ),
        Mistake(
            edit_radvd("s/AdvAutonomous on/AdvAutonomous off/"),
            says="is announced without the A flag",
        ),
        Mistake(
            edit_radvd("s|2001:db8::/64|2001:db8:0:1::/64|"),
            says="the advertisement has 2001:db8:0:1::/64",
            fix={"router": STOP_RADVD, "client": _FORGET, "laptop": _FORGET},
            fix_first=True,
        ),
        Mistake(
            edit_radvd("s/AdvSendAdvert on/AdvSendAdvert off/"),
            says="does it say `AdvSendAdvert on;`",
        ),
        Mistake(  # on the client, not on the router
            f"ip -6 route add default via {ipv6.ROUTER} dev eth0",
            says="a router lifetime of 0",
            on="client",
            fix="ip -6 route del default dev eth0",
        ),
    ],
}

ALSO_RIGHT = {
    ipv6.restore: [
        Right(edit_radvd("s/AdvDefaultLifetime 0/AdvDefaultLifetime 1800/")),
        Right(  # another file
            "sed '/AdvDefaultLifetime/d' /etc/radvd.conf > /run/mine.conf\n"
            f"{STOP_RADVD}\nradvd --config /run/mine.conf --pidfile /run/radvd.pid",
            undo=f"{ipv6.advertise.run}\n{ipv6.restore.undo}",
        ),
    ],
}
