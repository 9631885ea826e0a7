"""A routed prefix: every address of it answers, on any port."""

from labkernel.checks import both, listens, printed, reaches
from labkernel.labs._attached import attached
from labkernel.labs.anyip.checks.routing import alive, asked, led
from labkernel.labs.anyip.commands.routing import STOP_NGINX
from labkernel.labs.anyip.topology import ROUTED, ROUTED4, lab

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
    "Add a local route for the whole /64",
    on="server",
    run="ip -6 route replace local 2001:db8:100::/64 dev lo",
    check=attached("server", ROUTED),
    undo="ip -6 route del local 2001:db8:100::/64 dev lo",
)

lead = lab.task(
    "lead",
    "Route the prefix to the server",
    on="router",
    about="The server is ready, and the client still gets “No route”. "
    "Make 2001:db8:100::dead:b33f answer the client, and every other address of the /64.",
    solution="ip -6 route replace 2001:db8:100::/64 via 2001:db8:2::2",
    check=led(ROUTED, "2001:db8:100::dead:b33f"),
    undo="ip -6 route del 2001:db8:100::/64 via 2001:db8:2::2",
    hint=[
        "The client asks its router. How does the router know where 2001:db8:100::/64 is?",
        (
            "It needs a route to the prefix, and the next hop is the server. Its address on the "
            "common link is in the picture."
        ),
        "`ip -6 route replace PREFIX via NEXT-HOP`, on the router.",
    ],
)

four = lab.step(
    "four",
    "Ping the four addresses of the original post",
    on="client",
    run="fping 2001:db8:100::1 2001:db8:100::100 2001:db8:100::200 2001:db8:100::dead:b33f",
    check=alive(4, ROUTED),
    wrong="fping -r 0 2001:db8:1::2 2001:db8:2::1 2001:db8:2::2 || true",
)

why = lab.step(
    "why",
    "Show the server's table local",
    on="server",
    run="ip -6 -brief address show scope global\n"
    "ip -6 route show table local\n"
    "ip -6 route get 2001:db8:100::dead:b33f",
    check=printed(
        r"^local 2001:db8:100::dead:b33f .*dev lo .*table local", "the decision of the table local"
    ),
    wrong="ip -6 route get 2001:db8:101::dead:b33f",
)

random_ping = lab.step(
    "random-ping",
    "Ping ten random addresses",
    on="client",
    run="random-addresses --seed 2016 --count 10 2001:db8:100::/64 | fping",
    check=alive(10, ROUTED),
    wrong="fping 2001:db8:100::1",
)

web = lab.step(
    "web",
    "Start a web server that says which address was asked",
    on="server",
    run=f"{STOP_NGINX}\nnginx\nss -ltn 'sport = :80'",
    check=listens("server", 80),
    undo=STOP_NGINX,
)

random_web = lab.step(
    "random-web",
    "Fetch pages from five random addresses",
    on="client",
    run="for address in $(random-addresses --seed 64 --count 5 2001:db8:100::/64); do\n"
    '  curl --silent --globoff "http://[$address]/"\n'
    "done",
    check=asked(5, ROUTED),
    wrong="curl --silent http://server/",
)

ipv4 = lab.task(
    "ipv4",
    "Do the same for IPv4",
    on="server",
    about="The router sends 198.51.100.0/24 to the server already. "
    "Make the server answer on all of it.",
    solution="ip route replace local 198.51.100.0/24 dev lo",
    check=both(attached("server", ROUTED4), reaches("client", "198.51.100.77", at="server")),
    undo="ip route del local 198.51.100.0/24 dev lo",
    hint=[
        "It is the same idea. What in the step for IPv6 says that it is for IPv6?",
        "`ip route` without `-6` is about IPv4; the prefix is 198.51.100.0/24.",
        "`ip route replace local PREFIX dev lo`, on the server.",
    ],
)
