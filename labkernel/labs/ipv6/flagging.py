"""What the flags and the lifetimes of a prefix do, by changing them."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected, capture
from labkernel.checks import Kind, eventually, looks_at, on
from labkernel.labs._tables import addresses, link_locals, runs, solicit
from labkernel.labs.ipv6.commands import ADVERTISE, edit_radvd, write_radvd
from labkernel.labs.ipv6.topology import ON_LAN, ROUTER, lab

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check

_OFF = edit_radvd("s/AdvOnLink on/AdvOnLink off/")
_ON = edit_radvd("s/AdvOnLink off/AdvOnLink on/")
_OLD = edit_radvd("s/AdvAutonomous on;/& AdvPreferredLifetime 0;/")
_YOUNG = edit_radvd("s/ AdvPreferredLifetime 0;//g")


def announced(attempt: "Attempt") -> str:
    """What rdisc6 prints on the client, of an advertisement with the prefix.

    :raises CheckFailed: there is none.
    """
    expected = Expected("router", f"advertisements of {ON_LAN}")
    if not runs(attempt, "router", "radvd"):
        hint = "`radvd --configtest` says what it does not like in /etc/radvd.conf."
        raise CheckFailed(expected, "no radvd runs there", hint, permanent=True)
    told = solicit(attempt, "client", "eth0").output
    if ON_LAN not in told:
        hint = "Which interface and which prefix stand in /etc/radvd.conf? AdvSendAdvert on."
        raise CheckFailed(expected, "none came", hint)
    return told


def _flagged(on_link: str) -> "Check":
    """The prefix is announced with or without the L flag (``Yes``, ``No``), and with the A flag."""

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        expected = Expected("router", f"{ON_LAN} with the A flag, and L: {on_link}")
        told = announced(attempt)
        if not re.search(r"Autonomous address conf\.: *Yes", told):
            seen = "it is announced without the A flag"
            raise CheckFailed(expected, seen, "The two are independent: AdvAutonomous on.")
        if not re.search(rf"On-link *: *{on_link}", told):
            seen = f"L is {'set' if on_link == 'No' else 'not set'}"
            raise CheckFailed(expected, seen, "AdvOnLink; and radvd must read it: HUP.")
        return f"{ON_LAN} is announced with the A flag, and L: {on_link}"

    return eventually(look, within=2)


@looks_at()
def _routers_only(attempt: "Attempt") -> str:
    found = set(re.findall(r"^(fe80:[^\s%]+)", attempt.output, re.MULTILINE))
    if found != set(link_locals(attempt, "router", "eth1")):
        expected = Expected("client", "an answer from the router alone")
        raise CheckFailed(expected, f"{', '.join(sorted(found)) or 'nobody'} answered")
    return "the router answered, and nobody else"


@looks_at()
def _redirected(attempt: "Attempt") -> str:
    if "Redirect" not in {packet.kind for packet in attempt.packets}:
        raise CheckFailed(
            "a Redirect of the router",
            "none was recorded",
            "It says so only to who sends by it: is there a route for the prefix on the client?",
        )
    return "the client sent by the router, which told it to speak to its neighbour directly"


def _deprecated(wanted: bool) -> "Check":
    """The addresses that the client has made of the prefix are deprecated, or are not."""
    word = "deprecated" if wanted else "preferred"

    @looks_at(on("client", Kind.ADDRESS), sends=True)
    def look(attempt: "Attempt") -> str:
        expected = Expected("client", f"its address of {ON_LAN} to be {word}")
        lifetime = re.search(r"Pref\. time *: +(\d+)", announced(attempt))
        if (lifetime is not None and lifetime[1] == "0") != wanted:
            seen = f"the preferred lifetime is {lifetime[1] if lifetime else 'infinite'}"
            raise CheckFailed(expected, seen, "AdvPreferredLifetime; and radvd must read it: HUP.")
        found = [e for e in addresses(attempt, "client", "eth0") if e.dynamic and not e.temporary]
        if not found or any(each.deprecated != wanted for each in found):
            raise CheckFailed(expected, "it is not yet")
        return f"{', '.join(str(each.ip) for each in found)} of client is {word}"

    return eventually(look, within=3, on="client")


groups = lab.step(
    "groups",
    "Ask the routers alone",
    on="client",
    run="ping -n -c 2 -i 0.2 ff02::2%eth0 | sed -n 's/.*from \\(.*\\): icmp.*/\\1/p' | sort -u",
    check=_routers_only,
    wrong="ping -n -c 2 -i 0.2 ff02::1%eth0 | sed -n 's/.*from \\(.*\\): icmp.*/\\1/p' | sort -u",
    about="ff02::2 is the group of all routers: a node joins it when it begins to forward.",
)

offlink = lab.task(
    "offlink",
    "Have nobody take the others for neighbours",
    on="router",
    about=f"Announce {ON_LAN} so that nodes make themselves addresses of it, but don't take it for "
    "their link: they are to send to each other by the router.",
    solution=write_radvd("AdvOnLink off; AdvAutonomous on;"),
    check=_flagged("No"),
    undo=_ON,
    hint=[
        "Which of the prefix's two flags says that its addresses are neighbours?",
        "L, on-link: AdvOnLink in /etc/radvd.conf. A stays.",
        "`AdvOnLink off;`, and `kill -HUP $(cat /run/radvd.pid)`.",
    ],
)

# What a redirect leaves is flushed here: once the prefix has a route of its own again, `ip` does
# not find it any more, and every later flush tries for 30 seconds.
redirected = lab.step(
    "redirected",
    "Send to the laptop by the router",
    on="client",
    run=f"""\
ip -6 route del {ON_LAN} dev eth0 2> /dev/null
ip -6 route flush cache
rdisc6 -1 -q eth0
ping -n -c 2 -i 0.3 2001:db8::2
ip -6 route get 2001:db8::2 | grep -o "^2001:db8::2 from :: dev eth0"
ip -6 route flush cache""",
    check=eventually(_redirected, within=2),
    wrong=f"ping -n -c 1 {ROUTER}",
    observe=[capture("lan", only="icmp6")],
    about="The client forgets the route that it has from before; the advertisement brings no new.",
)

onlink = lab.step(
    "onlink",
    "Make them neighbours again",
    on="router",
    run=_ON,
    check=_flagged("Yes"),
    undo=_OFF,
)

retire = lab.step(
    "retire",
    "Let the prefix grow old",
    on="router",
    run=_OLD,
    check=_deprecated(True),
    undo=_YOUNG,
    about="With a preferred lifetime of 0, addresses of the prefix stay valid for those who use "
    "them, but no new connection begins from them.",
)

renew = lab.task(
    "renew",
    "Make the prefix young again",
    on="router",
    about="The client's address is deprecated. Have the router's advertisements mend that.",
    solution=ADVERTISE,
    check=_deprecated(False),
    undo=_OLD,
    hint=[
        "`ip -6 address show dev eth0` on the client: compare preferred_lft with valid_lft.",
        "The lifetimes stand in the advertisement, and in /etc/radvd.conf.",
        "Delete AdvPreferredLifetime 0 there, and `kill -HUP $(cat /run/radvd.pid)`.",
    ],
)
