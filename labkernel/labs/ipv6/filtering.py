"""Packets that are too big, and a firewall that lets pass what IPv6 can't do without."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected, capture
from labkernel.checks import Kind, eventually, looks_at, on, route
from labkernel.labs.ipv6 import probes
from labkernel.labs.ipv6.topology import INTERNET, lab

if TYPE_CHECKING:
    from labkernel import Attempt

_WAN = "2001:db8:f::/64 dev eth0 proto kernel metric 256"

_CARELESS = """\
nft -f - <<END
flush ruleset
table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    iif lo accept
    ct state established,related accept
    iifname eth1 meta l4proto tcp accept
  }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname eth1 oifname eth0 accept
  }
  chain output {
    type filter hook output priority 0; policy accept;
    meta l4proto ipv6-icmp drop
  }
}
END
ip -6 neigh flush all"""

_CAREFUL = """\
nft -f - <<END
flush ruleset
table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    iif lo accept
    ct state established,related accept
    icmpv6 type { destination-unreachable, packet-too-big, time-exceeded } accept
    icmpv6 type { parameter-problem, echo-request, nd-router-solicit } accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
    iifname eth1 accept
  }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname eth1 oifname eth0 accept
  }
}
END"""

_EXPECTED = Expected("client", "the internet to be reached, and not to be let in")


@looks_at()
def _too_big(attempt: "Attempt") -> str:
    kinds = [packet.kind for packet in attempt.packets]
    if "Packet Too Big" not in kinds:
        raise CheckFailed(
            "a Packet Too Big on the LAN",
            f"{len(kinds)} other packets were recorded" if kinds else "none was recorded",
            "A sender that knows the path's MTU asks no more: `ip -6 route flush cache`.",
        )
    if not probes.received(attempt.output):
        raise CheckFailed("replies to the smaller fragments", "none came")
    return "the router said Packet Too Big, and the client sent fragments"


@looks_at(on("router", Kind.FILTER), sends=True)
def _walled(attempt: "Attempt") -> str:
    if probes.pings(attempt, INTERNET):
        raise CheckFailed(Expected("client", f"no reply from {INTERNET}"), "some came")
    return f"client gets no reply from {INTERNET} any more"


@looks_at(on("router", Kind.FILTER), sends=True)
def _firewalled(attempt: "Attempt") -> str:
    announced = probes.solicited(attempt)
    if not probes.pings(attempt, INTERNET):
        raise CheckFailed(_EXPECTED, *_why_silent(attempt, announced))
    if not announced:
        raise CheckFailed(_EXPECTED, *_NO_ROUTER)
    if not probes.pings(attempt, INTERNET, size=1400):
        raise CheckFailed(
            _EXPECTED,
            "packets of 1,448 octets vanish without a word",
            "The router must be able to say packet-too-big (RFC 4890, section 4.3.1).",
        )
    if probes.let_in(attempt):
        raise CheckFailed(
            _EXPECTED,
            "a connection from the internet node reaches the client",
            "In the chain forward: `policy drop`, and what is established or comes from eth1.",
        )
    return "small and big packets go out and come back, and nobody comes in"


_NO_ROUTER = (
    "no router answers a solicitation",
    "nd-router-solicit must come in, and nd-router-advert go out.",
)


def _why_silent(attempt: "Attempt", announced: bool) -> tuple[str, str]:
    if silent := probes.undiscovered(attempt):
        hint = "Neighbor Discovery is ICMPv6: nd-neighbor-solicit and -advert, in and out."
        return f"{silent}", hint
    if not announced:
        return _NO_ROUTER
    return (
        "no reply comes, though all neighbours are found",
        "Replies come in by eth0: `ct state established,related accept` in the chain forward.",
    )


narrow = lab.step(
    "narrow",
    "Make the way narrower behind the router",
    on="router",
    run=f"ip -6 route change {_WAN} mtu 1280\nip -6 route show 2001:db8:f::/64",
    check=route("router", f"{_WAN} mtu 1280"),
    undo=f"ip -6 route change {_WAN}",
    about="As a tunnel or PPPoE does. 1,280 octets is what every link of IPv6 must carry.",
)

too_big = lab.step(
    "too-big",
    "Send what is too big",
    on="client",
    run=f"ip -6 route flush cache\nping -n -c 3 -i 0.2 -s 1400 {INTERNET}",
    check=eventually(_too_big, within=2),
    wrong=f"ip -6 route flush cache\nping -n -c 1 {INTERNET}",
    observe=[capture("lan", only="icmp6 or ip6[6] == 44")],
)

careless = lab.step(
    "careless",
    "Put up a firewall that takes ICMP for an attack",
    on="router",
    run=_CARELESS,
    check=_walled,
    undo="nft flush ruleset",
)

firewall = lab.task(
    "firewall",
    "Put up a firewall that IPv6 can live with",
    on="router",
    about="Let the LAN reach the internet node, with packets of any size; let it find the router; "
    "let nobody from outside open a connection to the client.",
    solution=_CAREFUL,
    check=eventually(_firewalled, within=3),
    undo=_CARELESS,
    hint=[
        "What can a node do without ICMPv6? It can't even find its neighbour's MAC address.",
        "Let in nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, errors; let all out.",
        "`nft list ruleset` shows what is; write it anew by `nft -f -` with `flush ruleset` first.",
    ],
)
