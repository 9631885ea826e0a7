"""Containers on the link's own prefix: proxies of Neighbor Discovery."""

from labkernel import capture
from labkernel.checks import both, eventually
from labkernel.labs._docker import runs, settled
from labkernel.labs.docker_prefix_delegation.checks.giving import serves
from labkernel.labs.docker_prefix_delegation.checks.proxying import (
    has_more,
    not_listed,
    proxied,
    unanswered,
    usable,
)
from labkernel.labs.docker_prefix_delegation.commands.proxying import (
    LESS,
    MORE,
    NDPPD,
    ON_LINK,
    PROXY,
    STOP_NDPPD,
)
from labkernel.labs.docker_prefix_delegation.topology import NEAR, NEARER, lab

_THREE = ("web", "near", "nearer")

on_link = lab.step(
    "on-link",
    "Assign addresses of the LAN's own prefix to containers",
    on="host",
    run=ON_LINK,
    check=both(runs("host", "near", NEAR), eventually(settled("host", "onlink0"))),
    undo="docker rm --force near\ndocker network rm onlink",
    volatile=r"^(?P<id>[0-9a-f]{64})$",
)

silent = lab.step(
    "silent",
    "Ping that container from the CPE",
    on="cpe",
    run=f"ping -n -c 1 -W 1 {NEAR}",
    exits=1,
    check=unanswered(NEAR),
    wrong="ping -n -c 1 -W 1 2001:db8:1000::2 && exit 1",
    observe=[capture("lan", only="icmp6")],
)

proxy = lab.task(
    "proxy",
    "Configure proxy NDP for the container",
    on="host",
    about="The CPE looks for 2001:db8:1000:0:d::10 among its neighbours, and nobody answers. Have "
    "the host answer in its place, by the kernel's own proxy.",
    solution=PROXY,
    check=proxied(NEAR),
    undo=f"ip -6 neigh del proxy {NEAR} dev eth0\nsysctl -q -w net.ipv6.conf.eth0.proxy_ndp=0",
    hint=[
        "Two things: the interface must be a proxy at all, and it must know for which addresses.",
        "The switch is net.ipv6.conf.eth0.proxy_ndp, the list is `ip -6 neigh … proxy`.",
        f"`ip -6 neigh add proxy {NEAR} dev eth0`",
    ],
)

ndppd = lab.step(
    "ndppd",
    "Run ndppd for a range of containers",
    on="host",
    run=NDPPD,
    check=both(
        runs("host", "nearer", NEARER),
        eventually(serves("cpe", NEARER), 10),
        not_listed(NEARER),
    ),
    undo=f"docker rm --force nearer\n{STOP_NDPPD}",
    volatile=r"^(?P<container>[0-9a-f]{64})$",
)

more = lab.step(
    "more",
    "Assign twenty more addresses to each container",
    on="host",
    run=MORE,
    check=both(has_more(*_THREE), eventually(usable(*_THREE))),
    undo=LESS,
)
