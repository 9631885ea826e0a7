"""Names: a resolver on the router, and clients that learn of it from advertisements (RFC 8106)."""

from labkernel.checks import eventually
from labkernel.labs.ipv6.checks.naming import named, resolves
from labkernel.labs.ipv6.commands.naming import RDNSS, RESOLVER, STOP_RDNSSD, STOP_UNBOUND
from labkernel.labs.ipv6.topology import NAME, ROUTER, lab

resolver = lab.step(
    "resolver",
    "Start a resolver on the router",
    on="router",
    run=RESOLVER,
    check=eventually(resolves, within=3),
    undo=STOP_UNBOUND,
)

rdnss = lab.task(
    "rdnss",
    "Take the resolver from advertisements",
    on="client",
    about=f"The router announces its resolver ({ROUTER}) since the start. Let the client use it: "
    f"`getent hosts {NAME}` must work, and nobody is to write the address by hand.",
    solution=RDNSS,
    check=eventually(named, within=3),
    undo=f"{STOP_RDNSSD}\n: > /etc/resolv.conf",
    hint=[
        "The kernel doesn't write /etc/resolv.conf: a daemon takes resolvers from advertisements.",
        "`rdnssd --help`: it can write that file itself, as root.",
        "`rdnssd -u root -r /etc/resolv.conf -H /bin/true`; then ask: `rdisc6 -1 eth0`.",
    ],
)
