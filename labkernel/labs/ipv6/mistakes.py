"""IPv6: what trainees usually get wrong, and what the checks then say."""

from labkernel import Mistake
from labkernel.labs import ipv6
from labkernel.labs.ipv6 import network_mistakes
from labkernel.labs.ipv6.commands import edit_radvd

STOPPED = f"{ipv6.restore.run}\n{ipv6.advertise.undo}"

#: addresses and routes of a prefix that was announced by mistake stay for hours
_FORGET = "ip -6 address flush to 2001:db8:0:1::/64; ip -6 route flush 2001:db8:0:1::/64"


MISTAKES = {
    **network_mistakes.MISTAKES,
    ipv6.hide: [
        Mistake("true", says="addr_gen_mode is 0 on eth0: identifiers are made by EUI-64"),
        Mistake(
            "sysctl -q -w net.ipv6.conf.eth0.addr_gen_mode=3",
            says="It was there before: flush it",
            fix="sysctl -q -w net.ipv6.conf.eth0.addr_gen_mode=0",
        ),
    ],
    ipv6.pass_by: [
        Mistake("true", says="use_tempaddr is 0 on eth0"),
        Mistake(
            "sysctl -q -w net.ipv6.conf.eth0.use_tempaddr=1",
            says="2: they are preferred",
            fix="sysctl -q -w net.ipv6.conf.eth0.use_tempaddr=0",
        ),
        Mistake(
            "sysctl -q -w net.ipv6.conf.eth0.use_tempaddr=2",
            says="They are made with a new address",
            fix="sysctl -q -w net.ipv6.conf.eth0.use_tempaddr=0",
        ),
    ],
    ipv6.own: [
        Mistake("true", says="but 2001:db8::1 is there"),
        Mistake(
            "ip -6 address del 2001:db8::1/64 dev eth0",
            says="but 2001:db8::2 is not there",
            fix="ip -6 address add 2001:db8::1/64 dev eth0",
        ),
        Mistake("ip -6 address add 2001:db8::2/128 dev eth0", says="but 2001:db8::1 is there"),
    ],
    ipv6.restore: [
        Mistake("true", says="a router lifetime of 0"),
        Mistake("sed -i '/AdvDefaultLifetime/d' /etc/radvd.conf", says="a router lifetime of 0"),
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
            fix={"client": _FORGET, "laptop": _FORGET},
        ),
        Mistake(
            edit_radvd("s/AdvSendAdvert on/AdvSendAdvert off/"),
            says="does it say `AdvSendAdvert on;`",
        ),
    ],
}
