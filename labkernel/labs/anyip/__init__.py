"""AnyIP: answer on a whole IPv6 subnet without configuring its addresses.

From "AnyIP: Bind a whole subnet to your Linux machine" (2016), which says: one route of type local,
and every address of a prefix is the machine's own.  True; but for a prefix on the link, IPv6 needs
more than that.
"""

from labkernel import Lab, Link, Node
from labkernel.checks import both, listens, printed, reaches, shows
from labkernel.labs.anyip import onlink, prefix, serving
from labkernel.labs.anyip.rates import plot_rates

ROUTED = "2001:db8:100::/64"
ROUTED4 = "198.51.100.0/24"
ON_LINK = "2001:db8:2:0:8000::/65"
ON_LINK4 = "203.0.113.128/25"

_STOP_NGINX = "start-stop-daemon --stop --quiet --retry 5 --pidfile /run/nginx.pid"

lab = Lab(
    "anyip",
    title="AnyIP: one route, and a machine answers on a whole subnet",
    nodes=[
        Node("client", image="web"),
        Node("router", image="web", forwards=True),
        Node("server", image="web"),
    ],
    links=[
        Link("lan", "client:eth0", "router:eth0", prefix=["2001:db8:1::/64", "192.0.2.0/24"]),
        Link("rack", "router:eth1", "server:eth0", prefix=["2001:db8:2::/64", "203.0.113.0/24"]),
    ],
    setup={
        "client": "ip -6 route replace default via 2001:db8:1::2\n"
        "ip route replace default via 192.0.2.2",
        "router": f"ip route replace {ROUTED4} via 203.0.113.2",
        "server": "ip -6 route replace default via 2001:db8:2::1\n"
        "ip route replace default via 203.0.113.1",
    },
)

# -- a prefix that is routed to the machine ------------------------------------------------------

nobody = lab.step(
    "nobody",
    "Ping an address that no machine has",
    on="client",
    run="ping -n -c 1 -W 1 2001:db8:100::dead:b33f",
    exits=None,
    check=printed(
        "Destination unreachable: No route",
        "the router's “No route”",
        hint="Does the router have a route to 2001:db8:100::/64 already? Reset starts afresh.",
    ),
    wrong="ping -n -c 1 -W 1 2001:db8:2::2",
)

attach = lab.step(
    "attach",
    "Attach the whole /64 to the loopback",
    on="server",
    run="ip -6 route add local 2001:db8:100::/64 dev lo",
    check=prefix.attached("server", ROUTED),
    undo="ip -6 route del local 2001:db8:100::/64 dev lo",
)

lead = lab.task(
    "lead",
    "Lead the packets to the server",
    on="router",
    about="The server is ready, and the client still gets “No route”. "
    "Make 2001:db8:100::dead:b33f answer the client.",
    solution="ip -6 route add 2001:db8:100::/64 via 2001:db8:2::2",
    check=prefix.led(ROUTED, "2001:db8:100::dead:b33f"),
    undo="ip -6 route del 2001:db8:100::/64 via 2001:db8:2::2",
    hint=[
        "The client asks its router. How does the router know where 2001:db8:100::/64 is?",
        (
            "It needs a route to the prefix, and the next hop is the server. Its address on the "
            "common link is in the picture."
        ),
        "`ip -6 route add PREFIX via NEXT-HOP`, on the router.",
    ],
)

four = lab.step(
    "four",
    "Ping the four addresses of the original post",
    on="client",
    run="fping 2001:db8:100::1 2001:db8:100::100 2001:db8:100::200 2001:db8:100::dead:b33f",
    check=serving.alive(4, ROUTED),
    wrong="fping -r 0 2001:db8:1::2 2001:db8:2::1 2001:db8:2::2 || true",
)

why = lab.step(
    "why",
    "Ask the server's kernel why",
    on="server",
    run="ip -6 -brief address show scope global\n"
    "ip -6 route show table local\n"
    "ip -6 route get 2001:db8:100::dead:b33f",
    check=printed(
        r"^local 2001:db8:100::dead:b33f .*dev lo .*table local", "the decision of the table local"
    ),
    wrong="ip -6 route get 2001:db8:101::dead:b33f",
)

# -- any address, any port -----------------------------------------------------------------------

