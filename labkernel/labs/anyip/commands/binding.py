"""Commands and files for a socket bound to one address."""

BIND = (
    "python3 - <<END\n"
    "from socket import AF_INET, AF_INET6, socket\n"
    'for family, address in (AF_INET, "198.51.100.80"), (AF_INET6, "2001:db8:100::80"):\n'
    "    try:\n"
    "        socket(family).bind((address, 8080))\n"
    '        print(address, "bound")\n'
    "    except OSError as error:\n"
    "        print(address, error)\n"
    "END"
)

WRONG_BIND = (
    "python3 - <<END\n"
    "from socket import AF_INET6, IPPROTO_IPV6, socket\n"
    "IPV6_FREEBIND = 78\n"
    "server = socket(AF_INET6)\n"
    "server.setsockopt(IPPROTO_IPV6, IPV6_FREEBIND, 1)\n"
    'server.bind(("2001:db8:100::80", 8080))\n'
    'print("2001:db8:100::80 bound")\n'
    "END"
)
