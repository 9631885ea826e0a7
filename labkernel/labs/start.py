"""Start: two nodes, one link, and a first step to try the cards with."""

from labkernel import Lab, Link, Node
from labkernel.checks import address, both, eventually, pings, printed

lab = Lab(
    "start",
    title="A first lab: two nodes and a link between them",
    nodes=[Node("alpha"), Node("bravo")],
    links=[Link("lan", "alpha:eth0", "bravo:eth0", prefix="2001:db8::/64")],
)

ping = lab.step(
    "ping",
    "Ask bravo for an echo",
    on="alpha",
    run="ping -c 3 -i 0.2 2001:db8::2",
    check=printed("3 received", "three replies", hint="Which address does the picture give bravo?"),
    wrong="ping -c 1 -W 1 2001:db8::3",
    hint=[
        "The picture shows each node's addresses.",
        "Run sends the command as it stands in the field; Reset brings the original back.",
    ],
    about="Three ICMPv6 echo requests from alpha to bravo. Change the command if you like: this "
    "is a real node, and it runs what you write.",
)

answer = lab.task(
    "answer",
    "Give bravo a second address",
    on="bravo",
    solution="ip -6 address add 2001:db8::b0b/64 dev eth0",
    check=eventually(both(address("bravo", "2001:db8::b0b"), pings("alpha", "2001:db8::b0b"))),
    undo="ip -6 address del 2001:db8::b0b/64 dev eth0",
    hint=[
        "Bravo should answer for 2001:db8::b0b. `ip -6 address` lists what it has now.",
        "`ip -6 address add` takes an address with its prefix length, and a device.",
    ],
    about="Your turn: make bravo answer for 2001:db8::b0b as well. The check pings it from alpha.",
)
