"""Two nodes; a step and a task that pass."""

from labkernel import Lab, Link, Node
from labkernel.checks import eventually, pings, printed

lab = Lab(
    "tiny",
    title="A lab for tests",
    nodes=[Node("one", memory=16), Node("two", memory=16, disk=1)],
    links=[Link("lan", "one:eth0", "two:eth0", prefix="2001:db8::/64")],
)

say = lab.step(
    "say-hello", "Say hello", on="one", run="echo hello", check=printed("hello"), wrong="echo no"
)

reach = lab.task(
    "reach-two",
    "Reach two",
    on="one",
    solution="ip -6 route add 2001:db8:2::/64 via 2001:db8::2; true",
    check=eventually(pings("one", "2001:db8::2")),
    hint="Look at the routes.",
    wrong="ip link set eth0 down",
)
