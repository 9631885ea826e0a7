"""One address of the prefix: a socket that is bound to it alone."""

from labkernel.checks import both, printed
from labkernel.labs.anyip.checks.binding import bound
from labkernel.labs.anyip.commands.binding import BIND, WRONG_BIND
from labkernel.labs.anyip.topology import lab

bind = lab.step(
    "bind",
    "Bind a socket to one address",
    on="server",
    run=BIND,
    check=both(
        printed(r"^198\.51\.100\.80 bound$", "IPv4's success"),
        printed(r"^2001:db8:100::80 .*Cannot assign requested address$", "IPv6's refusal"),
    ),
    wrong=WRONG_BIND,
)

freebind = lab.task(
    "freebind",
    "Listen on one address of the prefix",
    on="server",
    about="`serve-one 2001:db8:100::b1d 8080` serves a page on one address and goes to the "
    "background; but it fails like the step above. Make it work, without adding the address to an "
    "interface.",
    solution="serve-one --freebind 2001:db8:100::b1d 8080",
    check=bound("server", "2001:db8:100::b1d", 8080, "client"),
    undo="pid=$(cat /run/serve-one.pid) && kill $pid && tail --pid=$pid -s 0.01 -f /dev/null",
    hint=[
        "The kernel refuses since no interface has the address. It can be asked not to mind.",
        (
            "There is an option for one socket, IPV6_FREEBIND, and a setting for all of them, "
            "`net.ipv6.ip_nonlocal_bind`."
        ),
        "`serve-one --help`.",
    ],
)