random_ping = lab.step(
    "random-ping",
    "Ping ten random addresses",
    on="client",
    run="random-addresses --seed 2016 --count 10 2001:db8:100::/64 | fping",
    check=serving.alive(10, ROUTED),
    wrong="fping 2001:db8:100::1",
)

web = lab.step(
    "web",
    "Start a web server that says which address was asked",
    on="server",
    run="nginx\nss -ltn 'sport = :80'",
    check=listens("server", 80),
    undo=_STOP_NGINX,
)

random_web = lab.step(
    "random-web",
    "Ask it at five random addresses",
    on="client",
    run="for address in $(random-addresses --seed 64 --count 5 2001:db8:100::/64); do\n"
    '  curl --silent --globoff "http://[$address]/"\n'
    "done",
    check=serving.asked(5, ROUTED),
    wrong="curl --silent http://server/",
)

ipv4 = lab.task(
    "ipv4",
    "Do the same for IPv4",
    on="server",
    about="The router sends 198.51.100.0/24 to the server already. "
    "Make the server answer on all of it.",
    solution="ip route add local 198.51.100.0/24 dev lo",
    check=both(prefix.attached("server", ROUTED4), reaches("client", "198.51.100.77", at="server")),
    undo="ip route del local 198.51.100.0/24 dev lo",
    hint=[
        "It is the same idea. What in the step for IPv6 says that it is for IPv6?",
        "`ip route` without `-6` is about IPv4; the prefix is 198.51.100.0/24.",
        "`ip route add local PREFIX dev lo`, on the server.",
    ],
)

# -- a prefix that is on the link ----------------------------------------------------------------

half = lab.step(
    "half",
    "Attach half of the link's own prefix, for IPv6 and for IPv4",
    on="server",
    run="ip -6 route add local 2001:db8:2:0:8000::/65 dev lo\n"
    "ip route add local 203.0.113.128/25 dev lo",
    check=both(prefix.attached("server", ON_LINK), prefix.attached("server", ON_LINK4)),
    undo="ip -6 route del local 2001:db8:2:0:8000::/65 dev lo\n"
    "ip route del local 203.0.113.128/25 dev lo",
)

arp = lab.step(
    "arp",
    "IPv4: watch who answers the router's ARP request",
    on="router",
    run="ip neigh flush to 203.0.113.200 dev eth1\n"
    "on-the-wire eth1 203.0.113.200 -- ping -n -c 1 -W 5 203.0.113.200",
    exits=None,
    check=printed(r"ARP, Reply 203\.0\.113\.200 is-at [0-9a-f:]+", "the server's ARP reply"),
    wrong="on-the-wire eth1 203.0.113.99 -- ping -n -c 1 -W 0.5 203.0.113.99",
)

ndp = lab.step(
    "ndp",
    "IPv6: watch who answers the router's Neighbor Solicitation",
    on="router",
    run="ip -6 neigh flush to 2001:db8:2:0:8000::1 dev eth1\n"
    "on-the-wire eth1 2001:db8:2:0:8000::1 -- ping -n -c 1 -W 5 2001:db8:2:0:8000::1\n"
    "ip -6 neigh show to 2001:db8:2:0:8000::1",
    exits=None,
    check=onlink.unanswered("2001:db8:2:0:8000::1"),
    wrong="ip -6 neigh flush to 2001:db8:2::2 dev eth1\n"
    "on-the-wire eth1 2001:db8:2::2 -- ping -n -c 1 -W 5 2001:db8:2::2",
)

proxy = lab.task(
    "proxy",
    "Answer the solicitations for one address",
    on="server",
    about="Make the router reach 2001:db8:2:0:8000::1, without giving the server that address: "
    "let its kernel be a proxy for it on eth0.",
    solution="sysctl -w net.ipv6.conf.all.forwarding=1 net.ipv6.conf.eth0.proxy_ndp=1\n"
    "ip -6 neigh add proxy 2001:db8:2:0:8000::1 dev eth0",
    check=both(
        onlink.proxied("server", "eth0", "2001:db8:2:0:8000::1"),
        reaches("router", "2001:db8:2:0:8000::1", at="server"),
    ),
    undo="ip -6 neigh del proxy 2001:db8:2:0:8000::1 dev eth0\n"
    "sysctl -w net.ipv6.conf.all.forwarding=0 net.ipv6.conf.eth0.proxy_ndp=0",
    hint=[
        "The kernel can answer for addresses that are somebody else's. `ip neigh help` knows how.",
        (
            "Three things: a proxy entry for the address on eth0; proxy_ndp switched on; and "
            "only a node that forwards is a proxy."
        ),
        (
            "`sysctl -w net.ipv6.conf.eth0.proxy_ndp=1`, `net.ipv6.conf.all.forwarding=1`, and "
            "`ip -6 neigh add proxy ADDRESS dev eth0`."
        ),
    ],
)

