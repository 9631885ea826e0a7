"""HTTP proxy: an IPv4-only repository for an IPv6-only LAN."""

from labkernel.checks import eventually
from labkernel.labs.ipv6.checks.proxying import proxied, serves
from labkernel.labs.ipv6.commands.proxying import PROXY, REPOSITORY, STOP_NGINX, STOP_TINYPROXY
from labkernel.labs.ipv6.topology import ON_LAN, REPOSITORY_URL, ROUTER, lab

repository = lab.step(
    "repository",
    "Start an IPv4-only repository",
    on="internet",
    run=REPOSITORY,
    check=eventually(serves, within=2),
    undo=STOP_NGINX,
)

proxy = lab.task(
    "proxy",
    "Reach the repository through an HTTP proxy",
    on="router",
    about=f"The client has no IPv4 address, the router has one. Start tinyproxy on [{ROUTER}]:8888 "
    f"for the LAN, so that `curl -x http://[{ROUTER}]:8888 {REPOSITORY_URL}` works on the client.",
    solution=PROXY,
    check=eventually(proxied, within=2),
    undo=STOP_TINYPROXY,
    hint=[
        "A forward proxy fetches for others, by the protocol that it has: `man tinyproxy.conf`.",
        f"/etc/tinyproxy.conf: Port 8888, Listen {ROUTER}, Allow {ON_LAN}, Timeout, MaxClients.",
        'PidFile "/run/tinyproxy.pid"; then `tinyproxy -c /etc/tinyproxy.conf`.',
    ],
)
