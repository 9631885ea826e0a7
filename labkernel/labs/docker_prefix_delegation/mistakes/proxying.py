"""Usual mistakes and other right answers: containers on the link."""

from labkernel import Mistake, Right
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
        Mistake(  # a program answers, and not the kernel
            "cat > /etc/ndppd.conf <<END\nproxy eth0 {\n"
            f"  rule {pd.NEAR}/128 {{\n    static\n  }}\n}}\nEND\nndppd -d -p /run/ndppd.pid",
            says="there is none, and somebody else answers",
            fix="start-stop-daemon --stop --quiet --oknodo --retry 5 --exec /usr/sbin/ndppd",
        ),
        Mistake(  # the host takes it for itself
            f"ip -6 address add {pd.NEAR}/128 dev eth0 nodad",
            says="a proxy for nobody",
            fix=f"ip -6 address del {pd.NEAR}/128 dev eth0",
            fix_first=True,
        ),
    ],
}

ALSO_RIGHT = {
    pd.proxy: [
        Right(
            "echo 1 > /proc/sys/net/ipv6/conf/eth0/proxy_ndp\n"
            f"ip neigh replace proxy {pd.NEAR} dev eth0",
        ),
        Right(
            f"sysctl -w net.ipv6.conf.all.proxy_ndp=1\nip -6 neigh add proxy {pd.NEAR} dev eth0",
            undo=f"{pd.proxy.undo}\nsysctl -q -w net.ipv6.conf.all.proxy_ndp=0",
        ),
    ],
}
