"""Neighbor Discovery: a MAC address, and a duplicate address."""

from labkernel import capture
from labkernel.labs.ipv6.checks.neighbours import duplicate, repaired, resolved
from labkernel.labs.ipv6.topology import ROUTER, lab

neighbour = lab.step(
    "neighbour",
    "Resolve the router's MAC address",
    on="client",
    run=f"ip -6 neigh flush dev eth0\nping -n -c 1 {ROUTER}\nip -6 neigh show to {ROUTER}",
    check=resolved(ROUTER),
    wrong="ip -6 neigh flush dev eth0\nping -n -c 1 -W 1 2001:db8::dead || true",
    observe=[capture("lan", only="icmp6")],
)

twice = lab.step(
    "twice",
    "Assign a duplicate address",
    on="laptop",
    run=f"ip -6 address flush to {ROUTER} dev eth0\nip -6 address add {ROUTER}/64 dev eth0",
    check=duplicate("laptop", "eth0", ROUTER),
    undo=f"ip -6 address del {ROUTER}/64 dev eth0",
    observe=[capture("lan", only="icmp6")],
)

own = lab.task(
    "own",
    "Replace the duplicate address",
    on="laptop",
    about=f"Let the laptop have 2001:db8::2 instead, and {ROUTER} no more.",
    solution=f"ip -6 address flush to {ROUTER} dev eth0\n"
    "ip -6 address flush to 2001:db8::2 dev eth0\n"
    "ip -6 address add 2001:db8::2/64 dev eth0",
    check=repaired("laptop", "eth0", ROUTER, "2001:db8::2"),
    undo=f"ip -6 address del 2001:db8::2/64 dev eth0\nip -6 address add {ROUTER}/64 dev eth0",
    hint=[
        "An address that has failed stays in the list until somebody takes it away.",
        "`ip -6 address del ADDRESS/64 dev eth0`, and `add` for the other one.",
    ],
)
