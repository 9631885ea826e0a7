"""Start: two nodes, one link, and a first step to try the cards with."""

import ipaddress
from collections.abc import Mapping

from labkernel import Lab, LabError, Link, Node
from labkernel.checks import address, both, eventually, pings, printed


def make(variables: Mapping[str, str]) -> Lab:
    """The lab.

    :param variables: ``prefix``, the link's: an IPv6 prefix of /64.
    :raises LabError: it is none.
    """
    net = _prefix(variables.get("prefix", "2001:db8::/64"))
    bravo, nobody, second = net[2], net[3], net[0xB0B]
    lab = Lab(
        "start",
        title="A first lab: two nodes and a link between them",
        nodes=[Node("alpha"), Node("bravo")],
        links=[Link("lan", "alpha:eth0", "bravo:eth0", prefix=str(net))],
    )
    lab.step(
        "ping",
        "Ask bravo for an echo",
        on="alpha",
        run=f"ping -c 3 -i 0.2 {bravo}",
        check=printed(
            "3 received", "three replies", hint="Which address does the picture give bravo?"
        ),
        wrong=f"ping -c 1 -W 1 {nobody}",
        hint=[
            "The picture shows each node's addresses.",
            "Run sends the command as it stands in the field; Reset brings the original back.",
        ],
        about="Three ICMPv6 echo requests from alpha to bravo. Change the command if you like: "
        "this is a real node, and it runs what you write.",
    )
    lab.task(
        "answer",
        "Give bravo a second address",
        on="bravo",
        solution=f"ip -6 address add {second}/64 dev eth0",
        check=eventually(both(address("bravo", str(second)), pings("alpha", str(second)))),
        undo=f"ip -6 address del {second}/64 dev eth0",
        hint=[
            f"Bravo should answer for {second}. `ip -6 address` lists what it has now.",
            "`ip -6 address add` takes an address with its prefix length, and a device.",
        ],
        about=f"Your turn: make bravo answer for {second} as well. The check pings it from alpha.",
    )
    return lab


def _prefix(text: str) -> ipaddress.IPv6Network:
    try:
        net = ipaddress.IPv6Network(text)
    except ValueError as error:
        raise LabError(f"prefix={text!r} is no IPv6 prefix: {error}") from None
    if net.prefixlen != 64:
        raise LabError(f"prefix={text!r} is a /{net.prefixlen}, and no /64")
    return net


lab = make({})
ping, answer = lab.steps