ndppd = lab.step(
    "ndppd",
    "Answer for the whole half, by ndppd",
    on="server",
    run="cat > /etc/ndppd.conf <<END\n"
    "proxy eth0 {\n"
    "  rule 2001:db8:2:0:8000::/65 {\n"
    "    static\n"
    "  }\n"
    "}\n"
    "END\n"
    "ndppd -d -p /run/ndppd.pid",
    check=onlink.answers_for("router", "server", ON_LINK),
    undo="start-stop-daemon --stop --quiet --retry 5 --pidfile /run/ndppd.pid",
)

swallow = lab.step(
    "swallow",
    "Why only half? Attach all of it",
    on="server",
    run="ip -6 route add local 2001:db8:2::/64 dev lo",
    check=onlink.swallows("server", "router", "2001:db8:2::1", "2001:db8:2::2"),
    undo="ip -6 route del local 2001:db8:2::/64 dev lo",
)

repair = lab.task(
    "repair",
    "Give the router its replies back",
    on="server",
    about="The router can't ping the server's 2001:db8:2::2 any more. Find out where the replies "
    "go, and mend it; the addresses of 2001:db8:2:0:8000::/65 shall stay the server's.",
    solution="ip -6 route del local 2001:db8:2::/64 dev lo",
    check=both(reaches("router", "2001:db8:2::2", at="server"), prefix.attached("server", ON_LINK)),
    undo="ip -6 route add local 2001:db8:2::/64 dev lo",
    hint=[
        "The requests arrive. Whom does the server send its replies to?",
        "Ask it: `ip -6 route get 2001:db8:2::1`. That is the router's address.",
        "The /64 covers the router's address, the /65 does not: `ip -6 route del local …`.",
    ],
)

# -- one address of it ---------------------------------------------------------------------------

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

# -- what it is good for -------------------------------------------------------------------------

sites = lab.step(
    "sites",
    "Give a thousand sites an address each",
    on="server",
    run="site-list 1000 2001:db8:100::/64 |\n"
    "  awk '{ print $1, $2 \";\" }' > /etc/nginx/sites/thousand.map\n"
    f"{_STOP_NGINX}\n"
    "nginx\n"
    "wc -l < /etc/nginx/sites/thousand.map\n"
    "ip -6 -brief address show scope global",
    check=shows(
        "client",
        "curl --silent --globoff http://[2001:db8:100:0:1cda:d969:23bf:74]/",
        "where site1000.example lives",
        "what the last of them says",
    ),
    undo=f"rm /etc/nginx/sites/thousand.map\n{_STOP_NGINX}\nnginx",
)

thousand = lab.step(
    "thousand",
    "Ask all thousand by name",
    on="client",
    run="site-list 1000 2001:db8:100::/64 >> /etc/hosts\n"
    'site-list 1000 2001:db8:100::/64 | awk \'{ print "url = http://" $2 "/" }\' |\n'
    "  curl --silent --parallel --config - > /tmp/answers\n"
    "grep site0001 /tmp/answers\n"
    "grep --count 'by the name \\(.*\\), where \\1 lives' /tmp/answers",
    check=serving.all_sites(1000, ROUTED),
    undo="sed --in-place '/[.]example$/d' /etc/hosts && rm /tmp/answers",
)

measure = lab.step(
    "measure",
    "Measure four ways to ask random addresses",
    on="client",
    run="ask() { random-addresses --seed 1 --count $2 2001:db8:100::/64 | measure-rate $1; }\n"
    "ask ping 200\n"
    "ask http 2000\n"
    "ask fping 20000\n"
    "ask raw 30000",
    check=serving.measured("ping", "http", "fping", "raw"),
    wrong="random-addresses --seed 1 --count 20 2001:db8:100::/64 | measure-rate ping",
    view=plot_rates,
    timeout=300,  # an emulated machine sends a hundred packets where a real one sends thousands
)
