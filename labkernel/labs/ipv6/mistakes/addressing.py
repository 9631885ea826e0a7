"""Usual mistakes and other right answers: interface identifiers."""

from labkernel import Mistake, Right
from labkernel.labs import ipv6

_AGAIN = "ip -6 address flush dev eth0 scope global\nrdisc6 -1 -q eth0"
_SET = "sysctl -q -w net.ipv6.conf"

MISTAKES = {
    ipv6.hide: [
        Mistake("true", says="addr_gen_mode is 0 on eth0: identifiers are made by EUI-64"),
        Mistake(
            "sysctl -q -w net.ipv6.conf.eth0.addr_gen_mode=3",
            says="It was there before: flush it",
            fix="sysctl -q -w net.ipv6.conf.eth0.addr_gen_mode=0",
        ),
        Mistake(  # the same in every network
            "ip token set ::1234 dev eth0\nip -6 address flush dev eth0 scope global\n"
            "rdisc6 -1 -q eth0",
            says="its identifier is the token ::1234",
            fix="ip token del ::1234 dev eth0",
            fix_first=True,
        ),
        Mistake(  # another MAC address is a MAC address still
            "cat /sys/class/net/eth0/address > /tmp/mac\n"
            "ip link set eth0 down\nip link set eth0 address 02:00:00:00:12:34\n"
            "ip link set eth0 up\n"
            "rdisc6 -1 -q eth0",
            says="identifiers are made by EUI-64",
            fix="ip link set eth0 down\nip link set eth0 address $(cat /tmp/mac)\n"
            "ip link set eth0 up\n"
            "until rdisc6 -1 -q eth0; do sleep 0.1; done",
            fix_first=True,
        ),
        Mistake(
            "ip -6 address flush dev eth0 scope global\n"
            "ip -6 address add 2001:db8::5af3:1c02:88d1:77e4/64 dev eth0",
            says="identifiers are made by EUI-64",
            fix="ip -6 address del 2001:db8::5af3:1c02:88d1:77e4/64 dev eth0",
            fix_first=True,
        ),
        Mistake(  # temporary ones come beside the other
            "sysctl -q -w net.ipv6.conf.eth0.use_tempaddr=2\nrdisc6 -1 -q eth0",
            says="identifiers are made by EUI-64",
            fix="sysctl -q -w net.ipv6.conf.eth0.use_tempaddr=0\n"
            "ip -6 address flush dev eth0 scope global",
            fix_first=True,
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
        Mistake(  # made, and not preferred
            f"{_SET}.eth0.use_tempaddr=1\n{_AGAIN}",
            says="use_tempaddr is 1 on eth0",
            fix=f"{_SET}.eth0.use_tempaddr=0\n{_AGAIN}",
        ),
        Mistake(
            f"{_SET}.all.use_tempaddr=2\n{_AGAIN}",
            says="use_tempaddr is 0 on eth0",
            fix=f"{_SET}.all.use_tempaddr=0",
        ),
    ],
}

ALSO_RIGHT = {
    ipv6.hide: [
        Right(
            f"echo 3 > /proc/sys/net/ipv6/conf/eth0/addr_gen_mode\n{_AGAIN}",
        ),
        Right(
            f"ip link set dev eth0 addrgenmode random\n{_AGAIN}",
        ),
        Right(
            "sysctl -q -w net.ipv6.conf.eth0.stable_secret=2001:db8:5:6:7:8:9:a\n"
            f"ip link set dev eth0 addrgenmode stable_secret\n{_AGAIN}",
        ),
    ],
    ipv6.pass_by: [
        Right(
            f"echo 2 > /proc/sys/net/ipv6/conf/eth0/use_tempaddr\n{_AGAIN}",
        ),
        Right(
            f"{_SET}.eth0.use_tempaddr=2\nip link set eth0 down\nip link set eth0 up\n"
            f"rdisc6 -1 -q eth0",
        ),
    ],
}
