"""The steps: an echo request, and a second address."""

from ipaddress import IPv6Network
from typing import TYPE_CHECKING

from labkernel.checks import address, both, eventually, pings, printed

if TYPE_CHECKING:
    from labkernel import Lab


def declare(lab: "Lab", net: IPv6Network) -> None:
    """Declare the steps, with addresses of the link's prefix."""
    bravo, nobody, second = net[2], net[3], net[0xB0B]
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
