"""Path MTU and firewalls: the ICMPv6 that IPv6 needs."""

from labkernel import capture
from labkernel.checks import eventually, route
from labkernel.labs.ipv6.checks.filtering import firewalled, packet_too_big, walled
from labkernel.labs.ipv6.commands.filtering import CAREFUL, CARELESS, WAN
from labkernel.labs.ipv6.topology import INTERNET, lab

narrow = lab.step(
    "narrow",
    "Reduce the path MTU behind the router",
    on="router",
    run=f"ip -6 route change {WAN} mtu 1280\nip -6 route show 2001:db8:f::/64",
    check=route("router", f"{WAN} mtu 1280"),
    undo=f"ip -6 route change {WAN}",
    about="As a tunnel or PPPoE does. 1,280 octets is what every link of IPv6 must carry.",
)

too_big = lab.step(
    "too-big",
    "Send packets larger than the path MTU",
    on="client",
    run=f"ip -6 route flush cache\nping -n -c 3 -i 0.2 -s 1400 {INTERNET}",
    check=eventually(packet_too_big, within=2),
    wrong=f"ip -6 route flush cache\nping -n -c 1 {INTERNET}",
    observe=[capture("lan", only="icmp6 or ip6[6] == 44")],
)

careless = lab.step(
    "careless",
    "Drop all ICMPv6 in a firewall",
    on="router",
    run=CARELESS,
    check=walled,
    undo="nft flush ruleset",
)

firewall = lab.task(
    "firewall",
    "Write a firewall that lets the needed ICMPv6 pass",
    on="router",
    about="Let the LAN reach the internet node, with packets of any size; let it find the router; "
    "let nobody from outside open a connection to the client.",
    solution=CAREFUL,
    check=eventually(firewalled, within=3),
    undo=CARELESS,
    hint=[
        "What can a node do without ICMPv6? It can't even find its neighbour's MAC address.",
        "Let in nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, errors; let all out.",
        "`nft list ruleset` shows what is; write it anew by `nft -f -` with `flush ruleset` first.",
    ],
)
