"""One address of the prefix: a socket that is bound to it alone."""

from labkernel.checks import both, printed
from labkernel.labs.anyip import serving
from labkernel.labs.anyip.topology import lab

bind = lab.step(
    "bind",
    "Bind a socket to one address",
    on="server",
    run="python3 - <<END\n"
    "from socket import AF_INET, AF_INET6, socket\n"
    'for family, address in (AF_INET, "198.51.100.80"), (AF_INET6, "2001:db8:100::80"):\n'
    "    try:\n"
    "        socket(family).bind((address, 8080))\n"
    '        print(address, "bound")\n'
    "    except OSError as error:\n"
    "        print(address, error)\n"
    "END",
    check=both(
        printed(r"^198\.51\.100\.80 bound$", "IPv4's success"),
        printed(r"^2001:db8:100::80 .*Cannot assign requested address$", "IPv6's refusal"),
    ),
    wrong="python3 - <<END\n"
    "from socket import AF_INET6, IPPROTO_IPV6, socket\n"
    "IPV6_FREEBIND = 78\n"
    "server = socket(AF_INET6)\n"
    "server.setsockopt(IPPROTO_IPV6, IPV6_FREEBIND, 1)\n"
    'server.bind(("2001:db8:100::80", 8080))\n'
    'print("2001:db8:100::80 bound")\n'
    "END",
)

freebind = lab.task(
    "freebind",
    "Serve on one address alone",
    on="server",
    about="`serve-one 2001:db8:100::b1d 8080` serves a page on one address and goes to the "
    "background; but it fails like the step above. Make it work, without adding the address to an "
    "interface.",
    solution="serve-one --freebind 2001:db8:100::b1d 8080",
    check=serving.bound("server", "2001:db8:100::b1d", 8080, "client"),
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
